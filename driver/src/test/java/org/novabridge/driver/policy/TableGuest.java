package org.novabridge.driver.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;

/**
 * Guests in the short writing of the decision tables, words apart by spaces: {@code flavor.KEY=N},
 * {@code extra.KEY=V}, {@code image.KEY=V} (property), {@code meta.KEY=V} (system_metadata), {@code iso}, {@code config_drive}, {@code launched},
 * {@code ephemeral_key} (Nova has a key for its disks), {@code rescue=ID} (with that image; its own is {@code own}), {@code rescue=ID,stable},
 * {@code root=NAME}, {@code eph=SIZE,key:value…}, {@code swap=MIB,key:value…},
 * {@code rootbdm,key:value…}, {@code volume=TYPE,key:value…}, {@code buffered} (no O_DIRECT),
 * {@code large_blocks} (disks of 4096 bytes below), {@code no_io_uring}, {@code old} (libvirt 7.0 and QEMU 5.2, the oldest that Nova starts with), {@code one_scsi_thread} (libvirt 11.1).
 */
final class TableGuest {
    static final String UUID = "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENTRY =
            Set.of("boot_index", "mount_device", "device_name", "disk_bus", "device_type", "guest_format");
    private static final Set<String> HOST = Set.of(
            "buffered", "large_blocks", "huge_blocks", "no_io_uring", "untried_io_uring", "old", "one_scsi_thread");
    private static final Set<String> CONNECTION = Set.of("serial", "multiattach");

    private TableGuest() {}

    static ConfigSnapshot config(Path folder, String words) throws IOException {
        Map<String, StringBuilder> sections = new TreeMap<>();
        for (String word : words.isEmpty() ? new String[0] : words.split(" ", -1)) {
            int dot = word.indexOf('.');
            sections.computeIfAbsent(word.substring(0, dot), name -> new StringBuilder())
                    .append(word.substring(dot + 1).replaceFirst("=", " = "))
                    .append('\n');
        }
        sections.computeIfAbsent("DEFAULT", name -> new StringBuilder());
        StringBuilder text = new StringBuilder();
        StringBuilder defaults = sections.remove("DEFAULT");
        sections.forEach(
                (name, lines) -> text.append('[').append(name).append("]\n").append(lines));
        text.append("[DEFAULT]\ninstances_path = /srv\n").append(defaults);
        Path file = Files.writeString(folder.resolve("nova.conf"), text);
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(file));
        if (loaded.problems().hasErrors()) {
            throw new IllegalStateException(loaded.problems().errors().toString());
        }
        return loaded.snapshot();
    }

    static HostFacts facts(String guest) {
        List<String> words = List.of(guest.split(" ", -1));
        HostFacts.Builder facts = HostFacts.builder();
        if (!words.contains("untried_io_uring")) {
            facts.put(HostFact.IO_URING, !words.contains("no_io_uring"));
        }
        if (words.contains("large_blocks") || words.contains("huge_blocks")) {
            int bytes = words.contains("large_blocks") ? 4096 : 131_072;
            facts.put(HostFact.FILES_BLOCK_SIZE, bytes).put(HostFact.VOLUME_GROUP_BLOCK_SIZE, bytes);
        }
        return facts.put(HostFact.ARCH, "x86_64")
                .put(HostFact.DIRECT_IO, !words.contains("buffered"))
                .put(HostFact.RBD_MONITORS, List.of(new DiskSource.HostPort("192.0.2.1", "6789")))
                .put(
                        HostFact.LIBVIRT_VERSION,
                        words.contains("old") ? 7_000_000 : words.contains("one_scsi_thread") ? 11_001_000 : 12_000_000)
                .put(HostFact.QEMU_VERSION, words.contains("old") ? 5_002_000 : 10_000_000)
                .build();
    }

    static InstanceSpec read(JsonNode spec) {
        return InstanceSpecReader.read(spec.toString().getBytes(StandardCharsets.UTF_8));
    }

    static ObjectNode of(String words) {
        ObjectNode spec = JSON.createObjectNode();
        ObjectNode instance = spec.putObject("instance");
        instance.put("uuid", UUID)
                .put("name", "instance-0000002a")
                .put("project_id", "p")
                .put("user_id", "u");
        ObjectNode flavor = instance.putObject("flavor");
        flavor.put("name", "tiny")
                .put("vcpus", 1)
                .put("memory_mb", 64)
                .put("root_gb", 1)
                .put("ephemeral_gb", 0);
        ObjectNode extra = flavor.putObject("extra_specs");
        ObjectNode image = spec.putObject("image_meta").put("disk_format", "qcow2");
        ObjectNode properties = image.putObject("properties");
        ObjectNode devices = spec.putObject("block_device_info");
        for (String word : words.isEmpty() ? new String[0] : words.split(" ", -1)) {
            if (word.startsWith("flavor.")) {
                String[] pair = word.substring(7).split("=", 2);
                flavor.put(pair[0], Integer.parseInt(pair[1]));
            } else if (word.startsWith("extra.")) {
                put(extra, word.substring(6));
            } else if (word.startsWith("image.")) {
                put(properties, word.substring(6));
            } else if (word.startsWith("meta.")) {
                put(instance.withObject("/system_metadata"), word.substring(5));
            } else if (word.equals("iso")) {
                image.put("disk_format", "iso");
            } else if (word.equals("config_drive")) {
                instance.put("config_drive", "True");
            } else if (word.equals("ephemeral_key")) {
                instance.put("ephemeral_key_uuid", "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a02");
            } else if (word.equals("launched")) {
                instance.put("launched_at", "2026-01-01T00:00:00Z");
            } else if (word.startsWith("rescue=")) {
                String[] rescue = word.substring(7).split(",", 2);
                ObjectNode with = spec.putObject("rescue").putObject("image_meta");
                with.put("id", rescue[0]).put("disk_format", "qcow2");
                if (rescue.length > 1) {
                    with.putObject("properties").put("hw_rescue_bus", "virtio");
                }
                instance.put("image_ref", "own");
            } else if (word.startsWith("root=")) {
                devices.put("root_device_name", word.substring(5));
            } else if (word.startsWith("eph=")) {
                devices.withArray("ephemerals").add(local(word.substring(4), "size"));
            } else if (word.startsWith("swap=")) {
                devices.set("swap", local(word.substring(5), "swap_size"));
            } else if (word.startsWith("rootbdm")) {
                devices.withArray("image").add(local(word.substring(7), "ignored"));
            } else if (word.startsWith("volume=")) {
                ((ArrayNode) devices.withArray("block_device_mapping")).add(volume(word.substring(7)));
            } else if (!HOST.contains(word)) {
                throw new IllegalArgumentException(word);
            }
        }
        return spec;
    }

    private static void put(ObjectNode target, String assignment) {
        String[] pair = assignment.split("=", 2);
        target.put(pair[0], pair[1]);
    }

    private static ObjectNode local(String words, String sizeKey) {
        ObjectNode device = JSON.createObjectNode();
        String[] parts = words.split(",", -1);
        if (!parts[0].isEmpty()) {
            device.put(sizeKey, Integer.parseInt(parts[0]));
        }
        for (int i = 1; i < parts.length; i++) {
            value(device, parts[i]);
        }
        return device;
    }

    private static ObjectNode volume(String words) {
        String[] parts = words.split(",", -1);
        ObjectNode entry = JSON.createObjectNode();
        ObjectNode connection = entry.putObject("connection_info");
        connection.put("driver_volume_type", parts[0]);
        ObjectNode data = connection.putObject("data");
        if (parts[0].equals("rbd")) {
            data.put("name", "volumes/v").putArray("hosts").add("192.0.2.2");
            data.putArray("ports").add("6789");
        } else {
            data.put("device_path", parts[0].equals("nfs") ? "/mnt/v" : "/dev/sdx");
        }
        for (int i = 1; i < parts.length; i++) {
            String key = parts[i].split(":", 2)[0];
            if (key.startsWith("qos.")) {
                data.withObject("/qos_specs").put(key.substring(4), parts[i].split(":", 2)[1]);
            } else {
                value(ENTRY.contains(key) ? entry : CONNECTION.contains(key) ? connection : data, parts[i]);
            }
        }
        return entry;
    }

    private static void value(ObjectNode target, String word) {
        String[] pair = word.split(":", 2);
        if (pair[1].equals("true") || pair[1].equals("false")) {
            target.put(pair[0], pair[1].equals("true"));
        } else if (pair[0].equals("boot_index")) {
            target.put(pair[0], Integer.parseInt(pair[1]));
        } else {
            target.put(pair[0], pair[1]);
        }
    }
}
