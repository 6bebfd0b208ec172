package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

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
}
