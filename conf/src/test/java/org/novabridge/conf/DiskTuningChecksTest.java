package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disk settings that cannot stand beside each other are found when the file is read, with both lines. */
class DiskTuningChecksTest {
    @TempDir
    Path folder;

    /** Severity and text of what is found in a file whose [libvirt] begins at line 3. */
    private List<String> found(String libvirt, String more) throws IOException {
        Path file = Files.writeString(
                folder.resolve("nova.conf"), "[DEFAULT]\nstate_path=/srv\n[libvirt]\n" + libvirt + "\n" + more);
        return new ConfigLoader()
                .load(ConfigSource.ofFile(file)).problems().all().stream()
                        .map(problem ->
                                problem.severity() + " " + problem.oneLine().replace(folder + "/", ""))
                        .toList();
    }

    @Test
    void processorsOfVirtualProcessorsAreNamedWithBothLines() throws IOException {
        String threads = "disk_iothreads = 2\ndisk_iothread_cpus = 2-5,^3";
        assertThat(found(threads, "[compute]\ncpu_shared_set = 4-7\n"))
                .containsExactly("WARNING nova.conf:5: [libvirt]disk_iothread_cpus has the processors 4-5 of"
                        + " [compute]cpu_shared_set (nova.conf:7), so I/O threads and virtual processors take time from"
                        + " each other; take them out of one of the two");
        assertThat(found(threads, "[compute]\ncpu_shared_set = 0-1\ncpu_dedicated_set = 2,8-9\n"))
                .containsExactly("ERROR nova.conf:5: [libvirt]disk_iothread_cpus has the processors 2 of"
                        + " [compute]cpu_dedicated_set (nova.conf:8), which belong to guests with processors of their"
                        + " own; take them out of one of the two");
        assertThat(found(threads, "[compute]\ncpu_shared_set = 0-1,3\n")).isEmpty();
        assertThat(found(threads, ""))
                .singleElement()
                .asString()
                .startsWith("NOTE nova.conf:5: [libvirt]disk_iothread_cpus keeps the I/O threads there, but");
    }

    @Test
    void processorsWithoutThreadsAreSaidToHaveNoEffect() throws IOException {
        String shared = "[compute]\ncpu_shared_set = 0\n";
        assertThat(found("disk_iothread_cpus = 2", shared))
                .singleElement()
                .asString()
                .startsWith("WARNING nova.conf:4: [libvirt]disk_iothread_cpus has no effect, since"
                        + " [libvirt]disk_iothreads (default) is 0");
        assertThat(found("disk_iothread_cpus = 2", shared + "[io_profile:x]\niothreads = 1\n"))
                .isEmpty();
        assertThat(found("disk_iothread_cpus = 2", shared + "[io_profile:x]\niothreads = 0\n"))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2-", "a", "^2-4", "2;3", "2,,3", "-1"})
    void whatNamesNoProcessorsIsRefused(String text) throws IOException {
        assertThat(found("disk_iothreads = 1\ndisk_iothread_cpus = " + text, ""))
                .anyMatch(problem -> problem.startsWith("ERROR nova.conf:5: [libvirt]disk_iothread_cpus"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5-2", "3,^3", "5000"})
    void whatLeavesNoProcessorsIsRefused(String text) throws IOException {
        assertThat(found("disk_iothreads = 1\ndisk_iothread_cpus = " + text, ""))
                .anyMatch(problem -> problem.startsWith("ERROR nova.conf:5: [libvirt]disk_iothread_cpus"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disk_iothreads = 65", "disk_iothreads = -1", "disk_iothreads = many", "disk_queues = 0",
                "disk_queues = 1025", "disk_queue_size = 100", "disk_queue_size = 2048", "disk_detect_zeroes = yes",
                "disk_error_policy = ignore", "disk_rotation_rate = 2", "disk_metadata_cache = 16",
                        "disk_serial = maybe"
            })
    void valuesThatNobodyTakesAreErrors(String line) throws IOException {
        assertThat(found(line, "")).singleElement().asString().startsWith("ERROR nova.conf:4: [libvirt]disk_");
    }

    @Test
    void unmappedZeroesNeedDiscard() throws IOException {
        assertThat(found("disk_detect_zeroes = unmap\nhw_disk_discard = ignore", ""))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:4: [libvirt]disk_detect_zeroes = unmap")
                .contains("[libvirt]hw_disk_discard (nova.conf:5)");
        assertThat(found("disk_detect_zeroes = unmap", "")).hasSize(1);
        assertThat(found("disk_detect_zeroes = unmap\nhw_disk_discard = unmap", ""))
                .isEmpty();
        assertThat(found("", "[io_profile:x]\ndetect_zeroes = unmap\ndiscard = ignore\n"))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:6: [io_profile:x]detect_zeroes = unmap")
                .contains("[io_profile:x]discard (nova.conf:7)");
        assertThat(found("", "[io_profile:x]\ndetect_zeroes = unmap\n"))
                .singleElement()
                .asString()
                .contains("[libvirt]hw_disk_discard (default)");
        assertThat(found("hw_disk_discard = unmap", "[io_profile:x]\ndetect_zeroes = unmap\n"))
                .isEmpty();
        assertThat(found("", "[io_profile:x]\ndetect_zeroes = unmap\ndiscard = unmap\n"))
                .isEmpty();
    }

    @Test
    void threadsForQueuesThatNobodyCountsAreSaidToHaveNoEffect() throws IOException {
        assertThat(found("disk_iothreads = 2\ndisk_iothread_mapping = true", ""))
                .singleElement()
                .asString()
                .startsWith("WARNING nova.conf:5: [libvirt]disk_iothread_mapping has no effect");
        assertThat(found("disk_iothreads = 2\ndisk_iothread_mapping = true\ndisk_queues = 2", ""))
                .isEmpty();
        assertThat(found("disk_iothreads = 2\ndisk_iothread_mapping = true", "[io_profile:x]\nqueues = 2\n"))
                .isEmpty();
    }

    @Test
    void ioUringOnThickVolumesIsWarnedOf() throws IOException {
        String lvm = "images_type = lvm\nimages_volume_group = vg\ndisk_io_modes = block=io_uring";
        assertThat(found(lvm, ""))
                .singleElement()
                .asString()
                .startsWith("WARNING nova.conf:6: [libvirt]disk_io_modes asks for block=io_uring")
                .contains("[libvirt]images_type (nova.conf:4)");
        assertThat(found(lvm + "\nimages_lvm_type = thin", "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "total_iops_sec:5,total_iops_sec_max:4|has total_iops_sec_max=4 beside total_iops_sec=5;",
                "total_iops_sec:0,total_iops_sec_max:4|has total_iops_sec_max=4 beside total_iops_sec=0;",
                "total_iops_sec:5,total_iops_sec_max_length:4|has total_iops_sec_max_length without total_iops_sec_max",
                "total_iops_sec:5,total_iops_sec_max:9,total_iops_sec_max_length:0|has total_iops_sec_max_length=0;",
                "total_bytes_sec:5,read_bytes_sec_max_length:4|has total_bytes_sec beside read_bytes_sec_max_length"
            })
    void burstsThatQemuWouldRefuse(String limits, String fault) throws IOException {
        assertThat(found("", "[io_profile:fast]\niotune = " + limits + "\n"))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:6: [io_profile:fast]iotune " + fault);
    }

    @Test
    void processorsAreReadAndWritten() {
        assertThat(CpuList.format(CpuList.parse("4-12,^8,15"))).isEqualTo("4-7,9-12,15");
        assertThat(CpuList.format(CpuList.parse(""))).isEmpty();
        assertThatThrownBy(() -> CpuList.parse("0-4096"))
                .isInstanceOfSatisfying(
                        CpuList.UnreadableException.class,
                        e -> assertThat(e.part()).isEqualTo("0-4096"));
    }
}
