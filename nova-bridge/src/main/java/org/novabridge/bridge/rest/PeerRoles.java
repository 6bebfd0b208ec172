package org.novabridge.bridge.rest;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.novabridge.driver.compute.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which role the peer of a UNIX socket has (design 4.4): uid 0 is the operator, the user of the
 * control plane is nova, everybody else has none. The kernel says who the peer was when it connected.
 */
public final class PeerRoles {
    private static final Logger LOG = LoggerFactory.getLogger(PeerRoles.class);

    private final UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
    private final String operatorUser;
    private final String novaUser;

    private PeerRoles(String operatorUser, String novaUser) {
        this.operatorUser = operatorUser;
        this.novaUser = novaUser;
    }

    /** The rule of the service: uid 0 and the user nova. */
    public static PeerRoles standard() {
        return new PeerRoles("0", "nova");
    }

    /** For tests that do not run as root. Users are login names or numbers. */
    static PeerRoles of(String operatorUser, String novaUser) {
        return new PeerRoles(operatorUser, novaUser);
    }

    /** The caller behind an accepted channel; empty when it has no role here. */
    Optional<Caller> callerOf(SocketChannel channel) {
        UserPrincipal peer;
        try {
            peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        } catch (IOException e) {
            LOG.warn("refused a connection whose peer the kernel does not name", e);
            return Optional.empty();
        }
        // Principals of the default file system compare by their numeric id, whatever they are called.
        if (is(peer, operatorUser)) {
            return Optional.of(new Caller(Caller.Role.OPERATOR, uid(peer), peer.getName()));
        }
        if (is(peer, novaUser)) {
            return Optional.of(new Caller(Caller.Role.NOVA, uid(peer), peer.getName()));
        }
        LOG.warn("refused a connection of user {}", peer.getName());
        return Optional.empty();
    }

    private boolean is(UserPrincipal peer, String user) {
        try {
            return users.lookupPrincipalByName(user).equals(peer);
        } catch (UserPrincipalNotFoundException e) {
            return false;
        } catch (IOException e) {
            LOG.warn("cannot look up user {}", user, e);
            return false;
        }
    }

    /**
     * The numeric id, for the journal and the log only; -1 when unknown. The JDK does not tell the
     * number of a principal; its hash is the number, which is checked here by looking it up again.
     */
    private long uid(UserPrincipal peer) {
        int candidate = peer.hashCode();
        return candidate >= 0 && is(peer, Integer.toString(candidate)) ? candidate : -1;
    }
}
