package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.lvm.BaseAging;

class UnusedBasesTest {
    private static final String FIRST = "nb-base-" + "1".repeat(40);
    private static final String SECOND = "nb-base-" + "2".repeat(40);

    private static final String REMOVE = "lvremove --config devices/issue_discards=0 nova/";

    @TempDir
    Path folder;

    private final RecordingExecutor executor = new RecordingExecutor();

    private Optional<BaseAging> aging() {
        return BaseAging.of(
                ConfigSnapshot.builder()
                        .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                        .set(BridgeOptions.STATE_PATH, folder.toString())
                        .build(),
                executor);
    }

    private void twoOldBases() throws IOException {
        String row = "{\"lv_name\":\"%s\", \"lv_size\":\"4194304\", \"lv_tags\":\"\", \"lv_attr\":\"Vri---tz-k\"}";
        executor.printing("lvs --reportformat json --units b --nosuffix --options lv_name,origin", answer(""))
                .printing("lvs", answer(row.formatted(FIRST) + "," + row.formatted(SECOND)));
        Path times = Files.createDirectories(folder.resolve("bases/nova"));
        for (String base : List.of(FIRST, SECOND)) {
            Files.setLastModifiedTime(Files.createFile(times.resolve(base)), FileTime.from(Instant.EPOCH));
        }
    }

    private static String answer(String rows) {
        return "{\"report\": [ {\"lv\": [" + rows + "]} ]}";
    }

    private UnusedBases bases(Operations operations) {
        return new UnusedBases(operations, this::aging, id -> Path.of("/n/_base", id.repeat(40)), Clock.systemUTC());
    }

    @Test
    void whatNoInstanceUsesIsRemovedByOneOperation() throws IOException {
        twoOldBases();
        try (Operations operations = operations()) {
            bases(operations).remove(Set.of("1"));
            Operation done = ended(operations);
            assertThat(done.kind()).isEqualTo(Operation.Kind.REMOVE_UNUSED);
            assertThat(done.state()).isEqualTo(Operation.State.DONE);
            assertThat(done.result()).containsEntry("removed", List.of(SECOND));
        }
        assertThat(executor.lines())
                .filteredOn(line -> line.startsWith("lvremove"))
                .containsExactly(REMOVE + SECOND);
    }

    @Test
    void oneThatCannotBeRemovedKeepsNoOther() throws IOException {
        executor.failing(REMOVE + FIRST, 5, "in use");
        twoOldBases();
        try (Operations operations = operations()) {
            bases(operations).remove(Set.of());
            Operation failed = ended(operations);
            assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
            assertThat(failed.problem())
                    .isNotNull()
                    .satisfies(problem -> assertThat(problem.detail()).contains(FIRST));
        }
        assertThat(executor.lines()).contains(REMOVE + SECOND);
    }

    /** Of two, the bridge dies while the first is being removed: nothing is taken back, and the next run goes on. */
    @Test
    void whatACrashHasLeftIsFoundByTheNextRun() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        executor.doing(REMOVE + FIRST, command -> {
            begun.countDown();
            await(never);
            throw new IllegalStateException("this thread died long ago");
        });
        twoOldBases();
        Operations dead = operations();
        try {
            bases(dead).remove(Set.of());
            await(begun);

            Journal second = new Journal(folder, CrashPoint.NONE);
            List<JournalEntry> entries = second.load();
            assertThat(entries).singleElement().satisfies(entry -> {
                assertThat(entry.kind()).isEqualTo(Operation.Kind.REMOVE_UNUSED);
                assertThat(entry.phase()).isEqualTo("remove base " + FIRST);
                assertThat(entry.undo()).isEmpty();
            });
            try (Operations next = new Operations(second, Clock.systemUTC(), 2, OperationsTest.ROOMY)) {
                new Settlement(
                                next,
                                (kind, uuid) -> steps -> Map.of(),
                                id -> {},
                                () -> {},
                                () -> {},
                                Duration.ofSeconds(1))
                        .settle(entries);
                assertThat(next.list()).singleElement().satisfies(operation -> {
                    assertThat(operation.state()).isEqualTo(Operation.State.INTERRUPTED);
                    assertThat(operation.problem())
                            .isNotNull()
                            .satisfies(problem ->
                                    assertThat(problem.detail()).contains("the next run removes what is left"));
                });
                never.countDown();
                dead.close();
                // The first one has found a user meanwhile.
                bases(next).remove(Set.of("1"));
                assertThat(ended(next).result()).containsEntry("removed", List.of(SECOND));
            }
        } finally {
            never.countDown();
            dead.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void withNothingToRemoveThereIsNoOperation() throws IOException {
        twoOldBases();
        try (Operations operations = operations()) {
            bases(operations).remove(Set.of("1", "2"));
            assertThat(operations.list()).isEmpty();
        }
    }

    private Operations operations() {
        return new Operations(new Journal(folder, CrashPoint.NONE), Clock.systemUTC(), 2, OperationsTest.ROOMY);
    }

    private static Operation ended(Operations operations) {
        return OperationsTest.Awaited.ended(operations, operations.list().get(0).id());
    }
}
