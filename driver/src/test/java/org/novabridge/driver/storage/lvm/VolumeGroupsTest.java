package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

class VolumeGroupsTest {
    private static final String GUEST = Recorded.UUID;
    private final RecordingExecutor executor = new RecordingExecutor();
    private final VolumeGroups groups =
            new VolumeGroups(executor, Recorded.settings(), null, false, Recorded.bases(executor), uuid -> true);

    @Test
    void statusSortsVolumesByWhatTheyAre() {
        executor.printing("vgs", Recorded.group(6L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova", "/dev/sda3", "host"))
                .printing(
                        "lvs",
                        Recorded.volumes(
                                GUEST + "_disk",
                                "1073741824",
                                "",
                                "-wi-ao----",
                                GUEST + "_disk.swap",
                                "1073741824",
                                "nb-clean-to=4",
                                "-wi-a-----",
                                "nb-wipe-0123",
                                "4194304",
                                "nb-was=x,nb-wiped-to=1048576",
                                "-wi-a-----",
                                "root",
                                "4194304",
                                "",
                                "-wi-ao----"));
        VolumeGroupStatus status = groups.status();
        assertThat(status.madeByUs()).isTrue();
        assertThat(status.devices()).extracting(VolumeGroupStatus.Device::path).containsExactly("/dev/sdb");
        assertThat(status.instances()).singleElement().satisfies(guest -> {
            assertThat(guest.uuid()).isEqualTo(GUEST);
            assertThat(guest.size()).isEqualTo(2L << 30);
            assertThat(guest.disks()).extracting(VolumeGroupStatus.Disk::name).containsExactly("disk", "disk.swap");
        });
        assertThat(status.pendingWipes())
                .containsExactly(new VolumeGroupStatus.PendingWipe("nb-wipe-0123", 4 << 20, 1 << 20));
        assertThat(status.growing()).hasSize(1);
        assertThat(status.others()).extracting(VolumeGroupStatus.Disk::name).containsExactly("root");
        assertThat(status.roomForMore()).isEqualTo(3);
    }

    @Test
    void checkFindsWhatMakesTheGroupUnusable() {
        executor.printing("vgs", Recorded.group(6L << 30, "", 1))
                .printing("pvs", Recorded.physicalVolumes())
                .printing("lvmconfig", Recorded.lvmConfiguration("/etc/lvm/profile", 0))
                .printing("lvs", Recorded.volumes("x", "1", "", "-wi-s-----"));
        assertThat(groups.check())
                .hasSize(2)
                .allMatch(finding -> finding.severity() == Severity.UNUSABLE)
                .allMatch(finding -> !finding.remedy().isEmpty());
    }

    @Test
    void checkWarnsOfAFullGroupAndOfWipesThatWait() {
        executor.printing("vgs", Recorded.group(4 << 20, "", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/etc/lvm/profile", 0))
                .printing("lvs", Recorded.volumes("nb-wipe-1", "1", "", "-wi-a-----"));
        assertThat(groups.check())
                .extracting(VolumeGroupFinding::severity)
                .containsOnly(Severity.WARNING)
                .hasSize(2);
    }

    @Test
    void aHealthyGroupHasNoFindings() {
        executor.printing("vgs", Recorded.group(6L << 30, "", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/etc/lvm/profile", 0))
                .printing("lvs", Recorded.volumes());
        assertThat(groups.check()).isEmpty();
    }

    /** A group that a guest makes on its disk must not be found by the host. */
    @Test
    void checkFindsThatLvmLooksIntoTheDisksOfGuests() {
        executor.printing("vgs", Recorded.group(6L << 30, "", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/etc/lvm/profile", 1))
                .printing("lvs", Recorded.volumes());
        assertThat(groups.check()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.sentence()).contains("scan_lvs");
        });
    }

    /** Our pool of the recorded answer has no profile. */
    @Test
    void checkComparesTheProfileOfOurPoolWithTheOptions() {
        executor.printing("vgs", Recorded.group(6L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/nowhere", 0))
                .printing("lvs", Recorded.pool("").replace("\"lv_tags\":\"\"", "\"lv_tags\":\"nova-bridge\""));
        ConfigSnapshot thin = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_LVM_TYPE, "thin")
                .build();
        assertThat(new VolumeGroups(
                                executor,
                                Recorded.settings(),
                                ThinPoolSettings.of(thin, "nova"),
                                true,
                                Recorded.bases(executor),
                                uuid -> true)
                        .check())
                .extracting(VolumeGroupFinding::sentence)
                .hasSize(2)
                .anyMatch(sentence -> sentence.contains("has no LVM profile"))
                .anyMatch(sentence -> sentence.contains("/nowhere/nova-bridge-nova.profile is missing"));
    }

    private List<VolumeGroupFinding> checkWithoutPool(String type) {
        executor.printing("vgs", Recorded.group(6L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"))
                .printing("lvmconfig", Recorded.lvmConfiguration("/nowhere", 0))
                .printing("lvs", Recorded.volumes());
        return VolumeGroups.of(
                        ConfigSnapshot.builder()
                                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                                .set(LibvirtOptions.IMAGES_LVM_TYPE, type)
                                .build(),
                        executor)
                .check();
    }

    /** With auto that is no fault, but vg init alone makes no pool. */
    @Test
    void checkSaysWhatAutoMeansWithoutAPool() {
        assertThat(checkWithoutPool("auto")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.NOTE);
            assertThat(finding.sentence()).contains("no thin pool nova-pool, so disks are thick volumes");
            assertThat(finding.remedy()).contains("images_lvm_type = thin", "vg init");
        });
    }

    @Test
    void aThinGroupWithoutItsPoolCannotBeUsed() {
        assertThat(checkWithoutPool("thin")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.UNUSABLE);
            assertThat(finding.sentence()).contains("no thin pool nova-pool");
        });
        assertThat(checkWithoutPool("default")).isEmpty();
    }

    @Test
    void thatAMissingGroupHasNoPoolIsNotTold() {
        executor.printing("vgs", Recorded.noGroup());
        assertThat(checkWithoutPool("thin"))
                .extracting(VolumeGroupFinding::sentence)
                .isNotEmpty()
                .noneMatch(sentence -> sentence.contains("thin pool"));
    }

    /** What a dry run shows is what is done, also when that is nothing. */
    @ParameterizedTest
    @CsvSource({"nb-keep-" + GUEST + "_disk, resize-confirm", "nb-snap-0123, start the bridge once"})
    void theDryRunOfReleaseRefusesWhatReleaseRefuses(String left, String remedy) {
        executor.printing("vgs", Recorded.group(1, "nova-bridge", 0))
                .printing("lvs", Recorded.volumes(left, "1", "", "-wi-a-----"));
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(groups::planRelease, () -> groups.release(Progress.NONE))) {
            assertThatThrownBy(call).isInstanceOfSatisfying(BridgeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
                assertThat(e).hasMessageContaining("nova was not released").hasMessageContaining(left);
                assertThat(e.remedy()).contains(remedy);
            });
        }
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void releaseSaysWhatNovaHasToBeTold() {
        executor.printing("vgs", Recorded.group(8 << 20, "", 0));
        assertThat(groups.settingsOfNova())
                .contains(
                        "compute_driver = libvirt.LibvirtDriver",
                        "images_type = lvm",
                        "images_volume_group = nova",
                        "sparse_logical_volumes = False")
                .last()
                .asString()
                .contains("thick volumes: 8388608 bytes of nova are free");
    }

    @Test
    void releaseTakesTagsOffAndNothingElse() {
        executor.printing("vgs", Recorded.group(1, "nova-bridge", 0))
                .printing(
                        "lvs",
                        Recorded.volumes(
                                GUEST + "_disk",
                                "1",
                                "nb-was=" + GUEST + "_disk",
                                "-wi-ao----",
                                GUEST + "_disk.eph0",
                                "1",
                                "nova-bridge",
                                "-wi-ao----",
                                GUEST + "_disk.swap",
                                "1",
                                "nova-bridge",
                                "-wi-ao----"));
        List<String> planned = groups.planRelease();
        groups.release(Progress.NONE);
        assertThat(Recorded.changes(executor))
                .isEqualTo(planned)
                .containsExactly(
                        "lvchange --yes --deltag nb-was=" + GUEST + "_disk nova/" + GUEST + "_disk",
                        "lvchange --yes --deltag nova-bridge nova/" + GUEST + "_disk.eph0 nova/" + GUEST + "_disk.swap",
                        "vgchange --deltag nova-bridge nova");
    }
}
