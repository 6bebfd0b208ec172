package org.novabridge.driver.hypervisor;

import static org.novabridge.driver.hypervisor.LibvirtAnswers.check;
import static org.novabridge.driver.hypervisor.LibvirtAnswers.text;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;

/**
 * What a guest's own agent is asked for: the parts of {@link Hypervisor} that the guest may refuse, delay or answer with
 * nonsense. Each command has a bound.
 */
final class LibvirtAgent {
    private static final int SECONDS = 30;

    /**
     * For what nobody waits for: host check asks one guest after the other, and a clock is set at the end of what was asked
     * for.
     */
    private static final int SECONDS_AT_MOST = 3;

    /** VIR_ERR_AGENT_UNRESPONSIVE. */
    private static final int UNRESPONSIVE = 86;

    private final NativeLibvirt libvirt;
    private final LibvirtSession session;

    LibvirtAgent(NativeLibvirt libvirt, LibvirtSession session) {
        this.libvirt = libvirt;
        this.session = session;
    }

    int freeze(String uuid) {
        AtomicInteger frozen = new AtomicInteger();
        try {
            ask("freezing the file systems of", uuid, SECONDS, domain -> {
                frozen.set(libvirt.domains.virDomainFSFreeze(domain, null, 0, 0));
                return frozen.get();
            });
        } catch (HypervisorException e) {
            throw absent(e) ? noAgent(uuid) : e;
        }
        return frozen.get();
    }

    /**
     * Whether the guest has nobody who could have heard of it: the words are libvirt's own (qemuDomainAgentAvailable,
     * 9.0.0), and tell it from an agent that has not answered in time.
     */
    private static boolean absent(HypervisorException failure) {
        return failure.libvirtCode() == UNRESPONSIVE
                && String.valueOf(failure.getMessage()).contains("agent is not connected");
    }

    private static BridgeException noAgent(String uuid) {
        return new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                "no agent answers in guest " + uuid,
                "install and start qemu-guest-agent in it");
    }

    void thaw(String uuid) {
        ask(
                "thawing the file systems of",
                uuid,
                SECONDS,
                domain -> libvirt.domains.virDomainFSThaw(domain, null, 0, 0));
    }

    void setPassword(String uuid, String user, GuestPassword password) {
        byte[] bytes = password.utf8();
        try (Memory text = new Memory(bytes.length + 1L)) {
            text.clear();
            text.write(0, bytes, 0, bytes.length);
            try {
                ask(
                        "setting a password in",
                        uuid,
                        SECONDS,
                        domain ->
                                libvirt.quietly(() -> libvirt.domains.virDomainSetUserPassword(domain, user, text, 0)));
            } catch (HypervisorException e) {
                throw refused(uuid, user, e);
            } finally {
                text.clear();
            }
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** As Nova's {@code Guest.sync_guest_time}: libvirt could also have the guest read its own hardware clock, which not every
     * guest can. */
    void setClock(String uuid, Instant now) {
        try {
            ask(
                    "setting the clock of",
                    uuid,
                    SECONDS_AT_MOST,
                    domain -> libvirt.quietly(
                            () -> libvirt.domains.virDomainSetTime(domain, now.getEpochSecond(), now.getNano(), 0)));
        } catch (HypervisorException e) {
            throw absent(e) ? noAgent(uuid) : e;
        }
    }

    List<GuestDriver> drivers(String uuid) {
        String what = "asking for the drivers of the domain " + uuid;
        String answer;
        try {
            answer = session.query(what, connection -> {
                try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                    if (domain == null) {
                        throw new BridgeException(ErrorCode.INSTANCE_NOT_FOUND, "there is no domain " + uuid);
                    }
                    return text(
                            libvirt.qemu()
                                    .virDomainQemuAgentCommand(
                                            domain.pointer(),
                                            "{\"execute\": \"guest-get-devices\"}",
                                            SECONDS_AT_MOST,
                                            0),
                            what);
                }
            });
        } catch (HypervisorException e) {
            throw untold(uuid, e);
        }
        return GuestDevicesAnswer.drivers(uuid, answer);
    }

    /** Without libvirt's words: they quote the agent, which is the guest. */
    private static BridgeException untold(String uuid, HypervisorException failure) {
        return switch (failure.code()) {
            case HYPERVISOR_UNAVAILABLE, INSTANCE_NOT_FOUND -> failure;
            default ->
                failure.libvirtCode() == UNRESPONSIVE
                                || failure.code() == ErrorCode.NOT_SUPPORTED
                                || failure.code() == ErrorCode.INSTANCE_INVALID_STATE
                        ? noAgent(uuid)
                        : new BridgeException(
                                ErrorCode.NOT_SUPPORTED,
                                "the agent of guest " + uuid + " does not tell its drivers (libvirt error "
                                        + failure.libvirtCode() + ")",
                                "only Windows has this answer, with qemu-guest-agent 5.2 or later");
        };
    }

    /** The guest's own words stay out of it: it knows the password, and may have said it. */
    private static BridgeException refused(String uuid, String user, HypervisorException failure) {
        return switch (failure.code()) {
            case HYPERVISOR_UNAVAILABLE, INSTANCE_NOT_FOUND -> failure;
            case INSTANCE_INVALID_STATE ->
                new BridgeException(
                        ErrorCode.INSTANCE_NOT_RUNNING, "guest " + uuid + " does not run", "start it first");
            default ->
                failure.libvirtCode() == UNRESPONSIVE || failure.code() == ErrorCode.NOT_SUPPORTED
                        ? noAgent(uuid)
                        : new BridgeException(
                                ErrorCode.HYPERVISOR_FAILED,
                                "the agent of guest " + uuid + " did not set the password of " + user
                                        + " (libvirt error " + failure.libvirtCode() + ")",
                                "see in the guest whether it has this user (image property os_admin_user) and takes such"
                                        + " a password");
        };
    }

    /** Without a bound a guest that never answers would keep the call, and its thread, for ever. */
    private void ask(String verb, String uuid, int seconds, Function<Pointer, Integer> action) {
        String what = verb + " the domain " + uuid;
        session.change(what, connection -> {
            try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                if (domain == null) {
                    throw new BridgeException(ErrorCode.INSTANCE_NOT_FOUND, "there is no domain " + uuid);
                }
                check(libvirt.domains.virDomainAgentSetResponseTimeout(domain.pointer(), seconds, 0), what);
                check(action.apply(domain.pointer()), what);
            }
        });
    }
}
