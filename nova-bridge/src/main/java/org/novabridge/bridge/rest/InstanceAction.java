package org.novabridge.bridge.rest;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The words after {@code /v1/instances/UUID/}: what each does and what its body may hold. The one table of them. */
enum InstanceAction {
    PREPARE("Makes the disks of SPEC.json, which is the body; the result carries what the caller connects and plugs"),
    START(
            "Defines and starts a prepared instance",
            may("paused", Kind.FLAG, "start with stopped processors, until resume"),
            may("spec", Kind.SPEC, "when volumes were connected since, each with the device_path that it has now")),
    RESUME("Lets a guest run that was started paused, or brings back a suspended one"),
    REBOOT(
            "Reboots; SOFT asks the guest and falls back to HARD",
            may("type", Kind.REBOOT_TYPE, "SOFT without it"),
            may("spec", Kind.SPEC, "today's; the recorded one without it")),
    REDEFINE(
            "The definition of a stopped guest from today's configuration; makes no disk",
            may("spec", Kind.SPEC, "today's; the recorded one without it")),
    STOP("Pulls the plug; first step of delete"),
    RELEASE("Wipes and removes disks, folder, definition"),
    POWER_OFF(
            "Asks the guest to shut down, then pulls the plug",
            may("timeout", Kind.SECONDS, "os_shutdown_timeout of the image, else shutdown_timeout, without it"),
            may("retry_interval", Kind.SECONDS, "how often it is asked; shutdown_retry_interval without it")),
    POWER_ON(
            "Starts a stopped guest with a definition of today, as a hard reboot does; a running one is success",
            may("paused", Kind.FLAG, "start with stopped processors, until resume"),
            may("spec", Kind.SPEC, "today's; the recorded one without it")),
    PAUSE("Stops the processors of the guest"),
    UNPAUSE("Lets them run again"),
    SUSPEND("Saves memory to disk and stops"),
    SNAPSHOT(
            "Makes an image of the root disk, of a running guest too",
            may("format", Kind.TEXT, "raw or qcow2; snapshot_image_format without it"),
            may("compress", Kind.FLAG, "of a qcow2 one; snapshot_compression without it"),
            may("file", Kind.TEXT, "where it goes, the operator's only; snapshots_directory without it")),
    RESIZE(
            "Gives the guest another flavor on this host",
            must("flavor", Kind.FLAVOR, "the new one"),
            may("online", Kind.FLAG, "grow the disks of the running guest, and nothing else"),
            may("dry_run", Kind.FLAG, "say what would be done")),
    RESIZE_CONFIRM("Removes what a resize has kept"),
    RESIZE_REVERT("Disks, flavor and definition become what they were"),
    RESCUE(
            "Boots from a disk of a rescue image, with the guest's own disks beside it",
            may("image_meta", Kind.IMAGE, "without an id: rescue_image_id, or the guest's own image"),
            may("image_file", Kind.TEXT, "its name in the exchange folder"),
            may("kernel_file", Kind.TEXT, "the same of the kernel that it boots, where it has one"),
            may("ramdisk_file", Kind.TEXT, "the same of its ramdisk"),
            may("config_drive_file", Kind.TEXT, "its name in the exchange folder")),
    UNRESCUE("Boots from the guest's own disks again and removes the others"),
    ATTACH_VOLUME(
            "Gives a volume that is connected to this host to the guest, running or not",
            must("volume", Kind.VOLUME, "an entry of block_device_mapping")),
    DETACH_VOLUME(
            "Takes a volume from the guest; one of the two keys is enough, with both they must agree",
            may("device", Kind.TEXT, "its name in the guest"),
            may("volume", Kind.TEXT, "Cinder's id")),
    EXTEND_VOLUME(
            "Tells a running guest of a volume's new size",
            must("volume", Kind.TEXT, "Cinder's id"),
            must("size", Kind.BYTES, "the new one")),
    REPLUG_VOLUME(
            "Detaches a volume from a running guest and attaches it again as configured",
            must("volume", Kind.TEXT, "Cinder's id, or its name in the guest: vdb, /dev/vdb"),
            may("dry_run", Kind.FLAG, "say what would be done")),
    APPLY_LIVE(
            "Limits of disks and processors of I/O threads as configured, in a guest that runs on, and I/O threads that"
                    + " it lacks, for volumes that are plugged after it"),
    QUIESCE(
            "Has the agent of the guest freeze its file systems, until unquiesce, for [nova_bridge]quiesce_timeout seconds,"
                    + " or to the next start of the bridge"),
    UNQUIESCE("Has it thaw them"),
    CRASH_DUMP("Sends the guest an NMI, on which a system that is set up for it writes a dump"),
    ATTACH_INTERFACE(
            "Gives a port that is plugged to the guest, running or not",
            must("vif", Kind.PORT, "an entry of network_info")),
    DETACH_INTERFACE("Takes a port from the guest", must("mac", Kind.TEXT, "its address")),
    ADOPT(
            "Takes over a guest that Nova's own driver has made, running or not, and changes nothing of it",
            may("spec", Kind.SPEC, "today's; a dry run needs none"),
            may("dry_run", Kind.FLAG, "say what would be recorded")),
    MIGRATE(
            "Brings the instance to another host, stopped, with another flavor if one is given",
            must("host", Kind.TEXT, "the other host"),
            may("flavor", Kind.FLAVOR, "the new one"),
            may("dry_run", Kind.FLAG, "ask both hosts, and do nothing"),
            may("held", Kind.FLAG, "its caller starts it there, with the volumes and ports that it has there"),
            may("timeout", Kind.SECONDS, "as in power-off, of one that is held"),
            may("retry_interval", Kind.SECONDS, "as in power-off, of one that is held")),
    MIGRATE_CONFIRM(
            "The instance goes from this host; the other one's is the only copy",
            may("running", Kind.FLAG, "only when a guest that ran here runs there, though its caller starts it")),
    MIGRATE_REVERT(
            "The instance goes from the other host and is this one's as it was",
            may("force", Kind.FLAG, "without asking the other host"),
            may("held", Kind.FLAG, "its caller starts it; a migration that runs is ended before, and none is success"),
            may("idle", Kind.FLAG, "only when a guest that its caller starts does not run there"));

    /** What a value of a body must be. */
    enum Kind {
        TEXT,
        FLAG,
        SECONDS,
        BYTES,
        REBOOT_TYPE,
        SPEC,
        FLAVOR,
        VOLUME,
        PORT,
        IMAGE
    }

    /**
     * A key of a body.
     *
     * @param needed the request is refused without it
     */
    record Field(String name, Kind kind, boolean needed, String what) {}

    private final String summary;
    private final List<Field> fields;

    InstanceAction(String summary, Field... fields) {
        this.summary = summary;
        this.fields = List.of(fields);
    }

    private static Field may(String name, Kind kind, String what) {
        return new Field(name, kind, false, what);
    }

    private static Field must(String name, Kind kind, String what) {
        return new Field(name, kind, true, what);
    }

    /** Empty when no action is called so. */
    static Optional<InstanceAction> of(String word) {
        return Arrays.stream(values())
                .filter(action -> action.word().equals(word))
                .findFirst();
    }

    /** {@code power-off}: as in the path. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String summary() {
        return summary;
    }

    /** The keys that its body may hold; none for PREPARE, whose body is a spec. */
    List<Field> fields() {
        return fields;
    }
}
