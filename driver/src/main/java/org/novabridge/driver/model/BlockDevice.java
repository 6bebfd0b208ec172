package org.novabridge.driver.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One entry of Nova's {@code block_device_info} (nova/virt/block_device.py 26.2.2).
 *
 * @param deviceName {@code device_name}, or {@code mount_device} of a volume; null when Nova has not chosen
 * @param diskBus bus asked for
 * @param deviceType disk, cdrom, floppy, lun
 * @param guestFormat file system of an ephemeral disk
 * @param size GiB of an ephemeral disk, MiB of a swap disk; 0 for the others
 * @param bootIndex 0 for the disk that boots; negative or null for none
 * @param connectionInfo Cinder's answer for a volume, as it came; empty for the others, and for a volume that is only
 *     planned
 */
public record BlockDevice(
        @Nullable String deviceName,
        @Nullable String diskBus,
        @Nullable String deviceType,
        @Nullable String guestFormat,
        int size,
        @Nullable Integer bootIndex,
        Map<String, Object> connectionInfo) {
    public BlockDevice {
        connectionInfo = Collections.unmodifiableMap(new LinkedHashMap<>(connectionInfo));
    }

    /** Part {@code data} of the connection; empty when there is none. */
    @SuppressWarnings("unchecked")
    public Map<String, Object> connectionData() {
        return connectionInfo.get("data") instanceof Map<?, ?> data ? (Map<String, Object>) data : Map.of();
    }

    /** Cinder's id of a volume (nova/virt/block_device.py 26.2.2, get_volume_id); empty when nobody names it. */
    public Optional<String> volumeId() {
        Object id = connectionData().get("volume_id");
        Object known = id == null || id.toString().isEmpty() ? connectionInfo.get("serial") : id;
        return known == null || known.toString().isEmpty() ? Optional.empty() : Optional.of(known.toString());
    }

    /** A copy with the name, bus and type that were decided for it. */
    public BlockDevice placed(String device, String bus, String type) {
        return new BlockDevice(
                deviceName == null ? device : deviceName, bus, type, guestFormat, size, bootIndex, connectionInfo);
    }
}
