package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;

/** Queues of devices, and trimming. */
class QueueCheckTest extends CheckedHost {
    @ParameterizedTest
    @CsvFileSource(resources = "/host/trim.csv", useHeadersInDisplayName = true)
    void trimmingByTimerOrByMountOption(
            long discard, String options, Long daysAgo, boolean timer, Severity severity, String found) {
        RecordedHost other = new RecordedHost(root.resolve("other"))
                .disk("sda", false, "[mq-deadline] none", "")
                .partition("sda", "sda1")
                .mount("sda1", "/", "ext4", options)
                .file("/sys/block/sda/queue/discard_max_bytes", Long.toString(discard));
        String stamp = "/var/lib/systemd/timers/stamp-fstrim.timer";
        if (daysAgo != null) {
            other.file(stamp, "").written(stamp, RecordedHost.NOW.minus(Duration.ofDays(daysAgo)));
        }
        if (timer) {
            other.link("/etc/systemd/system/timers.target.wants/fstrim.timer", "nowhere");
        }
        assertThat(other.findings("trim"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(severity, found));
    }

    @Test
    void settingsOfAQueueThatSpoilTheScheduler() {
        host.disk("sda", true, "[mq-deadline] none", "naa.5")
                .file("/sys/block/sda/queue/nomerges", "2")
                .file("/sys/block/sda/queue/zoned", "host-managed")
                .file("/sys/block/sda/queue/add_random", "1")
                .file("/sys/block/nvme0n1/queue/nomerges", "1")
                .file("/sys/block/nvme0n1/queue/add_random", "1")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(host.findings("queue"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly(tuple("sda nomerges", Severity.WARNING), tuple("sda zoned", Severity.WARNING));
        assertThat(host.tuning().plan().afterBoot().get(0).content())
                .contains("ATTRS{wwid}==\"naa.5\", ATTR{queue/nomerges}=\"0\"");
    }

    /** One SSD whose queue is the kernel's but for one file. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nomerges      | 2             | false | NOTE",
                "nomerges      | 1             | false | ",
                "nr_requests   | 8             | false | NOTE",
                "nr_requests   | 31            | false | NOTE",
                "nr_requests   | 32            | false | ",
                "nr_requests   | 256           | false | ",
                "rq_affinity   | 0             | false | NOTE",
                "rq_affinity   | 2             | false | ",
                "read_ahead_kb | 8192          | true  | NOTE",
                "read_ahead_kb | 8192          | false | ",
                "read_ahead_kb | 4096          | true  | ",
                "wbt_lat_usec  | 0             | true  | NOTE",
                "wbt_lat_usec  | 0             | false | ",
                "wbt_lat_usec  | 2000          | true  | ",
                "write_cache   | write through | false | WARNING",
                "write_cache   | write back    | false | ",
            })
    void aDepartureFromTheKernelsQueueThatHurtsGuestsIsSaidAndLeft(
            String file, String value, boolean cached, Severity severity) {
        host.disk("sda", false, "[mq-deadline] none", "naa.5")
                .file("/sys/block/sda/queue/" + file, value)
                .file("/sys/block/sda/device/scsi_disk/0:0:0:0/cache_type", "write back")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        if (cached) {
            host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")));
        }
        List<Finding> found = host.findings("queue");
        if (severity == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).singleElement().satisfies(finding -> {
                assertThat(finding.subject()).isEqualTo("sda " + file);
                assertThat(finding.severity()).isEqualTo(severity);
                assertThat(finding.remedy()).contains("/sys/block/sda/queue/" + file);
                assertThat(finding.why()).isNotEmpty();
            });
            assertThat(host.tuning().plan().afterBoot())
                    .noneMatch(change -> change.content().contains(file));
        }
    }

    @Test
    void aQueueShorterThanTheDevicesIsANoteAndAShortDeviceIsNot() {
        host.disk("sda", false, "[none]", "naa.5")
                .file("/sys/block/sda/queue/nr_requests", "63")
                .file("/sys/block/sda/device/queue_depth", "64")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(only("queue").wanted()).contains("queue_depth 64");
        host.file("/sys/block/sda/queue/nr_requests", "2").file("/sys/block/sda/device/queue_depth", "1");
        assertThat(host.findings("queue")).isEmpty();
    }

    @Test
    void bfqNeedsNoThrottleOfTheWriteback() {
        host.disk("sda", true, "mq-deadline [bfq]", "naa.5")
                .file("/sys/block/sda/queue/wbt_lat_usec", "0")
                .configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")))
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(host.findings("queue")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "default, unmap, false, OK, hw_disk_discard = unmap",
        "thin, unmap, false, OK, hw_disk_discard = unmap",
        "default, , false, NOTE, guests cannot trim",
        "thin, ignore, false, NOTE, guests cannot trim",
        "auto, , true, NOTE, only guests of the profiles p can trim",
    })
    void aVolumeGroupIsTrimmedByItsGuests(
            String type, String discard, boolean profile, Severity severity, String found) {
        host.configured(config -> {
            config.set(LibvirtOptions.IMAGES_TYPE, "lvm")
                    .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                    .set(LibvirtOptions.IMAGES_LVM_TYPE, type);
            if (discard != null) {
                config.set(LibvirtOptions.HW_DISK_DISCARD, discard);
            }
            if (profile) {
                config.ioProfile(
                        "p",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.DISCARD, "unmap")
                                .build());
            }
        });
        assertThat(host.findings("trim"))
                .filteredOn(finding -> finding.subject().equals("volume group nova"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(severity, found));
    }
}
