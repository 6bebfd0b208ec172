package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    private LoadedConfig load(String text) throws IOException {
        return load(text, Map.of());
    }

    private LoadedConfig load(String text, Map<String, String> environment) throws IOException {
        Path file = folder.resolve("nova.conf");
        Files.writeString(file, text);
        return new ConfigLoader().load(new ConfigSource(List.of(new ConfigSource.Place.File(file)), environment));
    }

    private List<String> lines(List<Problem> problems) {
        return problems.stream()
                .map(Problem::oneLine)
                .map(line -> line.replace(folder + "/", ""))
                .toList();
    }

    @Test
    void valueWithFileAndLine() throws IOException {
        LoadedConfig loaded = load(
                "[DEFAULT]\nstate_path = /srv/nova\n\n[libvirt]\nimages_type = lvm\n" + "images_volume_group = vg0\n");
        assertThat(loaded.problems().all()).isEmpty();
        Resolved<String> type = loaded.snapshot().resolve(LibvirtOptions.IMAGES_TYPE);
        assertThat(type.value()).isEqualTo("lvm");
        assertThat(type.origin())
                .isEqualTo(new Origin.FileLine(folder.resolve("nova.conf").toString(), 5));
        assertThat(loaded.snapshot().get(DefaultOptions.INSTANCES_PATH)).isEqualTo("/srv/nova/instances");
    }

    /** As a guide writes it, and as oslo.config strips it. */
    @Test
    void aListMayHaveSpacesAfterItsCommas() throws IOException {
        LoadedConfig loaded =
                load("[DEFAULT]\nstate_path = /srv/nova\n[libvirt]\ndisk_cachemodes = file=default, block=none\n");
        assertThat(loaded.problems().all()).isEmpty();
        assertThat(loaded.snapshot().get(LibvirtOptions.DISK_CACHEMODES)).containsExactly("file=default", "block=none");
    }

    @Test
    void environmentBeatsFiles() throws IOException {
        LoadedConfig loaded = load(
                "[DEFAULT]\nstate_path = /srv/nova\n[libvirt]\nvirt_type = kvm\n",
                Map.of("OS_LIBVIRT__VIRT_TYPE", "qemu"));
        Resolved<String> type = loaded.snapshot().resolve(LibvirtOptions.VIRT_TYPE);
        assertThat(type.value()).isEqualTo("qemu");
        assertThat(type.origin().describe()).isEqualTo("environment OS_LIBVIRT__VIRT_TYPE");
    }

    @Test
    void allProblemsAtOnceSortedByLine() throws IOException {
        LoadedConfig loaded = load("""
                [DEFAULT]
                state_path = /srv/nova
                reboot_timout = 5
                [libvirt]
                images_type = qcow3
                disk_cachemodes = file=writebak,block=none
                volume_clear_size = -1
                images_volume_groop = x
                """);
        assertThat(lines(loaded.problems().all()))
                .containsExactly(
                        "nova.conf:3: [DEFAULT]reboot_timout is no option of Nova or of the bridge;"
                                + " did you mean reboot_timeout?",
                        "nova.conf:5: [libvirt]images_type = 'qcow3' is not one of raw, flat, qcow2, lvm, rbd, ploop,"
                                + " default; did you mean qcow2?",
                        "nova.conf:6: [libvirt]disk_cachemodes has the invalid cache mode 'writebak' for 'file'; the"
                                + " item is skipped, as in Nova; did you mean writeback?",
                        "nova.conf:7: [libvirt]volume_clear_size = '-1' is less than 0; write an integer, 0 or more",
                        "nova.conf:8: [libvirt]images_volume_groop is no option of Nova or of the bridge; did you mean"
                                + " images_volume_group?");
    }

    @Test
    void nativeBesideACacheModeThatIsNotDirectNamesBothLines() throws IOException {
        LoadedConfig loaded =
                load("[DEFAULT]\nstate_path=/srv\n[libvirt]\ndisk_cachemodes = file=writeback,block=none\n"
                        + "disk_io_modes = file=native,block=native\n");
        assertThat(loaded.problems().errors()).hasSize(1);
        assertThat(lines(loaded.problems().errors()).get(0))
                .startsWith("nova.conf:5: [libvirt]disk_io_modes asks for file=native")
                .contains("[libvirt]disk_cachemodes (nova.conf:4) sets file=writeback")
                .contains("file=none");
    }

    /** A full pool loses what the page cache has acknowledged. */
    @Test
    void aCachedModeOnThinVolumesNamesBothLines() throws IOException {
        String thin = "[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lvm\nimages_volume_group=nova\n"
                + "images_lvm_type=thin\ndisk_cachemodes = block=writeback\n";
        assertThat(lines(load(thin).problems().errors()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:7: [libvirt]disk_cachemodes sets block=writeback")
                .contains("[libvirt]images_lvm_type (nova.conf:6) is thin")
                .contains("images_lvm_allow_cached_thin");
        assertThat(load(thin + "images_lvm_allow_cached_thin = true\n")
                        .problems()
                        .errors())
                .isEmpty();
    }

    @Test
    void aPromiseBeyondAPoolThatNeverGrowsIsWarnedOf() throws IOException {
        String thin = "[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lvm\nimages_volume_group=nova\n"
                + "images_lvm_type=thin\nimages_lvm_max_over_subscription_ratio = 2.0\n"
                + "images_lvm_autoextend_percent = 30\n";
        assertThat(lines(load(thin).problems().all()))
                .hasSize(2)
                .anyMatch(line ->
                        line.startsWith("nova.conf:7: [libvirt]images_lvm_max_over_subscription_ratio promises guests"))
                .anyMatch(line -> line.startsWith("nova.conf:8: [libvirt]images_lvm_autoextend_percent has no effect"));
        assertThat(load(thin + "images_lvm_autoextend_threshold = 70\n")
                        .problems()
                        .all())
                .isEmpty();
    }

    @Test
    void combinationsThatNovaRefuses() throws IOException {
        assertThat(lines(load("[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lvm\n")
                        .problems()
                        .errors()))
                .singleElement()
                .asString()
                .contains("[libvirt]images_volume_group, which is not set");
        assertThat(lines(load("[DEFAULT]\nstate_path=/srv\nforce_raw_images=no\n[libvirt]\nimages_type=rbd\n")
                        .problems()
                        .errors()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:3: [DEFAULT]force_raw_images = false cannot go with [libvirt]images_type = rbd");
        assertThat(lines(load("[DEFAULT]\nstate_path=/srv\n[libvirt]\ncpu_mode=custom\n")
                        .problems()
                        .errors()))
                .singleElement()
                .asString()
                .contains("needs [libvirt]cpu_models");
        assertThat(lines(load("[DEFAULT]\nstate_path=/srv\n[compute]\nmax_disk_devices_to_attach=0\n")
                        .problems()
                        .errors()))
                .hasSize(1);
    }

    @Test
    void encryptionIsForLogicalVolumesAlone() throws IOException {
        String lvm = "[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lvm\nimages_volume_group=v\n"
                + "[ephemeral_storage_encryption]\nenabled = true\n";
        assertThat(load(lvm).problems().errors()).isEmpty();
        assertThat(lines(load(lvm + "key_size = 500\n").problems().errors()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:8: [ephemeral_storage_encryption]key_size = 500 is no whole number of bytes");
        assertThat(lines(load("[DEFAULT]\nstate_path=/srv\n[ephemeral_storage_encryption]\nenabled = true\n")
                        .problems()
                        .errors()))
                .singleElement()
                .asString()
                .contains("works with [libvirt]images_type = lvm only, and images_type is default (default)");
    }

    @Test
    void circleOfReferencesNamesTheChain() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path = $instances_path/x\ninstances_path = $state_path/y\n");
        assertThat(lines(loaded.problems().errors()))
                .anyMatch(
                        line -> line.contains("[DEFAULT]state_path -> [DEFAULT]instances_path -> [DEFAULT]state_path"));
    }

    @Test
    void unknownReferenceIsAnErrorAsInOslo() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path = $nowhere/x\n");
        assertThat(lines(loaded.problems().errors()))
                .containsExactly("nova.conf:2: [DEFAULT]state_path $nowhere names no option that is known here;"
                        + " write $$ for a dollar itself");
    }

    @Test
    void valuesOfOptionsWeDoNotDeclareAreNowhere() throws IOException {
        String password = "s3cr3tPassw0rd";
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\ntransport_url = rabbit://nova:" + password + "@h\n"
                + "  " + password + "\n" + password + "\nunknown_thing = " + password + "\nx " + password + " = 1\n"
                + "[database]\nconnection = mysql://nova:" + password + "@h\n"
                + "[libvirt\nrbd_user = " + password + "\n[libvirt]\n   " + password + "\n= " + password + "\n");
        assertThat(loaded.problems().errors()).isNotEmpty();
        assertThat(loaded.problems().toString()).doesNotContain(password).contains("unknown_thing");
        for (Option<?> option : OptionRegistry.all()) {
            assertThat(String.valueOf(loaded.snapshot().resolve(option))).doesNotContain(password);
        }
    }

    @Test
    void aLineIndentedByMistakeIsNotQuoted() throws IOException {
        String password = "s3cr3tPassw0rd";
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type = lvm\n"
                + "  connection = mysql://nova:" + password + "@h\ndisk_cachemodes = file=none\n"
                + "  connection = mysql://nova:" + password + "@h\nvolume_clear_size = 1\n   " + password + "\n");
        assertThat(lines(loaded.problems().errors()))
                .contains(
                        "nova.conf:4: [libvirt]images_type = 'lvm' and an indented line after it is not one of raw, flat,"
                                + " qcow2, lvm, rbd, ploop, default; write one of raw, flat, qcow2, lvm, rbd, ploop, default");
        assertThat(loaded.problems().toString()).doesNotContain(password);
    }

    @Test
    void knownNovaNamesAreNoUnknowns() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\ntransport_url=x\ndebug=true\nlog_dir=/var/log/nova\n"
                + "[libvirt]\nlive_migration_downtime=500\nceph_mount_options=x\n[neutron]\nwhatever=1\n");
        assertThat(loaded.problems().all()).isEmpty();
    }

    @Test
    void declaredButNotActedOnIsSaidByName() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\n[workarounds]\ndisable_deep_image_inspection = true\n");
        assertThat(lines(loaded.problems().notes()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:4: [workarounds]disable_deep_image_inspection is read, but not acted on: ");
    }

    @Test
    void whatNovaComputeActsOnIsNoNote() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\ncompute_driver=bridge.BridgeDriver\nreboot_timeout=60\n"
                + "vif_plugging_timeout=10\n");
        assertThat(loaded.problems().all()).isEmpty();
    }

    @Test
    void misspeltSection() throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\n[libvrit]\nvirt_type=qemu\n[default]\n");
        assertThat(lines(loaded.problems().warnings()))
                .containsExactly(
                        "nova.conf:3: the section [libvrit] is read by nobody; did you mean [libvirt]?",
                        "nova.conf:5: the section [default] is another one than [DEFAULT]; write [DEFAULT]");
    }

    @Test
    void ioProfiles() throws IOException {
        LoadedConfig loaded = load(
                "[DEFAULT]\nstate_path=/srv\n[io_profile:fast]\ncache = none\nio = native\n"
                        + "iotune = total_iops_sec:500,read_bytes_sec:1000\n[io_profile:odd]\nio=native\ncache=writeback\niotun=x\n");
        assertThat(loaded.snapshot().ioProfiles()).containsOnlyKeys("fast", "odd");
        assertThat(loaded.snapshot().ioProfile("fast").orElseThrow().get(IoProfileOptions.IOTUNE))
                .containsEntry("total_iops_sec", "500");
        assertThat(lines(loaded.problems().errors()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:8: [io_profile:odd]io asks for native, but [io_profile:odd]cache");
        assertThat(lines(loaded.problems().warnings()))
                .containsExactly("nova.conf:10: [io_profile:odd]iotun is no option of Nova or of the bridge;"
                        + " did you mean iotune?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iops:5|has no limit of the name iops; there are read_bytes_sec,",
                "total_iops_sec:many|wants a whole number from 0 to 1000000000000000 for total_iops_sec, and has 'many'",
                "total_iops_sec:5,read_iops_sec_max:9|has total_iops_sec beside read_iops_sec_max, which QEMU refuses",
                "total_iops_sec_max:9|has total_iops_sec_max without total_iops_sec"
            })
    void limitsThatQemuWouldRefuse(String limits, String fault) throws IOException {
        LoadedConfig loaded = load("[DEFAULT]\nstate_path=/srv\n[io_profile:fast]\niotune = " + limits + "\n");
        assertThat(lines(loaded.problems().errors()))
                .singleElement()
                .asString()
                .startsWith("nova.conf:4: [io_profile:fast]iotune " + fault);
    }

    @Test
    void filesThatAreNone() throws IOException {
        Path binary =
                Files.write(folder.resolve("binary"), new byte[] {'a', '=', 1, '\n', (byte) 0xff, (byte) 0xfe, 0});
        Path nul = Files.writeString(folder.resolve("nul"), "[DEFAULT]\n\0\0\0\n", StandardCharsets.UTF_8);
        LoadedConfig loaded = new ConfigLoader()
                .load(new ConfigSource(
                        List.of(
                                new ConfigSource.Place.File(binary),
                                new ConfigSource.Place.File(nul),
                                new ConfigSource.Place.File(folder.resolve("missing")),
                                new ConfigSource.Place.File(folder),
                                new ConfigSource.Place.Dir(folder.resolve("nodir")),
                                new ConfigSource.Place.Dir(binary)),
                        Map.of()));
        assertThat(loaded.problems().errors())
                .extracting(problem -> Path.of(problem.place()).getFileName() + " " + problem.sentence())
                .contains(
                        "binary:2 the line is not UTF-8 text",
                        "nul:2 the line holds a NUL character: this is no text file",
                        "missing does not exist",
                        folder.getFileName() + " is a folder",
                        "nodir does not exist",
                        "binary is no folder");
    }

    @Test
    void hundredMegabytesAreNotRead() throws IOException {
        Path large = folder.resolve("large.conf");
        try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(100L * 1024 * 1024);
        }
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(large));
        assertThat(loaded.problems().errors())
                .singleElement()
                .extracting(Problem::sentence)
                .isEqualTo("is larger than 8 MiB: this is no configuration file");
    }

    @Test
    void syntaxFaultsAllAtOnce() throws IOException {
        LoadedConfig loaded = load(
                "images_type = lvm\n[libvirt\nx = 1\n[]\n[DEFAULT]\nstate_path=/srv\n\n  blank first\nno sign\n= v\n");
        assertThat(lines(loaded.problems().errors()))
                .containsExactly(
                        "nova.conf:1: the line sets images_type before any section; put [DEFAULT] or another section"
                                + " above it",
                        "nova.conf:2: the line opens a section without a ] at its end; write [name] alone on the line",
                        "nova.conf:4: the line is a section without a name; write [name]",
                        "nova.conf:8: the line starts with a blank, which continues the value of the line above, but"
                                + " there is none; remove the blanks at the beginning of the line",
                        "nova.conf:9: the line has neither = nor :; write key = value, or # before a comment",
                        "nova.conf:10: the line has no key before the =; write key = value");
    }

    @Test
    void unreadableFile() throws IOException {
        Path file = Files.writeString(folder.resolve("private.conf"), "[DEFAULT]\n");
        Files.setPosixFilePermissions(file, java.util.Set.of());
        org.junit.jupiter.api.Assumptions.assumeFalse(Files.isReadable(file), "root may read everything");
        assertThat(new ConfigLoader().load(ConfigSource.ofFile(file)).problems().errors())
                .singleElement()
                .extracting(Problem::sentence)
                .isEqualTo("may not be read by this user");
    }

    @Test
    void fileWhoseReadingFails() {
        Path memory = Path.of("/proc/self/mem"); // opens, but offset 0 gives an input/output error
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(memory), "no /proc");
        assertThat(new ConfigLoader()
                        .load(ConfigSource.ofFile(memory))
                        .problems()
                        .errors())
                .singleElement()
                .extracting(Problem::sentence)
                .isEqualTo("cannot be read");
    }
}
