package org.novabridge.bridge.rest;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of the UNIX socket: its folder (0750, the socket's group), a socket left over by a bridge
 * that was killed, and the mode of the new one (0660). A folder that exists keeps its mode; one in
 * which anybody may replace files is refused, because anybody could then answer in our place.
 */
final class SocketPlace {
    private static final Logger LOG = LoggerFactory.getLogger(SocketPlace.class);
    /** sun_path of struct sockaddr_un holds 108 bytes with the ending zero. */
    static final int MAX_PATH_BYTES = 107;

    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    private final Path socket;
    private final String group;

    SocketPlace(Path socket, String group) {
        this.socket = socket.toAbsolutePath().normalize();
        this.group = group;
        int length = this.socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_PATH_BYTES) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[nova_bridge]socket: the path has " + length + " bytes, a UNIX socket's may have " + MAX_PATH_BYTES
                            + ": " + this.socket,
                    "choose a shorter path");
        }
    }

    Path path() {
        return socket;
    }

    /** Makes the folder when it is missing, and removes a socket that nobody listens on. */
    void prepare() {
        Path folder = socket.getParent();
        if (folder == null) {
            throw unusable("it has no folder", null);
        }
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
                giveToGroup(folder);
            }
            int mode = (Integer) Files.getAttribute(folder, "unix:mode");
            if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
                throw unusable("everybody may write into its folder", null);
            }
            if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
                removeStale();
            }
        } catch (IOException e) {
            throw unusable(e.getClass().getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    private void removeStale() throws IOException {
        int mode = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE) != SOCKET) {
            throw unusable("there is a file in its place that is no socket", null);
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException nobodyListens) {
            LOG.info("removing the socket of a bridge that has ended: {}", socket);
            Files.deleteIfExists(socket);
            return;
        }
        throw new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "another process listens on " + socket,
                "stop the other bridge, or give this one another [nova_bridge]socket");
    }

    /** Lets the group use the socket, once it is there. */
    void open() {
        try {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
            giveToGroup(socket);
        } catch (IOException e) {
            throw unusable("its mode cannot be set: " + e.getMessage(), e);
        }
    }

    private void giveToGroup(Path path) throws IOException {
        GroupPrincipal principal;
        try {
            principal = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (UserPrincipalNotFoundException e) {
            LOG.debug("no group {}: {} stays with root's", group, path);
            return;
        }
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        view.setGroup(principal);
    }

    private BridgeException unusable(String why, @Nullable Throwable cause) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "[nova_bridge]socket: cannot use " + socket + ": " + why,
                "choose a path in a folder of root's own, such as /run/nova-bridge/bridge.sock",
                cause);
    }
}
