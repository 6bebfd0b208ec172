package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/** What options and profiles need of kernel, libvirt and QEMU. */
class FeatureCheckTest extends CheckedHost {
    @ParameterizedTest
    @CsvSource({
        "6.1.0, 9000000, true, 0, 'OK, OK, OK'",
        "5.10.0, 9000000, false, 0, 'OK, UNUSABLE, UNUSABLE'",
        "6.1.0, 6000000, true, 0, 'UNUSABLE, OK, OK'",
        "6.6.0, 9000000, false, 2, 'OK, UNUSABLE, OK, UNUSABLE'",
        "6.6.0, , , 0, 'UNKNOWN, UNKNOWN, OK'",
    })
    void ioUringThatIsConfiguredNeedsItsVersionsAndAQemuThatStarts(
            String kernel, Integer libvirt, Boolean starts, String disabled, String severities) {
        assertThat(only("versions").severity()).isEqualTo(Severity.OK);
        HostFacts.Builder facts = HostFacts.builder().put(HostFact.DIRECT_IO, true);
        if (libvirt != null) {
            facts.put(HostFact.LIBVIRT_VERSION, libvirt);
        }
        if (starts != null) {
            facts.put(HostFact.IO_URING, starts);
        }
        host.facts(facts.build())
                .file("/proc/sys/kernel/osrelease", kernel)
                .file("/proc/sys/kernel/io_uring_disabled", disabled)
                .configured(config -> config.set(LibvirtOptions.DISK_IO_MODES, List.of("block=io_uring")));
        assertThat(severities()).isEqualTo(severities);
    }

    private String severities() {
        return String.join(
                ", ",
                host.findings("versions").stream()
                        .map(finding -> finding.severity().name())
                        .toList());
    }

    @Test
    void whatAnOptionOrProfileNeedsOfLibvirtAndQemuIsSaidBeforeTheFirstGuest() {
        host.facts(HostFacts.builder()
                        .put(HostFact.DIRECT_IO, true)
                        .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                        .put(HostFact.QEMU_VERSION, 7_002_022)
                        .build())
                .configured(config -> config.set(LibvirtOptions.DISK_QUEUE_SIZE, 512)
                        .ioProfile(
                                "sparse",
                                ConfigSnapshot.builder()
                                        .set(IoProfileOptions.DISCARD_NO_UNREF, true)
                                        .build()));
        assertThat(host.findings("versions"))
                .extracting(Finding::subject, Finding::wanted, Finding::severity)
                .containsExactly(
                        tuple("[libvirt]disk_queue_size", "libvirt 7.8.0 or newer", Severity.OK),
                        tuple("discard_no_unref of profile sparse", "libvirt 9.5.0 or newer", Severity.UNUSABLE),
                        tuple("discard_no_unref of profile sparse", "QEMU 8.1.0 or newer", Severity.UNUSABLE));
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2, true, UNUSABLE",
        "default, true, UNUSABLE",
        "default, false, NOTE",
        "raw, true, NOTE",
        "lvm, true, NOTE",
    })
    void aFeatureOfQcow2IsANoteWhereNoDiskCanTakeIt(String type, boolean cow, Severity severity) {
        old().configured(config -> config.set(LibvirtOptions.IMAGES_TYPE, type)
                .set(DefaultOptions.USE_COW_IMAGES, cow)
                .set(LibvirtOptions.DISK_DISCARD_NO_UNREF, true));
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(severity);
        assertThat(host.findings("versions").get(0).found().equals("no effect here"))
                .isEqualTo(severity == Severity.NOTE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, auto, NOTE",
        "1, auto, NOTE",
        "auto, , NOTE",
        "4, 1, NOTE",
        "4, 2, UNUSABLE",
        "auto, auto, UNUSABLE",
    })
    void mappingIsANoteWhereNoGuestHasSeveralThreadsAndQueues(String threads, String queues, Severity severity) {
        old().configured(config -> {
            config.set(LibvirtOptions.DISK_IOTHREAD_MAPPING, true).set(LibvirtOptions.DISK_IOTHREADS, threads);
            if (queues != null) {
                config.set(LibvirtOptions.DISK_QUEUES, queues);
            }
        });
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(severity);
    }

    @Test
    void aProfileMayHaveTheThreadsThatTheOptionsHaveNot() {
        old().configured(config -> config.set(LibvirtOptions.DISK_IOTHREAD_MAPPING, true)
                .set(LibvirtOptions.DISK_QUEUES, "auto")
                .ioProfile(
                        "wide",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.IOTHREADS, "4")
                                .build()));
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(Severity.UNUSABLE);
    }

    /** libvirt 9.0 with QEMU 7.2, which know neither. */
    private RecordedHost old() {
        return host.facts(HostFacts.builder()
                .put(HostFact.DIRECT_IO, true)
                .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                .put(HostFact.QEMU_VERSION, 7_002_022)
                .build());
    }

    @Test
    void aSerialThatIsNoneIsNoIdentity() {
        host.disk("ubda", true, "none [mq-deadline]", "")
                .file("/sys/block/ubda/serial", "(null)")
                .mount("ubda", "/var/lib/nova", "ext4", "rw");
        assertThat(host.tuning().plan().afterBoot().get(0).content()).contains("KERNEL==\"ubda\"");
    }
}
