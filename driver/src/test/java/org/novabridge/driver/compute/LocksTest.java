package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

class LocksTest {
    private final Locks locks = new Locks();

    @Test
    void theOrderIsFromInstanceDownToConnection() {
        try (Locks.Held instance = locks.take(Locks.Level.INSTANCE, "a");
                Locks.Held image = locks.take(Locks.Level.IMAGE, "i");
                Locks.Held group = locks.take(Locks.Level.VOLUME_GROUP, "vg");
                Locks.Held connection = locks.take(Locks.Level.CONNECTION, "")) {
            assertThat(instance).isNotNull();
            assertThat(image).isNotNull();
            assertThat(group).isNotNull();
            assertThat(connection).isNotNull();
        }
    }

    @Test
    void upwardsAndSidewaysThrow() {
        try (Locks.Held unused = locks.take(Locks.Level.IMAGE, "i")) {
            assertThatThrownBy(() -> locks.take(Locks.Level.INSTANCE, "a"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("INSTANCE wanted while holding IMAGE");
            assertThatThrownBy(() -> locks.take(Locks.Level.IMAGE, "j")).isInstanceOf(IllegalStateException.class);
        }
        locks.take(Locks.Level.INSTANCE, "a").close();
    }

    @Test
    void twoThreadsMeetOnOneNameOnly() throws Exception {
        CompletableFuture<String> same;
        try (Locks.Held unused = locks.take(Locks.Level.INSTANCE, "a")) {
            assertThat(CompletableFuture.supplyAsync(() -> takeAndFree("b")).get(10, TimeUnit.SECONDS))
                    .isEqualTo("b");
            same = CompletableFuture.supplyAsync(() -> takeAndFree("a"));
            assertThat(same).isNotCompleted();
        }
        assertThat(same.get(10, TimeUnit.SECONDS)).isEqualTo("a");
    }

    @Test
    void aWaiterThatGivesUpLeavesTheLockToTheNext() throws Exception {
        Progress givesUp = new Progress() {
            @Override
            public void report(String phase, double percent) {
                assertThat(phase).isEqualTo("wait for it");
            }

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        try (Locks.Held unused = locks.take(Locks.Level.IMAGE, "i")) {
            CompletableFuture<Locks.Held> waits =
                    CompletableFuture.supplyAsync(() -> locks.take(Locks.Level.IMAGE, "i", givesUp, "wait for it"));
            assertThatThrownBy(() -> waits.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        }
        try (Locks.Held again = locks.take(Locks.Level.IMAGE, "i", givesUp, "")) {
            assertThat(again).as("a free lock is taken without a word").isNotNull();
        }
    }

    private String takeAndFree(String name) {
        locks.take(Locks.Level.INSTANCE, name).close();
        return name;
    }

    @Test
    void oneBridgePerStatePath(@TempDir Path state) {
        try (StateLock unused = StateLock.take(state)) {
            assertThatThrownBy(() -> StateLock.take(state))
                    .isInstanceOf(BridgeException.class)
                    .hasMessageContaining("in use by another bridge")
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
        StateLock.take(state).close();
    }
}
