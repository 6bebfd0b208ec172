package org.novabridge.driver.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.DiskFeature;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;

/**
 * Tuned domains: options, storage, buses, sets of disks and versions against each other, each pair at least once. Every
 * document is valid for its libvirt, every I/O thread is used, and every one that is named exists; what a version is too
 * old for is refused by name. For releases after the installed one {@link DomainSchema} says what its schema is worth.
 */
class TunedDomainTest {
    private static final List<String> STORAGE = List.of(
            "images_type = qcow2",
            "images_type = raw",
            "images_type = lvm\nimages_volume_group = vg",
            "images_type = lvm\nimages_volume_group = vg\nimages_lvm_type = thin",
            "images_type = rbd");
    private static final List<String> OPTIONS = List.of(
            "disk_iothreads = 1",
            "disk_iothreads = 3\ndisk_iothread_cpus = 2-5,^3",
            "disk_iothreads = auto\ndisk_queues = auto\ndisk_queue_size = 512",
            "disk_queues = 2\ndisk_io_modes = file=auto,block=auto,network=auto",
            "disk_io_modes = file=io_uring,block=io_uring\ndisk_serial = true\ndisk_rotation_rate = 1",
            "hw_disk_discard = unmap\ndisk_detect_zeroes = unmap\ndisk_metadata_cache = 16M\ndisk_error_policy = stop",
            "disk_iothreads = 4\n[io_profile:p]\niotune = total_iops_sec:500,total_iops_sec_max:900,"
                    + "total_iops_sec_max_length:60,size_iops_sec:4096\niotune_group = true",
            "[io_profile:p]\niothreads = 2\nqueues = auto\nqueue_size = 64\ndetect_zeroes = on\nserial = true\n"
                    + "iotune = read_bytes_sec:5,read_bytes_sec_max:6,write_iops_sec:7",
            "disk_iothreads = 4\ndisk_iothread_mapping = true\ndisk_queues = 2",
            "disk_discard_no_unref = true\nhw_disk_discard = unmap\ndisk_block_size = auto",
            "disk_block_size = 4096\n[io_profile:p]\niothreads = 3\niothread_mapping = true\nqueues = auto\n"
                    + "discard = unmap");
    /** libvirt and QEMU: the oldest that Nova starts with, what the tests run on, and those with which something came. */
    private static final List<List<Integer>> VERSIONS = List.of(
            List.of(7_000_000, 5_002_000),
            List.of(9_000_000, 7_002_022),
            List.of(9_005_000, 8_001_000),
            List.of(10_000_000, 9_000_000),
            List.of(11_002_000, 10_000_000));
    /** What only later releases take, and in which document it stands. */
    private static final Map<DiskFeature, Pattern> GATED = Map.of(
            DiskFeature.IOTHREAD_MAPPING, Pattern.compile("<disk (?:(?!</disk>).)*<iothreads>", Pattern.DOTALL),
            DiskFeature.SCSI_IOTHREAD_MAPPING,
                    Pattern.compile("<controller (?:(?!</controller>).)*<iothreads>", Pattern.DOTALL),
            DiskFeature.ROTATION_RATE, Pattern.compile(" rotation_rate="),
            DiskFeature.QUEUE_SIZE, Pattern.compile(" queue_size="),
            DiskFeature.DISCARD_NO_UNREF, Pattern.compile(" discard_no_unref="),
            DiskFeature.METADATA_CACHE, Pattern.compile("<metadata_cache>"));

    private static final int CASES = 330;
    private static final List<String> BUSES = List.of(
            "",
            "\"hw_disk_bus\": \"ide\"",
            "\"hw_disk_bus\": \"sata\", \"hw_machine_type\": \"q35\"",
            "\"hw_disk_bus\": \"usb\"",
            "\"hw_disk_bus\": \"scsi\"",
            "\"hw_disk_bus\": \"scsi\", \"hw_scsi_model\": \"virtio-scsi\"");
    private static final String VOLUME = "{\"mount_device\": \"%s\", \"boot_index\": null, \"connection_info\": {"
            + "\"driver_volume_type\": \"local\", \"serial\": \"d6ad0b2c-7d1c-4b35-9c2a-6a1d2f2c5a10\","
            + " \"data\": {\"device_path\": \"/dev/sdx\"}}}";
    private static final List<String> DISKS = List.of(
            "null",
            "{\"swap\": {\"swap_size\": 64}}",
            "{\"ephemerals\": [{\"size\": 1}], \"swap\": {\"swap_size\": 64, \"disk_bus\": \"virtio\"}}",
            "{\"block_device_mapping\": [" + VOLUME.formatted("/dev/vdx") + "]}");

    @TempDir
    Path folder;

    /** Which of the five lists a case takes: storage, option, bus, disks, version. */
    private static List<Integer> choices(int n) {
        return List.of(
                n % STORAGE.size(),
                n % OPTIONS.size(),
                n % BUSES.size(),
                n / BUSES.size() % DISKS.size(),
                n / (STORAGE.size() * OPTIONS.size()) % VERSIONS.size());
    }

    private static List<Integer> versions(int n) {
        return VERSIONS.get(choices(n).get(4));
    }

    private static ParityCase at(int n) {
        String conf = "[DEFAULT]\ninstances_path = /srv\n[libvirt]\nvirt_type = kvm\n"
                + STORAGE.get(choices(n).get(0)) + "\n"
                + OPTIONS.get(choices(n).get(1)) + "\n";
        String bus = BUSES.get(choices(n).get(2));
        String spec = """
                {"instance": {"uuid": "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "name": "instance-0000002a",
                  "project_id": "p", "user_id": "u", "config_drive": "%s",
                  "flavor": {"name": "m", "vcpus": 4, "memory_mb": 64, "root_gb": 300,
                             "extra_specs": {%s}}},
                 "image_meta": {"id": "i", "disk_format": "qcow2", "properties": {%s}},
                 "block_device_info": %s}
                """.formatted(
                        n / 7 % 2 == 0 ? "True" : "",
                        conf.contains("io_profile:p") ? "\"bridge:io_profile\": \"p\"" : "",
                        bus,
                        DISKS.get(choices(n).get(3)));
        String facts = """
                {"arch": "x86_64", "direct_io": %s, "io_uring": true, "libvirt_version": %d,
                 "qemu_version": %d, "cpu_control": true, "rng_device": true, "kvm": true,
                 "rbd_monitors": [{"host": "192.0.2.21", "port": "6789"}]}
                """.formatted(n % 7 != 0, versions(n).get(0), versions(n).get(1));
        return new ParityCase("tuned-" + n, conf, spec, facts, null, null, null);
    }

    @Test
    void everyPairOfChoicesIsMet() {
        List<Integer> sizes = List.of(STORAGE.size(), OPTIONS.size(), BUSES.size(), DISKS.size(), VERSIONS.size());
        for (int one = 0; one < sizes.size(); one++) {
            for (int other = one + 1; other < sizes.size(); other++) {
                Set<List<Integer>> pairs = new HashSet<>();
                for (int n = 0; n < CASES; n++) {
                    pairs.add(List.of(choices(n).get(one), choices(n).get(other)));
                }
                assertThat(pairs).as("lists " + one + " and " + other).hasSize(sizes.get(one) * sizes.get(other));
            }
        }
    }

    /** A document has nothing that its libvirt or QEMU is too old for; a refusal names what that is, and nothing else is refused. */
    @Test
    void everyDocumentIsValidAndEveryThreadIsUsed() throws Exception {
        assumeTrue(DomainSchema.installed(), "libvirt's schema is not installed: " + DomainSchema.FILE);
        Map<Integer, DomainSchema> schemas = new HashMap<>();
        for (List<Integer> version : VERSIONS) {
            schemas.put(version.get(0), DomainSchema.of(folder, version.get(0)));
        }
        List<String> wrong = new ArrayList<>();
        Set<DiskFeature> seen = EnumSet.noneOf(DiskFeature.class);
        int refused = 0;
        int threaded = 0;
        for (int n = 0; n < CASES; n++) {
            ParityCase.Answer answer = at(n).answer(folder);
            if (answer.xml() == null) {
                refused++;
                String message = answer.message();
                int libvirt = versions(n).get(0);
                int qemu = versions(n).get(1);
                boolean named = answer.refusal() == ErrorCode.INVALID_CONFIGURATION_RETRY
                        && tooNew(libvirt, qemu)
                                .anyMatch(feature -> message.contains("needs libvirt " + text(feature.libvirt())
                                                + ", and this host has " + text(libvirt))
                                        || message.contains("needs QEMU " + text(feature.qemu())
                                                + ", and this host has " + text(qemu)));
                if (!named) {
                    wrong.add("case " + n + " with libvirt " + libvirt + ": " + message);
                }
                continue;
            }
            String xml = answer.xml();
            List<String> problems = schemas.get(versions(n).get(0)).check(xml);
            if (!problems.isEmpty()) {
                wrong.add("case " + n + ": " + problems);
                continue;
            }
            assertThat(tooNew(versions(n).get(0), versions(n).get(1)))
                    .as("what case " + n + " has and its host is too old for")
                    .noneMatch(feature -> has(xml, feature));
            GATED.keySet().stream().filter(feature -> has(xml, feature)).forEach(seen::add);
            LiveDomain domain = DomainXml.read(xml);
            int count = domain.ioThreads().count();
            threaded += count > 0 ? 1 : 0;
            assertThat(used(domain))
                    .as("threads of case " + n)
                    .isEqualTo(new HashSet<>(
                            IntStream.rangeClosed(1, count).boxed().toList()));
            assertThat(xml.split("<iothreadpin ", -1))
                    .as("pins of case " + n)
                    .hasSize(1 + (at(n).conf().contains("disk_iothread_cpus") ? count : 0));
            assertThat(domain.disks())
                    .as("threads outside of virtio-blk in case " + n)
                    .noneMatch(disk -> !disk.tuning().ioThreads().isEmpty() && !"virtio".equals(disk.bus()));
            groupsHaveOneThread(domain);
        }
        assertThat(wrong).isEmpty();
        assertThat(seen).as("features that some document has").isEqualTo(GATED.keySet());
        assertThat(refused).isBetween(10, CASES / 4);
        assertThat(threaded).isGreaterThan(100);
    }

    private static Stream<DiskFeature> tooNew(int libvirt, int qemu) {
        return GATED.keySet().stream().filter(feature -> feature.libvirt() > libvirt || feature.qemu() > qemu);
    }

    private static boolean has(String xml, DiskFeature feature) {
        return GATED.getOrDefault(feature, Pattern.compile("(?!)")).matcher(xml).find();
    }

    private static String text(int version) {
        return version / 1_000_000 + "." + version / 1_000 % 1_000 + "." + version % 1_000;
    }

    /** etc/io-profiles.conf is read without a word of warning, and each of its profiles gives a valid domain. */
    @Test
    void everyShippedProfileIsReadAndGivesAValidDomain() throws Exception {
        assumeTrue(DomainSchema.installed(), "libvirt's schema is not installed: " + DomainSchema.FILE);
        String shipped = Files.readString(Path.of("../etc/io-profiles.conf"));
        Path file = Files.writeString(folder.resolve("profiles.conf"), "[DEFAULT]\nstate_path = /srv\n" + shipped);
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(file));
        assertThat(loaded.problems().all()).isEmpty();
        assertThat(loaded.snapshot().ioProfiles())
                .containsOnlyKeys("services", "database", "sequential", "throwaway", "background");
        for (String profile : loaded.snapshot().ioProfiles().keySet()) {
            for (String storage : STORAGE) {
                ParityCase like = at(60);
                ParityCase asked = new ParityCase(
                        profile + " on " + storage,
                        "[DEFAULT]\ninstances_path = /srv\n[libvirt]\n" + storage + "\n" + shipped,
                        like.spec()
                                .replace(
                                        "\"extra_specs\": {",
                                        "\"extra_specs\": {\"bridge:io_profile\": \"" + profile + "\""),
                        like.hostFacts(),
                        null,
                        null,
                        null);
                ParityCase.Answer answer = asked.answer(folder);
                if (answer.xml() == null) {
                    assertThat(asked.name()).startsWith("throwaway").contains("thin");
                    assertThat(answer.message()).contains("loses acknowledged writes");
                } else {
                    assertThat(new DomainSchema().check(answer.xml()))
                            .as(asked.name())
                            .isEmpty();
                }
            }
        }
    }

    private static Set<Integer> used(LiveDomain domain) {
        Set<Integer> used = new HashSet<>();
        domain.disks().forEach(disk -> used.addAll(disk.tuning().ioThreads()));
        if (domain.scsiDriver() != null) {
            used.addAll(domain.scsiDriver().ioThreads());
        }
        return used;
    }

    private static void groupsHaveOneThread(LiveDomain domain) {
        Set<List<Integer>> threads = new HashSet<>();
        for (LiveDisk disk : domain.disks()) {
            if (disk.ioTune().containsKey("group_name")) {
                boolean scsi = "scsi".equals(disk.bus()) && domain.scsiDriver() != null;
                threads.add(
                        scsi ? domain.scsiDriver().ioThreads() : disk.tuning().ioThreads());
            }
        }
        assertThat(threads).hasSizeLessThanOrEqualTo(1);
    }
}
