package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;

/**
 * The command lines of LVM. Those that change something are marked as never to be killed: a kill
 * between device-mapper's suspend and resume would hang every guest on the device. Sizes are given in
 * bytes and as whole extents, so that nothing is rounded behind our back; every question is answered
 * beforehand ({@code --yes}), since a prompt without a terminal means "no" (Nova bug 2129678).
 */
final class LvmCommands {
    /**
     * Room for the metadata of each device; fixed for its life. The default megabyte is full at about
     * 1400 volumes; this takes more than 50,000.
     */
    static final String METADATA_SIZE = "64m";

    static final long METADATA_BYTES = 64L << 20;

    private final Duration alarmAfter;

    LvmCommands(Duration alarmAfter) {
        this.alarmAfter = alarmAfter;
    }

    /** Initialises a device. No {@code --yes}: a signature that our check has missed must stop it. */
    Command createPhysicalVolume(Path device) {
        return change(Tool.PVCREATE, "--metadatasize", METADATA_SIZE, device.toString());
    }

    /** Undoes {@link #createPhysicalVolume}; LVM refuses when the device is in a group. */
    Command removePhysicalVolume(Path device) {
        return change(Tool.PVREMOVE, device.toString());
    }

    Command createGroup(String group, List<Path> devices) {
        List<String> arguments = new ArrayList<>(List.of("--addtag", LvmNames.OURS_TAG, group));
        devices.forEach(device -> arguments.add(device.toString()));
        return change(Tool.VGCREATE, arguments.toArray(String[]::new));
    }

    /** Undoes {@link #createGroup}; without {@code --force}, so it refuses a group that has volumes. */
    Command removeGroup(String group) {
        return change(Tool.VGREMOVE, group);
    }

    Command addGroupTag(String group, String tag) {
        return change(Tool.VGCHANGE, "--addtag", tag, group);
    }

    Command removeGroupTag(String group, String tag) {
        return change(Tool.VGCHANGE, "--deltag", tag, group);
    }

    /**
     * A linear volume, its first blocks zeroed and old signatures wiped, for nothing on the host may
     * take the former content for a file system.
     */
    Command createVolume(String group, String volume, long bytes) {
        return change(
                Tool.LVCREATE,
                "--yes",
                "--wipesignatures",
                "y",
                "--zero",
                "y",
                "--type",
                "linear",
                "--size",
                bytes + "b",
                "--name",
                volume,
                group);
    }

    /** A linear volume of all that is free. */
    Command createOfFreeSpace(String group, String volume) {
        return change(Tool.LVCREATE, "--yes", "--type", "linear", "--extents", "100%FREE", "--name", volume, group);
    }

    /**
     * A thin pool whose blocks read as zero before they are written, which passes discards on to its devices,
     * and for whose metadata there is a spare. dmeventd watches it from now on, whatever lvm.conf says. Writes to it when
     * it is full fail at once, as of {@link #failWhenFull}: lvcreate takes no such option, but heeds the setting.
     *
     * @param profile what tells dmeventd when to grow it
     */
    Command createPool(String group, String pool, ThinPoolShape shape, String profile) {
        return change(
                Tool.LVCREATE,
                "--yes",
                "--config",
                "activation/error_when_full=1",
                "--type",
                "thin-pool",
                "--size",
                shape.data() + "b",
                "--poolmetadatasize",
                shape.metadata() + "b",
                "--chunksize",
                shape.chunk() + "b",
                "--zero",
                "y",
                "--discards",
                "passdown",
                "--poolmetadataspare",
                "y",
                "--metadataprofile",
                profile,
                "--monitor",
                "y",
                "--addtag",
                LvmNames.OURS_TAG,
                "--name",
                pool,
                group);
    }

    /** Writes to a full pool fail at once, so that QEMU pauses the guest. */
    Command failWhenFull(String pool, boolean fail) {
        return change(Tool.LVCHANGE, "--yes", "--errorwhenfull", fail ? "y" : "n", pool);
    }

    Command attachProfile(String pool, String profile) {
        return change(Tool.LVCHANGE, "--yes", "--metadataprofile", profile, pool);
    }

    Command detachProfile(String pool) {
        return change(Tool.LVCHANGE, "--yes", "--detachprofile", pool);
    }

    /** Has dmeventd watch it; LVM starts dmeventd when it does not run. */
    Command monitor(String pool, boolean watch) {
        return change(Tool.LVCHANGE, "--yes", "--monitor", watch ? "y" : "n", pool);
    }

    /** An empty volume of the pool. */
    Command createThin(String group, String pool, String volume, long bytes) {
        return change(
                Tool.LVCREATE,
                "--yes",
                "--type",
                "thin",
                "--virtualsize",
                bytes + "b",
                "--thinpool",
                pool,
                "--name",
                volume,
                group);
    }

    /** The command that makes a volume, making it one of ours from its first moment on, with further tags. */
    Command ours(Command making, List<String> tags) {
        return tagged(making.with("--addtag", LvmNames.OURS_TAG), tags);
    }

    private static Command tagged(Command command, Iterable<String> tags) {
        Command tagged = command;
        for (String tag : tags) {
            tagged = tagged.with("--addtag", tag);
        }
        return tagged;
    }

    /** A writable snapshot of a base, active now and after each start of the host, as Nova's volumes are. */
    Command cloneThin(String group, String base, String volume) {
        return snapshot(group, base, volume, "rw", "--setactivationskip", "n", "--activate", "y");
    }

    /**
     * What a base of another size begins as: a snapshot of the image's that shares all with it and has no device.
     *
     * @param tags of it
     */
    Command cloneBase(String group, String base, String filling, List<String> tags) {
        return tagged(snapshot(group, base, filling, "r", "--setactivationskip", "y"), tags);
    }

    /** A read-only picture of a thin volume, which has no device yet: so this is short, and a restart activates none. */
    Command snapshotThin(String group, String volume, String snapshot) {
        return snapshot(group, volume, snapshot, "r", "--setactivationskip", "y");
    }

    /** The same, with a tag that says how much of its pool it may come to hold. */
    Command pictureThin(String group, String volume, String picture, long bytes) {
        return snapshot(
                group, volume, picture, "r", "--setactivationskip", "y", "--addtag", LvmNames.ALLOCATED_TAG + bytes);
    }

    /**
     * A read-only picture of a thick volume.
     *
     * @param bytes room for what is overwritten in the volume while the picture lives
     */
    Command snapshotThick(String group, String volume, String snapshot, long bytes) {
        return snapshot(group, volume, snapshot, "r", "--size", bytes + "b");
    }

    private Command snapshot(String group, String origin, String name, String permission, String... further) {
        List<String> arguments = new ArrayList<>(List.of("--yes", "--snapshot", "--permission", permission));
        arguments.addAll(List.of(further));
        arguments.addAll(List.of("--name", name, group + "/" + origin));
        return change(Tool.LVCREATE, arguments.toArray(String[]::new));
    }

    /** Makes a thick picture's own store a volume like others, which can be wiped. */
    Command splitSnapshot(String group, String snapshot) {
        return change(Tool.LVCONVERT, "--yes", "--splitsnapshot", group + "/" + snapshot);
    }

    /** Also a volume that is left out when the host activates its own. */
    Command activateSkipped(String group, String volume) {
        return change(Tool.LVCHANGE, "--yes", "--activate", "y", "--ignoreactivationskip", group + "/" + volume);
    }

    /** A read-only picture becomes a volume like others: written to, and active after each start of the host. */
    Command makeOrdinary(String group, String volume) {
        return change(Tool.LVCHANGE, "--yes", "--permission", "rw", "--setactivationskip", "n", group + "/" + volume);
    }

    Command writable(String group, String volume) {
        return change(Tool.LVCHANGE, "--yes", "--permission", "rw", group + "/" + volume);
    }

    /**
     * Read-only from now on, and left out when the host activates its volumes.
     *
     * @param tags say what LVM does not know of an inactive volume
     */
    Command seal(String group, String volume, List<String> tags) {
        return tagged(
                change(Tool.LVCHANGE, "--yes", "--permission", "r", "--setactivationskip", "y", group + "/" + volume),
                tags);
    }

    Command deactivate(String group, String volume) {
        return change(Tool.LVCHANGE, "--yes", "--activate", "n", group + "/" + volume);
    }

    /** LVM rounds up to whole extents. */
    Command extendVolume(String group, String volume, long bytes) {
        return change(Tool.LVEXTEND, "--yes", "--size", bytes + "b", group + "/" + volume);
    }

    Command renameVolume(String group, String from, String to) {
        return change(Tool.LVRENAME, "--yes", group, from, to);
    }

    Command addTag(String group, String volume, String tag) {
        return change(Tool.LVCHANGE, "--yes", "--addtag", tag, group + "/" + volume);
    }

    Command removeTag(String group, String volume, String tag) {
        return change(Tool.LVCHANGE, "--yes", "--deltag", tag, group + "/" + volume);
    }

    /** Of many volumes at once: each further command costs as much as all of them. */
    Command removeTag(String group, List<String> volumes, String tag) {
        List<String> arguments = new ArrayList<>(List.of("--yes", "--deltag", tag));
        volumes.forEach(volume -> arguments.add(group + "/" + volume));
        return change(Tool.LVCHANGE, arguments.toArray(String[]::new));
    }

    /** Puts a tag in the place of others; all of it or nothing. */
    Command replaceTags(String group, String volume, List<String> former, String tag) {
        List<String> arguments = new ArrayList<>(List.of("--yes", "--addtag", tag));
        former.forEach(old -> arguments.addAll(List.of("--deltag", old)));
        arguments.add(group + "/" + volume);
        return change(Tool.LVCHANGE, arguments.toArray(String[]::new));
    }

    Command activate(String group, String volume) {
        return change(Tool.LVCHANGE, "--yes", "--activate", "y", group + "/" + volume);
    }

    /** {@code --force} removes an active volume; LVM still refuses one that is open. */
    Command removeVolume(String group, String volume) {
        return change(Tool.LVREMOVE, "--yes", "--force", group + "/" + volume);
    }

    /**
     * Removes a thin volume without {@code --yes} and {@code --force}: of one that is not active and has no dependents
     * LVM asks nothing, and what it would ask about must stop it. But for one question, which a host's {@code
     * issue_discards = 1} adds to every removal; a thin volume frees no extent that it could mean.
     */
    Command removeInactive(String group, String volume) {
        return change(Tool.LVREMOVE, "--config", "devices/issue_discards=0", group + "/" + volume);
    }

    /** Device-mapper's name: hyphens within the parts are doubled. */
    static String mapperName(String group, String volume) {
        return group.replace("-", "--") + "-" + volume.replace("-", "--");
    }

    /** The volume of the group that has this name in device-mapper; empty when it is not one of the group's. */
    static Optional<String> volume(String group, String mapperName) {
        String prefix = group.replace("-", "--") + "-";
        // No volume's name begins with a hyphen (lvm(8), VALID NAMES): two are one of a longer group's.
        return Optional.of(mapperName)
                .filter(name -> name.startsWith(prefix) && !name.startsWith(prefix + "-"))
                .map(name -> name.substring(prefix.length()).replace("--", "-"));
    }

    private Command change(Tool tool, String... arguments) {
        return Command.of(tool, arguments).withEffect(Effect.MUST_FINISH).withDeadline(alarmAfter);
    }
}
