package org.novabridge.driver.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The root disk of a guest as libvirt gave it to QEMU.
 *
 * @param nodes values of {@code -blockdev}, as they stand on QEMU's command line
 * @param node the one that the device has
 * @param ioThread value of the {@code -object} that serves the device; null for the main loop
 * @param writeCache whether the guest sees a disk with a write cache: false makes QEMU flush after each write
 */
record QemuDisk(List<String> nodes, String node, @Nullable String ioThread, boolean writeCache) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    QemuDisk {
        nodes = List.copyOf(nodes);
    }

    /** Of the QEMU that runs the guest now. */
    static QemuDisk ofGuest(String uuid) {
        String wanted = "\0-uuid\0" + uuid + "\0";
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            try {
                String line = Files.readString(
                        Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.UTF_8);
                if (line.contains(wanted)) {
                    return of(List.of(line.split("\0")));
                }
            } catch (IOException gone) {
                // It ended meanwhile, so it is not the one that runs the guest.
                continue;
            }
        }
        throw new IllegalStateException("no process runs guest " + uuid);
    }

    /** @param argv of a QEMU with one virtio-blk disk */
    static QemuDisk of(List<String> argv) {
        List<String> nodes = values(argv, "-blockdev");
        JsonNode device = values(argv, "-device").stream()
                .filter(value -> value.startsWith("{"))
                .map(QemuDisk::json)
                .filter(value -> value.path("driver").asText().startsWith("virtio-blk"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no virtio-blk device in " + argv));
        String thread = device.path("iothread").asText("");
        String object = thread.isEmpty()
                ? null
                : values(argv, "-object").stream()
                        .filter(value -> value.startsWith("{")
                                && json(value).path("id").asText().equals(thread))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no object " + thread + " in " + argv));
        return new QemuDisk(
                nodes,
                device.path("drive").asText(),
                object,
                device.path("write-cache").asText("on").equals("on"));
    }

    private static List<String> values(List<String> argv, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i + 1 < argv.size(); i++) {
            if (argv.get(i).equals(option)) {
                values.add(argv.get(i + 1));
            }
        }
        return values;
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("QEMU's option is no JSON: " + text, e);
        }
    }

    /** The file or device below all formats. */
    String path() {
        Map<String, JsonNode> byName = new HashMap<>();
        nodes.forEach(text -> byName.put(json(text).path("node-name").asText(), json(text)));
        JsonNode at = Objects.requireNonNull(byName.get(node), node);
        while (!at.hasNonNull("filename")) {
            at = Objects.requireNonNull(byName.get(at.path("file").asText()), "no node below " + at);
        }
        return at.path("filename").asText();
    }

    /** The same on another file or device. */
    QemuDisk at(String other) {
        String here = MAPPER.getNodeFactory().textNode(path()).toString();
        String there = MAPPER.getNodeFactory().textNode(other).toString();
        return new QemuDisk(
                nodes.stream().map(text -> text.replace(here, there)).toList(), node, ioThread, writeCache);
    }

    /** A disk of so many bytes that keeps nothing and answers at once. */
    static QemuDisk nothing(long bytes) {
        return new QemuDisk(
                List.of("{\"driver\":\"null-co\",\"node-name\":\"nothing\",\"size\":" + bytes
                        + ",\"read-zeroes\":true}"),
                "nothing",
                null,
                true);
    }
}
