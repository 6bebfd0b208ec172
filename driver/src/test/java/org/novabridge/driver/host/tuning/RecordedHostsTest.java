package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.LibvirtOptions;

/** Which disks are found below the guests' storage of hosts of different kinds, and what is said of them. */
class RecordedHostsTest {
    private static final String NONE = "[none] mq-deadline kyber bfq";
    private static final String DEADLINE = "none [mq-deadline] kyber bfq";

    @TempDir
    Path root;

    private RecordedHost host;

    @BeforeEach
    void begin() {
        host = new RecordedHost(root);
    }

    private RecordedHost onVolumeGroup(String group) {
        return host.configured(
                config -> config.set(LibvirtOptions.IMAGES_TYPE, "lvm").set(LibvirtOptions.IMAGES_VOLUME_GROUP, group));
    }

    @Test
    void anNvmeServerWithItsFileSystemOnAPartitionIsLeftAlone() {
        host.disk("nvme0n1", false, NONE, "eui.0025385b71b0ab11")
                .partition("nvme0n1", "nvme0n1p2")
                .mount("nvme0n1p2", "/", "ext4", "rw");
        assertThat(host.findings("scheduler"))
                .extracting(Finding::severity, Finding::subject, Finding::found)
                .containsExactly(tuple(
                        Severity.OK, "nvme0n1 (NVMe disk, below instances_path /var/lib/nova/instances)", "none"));
        assertThat(host.tuning().plan().done()).isTrue();
    }

    @Test
    void aRaidOfRotatingDisksIsFollowedThroughLvmAndMdAndPartitions() {
        onVolumeGroup("nova-volumes")
                .disk("sda", true, NONE, "naa.50014ee2b1")
                .disk("sdb", true, DEADLINE, "naa.50014ee2b2")
                .disk("sdc", true, NONE, "")
                .partition("sda", "sda1")
                .partition("sdb", "sdb1")
                .partition("sdc", "sdc1")
                .above("md0", "sda1", "sdb1")
                .mapped("dm-0", "nova--volumes-pool_tdata", "LVM-abc", "md0")
                .mapped("dm-1", "nova--volumes--old-x", "LVM-def", "sdc1")
                .mapped("dm-2", "system-root", "LVM-ghi", "sdc1")
                .mount("dm-2", "/", "xfs", "rw");
        assertThat(host.findings("scheduler"))
                .extracting(finding -> finding.subject().split(" ")[0], Finding::severity, Finding::wanted)
                .containsExactly(
                        tuple("sdc", Severity.WARNING, "mq-deadline"),
                        tuple("sda", Severity.WARNING, "mq-deadline"),
                        tuple("sdb", Severity.OK, "mq-deadline"));
        assertThat(host.tuning().plan().afterBoot()).singleElement().satisfies(file -> {
            assertThat(file.path()).isEqualTo("/etc/udev/rules.d/61-nova-bridge-disks.rules");
            assertThat(file.content().lines().filter(line -> !line.startsWith("#")))
                    .containsExactly(
                            "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", KERNEL==\"sdc\","
                                    + " ATTR{queue/scheduler}=\"mq-deadline\"",
                            "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\","
                                    + " ATTRS{wwid}==\"naa.50014ee2b1\", ATTR{queue/scheduler}=\"mq-deadline\"");
        });
    }

    @Test
    void multipathIsFollowedToEveryPath() {
        onVolumeGroup("nova")
                .disk("sdd", false, "mq-deadline [bfq] none", "naa.600a0b80")
                .disk("sde", false, "mq-deadline [bfq] none", "naa.600a0b80")
                .mapped("dm-5", "mpatha", "mpath-3600a0b80", "sdd", "sde")
                .mapped("dm-6", "nova-disk", "LVM-abc", "dm-5")
                .mount("server:/export", "/", "nfs4", "rw");
        assertThat(host.findings("scheduler"))
                .extracting(finding -> finding.subject().split(" ")[0], Finding::severity, Finding::wanted)
                .containsExactly(
                        tuple("instances_path", Severity.UNKNOWN, "a scheduler that fits the disk"),
                        tuple("sdd", Severity.WARNING, "mq-deadline"),
                        tuple("sde", Severity.WARNING, "mq-deadline"));
        assertThat(host.findings("scheduler").get(0).why()).contains("nfs4 from server:/export");
        assertThat(host.tuning().plan().afterBoot().get(0).content().lines().filter(line -> line.contains("wwid")))
                .as("both paths have one identity, and one line is enough")
                .hasSize(1);
    }

    @Test
    void aGroupWithoutActiveVolumesIsUnknownAndNotGuessed() {
        onVolumeGroup("nova").disk("sda", true, NONE, "").mount("sda", "/", "ext4", "rw");
        assertThat(host.findings("scheduler"))
                .extracting(Finding::subject, Finding::severity)
                .contains(tuple("volume group nova", Severity.UNKNOWN));
    }

    @Test
    void aVirtioDiskIsSortedByTheHostBelow() {
        host.disk("vda", true, DEADLINE, "").mount("vda", "/", "ext4", "rw");
        assertThat(host.findings("scheduler"))
                .singleElement()
                .extracting(Finding::found, Finding::wanted, Finding::severity)
                .containsExactly("mq-deadline", "none", Severity.WARNING);
    }

    @Test
    void anArrayBehindAControllerMayHaveNone() {
        host.disk("sda", true, NONE, "")
                .file("/sys/block/sda/device/vendor", "DELL")
                .file("/sys/block/sda/device/model", "PERC H740P Adp")
                .mount("sda", "/", "ext4", "rw");
        assertThat(host.findings("scheduler")).extracting(Finding::severity).containsExactly(Severity.OK);
    }

    @Test
    void aLoopDeviceIsFollowedToTheFileSystemOfItsFile() {
        host.disk("sda", true, NONE, "")
                .above("loop3")
                .folder("/srv")
                .file("/srv/guests.img", "x")
                .file("/sys/block/loop3/loop/backing_file", "/srv/guests.img")
                .mount("sda", "/", "ext4", "rw")
                .mount("loop3", "/var/lib/nova", "ext4", "rw");
        assertThat(host.findings("scheduler"))
                .extracting(finding -> finding.subject().split(" ")[0])
                .containsExactly("sda");
    }

    @Test
    void aBareHostHasNothingToRead() {
        HostTuning bare = new HostTuning(
                new ObservedHost(
                        new HostTree(root.resolve("etc"), (file, value) -> {
                            throw new AssertionError("nothing is written");
                        }),
                        org.novabridge.conf.ConfigSnapshot.defaults(),
                        org.novabridge.driver.model.HostFacts.builder().build(),
                        java.util.List.of(),
                        DriverSource.none("nobody asks"),
                        RecordedHost.NOW),
                java.util.List.of());
        assertThat(bare.check())
                .isNotEmpty()
                .allSatisfy(
                        finding -> assertThat(finding.severity()).isIn(Severity.UNKNOWN, Severity.OK, Severity.NOTE))
                .anySatisfy(finding -> assertThat(finding.why()).contains("does not exist"))
                .allSatisfy(finding -> {
                    assertThat(finding.found()).isNotEmpty();
                    assertThat(finding.wanted()).isNotEmpty();
                    assertThat(finding.why()).isNotEmpty();
                });
        assertThat(bare.plan().done()).isTrue();
    }

    @Test
    void noLinkLeadsOutOfTheTree(@TempDir Path elsewhere) throws Exception {
        java.nio.file.Files.writeString(elsewhere.resolve("secret"), "1");
        host.link("/proc/sys/fs/out", elsewhere.resolve("secret").toString());
        assertThat(host.tree().text("/proc/sys/fs/out")).isEmpty();
        assertThat(host.tree().exists("/proc/sys/fs/out")).isFalse();
        assertThat(host.tree().present("/proc/sys/fs/out")).isTrue();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> host.tree().text("/proc/../etc/shadow"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
