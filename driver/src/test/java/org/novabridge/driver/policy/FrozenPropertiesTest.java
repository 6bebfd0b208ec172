package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.SpiceOptions;
import org.novabridge.conf.VncOptions;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;

/** As nova.virt.libvirt.driver 26.2.2 registers it at the end of a spawn; the values were read off that code. */
class FrozenPropertiesTest {
    private static Map<String, @Nullable String> frozen(ConfigSnapshot config, InstanceSpec spec) {
        return new DomainPolicy(Clock.systemUTC())
                .plan(config, spec, Guests.facts().build())
                .frozen();
    }

    private static InstanceSpec spec(Map<String, String> properties) {
        return Guests.spec(Map.of(), properties, 1, List.of());
    }

    @Test
    void allSevenAreFrozenAtTheirDefaults() {
        assertThat(frozen(ConfigSnapshot.defaults(), spec(Map.of())))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "image_hw_machine_type", "pc",
                        "image_hw_cdrom_bus", "ide",
                        "image_hw_disk_bus", "virtio",
                        "image_hw_input_bus", "usb",
                        "image_hw_pointer_model", "usbtablet",
                        "image_hw_video_model", "virtio",
                        "image_hw_vif_model", "virtio"));
    }

    @Test
    void theConfigurationOfTheDayIsWhatIsFrozen() {
        Map<String, @Nullable String> frozen = frozen(
                ConfigSnapshot.builder()
                        .set(LibvirtOptions.HW_MACHINE_TYPE, List.of("x86_64=q35"))
                        .set(SpiceOptions.ENABLED, true)
                        .set(SpiceOptions.AGENT_ENABLED, false)
                        .build(),
                spec(Map.of()));

        assertThat(frozen)
                .containsEntry("image_hw_machine_type", "q35")
                .containsEntry("image_hw_cdrom_bus", "sata")
                .containsEntry("image_hw_video_model", "qxl");
    }

    @Test
    void whatThereIsNotIsFrozenAsNovasNone() {
        Map<String, @Nullable String> expected = new HashMap<>();
        expected.put("image_hw_input_bus", null);
        expected.put("image_hw_pointer_model", null);
        expected.put("image_hw_vif_model", null);

        assertThat(frozen(
                        ConfigSnapshot.builder()
                                .set(DefaultOptions.POINTER_MODEL, "ps2mouse")
                                .set(LibvirtOptions.USE_VIRTIO_FOR_BRIDGES, false)
                                .build(),
                        spec(Map.of())))
                .containsAllEntriesOf(expected);
        assertThat(frozen(
                        ConfigSnapshot.builder()
                                .set(VncOptions.ENABLED, false)
                                .set(SpiceOptions.ENABLED, true)
                                .set(SpiceOptions.AGENT_ENABLED, true)
                                .build(),
                        spec(Map.of())))
                .as("the agent's mouse takes the tablet's place")
                .containsEntry("image_hw_input_bus", null)
                .containsEntry("image_hw_pointer_model", null);
    }

    @Test
    void whatTheImageOrTheInstanceHasIsNotFrozenAnew() {
        Map<String, String> all = Map.of(
                "hw_machine_type", "q35",
                "hw_cdrom_bus", "sata",
                "hw_disk_bus", "scsi",
                "hw_input_bus", "virtio",
                "hw_pointer_model", "usbtablet",
                "hw_video_model", "vga",
                "hw_vif_model", "e1000");
        assertThat(frozen(ConfigSnapshot.defaults(), spec(all))).isEmpty();

        Map<String, String> kept = new HashMap<>();
        all.forEach((property, value) -> kept.put("image_" + property, value));
        InstanceSpec plain = spec(Map.of());
        Instance instance = plain.instance();
        InstanceSpec before = new InstanceSpec(
                new Instance(
                        instance.uuid(),
                        instance.name(),
                        instance.displayName(),
                        instance.projectId(),
                        instance.userId(),
                        instance.vcpus(),
                        instance.memoryMb(),
                        instance.rootGb(),
                        instance.ephemeralGb(),
                        instance.flavor(),
                        instance.imageRef(),
                        instance.kernelId(),
                        instance.ramdiskId(),
                        instance.osType(),
                        instance.rootDeviceName(),
                        instance.configDrive(),
                        instance.metadata(),
                        kept),
                plain.imageMeta(),
                plain.blockDeviceInfo(),
                plain.networkInfo(),
                null,
                null,
                true,
                null);
        assertThat(frozen(ConfigSnapshot.defaults(), before)).isEmpty();
    }
}
