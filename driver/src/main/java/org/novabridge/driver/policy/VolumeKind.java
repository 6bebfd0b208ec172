package org.novabridge.driver.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/**
 * How Nova's volume drivers describe a connected volume, by {@code driver_volume_type}.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2 VOLUME_DRIVERS and volume/*.py.
 */
enum VolumeKind {
    /** Block devices for which Nova writes io=native: iSCSI, iSER, fibre channel. */
    BLOCK_NATIVE("native"),
    /** Block devices for which Nova leaves the io mode to QEMU: local, NVMe-oF. */
    BLOCK(null),
    /** A file on an NFS share. */
    NFS("native"),
    /** A disk that QEMU opens over the network itself: rbd. */
    NETWORK(null),
    /** A volume of which Cinder has not said yet how it is connected: there is a plan, and no guest. */
    PLANNED(null);

    private static final Map<String, VolumeKind> BY_TYPE = Map.of(
            "iscsi", BLOCK_NATIVE,
            "iser", BLOCK_NATIVE,
            "fibre_channel", BLOCK_NATIVE,
            "nvmeof", BLOCK,
            "local", BLOCK,
            "nfs", NFS,
            "rbd", NETWORK);

    private static final List<String> NOVA_ONLY =
            List.of("smbfs", "gpfs", "quobyte", "scaleio", "vzstorage", "storpool", "lightos", "fake");

    private final @Nullable String io;

    VolumeKind(@Nullable String io) {
        this.io = io;
    }

    static VolumeKind of(BlockDevice volume) {
        if (volume.connectionInfo().isEmpty()) {
            return PLANNED;
        }
        String type = String.valueOf(volume.connectionInfo().get("driver_volume_type"));
        VolumeKind kind = BY_TYPE.get(type);
        if (kind != null) {
            return kind;
        }
        if (NOVA_ONLY.contains(type)) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "volumes of driver_volume_type " + type + " are not supported yet",
                    "iscsi, iser, fibre_channel, nvmeof, local, nfs and rbd are");
        }
        throw new BridgeException(
                ErrorCode.VOLUME_DRIVER_NOT_FOUND,
                "the connection_info of a volume has a driver_volume_type that is not known",
                "see the volume's attachment in Cinder");
    }

    Decision<DiskSource> source(BlockDevice volume) {
        Map<String, Object> data = volume.connectionData();
        Object connected = data.get("device_path");
        if (this != NETWORK && (connected == null || connected.toString().isEmpty())) {
            return Decision.of(
                    new DiskSource.NotConnected(this == NFS ? "file" : "block"),
                    "The volume is not connected to this host yet.",
                    Origins.connection("device_path"));
        }
        return switch (this) {
            case BLOCK_NATIVE, BLOCK, PLANNED ->
                Decision.of(
                        new DiskSource.BlockSource(Path.of(need(data, "device_path"))),
                        "The device that the volume is connected as.",
                        Origins.connection("device_path"));
            case NFS ->
                Decision.of(
                        new DiskSource.FileSource(Path.of(need(data, "device_path"))),
                        "The volume's file on the mounted share.",
                        Origins.connection("device_path"));
            case NETWORK ->
                Decision.of(
                        new DiskSource.NetworkSource("rbd", need(data, "name"), hosts(data), null),
                        "QEMU opens the volume in the cluster itself.",
                        Origins.connection("name"),
                        Origins.connection("hosts"));
        };
    }

    Decision<String> format(BlockDevice volume) {
        Object format = this == NFS ? volume.connectionData().get("format") : null;
        return format == null
                ? Decision.of(
                        "raw",
                        "Volumes are raw; the connection of an NFS volume may name another format.",
                        Origins.rule("default"))
                : Decision.of(String.valueOf(format), "The connection names the format.", Origins.connection("format"));
    }

    Decision<String> io() {
        return Decision.of(
                io,
                io == null
                        ? "Nova leaves the io mode of such volumes to QEMU."
                        : "Nova opens such volumes with native AIO.",
                Origins.connection("driver_volume_type"));
    }

    /** Python's idea of truth, for fields that Cinder sends as booleans, numbers or texts. */
    static boolean truthy(@Nullable Object value) {
        return !(value == null
                || Boolean.FALSE.equals(value)
                || value.equals("")
                || value instanceof Number number && number.doubleValue() == 0);
    }

    private static String need(Map<String, Object> data, String key) {
        Object value = data.get(key);
        if (value == null || value.toString().isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "connection_info.data." + key + " of a volume is missing",
                    "see the volume's attachment in Cinder");
        }
        return value.toString();
    }

    private static List<DiskSource.HostPort> hosts(Map<String, Object> data) {
        List<DiskSource.HostPort> hosts = new ArrayList<>();
        List<?> names = data.get("hosts") instanceof List<?> list ? list : List.of();
        List<?> ports = data.get("ports") instanceof List<?> list ? list : List.of();
        for (int i = 0; i < Math.min(names.size(), ports.size()); i++) {
            Object port = ports.get(i);
            hosts.add(
                    new DiskSource.HostPort(String.valueOf(names.get(i)), port == null ? null : String.valueOf(port)));
        }
        return hosts;
    }
}
