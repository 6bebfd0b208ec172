package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/** When a group takes no more volumes because there is no room to write them down. */
class MetadataRoomTest {
    /** What LVM says of a device that was initialised without a word about metadata. */
    private static final long DEFAULT_AREA = 1044480;

    private static final long MOST = (DEFAULT_AREA - 512) / 2;
    private static final long MIB = Recorded.MIB;

    @TempDir
    Path state;

    private final RecordingExecutor executor = new RecordingExecutor();

    @ParameterizedTest
    @CsvSource({
        // area, free, percent, more volumes
        "1044480, 521472, 0.1, 1042",
        "1044480, 104448, 80.0, 164",
        "1044480, 104000, 80.1, 164",
        "1044480, 26099, 95.0, 0",
        "1044480, 0, 100, 0",
        "67104768, 33549824, 0.0, 67099",
        "0, 0, 0, 0"
    })
    void thePercentIsOfTheHalfThatOneTextMayTake(long area, long free, double percent, long volumes) {
        MetadataRoom room = room(area, free);
        assertThat(room.percent()).isCloseTo(percent, within(0.06));
        assertThat(room.volumes()).isEqualTo(volumes);
        assertThat(room.full()).isEqualTo(percent >= 95);
    }

    private static MetadataRoom room(long area, long free) {
        return new LvmReport(
                        new RecordingExecutor()
                                .printing("vgs", Recorded.metadata(Recorded.group(1 << 30, "", 0), area, free)),
                        Duration.ofSeconds(60))
                .group("nova")
                .orElseThrow()
                .metadata();
    }

    private void refused(int questions, ThrowingCallable create) {
        assertThatThrownBy(create).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            assertThat(e)
                    .hasMessageContaining("volume group nova")
                    .hasMessageContaining("96.0 %")
                    .hasMessageContaining("95 %");
            assertThat(e.remedy()).contains("pvcreate --metadatasize 64m").contains("delete guests");
        });
        assertThat(executor.lines()).allMatch(line -> line.matches("(vgs|lvs) .*"));
        assertThat(executor.lines()).hasSizeLessThanOrEqualTo(questions);
    }

    /** The report that a create asks for anyway says it: no further command, and nothing is changed. */
    @Test
    void aThickCreateIsRefused() {
        executor.printing(
                "vgs", Recorded.metadata(Recorded.group(1L << 33, "", 0), DEFAULT_AREA, Math.round(MOST * 0.04)));
        refused(
                2,
                () -> new LvmBackend(executor, Recorded.settings(), (content, device, before, progress) -> {})
                        .create(Recorded.UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE));
    }

    @Test
    void aThinCreateIsRefusedBeforeItsBaseIsFilled() {
        executor.printing("lvs", Recorded.metadata(Recorded.pool(""), DEFAULT_AREA, Math.round(MOST * 0.04)));
        CachedImage image = new CachedImage("i", Path.of("/n/_base/" + "0".repeat(40)), "raw", MIB);
        refused(
                1,
                () -> thin().create(Recorded.UUID, "disk", new DiskContent.FromImage(image, 4 * MIB), Progress.NONE));
        executor.clear();
        refused(1, () -> thin().create(Recorded.UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE));
    }

    private ThinBackend thin() {
        return new ThinBackend(
                executor,
                Recorded.settings(),
                ThinPoolSettings.of(ConfigSnapshot.builder().build(), "nova"),
                Recorded.contents((content, device, before, progress) -> {}),
                new BaseTimes(state));
    }

    @Test
    void aDiskStillGrowsAndIsRemoved() {
        String volume = Recorded.UUID + "_disk";
        String full = Recorded.metadata(
                Recorded.pool(Recorded.thinRow(volume, 4 * MIB, "Vwi-a-tz--")), DEFAULT_AREA, Math.round(MOST * 0.04));
        executor.on(
                "lvs",
                command -> RecordingExecutor.result(
                        command,
                        0,
                        command.toString().contains("lv_name=") ? Recorded.thin(volume, 4 * MIB) : full,
                        ""));
        thin().grow(Recorded.UUID, "disk", 8 * MIB, Progress.NONE);
        thin().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor).stream().map(line -> line.split(" ")[0]))
                .containsExactly("lvextend", "lvremove");
    }

    @ParameterizedTest
    @CsvSource({"0.79, ", "0.81, WARNING", "0.94, WARNING", "0.96, UNUSABLE"})
    void checkSaysSoInTime(double used, Severity severity) {
        executor.printing(
                        "vgs",
                        Recorded.metadata(Recorded.group(6L << 30, "", 0), DEFAULT_AREA, Math.round(MOST * (1 - used))))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/etc/lvm/profile", 0))
                .printing("lvs", Recorded.volumes());
        VolumeGroups groups =
                new VolumeGroups(executor, Recorded.settings(), null, false, Recorded.bases(executor), uuid -> true);
        if (severity == null) {
            assertThat(groups.check()).isEmpty();
        } else {
            assertThat(groups.check()).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(severity);
                assertThat(finding.sentence()).contains("volume group nova");
            });
        }
        assertThat(groups.status().metadata().percent()).isCloseTo(100 * used, within(0.11));
    }
}
