package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.hypervisor.QemuMonitor;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.GuestDevice.ControllerDriver;

/**
 * A disk in QEMU's own words: as a definition asks for it, and as a QEMU that runs has it. What neither says is not there.
 *
 * <p>Source: QEMU's qapi/block-core.json and the properties of its devices; nothing of it is taken from what writes the
 * documents of guests.
 */
final class QemuWords {
    private static final String UNSAID = "-";

    private QemuWords() {}

    /** What the definition asks of QEMU; what it leaves to QEMU is there only where QEMU's own is known. */
    static Map<String, String> asked(DiskDefinition disk, DiskPlan plan, int vcpus) {
        Map<String, String> words = new TreeMap<>();
        String cache = Objects.requireNonNull(disk.cache());
        boolean direct = cache.equals("none") || cache.equals("directsync");
        boolean writeCache = !cache.equals("writethrough") && !cache.equals("directsync");
        words.put("a block written and read", "");
        words.put("cache.direct", text(direct));
        words.put("cache.no-flush", text(cache.equals("unsafe")));
        words.put("device write-cache", writeCache ? "on" : "off");
        words.put("open O_DIRECT", text(direct));
        words.put("driver", Objects.requireNonNull(disk.format()));
        words.put("protocol", disk.source().type().equals("block") ? "host_device" : "file");
        words.put("aio", said(disk.io()));
        words.put("discard", said(disk.discard()));
        DiskTuning tuning = disk.tuning();
        words.put("detect-zeroes", tuning.detectZeroes() == null ? "off" : tuning.detectZeroes());
        words.put("cache-size", said(tuning.metadataCacheBytes()));
        words.put(
                "device werror",
                tuning.errorPolicy() == null
                        ? "auto"
                        : tuning.errorPolicy().equals("enospace") ? "enospc" : tuning.errorPolicy());
        if (disk.serial() != null) {
            // Without one QEMU makes one up for ATA disks.
            words.put("device serial", disk.serial());
        }
        words.put("device logical_block_size", disk.logicalBlockSize() == null ? "512" : disk.logicalBlockSize());
        words.put("device physical_block_size", disk.physicalBlockSize() == null ? "512" : disk.physicalBlockSize());
        disk.ioTune().forEach((name, value) -> words.put("limit " + name, value));
        ControllerDriver controller = disk.targetBus().equals("scsi") ? plan.scsiDriver() : null;
        if (disk.targetBus().equals("virtio")) {
            words.put(
                    "iothread",
                    tuning.ioThreads().isEmpty()
                            ? ""
                            : "iothread" + tuning.ioThreads().get(0));
            words.put("queues", tuning.queues() == null ? Integer.toString(vcpus) : tuning.queues() + "");
            words.put("device queue-size", tuning.queueSize() == null ? "256" : tuning.queueSize() + "");
        } else {
            words.put("device rotation_rate", tuning.rotationRate() == null ? "0" : tuning.rotationRate() + "");
            if ("virtio-scsi".equals(plan.scsiModel()) && disk.targetBus().equals("scsi")) {
                List<Integer> threads = controller == null ? List.of() : controller.ioThreads();
                Integer queues = controller == null ? null : controller.queues();
                words.put("iothread", threads.isEmpty() ? "" : "iothread" + threads.get(0));
                words.put("queues", Integer.toString(queues == null ? vcpus : queues));
            }
        }
        return words;
    }

    /** The same words of a running QEMU, for the disk that has its blocks there. */
    static Map<String, String> had(Map<String, String> asked, Path source, QemuProcess process, QemuMonitor monitor)
            throws IOException {
        Map<String, JsonNode> nodes = process.blockNodes();
        JsonNode protocol = nodes.values().stream()
                .filter(node -> node.path("filename").asText().equals(source.toString()))
                .findFirst()
                .orElseThrow();
        JsonNode top = nodes.values().stream()
                .filter(node -> node.path("file")
                        .asText()
                        .equals(protocol.path("node-name").asText()))
                .findFirst()
                .orElse(protocol);
        JsonNode drive = find(monitor.ask("query-block"), "inserted/node-name", top, "node-name");
        JsonNode node = find(monitor.ask("query-named-block-nodes"), "node-name", top, "node-name");
        String device = drive.path("qdev").asText().replaceFirst("/virtio-backend$", "");
        Map<String, String> words = new TreeMap<>();
        words.put(
                "a block written and read",
                tried(monitor, drive.path("qdev").asText(), Integer.parseInt(words(asked, "logical_block_size"))));
        words.put("cache.direct", node.at("/cache/direct").asText());
        words.put("cache.no-flush", node.at("/cache/no-flush").asText());
        words.put("open O_DIRECT", process.directly(source).toString().replaceFirst("^\\[(\\w+)\\]$", "$1"));
        words.put("driver", node.path("drv").asText());
        words.put("protocol", protocol.path("driver").asText());
        words.put("aio", protocol.path("aio").asText(UNSAID));
        words.put("discard", top.path("discard").asText(UNSAID));
        words.put("detect-zeroes", node.path("detect_zeroes").asText());
        words.put("cache-size", top.path("cache-size").asText(UNSAID));
        JsonNode limits = drive.path("inserted");
        for (String word : asked.keySet()) {
            if (word.startsWith("device ")) {
                words.put(
                        word,
                        monitor.property(device, word.substring("device ".length()))
                                .asText());
            } else if (word.startsWith("limit ")) {
                words.put(word, limit(limits, word.substring("limit ".length())));
            }
        }
        if (asked.containsKey("queues")) {
            boolean ofDisk = asked.containsKey("device queue-size");
            String taker = ofDisk ? device : "/machine/peripheral/scsi0";
            words.put(
                    "queues",
                    monitor.property(taker, ofDisk ? "num-queues" : "num_queues")
                            .asText());
            words.put("iothread", monitor.property(taker, "iothread").asText().replaceFirst("^/objects/", ""));
        }
        return words;
    }

    private static String words(Map<String, String> asked, String property) {
        return Objects.requireNonNull(asked.get("device " + property));
    }

    /**
     * A block in the middle of one of 4096 bytes, as small as the guest may write it. QEMU prints how it went.
     *
     * @return what QEMU has against trying
     */
    private static String tried(QemuMonitor monitor, String qdev, int block) throws IOException {
        String place = block + " " + block;
        return monitor.io(qdev, "write -P 165 " + place) + monitor.io(qdev, "read -P 165 " + place);
    }

    private static JsonNode find(JsonNode all, String path, JsonNode like, String field) {
        for (JsonNode one : all) {
            if (one.at("/" + path).asText().equals(like.path(field).asText())) {
                return one;
            }
        }
        throw new AssertionError(like.path(field) + " is not in " + all);
    }

    /** QEMU tells limits by its own names (BlockDeviceInfo). */
    private static String limit(JsonNode inserted, String name) {
        return inserted.path(
                        switch (name) {
                            case "total_iops_sec" -> "iops";
                            case "read_bytes_sec" -> "bps_rd";
                            case "write_iops_sec" -> "iops_wr";
                            case "total_iops_sec_max" -> "iops_max";
                            case "group_name" -> "group";
                            default -> throw new AssertionError(name);
                        })
                .asText();
    }

    private static String text(boolean flag) {
        return Boolean.toString(flag);
    }

    private static String said(@Nullable Object value) {
        return value == null ? UNSAID : value.toString();
    }
}
