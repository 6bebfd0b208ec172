package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ConfigSnapshotTest {

    @Test
    void defaultsFollowTheOptionTheyName() {
        ConfigSnapshot snapshot = ConfigSnapshot.builder()
                .set(DefaultOptions.STATE_PATH, "/var/lib/nova")
                .build();
        assertThat(snapshot.get(DefaultOptions.INSTANCES_PATH)).isEqualTo("/var/lib/nova/instances");
        assertThat(snapshot.get(LibvirtOptions.SNAPSHOTS_DIRECTORY)).isEqualTo("/var/lib/nova/instances/snapshots");
        assertThat(snapshot.get(BridgeOptions.STATE_PATH)).isEqualTo("/var/lib/nova-bridge");
        assertThat(snapshot.resolve(DefaultOptions.INSTANCES_PATH).written()).isFalse();
    }

    @Test
    void noneIsEmptyAndCannotBeGot() {
        ConfigSnapshot snapshot = ConfigSnapshot.defaults();
        assertThat(snapshot.find(LibvirtOptions.IMAGES_VOLUME_GROUP)).isEmpty();
        assertThatThrownBy(() -> snapshot.get(LibvirtOptions.IMAGES_VOLUME_GROUP))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("[libvirt]images_volume_group");
    }

    @Test
    void changesSinceAnEarlierReading() {
        ConfigSnapshot before = ConfigSnapshot.defaults();
        ConfigSnapshot after = ConfigSnapshot.builder()
                .set(DefaultOptions.STATE_PATH, "/var/lib/nova")
                .set(LibvirtOptions.VIRT_TYPE, "kvm")
                .build();
        assertThat(after.changedSince(before).stream().map(Option::display))
                .containsExactly(
                        "[DEFAULT]state_path",
                        "[DEFAULT]instances_path",
                        "[libvirt]snapshots_directory",
                        "[libvirt]nfs_mount_point_base");
    }

    @Test
    void everyDeclaredDefaultCanBeRead() {
        ConfigSnapshot snapshot = ConfigSnapshot.defaults();
        for (Option<?> option : OptionRegistry.all()) {
            assertThat(String.valueOf(snapshot.resolve(option).value()))
                    .as(option.display())
                    .doesNotContain("$");
        }
    }
}
