package org.novabridge.driver.compute;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.VolumeEncryption;

/** Volumes of guests in tests. */
final class Volumes {
    private Volumes() {}

    static PlannedVolume planned(String target, DiskSource source) {
        return planned("id-of-" + target, target, source);
    }

    static PlannedVolume planned(@Nullable String id, String target, DiskSource source) {
        return planned(id, target, source, null);
    }

    /** @param secret by which QEMU decrypts it */
    static PlannedVolume planned(@Nullable String id, String target, DiskSource source, @Nullable String secret) {
        return new PlannedVolume(
                id,
                new DiskDefinition(
                        DiskRole.VOLUME,
                        "/dev/" + target,
                        "volume",
                        null,
                        null,
                        null,
                        source,
                        "disk",
                        "qemu",
                        "raw",
                        "none",
                        null,
                        null,
                        target,
                        "virtio",
                        id,
                        Map.of(),
                        null,
                        null,
                        false,
                        false,
                        null,
                        null,
                        null,
                        secret,
                        DiskTuning.NONE,
                        List.of()));
    }

    /** A volume on an NFS share. */
    static BlockDevice file(String id, @Nullable String target, @Nullable String path) {
        return device(id, target, "nfs", path);
    }

    /** @param path null for one that is not connected */
    static BlockDevice device(String id, @Nullable String target, String kind, @Nullable String path) {
        return new BlockDevice(
                target == null ? null : "/dev/" + target,
                null,
                null,
                null,
                0,
                null,
                Map.of(
                        "driver_volume_type",
                        kind,
                        "serial",
                        id,
                        "data",
                        path == null ? Map.of() : Map.of("device_path", path)));
    }

    /** A volume on an NFS share, which QEMU decrypts. */
    static BlockDevice encrypted(String id, @Nullable String target, @Nullable String path) {
        BlockDevice plain = file(id, target, path);
        Map<String, Object> data = new HashMap<>(plain.connectionData());
        data.put("encrypted", true);
        data.put(VolumeEncryption.MARK, "luks");
        Map<String, Object> connection = new HashMap<>(plain.connectionInfo());
        connection.put("data", data);
        return new BlockDevice(plain.deviceName(), null, null, null, 0, null, connection);
    }

    static InstanceSpec with(InstanceSpec spec, BlockDevice... volumes) {
        return spec.with(spec.imageMeta(), new BlockDeviceInfo(null, List.of(), List.of(), null, List.of(volumes)));
    }
}
