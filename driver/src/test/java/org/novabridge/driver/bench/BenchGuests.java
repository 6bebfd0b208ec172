package org.novabridge.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.ComputeDriver;
import org.novabridge.driver.compute.Operation;

/** What the parts have in common that let the whole driver start real guests. */
final class BenchGuests {
    static final Caller OPERATOR = new Caller(Caller.Role.OPERATOR, 0, "root");
    private static final Duration LONGEST = Duration.ofMinutes(20);

    private BenchGuests() {}

    /** libvirt takes one root for a process, with a short path for its sockets. */
    static Path libvirtRoot() throws IOException {
        return Files.createTempDirectory(
                Path.of("/run"),
                "bench-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    /** Waits for it. */
    static Operation done(ComputeDriver driver, Operation begun) {
        Instant latest = Instant.now().plus(LONGEST);
        Operation now = begun;
        while (!now.state().ended()) {
            if (Instant.now().isAfter(latest)) {
                throw new IllegalStateException(now + " takes longer than " + LONGEST);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            now = driver.operations().get(begun.id());
        }
        if (now.state() != Operation.State.DONE) {
            throw new IllegalStateException("the operation failed: " + now.problem());
        }
        return now;
    }
}
