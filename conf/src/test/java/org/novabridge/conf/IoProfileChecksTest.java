package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a profile cannot have, by itself or beside [libvirt], is found when the file is read, with both lines. */
class IoProfileChecksTest {
    private static final String LVM = "images_type = lvm\nimages_volume_group = vg\n";

    @TempDir
    Path folder;

    private LoadedConfig load(String libvirt, String more) throws IOException {
        Path file = Files.writeString(
                folder.resolve("nova.conf"), "[DEFAULT]\nstate_path=/srv\n[libvirt]\n" + libvirt + "\n" + more);
        return new ConfigLoader().load(ConfigSource.ofFile(file));
    }

    /** Severity and text of what is found in a file whose [libvirt] begins at line 3. */
    private List<String> found(String libvirt, String more) throws IOException {
        return load(libvirt, more).problems().all().stream()
                .map(problem -> problem.severity() + " " + problem.oneLine().replace(folder + "/", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "images_type = qcow2|file=writeback|file=writeback",
                "images_type = raw|block=none,file=unsafe|file=unsafe",
                "images_type = default|file=default|file=default"
            })
    void nativeOfAProfileBesideACachedModeOfTheHostNamesBothLines(String type, String modes, String bad)
            throws IOException {
        assertThat(found(type + "\ndisk_cachemodes = " + modes, "[io_profile:x]\nio = native\n"))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:7: [io_profile:x]io asks for native, but [libvirt]disk_cachemodes"
                        + " (nova.conf:5) sets " + bad + ", with which QEMU refuses native io");
    }

    @Test
    void nativeOnLogicalVolumesIsRefusedForTheirOwnModeAndWarnedOfForFiles() throws IOException {
        assertThat(found(LVM + "disk_cachemodes = block=writeback", "[io_profile:x]\nio = native\n"))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:8: [io_profile:x]io asks for native, but [libvirt]disk_cachemodes"
                        + " (nova.conf:6) sets block=writeback");
        assertThat(found(LVM + "disk_cachemodes = block=none,file=writeback", "[io_profile:x]\nio = native\n"))
                .singleElement()
                .asString()
                .startsWith("WARNING nova.conf:8: [io_profile:x]io asks for native, which disks in files do not get:"
                        + " [libvirt]disk_cachemodes (nova.conf:6) sets file=writeback for them.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disk_cachemodes = block=writeback|io = native",
                "disk_cachemodes = file=none|io = native",
                "disk_cachemodes = file=writeback|io = threads",
                "disk_cachemodes = file=writeback|io = native;cache = directsync",
                "disk_io_modes = block=native|cache = writeback",
                "disk_io_modes = file=auto|cache = writeback",
                "disk_io_modes = file=native|cache = none",
                "disk_io_modes = file=native|cache = writeback;io = io_uring",
                "disk_queues = 2|iothread_mapping = true",
                "disk_queues =|queues = 2;iothread_mapping = true",
                "disk_io_modes = file=native|iothread_mapping = false"
            })
    void whatCanStandBesideEachOther(String libvirt, String profile) throws IOException {
        assertThat(found(libvirt.endsWith("=") ? "" : libvirt, "[io_profile:x]\n" + profile.replace(';', '\n') + "\n"))
                .isEmpty();
    }

    @Test
    void aCachedModeOfAProfileBesideNativeOfTheHostNamesBothLines() throws IOException {
        assertThat(found("disk_io_modes = file=native", "[io_profile:x]\ncache = writeback\n"))
                .singleElement()
                .asString()
                .startsWith("ERROR nova.conf:6: [io_profile:x]cache = writeback, but [libvirt]disk_io_modes"
                        + " (nova.conf:4) asks for file=native, which QEMU refuses with it");
        assertThat(found(LVM + "disk_io_modes = block=native,file=threads", "[io_profile:x]\ncache = unsafe\n"))
                .singleElement()
                .asString()
                .contains("asks for block=native");
        assertThat(found(LVM + "disk_io_modes = block=threads,file=native", "[io_profile:x]\ncache = unsafe\n"))
                .isEmpty();
    }

    @Test
    void eachProfileWithIoUringOnThickVolumesIsWarnedOf() throws IOException {
        String profiles = "[io_profile:a]\nio = io_uring\n[io_profile:b]\nio = io_uring\n[io_profile:c]\nio = auto\n";
        assertThat(found(LVM, profiles))
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .startsWith("WARNING ")
                        .contains("]io asks for io_uring, and [libvirt]images_type (nova.conf:4) is lvm with thick"));
        assertThat(found(LVM + "images_lvm_type = thin", profiles)).isEmpty();
        assertThat(found("", profiles)).isEmpty();
    }

    @Test
    void aCachedModeOfAProfileOnThinVolumesIsWarnedOfBeforeEachGuestIsRefused() throws IOException {
        String thin = LVM + "images_lvm_type = thin";
        assertThat(found(thin, "[io_profile:x]\ncache = writeback\n[io_profile:y]\ncache = none\n"))
                .singleElement()
                .asString()
                .startsWith("WARNING nova.conf:8: [io_profile:x]cache = writeback, but [libvirt]images_lvm_type"
                        + " (nova.conf:6) is thin: a full pool loses what the page cache has acknowledged");
        assertThat(found(thin + "\nimages_lvm_allow_cached_thin = true", "[io_profile:x]\ncache = writeback\n"))
                .isEmpty();
    }

    @Test
    void aMappingWithoutQueuesHasNoEffect() throws IOException {
        assertThat(found("", "[io_profile:x]\niothreads = 2\niothread_mapping = true\n[io_profile:y]\nqueues = 2\n"))
                .singleElement()
                .asString()
                .startsWith(
                        "WARNING nova.conf:7: [io_profile:x]iothread_mapping has no effect, since neither the profile"
                                + " nor [libvirt]disk_queues says");
    }

    @Test
    void allFaultsOfLimitsAreToldEachWithItsHint() throws IOException {
        assertThat(found(
                        "",
                        "[io_profile:x]\niotune = total_iops_sec:5,read_iops_sec:3,write_iops_sec:4,total_byte_sec:9,"
                                + "size_iops_sec:1e3,read_bytes_sec:2000000000000000\n"))
                .containsExactlyInAnyOrder(
                        "ERROR nova.conf:6: [io_profile:x]iotune has total_iops_sec beside read_iops_sec and"
                                + " write_iops_sec, which QEMU refuses; keep the limit for both directions together, or"
                                + " those for each",
                        "ERROR nova.conf:6: [io_profile:x]iotune has no limit of the name total_byte_sec; there are "
                                + String.join(", ", IoLimits.ALL) + "; did you mean total_bytes_sec?",
                        "ERROR nova.conf:6: [io_profile:x]iotune wants a whole number from 0 to 1000000000000000 for"
                                + " size_iops_sec, and has '1e3'; write digits, as 500",
                        "ERROR nova.conf:6: [io_profile:x]iotune wants a whole number from 0 to 1000000000000000 for"
                                + " read_bytes_sec, and has '2000000000000000'; write digits, as 500");
    }

    @Test
    void aLimitOfZeroIsNone() throws IOException {
        assertThat(found("", "[io_profile:x]\niotune = total_iops_sec:0,read_iops_sec:3,read_iops_sec_max:0\n"))
                .isEmpty();
    }

    @Test
    void profilesThatOnlyDifferInCapitalsAreMergedAndSoIsSaid() throws IOException {
        LoadedConfig loaded = load("", "[io_profile:X]\nio = native\n[io_profile:x]\ncache = none\n");
        assertThat(loaded.snapshot().ioProfiles()).containsOnlyKeys("x");
        assertThat(found("", "[io_profile:X]\nio = native\n[io_profile:x]\ncache = none\n"))
                .containsExactly("WARNING nova.conf:7: the section [io_profile:x] is the same profile as [io_profile:X]"
                        + " (nova.conf:5): names are compared in small letters, and their settings are merged; write"
                        + " one section, or give one of them another name");
    }

    @Test
    void aProfileMayGoOnInALaterFile() throws IOException {
        Path first =
                Files.writeString(folder.resolve("1.conf"), "[DEFAULT]\nstate_path=/srv\n[io_profile:x]\nio=auto\n");
        Path second = Files.writeString(folder.resolve("2.conf"), "[io_profile:x]\ncache=none\nio=threads\n");
        LoadedConfig loaded = new ConfigLoader()
                .load(new ConfigSource(
                        List.of(new ConfigSource.Place.File(first), new ConfigSource.Place.File(second)),
                        java.util.Map.of()));
        assertThat(loaded.problems().all()).isEmpty();
        assertThat(loaded.snapshot().ioProfile("x").orElseThrow().get(IoProfileOptions.IO))
                .isEqualTo("threads");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[io_profile:]|ERROR nova.conf:5: the section [io_profile:] names no profile; write [io_profile:NAME]",
                "[io_profile: x]|WARNING nova.conf:5: the section [io_profile: x] has blanks around the profile's name, by which no flavor finds it; take the blanks out",
                "[io_profile]|WARNING nova.conf:5: the section [io_profile] is read by nobody; did you mean [io_profile:NAME]?",
                "[ioprofile:y]|WARNING nova.conf:5: the section [ioprofile:y] is read by nobody; did you mean [io_profile:y]?",
                "[io-profile:y]|WARNING nova.conf:5: the section [io-profile:y] is read by nobody; did you mean [io_profile:y]?"
            })
    void namesOfSectionsThatNoFlavorFinds(String head, String problem) throws IOException {
        assertThat(found("", head + "\nio = auto\n")).containsExactly(problem);
        assertThat(load("", "[io_profile:]\nio = auto\n").snapshot().ioProfiles())
                .isEmpty();
    }

    @Test
    void aKeyThatIsWrittenTwiceIsSaidWithBothLines() throws IOException {
        assertThat(found(
                        "disk_iothreads = 1\ndisk_iothreads = 2",
                        "[io_profile:x]\nio = auto\ncache=none\nio = threads\n"))
                .containsExactly(
                        "WARNING nova.conf:4: [libvirt]disk_iothreads is written again (nova.conf:5), and the last one"
                                + " counts; keep one of them",
                        "WARNING nova.conf:7: [io_profile:x]io is written again (nova.conf:9), and the last one counts;"
                                + " keep one of them");
        assertThat(found(
                        "",
                        "[nova_bridge]\nhost_huge_pages = node:0,size:2048,count:1\n"
                                + "host_huge_pages = node:1,size:2048,count:1\n"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disk_iothreads = many|write a number from 0 to 64, or auto",
                "disk_queues = 0|write a number from 1 to 1024, or auto",
                "disk_metadata_cache = 16|write a size, as 16M, or auto",
                "disk_iothread_cpus = x|write processors, as 2-5,^3"
            })
    void aHintReadsWell(String line, String hint) throws IOException {
        assertThat(found(line, "")).singleElement().asString().endsWith("; " + hint);
    }

    @Test
    void hugePagesShowEachItemThatIsWrong() throws IOException {
        assertThat(found(
                        "",
                        "[nova_bridge]\nhost_huge_pages = node:0,size:2047,count:1\n"
                                + "host_huge_pages = nod:0,size:2048,count:1\nhost_huge_pages = node:0,size:2048,count:1\n"
                                + "host_huge_pages = node:0, size:2048, count:7\n"))
                .extracting(problem -> problem.replaceFirst("^ERROR nova.conf:[0-9]+: ", ""))
                .containsExactlyInAnyOrder(
                        "[nova_bridge]host_huge_pages has the item 'node:0,size:2047,count:1', whose size is no size of a"
                                + " page; write 2048 or 1048576",
                        "[nova_bridge]host_huge_pages has the item 'nod:0,size:2048,count:1', which is not of this form;"
                                + " write node:<n>,size:<KiB>,count:<n>, as node:0,size:2048,count:512",
                        "[nova_bridge]host_huge_pages has the items 'node:0,size:2048,count:1' and 'node:0, size:2048,"
                                + " count:7', both for pages of 2048 KiB on node 0; keep one of them");
    }
}
