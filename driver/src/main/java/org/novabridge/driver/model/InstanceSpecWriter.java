package org.novabridge.driver.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** {@link InstanceSpec} to SPEC.json: what {@link InstanceSpecReader} reads back as the same value. */
public final class InstanceSpecWriter {
    private InstanceSpecWriter() {}

    public static JsonNode write(InstanceSpec spec) {
        ObjectNode top = BoundedJson.MAPPER.createObjectNode();
        top.set("instance", instance(spec.instance()));
        top.set("image_meta", image(spec.imageMeta()));
        top.set("block_device_info", blockDevices(spec.blockDeviceInfo()));
        top.set("network_info", BoundedJson.MAPPER.valueToTree(spec.networkInfo()));
        top.put("image_file", spec.imageFile());
        top.put("config_drive_file", spec.configDriveFile());
        top.put("power_on", spec.powerOn());
        RescueSpec rescue = spec.rescue();
        if (rescue != null) {
            ObjectNode out = top.putObject("rescue");
            out.set("image_meta", image(rescue.imageMeta()));
            out.put("image_file", rescue.imageFile());
            out.put("config_drive_file", rescue.configDriveFile());
        }
        return top;
    }

    private static ObjectNode instance(Instance instance) {
        ObjectNode out = BoundedJson.MAPPER.createObjectNode();
        out.put("uuid", instance.uuid());
        out.put("name", instance.name());
        out.put("display_name", instance.displayName());
        out.put("project_id", instance.projectId());
        out.put("user_id", instance.userId());
        out.put("vcpus", instance.vcpus());
        out.put("memory_mb", instance.memoryMb());
        out.put("root_gb", instance.rootGb());
        out.put("ephemeral_gb", instance.ephemeralGb());
        Flavor flavor = instance.flavor();
        ObjectNode kind = out.putObject("flavor");
        kind.put("name", flavor.name());
        kind.put("vcpus", flavor.vcpus());
        kind.put("memory_mb", flavor.memoryMb());
        kind.put("root_gb", flavor.rootGb());
        kind.put("ephemeral_gb", flavor.ephemeralGb());
        kind.put("swap", flavor.swapMb());
        kind.set("extra_specs", BoundedJson.MAPPER.valueToTree(flavor.extraSpecs()));
        out.put("image_ref", instance.imageRef());
        out.put("kernel_id", instance.kernelId());
        out.put("ramdisk_id", instance.ramdiskId());
        out.put("os_type", instance.osType());
        out.put("root_device_name", instance.rootDeviceName());
        out.put("config_drive", instance.configDrive());
        out.set("metadata", BoundedJson.MAPPER.valueToTree(instance.metadata()));
        out.set("system_metadata", BoundedJson.MAPPER.valueToTree(instance.systemMetadata()));
        if (instance.launched()) {
            out.put("launched_at", "yes");
        }
        out.put("ephemeral_key_uuid", instance.ephemeralKeyUuid());
        return out;
    }

    private static ObjectNode image(ImageMeta image) {
        ObjectNode out = BoundedJson.MAPPER.createObjectNode();
        out.put("id", image.id());
        out.put("name", image.name());
        out.put("disk_format", image.diskFormat());
        out.put("container_format", image.containerFormat());
        out.put("size", image.size());
        out.put("min_disk", image.minDisk());
        out.put("min_ram", image.minRam());
        out.set("properties", BoundedJson.MAPPER.valueToTree(image.properties()));
        return out;
    }

    private static ObjectNode blockDevices(BlockDeviceInfo info) {
        ObjectNode out = BoundedJson.MAPPER.createObjectNode();
        out.put("root_device_name", info.rootDeviceName());
        ArrayNode image = out.putArray("image");
        info.image().forEach(device -> image.add(device(device, "device_name", "size")));
        ArrayNode ephemerals = out.putArray("ephemerals");
        info.ephemerals().forEach(device -> ephemerals.add(device(device, "device_name", "size")));
        out.set("swap", info.swap() == null ? null : device(info.swap(), "device_name", "swap_size"));
        ArrayNode volumes = out.putArray("block_device_mapping");
        for (BlockDevice volume : info.volumes()) {
            ObjectNode entry = device(volume, "mount_device", null);
            entry.set("connection_info", BoundedJson.MAPPER.valueToTree(volume.connectionInfo()));
            volumes.add(entry);
        }
        return out;
    }

    private static ObjectNode device(BlockDevice device, String nameKey, @Nullable String sizeKey) {
        ObjectNode out = BoundedJson.MAPPER.createObjectNode();
        out.put(nameKey, device.deviceName());
        out.put("disk_bus", device.diskBus());
        out.put("device_type", device.deviceType());
        out.put("guest_format", device.guestFormat());
        if (sizeKey != null) {
            out.put(sizeKey, device.size());
        }
        if (device.bootIndex() != null) {
            out.put("boot_index", device.bootIndex());
        }
        return out;
    }
}
