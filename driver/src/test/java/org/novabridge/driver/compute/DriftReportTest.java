package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.xml.DomainXml;

/** A guest made with one configuration, looked at with another: what differs, and what that needs. */
class DriftReportTest {
    private static final HostFacts FACTS = HostFacts.builder()
            .put(HostFact.ARCH, "x86_64")
            .put(HostFact.DIRECT_IO, true)
            .put(HostFact.KVM, true)
            .put(HostFact.RNG_DEVICE, true)
            .put(HostFact.LIBVIRT_VERSION, 9_000_000)
            .put(HostFact.QEMU_VERSION, 7_002_022)
            .build();
    private static final String SPEC = """
            {"instance": {"uuid": "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "name": "instance-0000002a",
              "project_id": "p", "user_id": "u",
              "flavor": {"name": "m", "vcpus": 4, "memory_mb": 64, "root_gb": 1,
                         "extra_specs": {"bridge:io_profile": "p"}}},
             "image_meta": {"id": "i", "disk_format": "qcow2", "properties": {"hw_scsi_model": "virtio-scsi"}},
             "block_device_info": {"swap": {"swap_size": 64, "disk_bus": "scsi"}, "block_device_mapping": [
              {"mount_device": "/dev/vdb", "boot_index": null, "connection_info": {"driver_volume_type": "local",
               "serial": "v-1", "data": {"device_path": "/dev/sdx", "qos_specs": {"total_iops_sec": "7"}}}}]}}
            """;

    @TempDir
    Path folder;

    private ConfigSnapshot config(String libvirt, String profile) throws IOException {
        Path file = Files.writeString(
                folder.resolve("nova.conf"),
                "[DEFAULT]\ninstances_path = /srv\n[libvirt]\nvirt_type = qemu\n" + lines(libvirt) + "[io_profile:p]\n"
                        + lines(profile));
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(file));
        assertThat(loaded.problems().errors()).isEmpty();
        return loaded.snapshot();
    }

    private static String lines(String words) {
        return words.isEmpty() ? "" : words.replace(' ', '\n') + "\n";
    }

    /** {@code vda iotune.total_iops_sec: 5 -> 6 live} for each difference. */
    private List<String> drift(ConfigSnapshot before, ConfigSnapshot today) {
        InstanceSpec spec = InstanceSpecReader.read(SPEC.getBytes(StandardCharsets.UTF_8));
        String document = DomainXml.write(
                new DomainPolicy(Clock.systemUTC()).plan(before, spec, FACTS).definition());
        return DriftReport.of(DomainXml.read(document), DiskPolicy.plan(today, spec, FACTS)).stream()
                .map(one -> one.disk() + " " + one.attribute() + ": " + one.running() + " -> " + one.configured() + " "
                        + one.needs().word())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|''|''|''|''",
                "''|iotune=total_iops_sec:5|''|iotune=total_iops_sec:6|vda iotune.total_iops_sec: 5 -> 6 live; sda iotune.total_iops_sec: 5 -> 6 live",
                "''|iotune=total_iops_sec:5|''|''|vda iotune.total_iops_sec: 5 -> null live; sda iotune.total_iops_sec: 5 -> null live",
                "''|''|''|iotune=total_iops_sec:0|''",
                "''|iotune=total_iops_sec:5|''|iotune=total_iops_sec:5 iotune_group=true|vda iotune.group_name: null -> disks hard-reboot; sda iotune.group_name: null -> disks hard-reboot",
                "''|iotune=total_iops_sec:5 iotune_group=true|''|iotune=total_iops_sec:6|vda iotune.total_iops_sec: 5 -> 6 hard-reboot; vda iotune.group_name: disks -> null hard-reboot; sda iotune.total_iops_sec: 5 -> 6 hard-reboot; sda iotune.group_name: disks -> null hard-reboot",
                "''|iotune=total_iops_sec:5|''|iotune=total_iops_sec:6 iotune_group=true|vda iotune.total_iops_sec: 5 -> 6 hard-reboot; vda iotune.group_name: null -> disks hard-reboot; sda iotune.total_iops_sec: 5 -> 6 hard-reboot; sda iotune.group_name: null -> disks hard-reboot",
                "''|iotune=total_iops_sec:5 iotune_group=true|''|iotune=total_iops_sec:6 iotune_group=true|vda iotune.total_iops_sec: 5 -> 6 live; sda iotune.total_iops_sec: 5 -> 6 live",
                "disk_iothreads=3 disk_iothread_cpus=1|''|disk_iothreads=3 disk_iothread_cpus=0-1|''|vda iothread_cpus: 1 -> 0-1 live; sda iothread_cpus: 1 -> 0-1 live; vdb iothread_cpus: 1 -> 0-1 live",
                "disk_iothreads=3 disk_iothread_cpus=1|''|disk_iothreads=3|''|vda iothread_cpus: 1 -> null hard-reboot; sda iothread_cpus: 1 -> null hard-reboot; vdb iothread_cpus: 1 -> null replug",
                "''|''|''|iothreads=2|vda iothread: null -> 1 hard-reboot; sda iothread: null -> 2 hard-reboot; vdb iothread: null -> 1 replug; guest iothreads: 0 -> 1 live",
                "''|''|disk_iothread_cpus=0|iothreads=1|vda iothread: null -> 1 hard-reboot; vda iothread_cpus: null -> 0 hard-reboot; sda iothread: null -> 1 hard-reboot; sda iothread_cpus: null -> 0 hard-reboot; vdb iothread: null -> 1 replug; vdb iothread_cpus: null -> 0 replug; guest iothreads: 0 -> 1 live",
                "disk_iothreads=1|''|disk_iothreads=3|''|sda iothread: 1 -> 2 hard-reboot; vdb iothread: 1 -> 3 replug; guest iothreads: 1 -> 3 live",
                "disk_iothreads=3|''|disk_iothreads=1|''|sda iothread: 2 -> 1 hard-reboot; vdb iothread: 3 -> 1 replug",
                "''|queues=2|''|queues=4|vda queues: 2 -> 4 hard-reboot; sda queues: 2 -> 4 hard-reboot",
                "''|''|disk_cachemodes=block=writeback|''|vdb cache: none -> writeback replug",
                "disk_queue_size=64|detect_zeroes=on|''|error_policy=stop|vda queue_size: 64 -> null hard-reboot; vda detect_zeroes: on -> null hard-reboot; vda error_policy: null -> stop hard-reboot; sda detect_zeroes: on -> null hard-reboot; sda error_policy: null -> stop hard-reboot; vdb queue_size: 64 -> null replug",
            })
    void eachDifferenceIsNamedWithWhatItNeeds(
            String libvirtBefore, String profileBefore, String libvirt, String profile, String expected)
            throws IOException {
        assertThat(String.join("; ", drift(config(libvirtBefore, profileBefore), config(libvirt, profile))))
                .isEqualTo(expected);
    }

    /** The volume is the root disk: the guest cannot be without it. */
    @Test
    void aVolumeThatTheGuestLivesOnNeedsAReboot() throws IOException {
        InstanceSpec spec = InstanceSpecReader.read(SPEC.replace("\"boot_index\": null", "\"boot_index\": 0")
                .replace("vdb", "vda")
                .replace("\"root_gb\": 1", "\"root_gb\": 0")
                .getBytes(StandardCharsets.UTF_8));
        String document = DomainXml.write(new DomainPolicy(Clock.systemUTC())
                .plan(config("", ""), spec, FACTS)
                .definition());
        assertThat(DriftReport.of(
                        DomainXml.read(document),
                        DiskPolicy.plan(config("disk_cachemodes=block=writeback disk_iothreads=1", ""), spec, FACTS)))
                .extracting(one ->
                        one.disk() + " " + one.attribute() + " " + one.needs().word())
                .contains("vda cache hard-reboot", "vda iothread hard-reboot")
                .noneMatch(one -> one.contains("replug") || one.contains("live"));
    }

    @Test
    void aDiskOfSeveralThreadsIsWrittenAndReadBack() throws IOException {
        String mapped = "disk_iothreads=2 disk_iothread_mapping=true disk_queues=auto disk_iothread_cpus=0";
        ConfigSnapshot config = config(mapped, "");
        HostFacts newer = FACTS.toBuilder()
                .put(HostFact.LIBVIRT_VERSION, 10_000_000)
                .put(HostFact.QEMU_VERSION, 9_000_000)
                .build();
        InstanceSpec spec = InstanceSpecReader.read(SPEC.getBytes(StandardCharsets.UTF_8));
        String document = DomainXml.write(
                new DomainPolicy(Clock.systemUTC()).plan(config, spec, newer).definition());
        assertThat(document.replaceAll(">\\s+<", "><"))
                .contains("<iothreads>2</iothreads>")
                .contains("<iothreads><iothread id=\"1\"/><iothread id=\"2\"/></iothreads></driver>")
                .contains("<iothreadpin iothread=\"2\" cpuset=\"0\"/>");
        assertThat(DriftReport.of(DomainXml.read(document), DiskPolicy.plan(config, spec, newer)))
                .isEmpty();
        assertThat(DriftReport.of(
                        DomainXml.read(document),
                        DiskPolicy.plan(
                                config("disk_iothreads=2 disk_queues=auto disk_iothread_cpus=0", ""), spec, newer)))
                .extracting(one -> one.disk() + " " + one.attribute() + " " + one.running() + " " + one.configured())
                .contains("vda iothread 1,2 1");
    }

    @Test
    void aControllerOfSeveralThreadsIsWrittenAndReadBack() throws IOException {
        ConfigSnapshot config = config("disk_iothreads=4 disk_iothread_mapping=true disk_queues=2", "");
        HostFacts older = FACTS.toBuilder()
                .put(HostFact.LIBVIRT_VERSION, 11_001_000)
                .put(HostFact.QEMU_VERSION, 10_000_000)
                .build();
        HostFacts newer =
                older.toBuilder().put(HostFact.LIBVIRT_VERSION, 11_002_000).build();
        InstanceSpec spec = InstanceSpecReader.read(SPEC.getBytes(StandardCharsets.UTF_8));
        String document = DomainXml.write(
                new DomainPolicy(Clock.systemUTC()).plan(config, spec, newer).definition());
        // Threads 1 and 2 are vda's; sda and its controller come next, then vdb begins anew.
        assertThat(document.replaceAll(">\\s+<", "><"))
                .contains("<iothreads>4</iothreads>")
                .contains("<controller type=\"scsi\" index=\"0\" model=\"virtio-scsi\"><driver queues=\"2\"><iothreads>"
                        + "<iothread id=\"3\"/><iothread id=\"4\"/></iothreads></driver></controller>");
        assertThat(DriftReport.of(DomainXml.read(document), DiskPolicy.plan(config, spec, newer)))
                .isEmpty();
        assertThat(DriftReport.of(DomainXml.read(document), DiskPolicy.plan(config, spec, older)))
                .extracting(one -> one.disk() + " " + one.attribute() + " " + one.running() + " " + one.configured()
                        + " " + one.needs().word())
                .contains("sda iothread 3,4 3 hard-reboot")
                .noneMatch(one -> one.startsWith("vda"));
        String before = DomainXml.write(
                new DomainPolicy(Clock.systemUTC()).plan(config, spec, older).definition());
        assertThat(DriftReport.of(DomainXml.read(before), DiskPolicy.plan(config, spec, newer)))
                .extracting(one -> one.disk() + " " + one.attribute() + " " + one.running() + " " + one.configured()
                        + " " + one.needs().word())
                .contains("sda iothread 3 3,4 hard-reboot");
    }

    @Test
    void aTunedGuestIsAsItIsConfigured() throws IOException {
        ConfigSnapshot tuned = config(
                "disk_iothreads=3 disk_iothread_cpus=0-1 disk_queues=auto disk_queue_size=512 hw_disk_discard=unmap"
                        + " disk_detect_zeroes=unmap disk_metadata_cache=16M disk_error_policy=stop disk_serial=true"
                        + " disk_rotation_rate=1",
                "iotune=total_iops_sec:5,total_iops_sec_max:9,total_iops_sec_max_length:3 iotune_group=true");
        assertThat(drift(tuned, tuned)).isEmpty();
    }
}
