package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;

/**
 * A guest that runs or is paused, and does nothing else; it outlives the bridge as a real one does, in a file, and not
 * its host. For what is done to disks beside a running guest, in places where a real one would take minutes.
 */
final class StandInGuest {
    private static final int DOMAIN = 7;

    private final Path file;
    private final String uuid;

    StandInGuest(Path file, String uuid) {
        this.file = file;
        this.uuid = uuid;
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

    /** Empty when it does not run, or another one is asked for. */
    Optional<Guest> find(String asked) {
        GuestState state = state();
        return asked.equals(uuid) && state != GuestState.SHUTDOWN
                ? Optional.of(new Guest(uuid, "stand-in", DOMAIN, state, true, false))
                : Optional.empty();
    }

    /** True when the call was for it and is done. */
    boolean takes(String call) {
        if (state() == GuestState.SHUTDOWN) {
            return false;
        }
        switch (call) {
            case "pause" -> become(GuestState.PAUSED);
            case "resume" -> become(GuestState.RUNNING);
            default -> throw new IllegalStateException("a stand-in cannot " + call);
        }
        return true;
    }
}
