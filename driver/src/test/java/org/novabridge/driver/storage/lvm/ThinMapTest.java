package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/** What thin_dump 0.9.0 says of a volume, and what is done when it says nothing. */
class ThinMapTest {
    private static final long KIB = 1 << 10;
    private static final long MIB = Recorded.MIB;
    private static final String SUPERBLOCK =
            "<superblock uuid=\"\" time=\"1\" transaction=\"3\" flags=\"0\" version=\"2\" data_block_size=\"128\""
                    + " nr_data_blocks=\"65536\">";
    private static final LogicalVolume VOLUME =
            new LogicalVolume("v", MIB + 4 * KIB, List.of(), "Vwi-a-tz--", "nova-pool", 10);
    private static final String RESERVE = "dmsetup message nova-nova--pool-tpool 0 reserve_metadata_snap";
    private static final String RELEASE = "dmsetup message nova-nova--pool-tpool 0 release_metadata_snap";
    private static final String DUMP = "thin_dump --metadata-snap --dev-id 7 /dev/mapper/nova-nova--pool_tmeta";

    private static Allocation dumped(String... lines) {
        ThinMap.Dump dump = new ThinMap.Dump(VOLUME.size());
        List.of(lines).forEach(dump::line);
        return dump.allocation();
    }

    @Test
    void neighboursAreOneRangeAndTheLastEndsWithTheVolume() {
        assertThat(dumped(
                                SUPERBLOCK,
                                "  <device dev_id=\"7\" mapped_blocks=\"5\" transaction=\"2\" creation_time=\"1\""
                                        + " snap_time=\"1\">",
                                "    <single_mapping origin_block=\"0\" data_block=\"9\" time=\"1\"/>",
                                "    <range_mapping origin_begin=\"1\" data_begin=\"77\" length=\"2\" time=\"0\"/>",
                                "    <single_mapping origin_block=\"5\" data_block=\"3\" time=\"1\"/>",
                                "    <single_mapping origin_block=\"16\" data_block=\"4\" time=\"1\"/>",
                                "  </device>",
                                "</superblock>")
                        .allocated())
                .containsExactly(
                        new Range(0, 192 * KIB), new Range(320 * KIB, 384 * KIB), new Range(MIB, MIB + 4 * KIB));
    }

    @Test
    void aVolumeWithoutABlockHasNone() {
        assertThat(dumped(SUPERBLOCK, "</superblock>").allocated()).isEmpty();
    }

    @Test
    void aDumpThatEndsEarlyProvesNothing() {
        assertThat(dumped(SUPERBLOCK, "<single_mapping origin_block=\"0\" data_block=\"9\" time=\"1\"/>"))
                .isEqualTo(Allocation.everywhere(VOLUME.size()));
        assertThat(dumped("garbage", "</superblock>")).isEqualTo(Allocation.everywhere(VOLUME.size()));
    }

    private static RecordingExecutor executor() {
        return new RecordingExecutor().printing("lvs", "{\"report\": [ {\"lv\": [{\"thin_id\":\"7\"}]} ]}");
    }

    private static Allocation look(RecordingExecutor executor) {
        LvmSettings settings = Recorded.settings();
        return new ThinMap(executor, new LockedGroup(executor, settings), settings).of(VOLUME);
    }

    private static List<String> withoutQuestions(RecordingExecutor executor) {
        return executor.lines().stream().filter(line -> !line.startsWith("lvs")).toList();
    }

    @Test
    void theSnapshotOfTheMetadataIsHeldForTheDumpAlone() {
        RecordingExecutor executor = executor();
        look(executor);
        assertThat(withoutQuestions(executor)).containsExactly(RESERVE, DUMP, RELEASE);
    }

    @Test
    void itIsReleasedWhenTheDumpFailsAndAllIsRead() {
        RecordingExecutor executor = executor();
        executor.failing("thin_dump", 1, "bad checksum");
        assertThat(look(executor)).isEqualTo(Allocation.everywhere(VOLUME.size()));
        assertThat(withoutQuestions(executor)).containsExactly(RESERVE, DUMP, RELEASE);
    }

    @Test
    void somebodyElsesIsNotReleased() {
        RecordingExecutor executor = executor();
        executor.failing("dmsetup message", 1, "device-mapper: message ioctl failed: Device or resource busy");
        assertThat(look(executor)).isEqualTo(Allocation.everywhere(VOLUME.size()));
        assertThat(withoutQuestions(executor)).containsExactly(RESERVE);
    }

    @Test
    void aLookThatACrashLeftIsReleased() {
        RecordingExecutor executor = new RecordingExecutor()
                .printing("lvs", Recorded.pool(""))
                .printing(
                        "dmsetup status",
                        "0 8388608 thin-pool 3 190/2048 80/65536 190 rw discard_passdown queue_if_no_space - 1024\n");
        LvmSettings settings = Recorded.settings();
        new ThinMap(executor, new LockedGroup(executor, settings), settings).releaseLook();
        assertThat(withoutQuestions(executor)).containsExactly("dmsetup status nova-nova--pool-tpool", RELEASE);
    }

    @Test
    void noneIsLeft() {
        RecordingExecutor executor = new RecordingExecutor()
                .printing("lvs", Recorded.pool(""))
                .printing(
                        "dmsetup status",
                        "0 8388608 thin-pool 3 190/2048 80/65536 - rw discard_passdown queue_if_no_space - 1024\n");
        LvmSettings settings = Recorded.settings();
        new ThinMap(executor, new LockedGroup(executor, settings), settings).releaseLook();
        assertThat(withoutQuestions(executor)).containsExactly("dmsetup status nova-nova--pool-tpool");
    }
}
