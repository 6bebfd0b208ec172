package org.novabridge.driver.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;

/**
 * Tuned domains: options, storage, buses and sets of disks against each other, each pair at least once. Every document
 * is valid for libvirt, every I/O thread is used, and every one that is named exists.
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
                    + "iotune = read_bytes_sec:5,read_bytes_sec_max:6,write_iops_sec:7");
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

    /** Counts of the four lists have no common factor where it matters: n = 0…119 meets each pair. */
    private static ParityCase at(int n) {
        String conf = "[DEFAULT]\ninstances_path = /srv\n[libvirt]\nvirt_type = kvm\n"
                + STORAGE.get(n % STORAGE.size()) + "\n"
                + OPTIONS.get(n / STORAGE.size() % OPTIONS.size()) + "\n";
        String bus = BUSES.get(n / 4 % BUSES.size());
        String spec = """
                {"instance": {"uuid": "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "name": "instance-0000002a",
                  "project_id": "p", "user_id": "u", "config_drive": "%s",
                  "flavor": {"name": "m", "vcpus": 4, "memory_mb": 64, "root_gb": 300,
                             "extra_specs": {%s}}},
                 "image_meta": {"id": "i", "disk_format": "qcow2", "properties": {%s}},
                 "block_device_info": %s}
                """.formatted(
                        n % 2 == 0 ? "True" : "",
                        conf.contains("io_profile:p") ? "\"bridge:io_profile\": \"p\"" : "",
                        bus,
                        DISKS.get(n % DISKS.size()));
        String facts = """
                {"arch": "x86_64", "direct_io": %s, "io_uring": true, "libvirt_version": 9000000,
                 "qemu_version": 7002022, "cpu_control": true, "rng_device": true, "kvm": true,
                 "rbd_monitors": [{"host": "192.0.2.21", "port": "6789"}]}
                """.formatted(n % 3 != 0);
        return new ParityCase("tuned-" + n, conf, spec, facts, null, null, null);
    }

    @Test
    void everyPairOfChoicesIsMet() {
        Set<String> pairs = new HashSet<>();
        for (int n = 0; n < 120; n++) {
            int option = n / STORAGE.size() % OPTIONS.size();
            pairs.add("storage " + n % STORAGE.size() + " option " + option);
            pairs.add("option " + option + " bus " + n / 4 % BUSES.size());
            pairs.add("storage " + n % STORAGE.size() + " bus " + n / 4 % BUSES.size());
            pairs.add("disks " + n % DISKS.size() + " bus " + n / 4 % BUSES.size());
        }
        assertThat(pairs).hasSize(5 * 8 + 8 * 6 + 5 * 6 + 4 * 6);
    }

    @Test
    void everyDocumentIsValidAndEveryThreadIsUsed() throws Exception {
        assumeTrue(DomainSchema.installed(), "libvirt's schema is not installed: " + DomainSchema.FILE);
        DomainSchema schema = new DomainSchema();
        List<String> wrong = new ArrayList<>();
        int threaded = 0;
        for (int n = 0; n < 120; n++) {
            ParityCase.Answer answer = at(n).answer(folder);
            String xml = String.valueOf(answer.xml());
            List<String> problems = answer.xml() == null ? List.of(answer.message()) : schema.check(xml);
            if (!problems.isEmpty()) {
                wrong.add("case " + n + ": " + problems);
                continue;
            }
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
        assertThat(threaded).isGreaterThan(30);
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
                ParityCase like = at(0);
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
        if (domain.scsiDriver() != null && domain.scsiDriver().ioThread() != null) {
            used.add(domain.scsiDriver().ioThread());
        }
        return used;
    }

    private static void groupsHaveOneThread(LiveDomain domain) {
        Set<List<Integer>> threads = new HashSet<>();
        for (LiveDisk disk : domain.disks()) {
            if (disk.ioTune().containsKey("group_name")) {
                boolean scsi = "scsi".equals(disk.bus()) && domain.scsiDriver() != null;
                threads.add(
                        scsi
                                ? Stream.ofNullable(domain.scsiDriver().ioThread())
                                        .toList()
                                : disk.tuning().ioThreads());
            }
        }
        assertThat(threads).hasSizeLessThanOrEqualTo(1);
    }
}
