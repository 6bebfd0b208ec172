package org.novabridge.driver.storage.lvm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Asks LVM what there is, as JSON and in bytes. Whether something exists is asked with a selection,
 * which gives an empty list and exit 0: LVM's exit 5 stands for any failure and proves nothing.
 */
final class LvmReport {
    /** LVM now and then dies of a signal while another command changes the group (Nova bug 1931710). */
    private static final int ATTEMPTS = 3;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GROUP_FIELDS =
            "vg_name,vg_size,vg_free,vg_extent_size,vg_tags,vg_missing_pv_count,vg_mda_size,vg_mda_free,vg_exported,"
                    + "vg_uuid,vg_seqno";
    private static final String POOL_FIELDS =
            "metadata_percent,lv_metadata_size,chunk_size,zero,lv_when_full,discards,lv_health_status,seg_monitor,lv_profile";
    private static final String VOLUME_FIELDS = "lv_name,lv_size,lv_tags,lv_attr,pool_lv,data_percent";
    private static final int OUTPUT_CAP = 64 << 20;

    /** A physical volume; group is empty when it is in none. */
    record PhysicalVolume(String device, String group, List<String> groupTags, boolean missing, long size, long free) {}

    private final CommandExecutor executor;
    private final Duration deadline;

    LvmReport(CommandExecutor executor, Duration deadline) {
        this.executor = executor;
        this.deadline = deadline;
    }

    Optional<VolumeGroup> group(String name) {
        List<JsonNode> rows = rows(Tool.VGS, "vg", GROUP_FIELDS, "vg_name=\"" + name + "\"");
        if (rows.size() > 1) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "two volume groups are named " + name,
                    "give one of them another name: vgrename <uuid of the group> <new name> (vgs -o +vg_uuid shows it)");
        }
        return rows.stream().findFirst().map(LvmReport::group);
    }

    private static VolumeGroup group(JsonNode row) {
        return new VolumeGroup(
                text(row, "vg_name"),
                number(row, "vg_size"),
                number(row, "vg_free"),
                number(row, "vg_extent_size"),
                tags(row, "vg_tags"),
                (int) number(row, "vg_missing_pv_count"),
                number(row, "vg_mda_size"),
                number(row, "vg_mda_free"),
                !text(row, "vg_exported").isEmpty(),
                new VolumeGroup.Revision(text(row, "vg_uuid"), number(row, "vg_seqno")));
    }

    /** The thin pool of that name; empty when there is none, or no such group. */
    Optional<ThinPool> pool(String group, String name) {
        return pools(group).stream().filter(pool -> pool.name().equals(name)).findFirst();
    }

    /**
     * The thin pools of a group with all that is in it, in one question: each further one costs as much as
     * making a snapshot does.
     */
    List<ThinPool> pools(String group) {
        List<JsonNode> rows = rows(
                Tool.LVS, "lv", GROUP_FIELDS + "," + VOLUME_FIELDS + "," + POOL_FIELDS, "vg_name=\"" + group + "\"");
        List<LogicalVolume> volumes = rows.stream()
                .map(LvmReport::volume)
                .filter(volume -> !volume.thinPool())
                .toList();
        return rows.stream()
                .filter(row -> volume(row).thinPool())
                .map(row -> new ThinPool(
                        group(row),
                        text(row, "lv_name"),
                        number(row, "lv_size"),
                        row.path("data_percent").asDouble(0),
                        row.path("metadata_percent").asDouble(0),
                        number(row, "lv_metadata_size"),
                        number(row, "chunk_size"),
                        text(row, "zero").equals("zero"),
                        text(row, "lv_when_full").equals("error"),
                        text(row, "discards"),
                        text(row, "lv_health_status"),
                        text(row, "seg_monitor").equals("monitored"),
                        text(row, "lv_profile"),
                        tags(row, "lv_tags").contains(LvmNames.OURS_TAG),
                        volumes))
                .toList();
    }

    /** How much of the pool is in use, in one question; empty when there is no such pool or it is not active. */
    Optional<PoolUse> poolUse(String group, String name, Instant now) {
        return rows(
                        Tool.LVS,
                        "lv",
                        "lv_size,data_percent,metadata_percent,lv_metadata_size,vg_free,lv_health_status",
                        "vg_name=\"" + group + "\" && lv_name=\"" + name + "\" && segtype=\"thin-pool\"")
                .stream()
                .filter(row -> !text(row, "data_percent").isEmpty()
                        && !text(row, "metadata_percent").isEmpty())
                .map(row -> new PoolUse(
                        now,
                        number(row, "lv_size"),
                        share(row, "lv_size", "data_percent"),
                        number(row, "lv_metadata_size"),
                        share(row, "lv_metadata_size", "metadata_percent"),
                        number(row, "vg_free"),
                        text(row, "lv_health_status")))
                .findFirst();
    }

    private static long share(JsonNode row, String size, String percent) {
        return Math.round(number(row, size) * row.path(percent).asDouble(0) / 100);
    }

    /** The volumes of a group, hidden parts left out. */
    List<LogicalVolume> volumes(String group) {
        return volumes(group, "");
    }

    /** The volumes that others, bases left out, are snapshots of; those of hidden volumes too. */
    Set<String> origins(String group) {
        return rows(Tool.LVS, "lv", "lv_name,origin", "vg_name=\"" + group + "\" && origin!=\"\"", "--all").stream()
                .filter(row -> LvmNames.role(text(row, "lv_name")) != VolumeCensus.Role.BASE)
                .map(row -> text(row, "origin"))
                .collect(Collectors.toSet());
    }

    Optional<LogicalVolume> volume(String group, String name) {
        return volumes(group, " && lv_name=\"" + name + "\"").stream().findFirst();
    }

    private List<LogicalVolume> volumes(String group, String further) {
        return rows(Tool.LVS, "lv", VOLUME_FIELDS, "vg_name=\"" + group + "\"" + further).stream()
                .map(LvmReport::volume)
                .toList();
    }

    private static LogicalVolume volume(JsonNode row) {
        return new LogicalVolume(
                text(row, "lv_name"),
                number(row, "lv_size"),
                tags(row, "lv_tags"),
                text(row, "lv_attr"),
                text(row, "pool_lv"),
                row.path("data_percent").asDouble(0));
    }

    /** The number by which the pool knows a thin volume; empty when it is none. */
    OptionalInt thinId(String group, String name) {
        return rows(Tool.LVS, "lv", "thin_id", "vg_name=\"" + group + "\" && lv_name=\"" + name + "\"").stream()
                .map(row -> text(row, "thin_id"))
                .filter(id -> !id.isEmpty())
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    /** All physical volumes of the host. */
    List<PhysicalVolume> physicalVolumes() {
        return rows(Tool.PVS, "pv", "pv_name,vg_name,vg_tags,pv_missing,pv_size,pv_free", "pv_name!=\"\"").stream()
                .map(row -> new PhysicalVolume(
                        text(row, "pv_name"),
                        text(row, "vg_name"),
                        tags(row, "vg_tags"),
                        !text(row, "pv_missing").isEmpty(),
                        number(row, "pv_size"),
                        number(row, "pv_free")))
                .toList();
    }

    private List<JsonNode> rows(Tool tool, String kind, String fields, String selection, String... further) {
        List<String> arguments =
                new ArrayList<>(List.of("--reportformat", "json", "--units", "b", "--nosuffix", "--options", fields));
        arguments.addAll(List.of(further));
        arguments.addAll(List.of("--select", selection));
        Command command = Command.of(tool, arguments.toArray(String[]::new))
                .withDeadline(deadline)
                .withOutputCap(OUTPUT_CAP);
        CommandResult result = ask(command);
        try {
            List<JsonNode> rows = new ArrayList<>();
            for (JsonNode report : JSON.readTree(result.stdout()).path("report")) {
                report.path(kind).forEach(rows::add);
            }
            return rows;
        } catch (JsonProcessingException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED, tool.program() + " answered with something that is no JSON", null, e);
        }
    }

    private CommandResult ask(Command command) {
        for (int attempt = 1; ; attempt++) {
            try {
                return executor.run(command);
            } catch (CommandFailedException e) {
                if (attempt == ATTEMPTS || !diedOfSignal(e)) {
                    throw LvmFailures.of(e, "cannot ask LVM");
                }
            }
        }
    }

    private static boolean diedOfSignal(CommandFailedException e) {
        int exit = e.result().exitCode();
        return e.reason() == CommandFailedException.Reason.EXIT && (exit > 128 || exit < 0);
    }

    private static String text(JsonNode row, String field) {
        return row.path(field).asText("");
    }

    private static List<String> tags(JsonNode row, String field) {
        String text = text(row, field);
        return text.isEmpty() ? List.of() : List.of(text.split(","));
    }

    private static long number(JsonNode row, String field) {
        String text = text(row, field);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
