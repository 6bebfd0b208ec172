package org.novabridge.driver.storage.lvm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Looks at devices without changing them: lsblk for what lies on them and where it is mounted, wipefs
 * for signatures (read from the device itself, not from udev's memory), pvs for their volume group.
 */
final class DeviceProbe {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TYPE_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    private final CommandExecutor executor;
    private final LvmReport report;
    private final Path sys;
    private final Path byId;

    DeviceProbe(CommandExecutor executor, LvmReport report) {
        this(executor, report, Path.of("/sys"), Path.of("/dev/disk/by-id"));
    }

    DeviceProbe(CommandExecutor executor, LvmReport report, Path sys, Path byId) {
        this.executor = executor;
        this.report = report;
        this.sys = sys;
        this.byId = byId;
    }

    List<DeviceFacts> look(List<Path> devices) {
        List<LvmReport.PhysicalVolume> physicalVolumes = report.physicalVolumes();
        return devices.stream().map(device -> look(device, physicalVolumes)).toList();
    }

    private DeviceFacts look(Path device, List<LvmReport.PhysicalVolume> physicalVolumes) {
        try {
            int mode = (int) Files.getAttribute(device, "unix:mode");
            if ((mode & TYPE_MASK) != BLOCK_DEVICE) {
                return DeviceFacts.none(device, DeviceFacts.State.OTHER_FILE);
            }
        } catch (IOException e) {
            return DeviceFacts.none(device, DeviceFacts.State.MISSING);
        }
        JsonNode row = lsblk(device);
        List<String> partitions = new ArrayList<>();
        List<String> holders = new ArrayList<>();
        List<String> uses = new ArrayList<>();
        collectUses(row, uses);
        for (JsonNode child : row.path("children")) {
            (child.path("type").asText().equals("part") ? partitions : holders)
                    .add(child.path("path").asText());
        }
        Path real = real(device);
        holders.addAll(loopsOn(real));
        return new DeviceFacts(
                device,
                DeviceFacts.State.BLOCK_DEVICE,
                row.path("maj:min").asText(),
                row.path("type").asText(),
                row.path("size").asLong(),
                row.path("ro").asBoolean(),
                identity(row),
                signatures(device),
                partitions,
                holders,
                uses,
                group(real, physicalVolumes),
                stableName(real));
    }

    private JsonNode lsblk(Path device) {
        String output = run(Command.of(
                Tool.LSBLK,
                "--json",
                "--bytes",
                "--output",
                // NAME is what makes lsblk nest the devices that lie on it.
                "NAME,PATH,MAJ:MIN,TYPE,SIZE,RO,MOUNTPOINTS,WWN,SERIAL",
                device.toString()));
        return parse(output).path("blockdevices").path(0);
    }

    private static void collectUses(JsonNode row, List<String> uses) {
        for (JsonNode mount : row.path("mountpoints")) {
            if (!mount.isNull() && !uses.contains(mount.asText())) {
                uses.add(mount.asText());
            }
        }
        row.path("children").forEach(child -> collectUses(child, uses));
    }

    private static @Nullable String identity(JsonNode row) {
        if (!row.path("type").asText().equals("disk")) {
            return null;
        }
        String identity = row.path("wwn").asText("");
        if (identity.isEmpty() || identity.equals("null")) {
            identity = row.path("serial").asText("");
        }
        return identity.isEmpty() || identity.equals("null") ? null : identity;
    }

    private List<String> signatures(Path device) {
        String output = run(Command.of(Tool.WIPEFS, "--no-act", "--json", device.toString()));
        List<String> types = new ArrayList<>();
        // Nothing is printed when there is nothing.
        if (!output.isBlank()) {
            parse(output).path("signatures").forEach(row -> {
                String type = row.path("type").asText("unknown");
                if (!types.contains(type)) {
                    types.add(type);
                }
            });
        }
        return types;
    }

    private List<String> loopsOn(Path device) {
        List<String> loops = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(sys.resolve("block"), "loop*")) {
            for (Path entry : entries) {
                Path backing = entry.resolve("loop/backing_file");
                if (Files.exists(backing) && Files.readString(backing).strip().equals(device.toString())) {
                    loops.add("/dev/" + entry.getFileName());
                }
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED, "cannot see which loop devices there are: " + e.getMessage(), null, e);
        }
        return loops;
    }

    private static @Nullable String group(Path real, List<LvmReport.PhysicalVolume> physicalVolumes) {
        for (LvmReport.PhysicalVolume volume : physicalVolumes) {
            if (real(Path.of(volume.device())).equals(real)) {
                return volume.group();
            }
        }
        return null;
    }

    private @Nullable Path stableName(Path real) {
        if (!Files.isDirectory(byId)) {
            return null;
        }
        try (DirectoryStream<Path> links = Files.newDirectoryStream(byId)) {
            Path found = null;
            for (Path link : links) {
                if (real(link).equals(real) && (found == null || link.compareTo(found) < 0)) {
                    found = link;
                }
            }
            return found;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    private String run(Command command) {
        try {
            return executor.run(command.withDeadline(DEADLINE)).stdout();
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, "cannot look at the device");
        }
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED, "a tool answered with something that is no JSON", null, e);
        }
    }
}
