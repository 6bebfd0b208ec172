package org.novabridge.driver.model;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SPEC.json (design 4.2) to {@link InstanceSpec}. Names and properties come from tenants and are taken
 * for hostile: every field is checked, all problems are told at once with their JSON pointers. Keys that
 * are unknown inside Nova's own dictionaries are ignored, at the top they are refused. Passwords and keys
 * inside a volume's connection are dropped: connecting is the caller's work, and what is not kept leaks
 * nowhere.
 */
public final class InstanceSpecReader {
    private static final Set<String> TOP = new java.util.TreeSet<>(Set.of(
            "instance",
            "image_meta",
            "block_device_info",
            "network_info",
            "image_file",
            "config_drive_file",
            "kernel_file",
            "ramdisk_file",
            "power_on",
            "rescue"));
    private static final Set<String> IMAGE = Set.of("image_meta", "image_file");
    private static final Set<String> RESCUE =
            Set.of("image_meta", "image_file", "config_drive_file", "kernel_file", "ramdisk_file");
    private static final Set<String> OUTSIDE = Set.of("network_info", "block_device_mapping");
    private static final int MAX_DEVICES = 512;

    private InstanceSpecReader() {}

    /**
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static InstanceSpec read(byte[] json) {
        return BoundedJson.read(json, "SPEC.json", InstanceSpecReader::spec);
    }

    /**
     * A flavor alone, in Nova's names.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static Flavor readFlavor(byte[] json) {
        return BoundedJson.read(json, "FLAVOR.json", (top, problems) -> flavor(top));
    }

    /**
     * A volume alone, as an entry of {@code block_device_mapping}.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static BlockDevice readVolume(byte[] json) {
        return BoundedJson.read(json, "VOLUME.json", InstanceSpecReader::volume);
    }

    /**
     * A port alone: Nova's VIF dictionary, as an entry of {@code network_info}.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST when it is no object
     */
    public static Map<String, Object> readPort(byte[] json) {
        return BoundedJson.read(json, "VIF.json", (top, problems) -> raw(top));
    }

    /**
     * Ports and volumes that are about to be plugged and connected.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static OutsideSpec readOutside(byte[] json) {
        return BoundedJson.read(json, "OUTSIDE.json", (top, problems) -> {
            top.only(OUTSIDE);
            return new OutsideSpec(
                    top.objects("network_info", MAX_DEVICES).stream()
                            .map(InstanceSpecReader::raw)
                            .toList(),
                    top.objects("block_device_mapping", MAX_DEVICES).stream()
                            .map(d -> volume(d, problems))
                            .toList());
        });
    }

    static InstanceSpec spec(CheckedObject top, List<String> problems) {
        top.only(TOP);
        CheckedObject instance = required(top, "instance", problems);
        CheckedObject image = required(top, "image_meta", problems);
        return new InstanceSpec(
                instance(instance, problems),
                image(image),
                blockDevices(top.optionalObject("block_device_info"), problems),
                top.objects("network_info", MAX_DEVICES).stream()
                        .map(InstanceSpecReader::raw)
                        .toList(),
                top.optionalHandedFile("image_file"),
                top.optionalHandedFile("config_drive_file"),
                top.flag("power_on", true),
                rescue(top.optionalObject("rescue"), problems),
                top.optionalHandedFile("kernel_file"),
                top.optionalHandedFile("ramdisk_file"));
    }

    /**
     * What a guest is to be rescued with: the value of {@code rescue} in a spec. Without image_meta its image has no id.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static RescueSpec readRescue(byte[] json) {
        return BoundedJson.read(json, "RESCUE.json", InstanceSpecReader::rescued);
    }

    /**
     * An image that is to be cached.
     *
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static ImageSpec readImage(byte[] json) {
        return BoundedJson.read(json, "IMAGE.json", (in, problems) -> {
            in.only(IMAGE);
            return new ImageSpec(image(orEmpty(in, "image_meta", problems)), in.optionalHandedFile("image_file"));
        });
    }

    private static @Nullable RescueSpec rescue(@Nullable CheckedObject in, List<String> problems) {
        return in == null ? null : rescued(in, problems);
    }

    private static RescueSpec rescued(CheckedObject in, List<String> problems) {
        in.only(RESCUE);
        return new RescueSpec(
                image(orEmpty(in, "image_meta", problems)),
                in.optionalHandedFile("image_file"),
                in.optionalHandedFile("config_drive_file"),
                in.optionalHandedFile("kernel_file"),
                in.optionalHandedFile("ramdisk_file"));
    }

    private static CheckedObject orEmpty(CheckedObject parent, String key, List<String> problems) {
        CheckedObject found = parent.optionalObject(key);
        return found != null ? found : new CheckedObject(BoundedJson.MAPPER.createObjectNode(), "/" + key, problems);
    }

    private static CheckedObject required(CheckedObject parent, String key, List<String> problems) {
        CheckedObject found = parent.optionalObject(key);
        if (found != null) {
            return found;
        }
        if (!parent.has(key)) {
            parent.problem(key, "is missing");
        }
        // What is missing below a missing object is not worth a line of its own.
        return new CheckedObject(BoundedJson.MAPPER.createObjectNode(), "/" + key, new java.util.ArrayList<>(problems));
    }

    private static Instance instance(CheckedObject in, List<String> problems) {
        CheckedObject flavorFields = in.optionalObject("flavor");
        if (flavorFields == null) {
            flavorFields = required(in, "flavor", problems);
        }
        Flavor flavor = flavor(flavorFields);
        String display = in.optionalName("display_name");
        return new Instance(
                in.uuid("uuid"),
                in.fileName("name"),
                display == null ? "" : display,
                in.name("project_id"),
                in.name("user_id"),
                in.number("vcpus", 1, Math.max(1, flavor.vcpus())),
                in.number("memory_mb", 1, Math.max(1, flavor.memoryMb())),
                in.number("root_gb", 0, flavor.rootGb()),
                in.number("ephemeral_gb", 0, flavor.ephemeralGb()),
                flavor,
                present(in.optionalName("image_ref")),
                present(in.optionalName("kernel_id")),
                present(in.optionalName("ramdisk_id")),
                present(in.optionalName("os_type")),
                in.optionalDevice("root_device_name"),
                in.looseFlag("config_drive") ? "True" : "",
                in.texts("metadata"),
                in.texts("system_metadata"),
                in.has("launched_at"),
                present(in.optionalName("ephemeral_key_uuid")));
    }

    private static Flavor flavor(CheckedObject in) {
        String name = in.optionalName("name");
        return new Flavor(
                name == null ? "" : name,
                in.number("vcpus", 1),
                in.number("memory_mb", 1),
                in.number("root_gb", 0),
                in.number("ephemeral_gb", 0, 0),
                in.number("swap", 0, 0),
                in.texts("extra_specs"));
    }

    private static ImageMeta image(CheckedObject in) {
        return new ImageMeta(
                present(in.optionalName("id")),
                in.optionalName("name"),
                present(in.optionalWord("disk_format")),
                present(in.optionalWord("container_format")),
                in.optionalLong("size"),
                in.number("min_disk", 0, 0),
                in.number("min_ram", 0, 0),
                in.texts("properties"));
    }

    private static BlockDeviceInfo blockDevices(@Nullable CheckedObject in, List<String> problems) {
        if (in == null) {
            return BlockDeviceInfo.NONE;
        }
        CheckedObject swap = in.optionalObject("swap");
        return new BlockDeviceInfo(
                in.optionalDevice("root_device_name"),
                in.objects("image", 1).stream().map(d -> local(d, "size", 0)).toList(),
                in.objects("ephemerals", MAX_DEVICES).stream()
                        .map(d -> local(d, "size", 1))
                        .toList(),
                swap == null ? null : local(swap, "swap_size", 0),
                in.objects("block_device_mapping", MAX_DEVICES).stream()
                        .map(d -> volume(d, problems))
                        .toList());
    }

    private static BlockDevice local(CheckedObject in, String size, int least) {
        return device(in, least > 0 ? in.number(size, least) : in.number(size, least, 0), Map.of());
    }

    private static BlockDevice volume(CheckedObject in, List<String> problems) {
        CheckedObject connection = in.optionalObject("connection_info");
        if (connection == null) {
            connection = required(in, "connection_info", problems);
        }
        boolean planned = connection.node().isEmpty() && in.has("connection_info");
        if (!planned
                && connection.optionalWord("driver_volume_type") == null
                && !connection.has("driver_volume_type")) {
            connection.problem("driver_volume_type", "is missing");
        }
        connection.text("serial", CheckedObject.MAX_NAME, CheckedObject::printable, "text without control characters");
        CheckedObject data = connection.optionalObject("data");
        if (data != null) {
            data.text("device_path", 4096, InstanceSpecReader::path, "an absolute path without '..'");
            data.text("export", 4096, CheckedObject::printable, "text without control characters");
            data.text("name", 1024, InstanceSpecReader::volumeName, "a name that leads nowhere else");
        }
        Map<String, Object> raw = raw(connection);
        ConnectionSecrets.drop(raw);
        return device(in, 0, raw);
    }

    private static BlockDevice device(CheckedObject in, int size, Map<String, Object> connection) {
        String name = in.optionalDevice("device_name");
        return new BlockDevice(
                name == null ? in.optionalDevice("mount_device") : name,
                in.optionalWord("disk_bus"),
                in.optionalWord("device_type"),
                present(in.optionalWord("guest_format")),
                size,
                in.has("boot_index") ? (Integer) in.number("boot_index", Integer.MIN_VALUE, -1) : null,
                connection);
    }

    private static boolean path(String text) {
        try {
            return CheckedObject.printable(text)
                    && text.startsWith("/")
                    && Path.of(text).normalize().toString().equals(text);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** {@code pool/image} for rbd, a file name for NFS. */
    private static boolean volumeName(String text) {
        return CheckedObject.printable(text)
                && !text.startsWith("/")
                && !text.startsWith("-")
                && java.util.Arrays.stream(text.split("/", -1))
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    private static @Nullable String present(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static Map<String, Object> raw(CheckedObject in) {
        return BoundedJson.MAPPER.convertValue(in.node(), new TypeReference<LinkedHashMap<String, Object>>() {});
    }
}
