package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
                .containsExactly("lvremove nova/" + SECOND);
    }

    @Test
    void oneThatCannotBeRemovedKeepsNoOther() throws IOException {
        executor.failing("lvremove nova/" + FIRST, 5, "in use");
        twoOldBases();
        try (Operations operations = operations()) {
            bases(operations).remove(Set.of());
            Operation failed = ended(operations);
            assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
            assertThat(failed.problem())
                    .isNotNull()
                    .satisfies(problem -> assertThat(problem.detail()).contains(FIRST));
        }
        assertThat(executor.lines()).contains("lvremove nova/" + SECOND);
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
