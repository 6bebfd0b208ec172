package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/** The parts of {@code vg init} that need no device; the rest is tried on real ones in the lab. */
class VolumeGroupBootstrapTest {
    private final RecordingExecutor executor = new RecordingExecutor();

    private VolumeGroupBootstrap init(String... devices) {
        return VolumeGroupBootstrap.of(
                ConfigSnapshot.builder()
                        .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                        .set(LibvirtOptions.IMAGES_LVM_DEVICES, List.of(devices))
                        .build(),
                executor);
    }

    @Test
    void devicesMustBeNamedAndAbsolute() {
        executor.printing("vgs", Recorded.noGroup());
        assertThatThrownBy(() -> init().plan()).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
            assertThat(e).hasMessageContaining("images_lvm_devices");
        });
        for (String bad : List.of("sdb", "/dev/../etc/passwd", "", "a\0b")) {
            assertThatThrownBy(() -> init(bad)).as(bad).isInstanceOf(BridgeException.class);
        }
    }

    @Test
    void aGroupOfOthersIsLeftAlone() {
        executor.printing("vgs", Recorded.group(1, "theirs", 0)).printing("pvs", Recorded.physicalVolumes());
        assertThatThrownBy(() -> init("/dev/none").apply()).hasMessageContaining("was not made by nova-bridge");
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aDeviceOutsideOurGroupIsNamed() {
        executor.printing("vgs", Recorded.group(1, "nova-bridge", 0)).printing("pvs", Recorded.physicalVolumes());
        assertThatThrownBy(() -> init("/dev/none").apply())
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.remedy()).contains("vgextend nova"));
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aWipeThatWouldBeOfNoUseIsRefusedBeforeAnything() {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .build();
        for (ConfigSnapshot useless : List.of(
                config.toBuilder().set(LibvirtOptions.IMAGES_LVM_TYPE, "thin").build(),
                config.toBuilder().set(LibvirtOptions.VOLUME_CLEAR, "shred").build(),
                config.toBuilder().set(LibvirtOptions.VOLUME_CLEAR_SIZE, 1).build(),
                config.toBuilder()
                        .set(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT, true)
                        .build())) {
            assertThatThrownBy(() -> VolumeGroupBootstrap.wiping(useless, executor, Progress.NONE))
                    .isInstanceOfSatisfying(BridgeException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                        assertThat(e).hasMessageContaining("--wipe is of no use");
                    });
        }
        assertThat(executor.lines()).isEmpty();
    }

    @Test
    void aWipeIsPlannedBesideTheGuestsOfAGroupOfOurs() {
        executor.printing("vgs", Recorded.group(1L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes())
                .printing("lvs", Recorded.volumes());
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .build();
        assertThat(VolumeGroupBootstrap.wiping(config, executor, Progress.NONE)
                        .plan()
                        .commandLines())
                .containsExactly(
                        "lvcreate --yes --type linear --extents 100%FREE --name nb-wipe-free nova",
                        "write zeroes to all of /dev/nova/nb-wipe-free, then lvremove --yes --force nova/nb-wipe-free",
                        "vgchange --addtag nb-clean nova");
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    private VolumeGroupBootstrap thinInit(int threshold) {
        return poolInit("thin", threshold);
    }

    private VolumeGroupBootstrap poolInit(String type, int threshold) {
        return VolumeGroupBootstrap.of(
                ConfigSnapshot.builder()
                        .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                        .set(LibvirtOptions.IMAGES_LVM_TYPE, type)
                        .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, threshold)
                        .build(),
                executor);
    }

    private void ourPool(Path profiles, String profile, String monitor) {
        executor.printing("vgs", Recorded.group(1L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes())
                .printing("lvmconfig", Recorded.lvmConfiguration(profiles.toString(), 0))
                .printing(
                        "lvs",
                        Recorded.pool("")
                                .replace("\"lv_tags\":\"\"", "\"lv_tags\":\"nova-bridge\"")
                                .replace(
                                        "\"seg_monitor\":\"monitored\"",
                                        "\"seg_monitor\":\"" + monitor + "\",\"lv_profile\":\"" + profile + "\""));
    }

    @Test
    void aPoolThatIsAsTheOptionsSayIsLeftAlone(@TempDir Path profiles) {
        ourPool(profiles, "nova-bridge-nova", "monitored");
        new PoolProfile(profiles, "nova", new PoolGrowth(70, 20)).write();
        assertThat(thinInit(70).apply().done()).isTrue();
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** With auto the group may have a pool, and then it is kept as one of ours. */
    @Test
    void autoSetsAPoolOfOursRight(@TempDir Path profiles) {
        ourPool(profiles, "", "not monitored");
        assertThat(poolInit("auto", 70).plan().commandLines())
                .isEqualTo(thinInit(70).plan().commandLines())
                .hasSize(3);
    }

    @Test
    void autoMakesNoPool(@TempDir Path profiles) {
        executor.printing("vgs", Recorded.group(1L << 30, "nova-bridge", 0))
                .printing("pvs", Recorded.physicalVolumes())
                .printing("lvmconfig", Recorded.lvmConfiguration(profiles.toString(), 0))
                .printing("lvs", Recorded.volumes());
        assertThat(poolInit("auto", 70).apply().done()).isTrue();
        assertThat(thinInit(70).plan().commandLines()).anyMatch(line -> line.contains("--type thin-pool"));
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void changedNumbersAreWrittenToTheProfileAlone(@TempDir Path profiles) {
        ourPool(profiles, "nova-bridge-nova", "monitored");
        new PoolProfile(profiles, "nova", new PoolGrowth(100, 20)).write();
        assertThat(thinInit(70).apply().commandLines())
                .containsExactly("write " + profiles.resolve("nova-bridge-nova.profile")
                        + " (thin_pool_autoextend_threshold=70, thin_pool_autoextend_percent=20)");
        assertThat(new PoolProfile(profiles, "nova", new PoolGrowth(70, 20)).state())
                .isEqualTo(PoolProfile.State.AS_WANTED);
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aPoolWithoutProfileAndWatchGetsBoth(@TempDir Path profiles) {
        ourPool(profiles, "", "not monitored");
        assertThat(thinInit(70).plan().commandLines())
                .hasSize(3)
                .endsWith(
                        "lvchange --yes --metadataprofile nova-bridge-nova nova/nova-pool",
                        "lvchange --yes --monitor y nova/nova-pool");
        assertThat(profiles).isEmptyDirectory();
    }

    /** The recorded pool never gets its profile, as if the command had done nothing. */
    @Test
    void theProfileIsTakenBackWhenALaterStepFails(@TempDir Path profiles) {
        ourPool(profiles, "", "not monitored");
        executor.failing("lvchange --yes --monitor y", 5, "no dmeventd");
        assertThatThrownBy(() -> thinInit(70).apply())
                .hasMessageContaining("no dmeventd")
                .hasMessageContaining("everything was taken back");
        assertThat(profiles).isEmptyDirectory();
    }

    @Test
    void aFileOfOthersInThePlaceOfTheProfileStopsItBeforeAnything(@TempDir Path profiles) throws IOException {
        ourPool(profiles, "", "not monitored");
        Files.writeString(profiles.resolve("nova-bridge-nova.profile"), "mine");
        assertThatThrownBy(() -> thinInit(70).apply())
                .hasMessageContaining("was not made by nova-bridge")
                .hasMessageContaining("nothing was changed");
        assertThat(Recorded.changes(executor)).isEmpty();
        assertThat(profiles.resolve("nova-bridge-nova.profile")).hasContent("mine");
    }
}
