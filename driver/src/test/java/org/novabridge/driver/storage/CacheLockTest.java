package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.ProcessExecutor;

/** Nova and we exclude each other: the real nova.utils.synchronized against our lock. */
@Tag("nova")
class CacheLockTest {
    private static final String HOLD = """
            import sys, time
            from nova import utils
            @utils.synchronized('abc', external=True, lock_path=sys.argv[1])
            def hold():
                print('held', flush=True)
                time.sleep(float(sys.argv[2]))
            hold()
            """;

    @TempDir
    Path folder;

    private CommandResult nova(double seconds, CompletableFuture<Boolean> held) {
        return new ProcessExecutor()
                .run(Command.ofProgram(
                                Path.of("/usr/bin/python3"),
                                List.of("-c", HOLD, folder.resolve("locks").toString(), Double.toString(seconds)))
                        .withLineListener(line -> held.complete(line.equals("held"))));
    }

    @Test
    void weWaitWhileNovaHoldsTheLock() throws Exception {
        Path lockFile = folder.resolve("locks/nova-abc");
        FileOwner owner = FileOwner.ofThisHost();
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        CompletableFuture<CommandResult> nova = CompletableFuture.supplyAsync(() -> nova(2, held));
        assertThat(held.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(CacheLock.tryAcquire(lockFile, owner)).isNull();
        try (CacheLock lock = CacheLock.acquire(lockFile, owner, Progress.NONE)) {
            assertThat(lock).isNotNull();
            // Nova has let go; its process may still be on the way out.
            assertThat(nova.get(60, TimeUnit.SECONDS).exitCode()).isZero();
        }
    }

    @Test
    void novaWaitsWhileWeHoldTheLock() throws Exception {
        Path lockFile = folder.resolve("locks/nova-abc");
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        CompletableFuture<CommandResult> nova;
        try (CacheLock lock = CacheLock.acquire(lockFile, FileOwner.ofThisHost(), Progress.NONE)) {
            assertThat(Files.exists(lockFile)).isTrue();
            nova = CompletableFuture.supplyAsync(() -> nova(0, held));
            Thread.sleep(6000);
            assertThat(held).isNotDone();
        }
        assertThat(held.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(nova.get(60, TimeUnit.SECONDS).exitCode()).isZero();
    }
}
