package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;

/**
 * A guest that runs, is paused or is off, and does nothing else; it outlives the bridge as a real one does, in a file. When
 * the power of its host is cut it is off, and still defined. For what is done to disks beside a running guest, in places where a real one would take minutes.
 */
final class StandInGuest {
    private static final int DOMAIN = 7;

    private final Path file;
    private final String uuid;

    StandInGuest(Path file, String uuid) {
        this.file = file;
        this.uuid = uuid;
    }

    /** Its definition, whatever it was defined with. */
    String xml() {
        return "<domain type='qemu'><name>stand-in</name><uuid>" + uuid
                + "</uuid><memory unit='KiB'>65536</memory><vcpu>1</vcpu>"
                + "<os><type>hvm</type></os><devices/></domain>";
    }

    void run() {
        become(GuestState.RUNNING);
    }

    /** SHUTDOWN when it does not run, or never has. */
    GuestState state() {
        try {
            if (!Files.exists(file) || lostWithItsHost()) {
                return GuestState.SHUTDOWN;
            }
            return GuestState.valueOf(Files.readAllLines(file).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It ran when the power of its host was cut. */
    boolean lostWithItsHost() throws IOException {
        return Files.exists(file) && !Files.readString(file).contains(boot());
    }

    private static String boot() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    void end() throws IOException {
        Files.deleteIfExists(file);
    }

    private void become(GuestState state) {
        try {
            Files.writeString(file, state.name() + "\n" + boot() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean there() {
        return Files.exists(file);
    }

    /** Empty when it never ran, or another one is asked for. */
    Optional<Guest> find(String asked) {
        if (!asked.equals(uuid) || !there()) {
            return Optional.empty();
        }
        GuestState state = state();
        int domain = state == GuestState.SHUTDOWN ? -1 : DOMAIN;
        return Optional.of(new Guest(uuid, "stand-in", domain, state, false, false));
    }

    /** True when the call was for it and is done. */
    boolean takes(String call) {
        if (!there()) {
            return false;
        }
        switch (call) {
            case "pause" -> become(GuestState.PAUSED);
            case "resume", "start" -> become(GuestState.RUNNING);
            case "shutdown", "destroy" -> become(GuestState.SHUTDOWN);
            case "define" -> {}
            default -> throw new IllegalStateException("a stand-in cannot " + call);
        }
        return true;
    }
}
