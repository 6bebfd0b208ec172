package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code vg init} on real devices: what it refuses, what it makes, what it takes back. */
@Tag("lab")
class VolumeGroupBootstrapLabTest {
    private static final Path FIRST = Lab.disk(0);
    private static final Path SECOND = Lab.disk(1);

    @BeforeAll
    static void cleanOnce() {
        Lab.clean();
    }

    @AfterEach
    void clean() {
        Lab.clean();
    }

    private static VolumeGroupBootstrap init(String group, Path... devices) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, group)
                .set(
                        LibvirtOptions.IMAGES_LVM_DEVICES,
                        Stream.of(devices).map(Path::toString).toList())
                .build();
        return VolumeGroupBootstrap.of(config, Lab.EXECUTOR);
    }

    private static void refused(Path device, String... reasons) {
        assertThatThrownBy(() -> init("nova", device).plan()).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE);
            assertThat(e).hasMessageContaining(device.toString()).hasMessageContainingAll(reasons);
        });
    }

    @Test
    void makesTheGroupOnceAndIsContentWithItAfterwards() {
        VolumeGroupBootstrap init = init("nova", FIRST, SECOND);
        VolumeGroupBootstrap.Plan plan = init.plan();
        assertThat(plan.commandLines())
                .containsExactly(
                        "pvcreate --metadatasize 64m /dev/lab/disk0",
                        "pvcreate --metadatasize 64m /dev/lab/disk1",
                        "vgcreate --addtag nova-bridge nova /dev/lab/disk0 /dev/lab/disk1");
        assertThat(Lab.report().physicalVolumes()).isEmpty();

        init.apply();

        VolumeGroup group = Lab.report().group("nova").orElseThrow();
        assertThat(group.ours()).isTrue();
        assertThat(group.metadataSize()).isGreaterThan(60L << 20);
        assertThat(init.apply().done()).isTrue();
        assertThat(init.plan().done()).isTrue();
    }

    @Test
    void refusesWhatIsMissingOrNoBlockDevice(@TempDir Path folder) throws IOException {
        refused(Path.of("/dev/lab/none"), "does not exist");
        refused(Files.createFile(folder.resolve("file")), "is no block device");
        refused(Path.of("/dev/null"), "is no block device");
    }

    @Test
    void refusesAMountedDeviceAndAnySignature(@TempDir Path folder) {
        Lab.sh("mkfs.ext4", "-q", SECOND.toString());
        Lab.sh("mount", SECOND.toString(), folder.toString());
        try {
            refused(SECOND, "is mounted on " + folder, "carries ext4");
        } finally {
            Lab.sh("umount", folder.toString());
        }
    }

    @Test
    void refusesSwap() {
        Lab.sh("mkswap", SECOND.toString());
        Lab.sh("swapon", SECOND.toString());
        refused(SECOND, "is in use as swap", "carries swap");
    }

    @Test
    void refusesAPartitionTable() throws IOException {
        // A boot sector with one partition, as a real disk has it.
        byte[] sector = new byte[512];
        sector[446 + 4] = (byte) 0x83;
        sector[446 + 9] = 8;
        sector[446 + 13] = 16;
        sector[510] = 0x55;
        sector[511] = (byte) 0xAA;
        Files.write(SECOND, sector, java.nio.file.StandardOpenOption.WRITE);
        Lab.tidy("udevadm", "settle");
        // The lab's disks take no partition nodes; that those are seen is in the decision table.
        refused(SECOND, "carries dos");
    }

    @Test
    void refusesADeviceUnderAnotherMappedDevice() {
        Lab.sh("dmsetup", "create", "holder", "--table", "0 8192 linear " + SECOND + " 0");
        try {
            refused(SECOND, "is held by /dev/mapper/holder");
        } finally {
            Lab.sh("dmsetup", "remove", "--retry", "holder");
        }
    }

    @Test
    void refusesADeviceUnderALoopDevice() {
        String loop = Lab.sh("losetup", "--find", "--show", SECOND.toString())
                .stdout()
                .strip();
        try {
            refused(SECOND, "is held by " + loop);
        } finally {
            Lab.sh("losetup", "--detach", loop);
        }
    }

    @Test
    void refusesForeignAndLeftPhysicalVolumes() {
        Lab.sh("vgcreate", "others", SECOND.toString());
        refused(SECOND, "belongs to volume group others");
        Lab.sh("vgremove", "--yes", "others");
        // An interrupted vg init leaves such a thing; the remedy is in the text.
        assertThatThrownBy(() -> init("nova", SECOND).plan())
                .hasMessageContaining("physical volume without a group")
                .hasMessageContaining("pvremove " + SECOND);
    }

    @Test
    void refusesAReadOnlyDevice() {
        Lab.sh("blockdev", "--setro", SECOND.toString());
        refused(SECOND, "is read-only");
    }

    @Test
    void refusesOneDeviceUnderTwoNames() throws IOException {
        Path other = SECOND.toRealPath();
        assertThatThrownBy(() -> init("nova", SECOND, other).plan())
                .hasMessageContaining(SECOND + " and " + other + " are")
                .hasMessageContaining("the same device");
    }

    @Test
    void refusesAGroupOfSomebodyElse() {
        Lab.sh("vgcreate", "nova", FIRST.toString());
        assertThatThrownBy(() -> init("nova", FIRST).apply())
                .hasMessageContaining("exists already and was not made by nova-bridge");
        assertThat(Lab.report().group("nova").orElseThrow().ours()).isFalse();
    }

    @Test
    void tellsAllReasonsAtOnceAndTouchesNothing() {
        Lab.sh("mkfs.ext4", "-q", SECOND.toString());
        assertThatThrownBy(() ->
                        init("nova", FIRST, SECOND, Path.of("/dev/lab/none")).apply())
                .hasMessageContaining("nothing was changed")
                .hasMessageContaining("carries ext4")
                .hasMessageContaining("/dev/lab/none does not exist");
        assertThat(Lab.report().physicalVolumes()).isEmpty();
    }

    @Test
    void takesThePhysicalVolumesBackWhenTheGroupCannotBeMade() {
        // A group of this name would have to be the folder /dev/shm: vgcreate refuses, after pvcreate has run.
        assertThatThrownBy(() -> init("shm", FIRST, SECOND).apply())
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("/dev/shm")
                .hasMessageContaining("everything was taken back");
        assertThat(Lab.report().physicalVolumes()).isEmpty();
        for (Path device : List.of(FIRST, SECOND)) {
            assertThat(Lab.sh("wipefs", "--no-act", device.toString()).stdout()).isBlank();
        }
    }
}
