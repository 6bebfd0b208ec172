package org.novabridge.conf;

import java.util.List;
import org.novabridge.conf.Option.Actor;

/** {@code [DEFAULT]}: paths, image handling and guest life (Nova: conf/compute.py, paths.py, base.py, netconf.py; Zed). */
public final class DefaultOptions {
    static final OptionSection SECTION = new OptionSection("DEFAULT", "Paths, image handling, life of guests.");

    public static final Option<String> PYBASEDIR = SECTION.text("pybasedir", "/usr/lib/python3/dist-packages")
            .restart()
            .active(
                    "Where Nova's Python code lies. Only used inside other values, as $pybasedir; the default is Debian's.");
    public static final Option<String> STATE_PATH = SECTION.text("state_path", "$pybasedir")
            .restart()
            .active("Top folder of what nova-compute keeps on the host. Distributions set it to /var/lib/nova.");
    public static final Option<String> INSTANCES_PATH = SECTION.text("instances_path", "$state_path/instances")
            .restart()
            .active("Folder of the guests: <uuid>/ for each one, the image cache, locks. Its file system also decides"
                    + " whether the default cache mode is none (O_DIRECT works) or writeback.");
    public static final Option<String> TEMPDIR = SECTION.text("tempdir")
            .notActedOn(
                    "the bridge writes its temporary files beside what they become",
                    "Folder for temporary files. Not set: the system's own.");
    public static final Option<String> HOST = SECTION.hostNameOrNone("host")
            .restart()
            .actedOnBy(Actor.NOVA_COMPUTE, "Name of this compute host in Nova. Not set: the host name.");
    public static final Option<String> MY_IP = SECTION.text("my_ip")
            .restart()
            .actedOnBy(
                    Actor.NOVA_COMPUTE,
                    "Address of this host on the management network. Not set: the address of the default route.");
    public static final Option<String> COMPUTE_DRIVER =
            SECTION.text("compute_driver").actedOnBy(Actor.NOVA_COMPUTE, "The driver that nova-compute loads.");
    public static final Option<String> INSTANCE_NAME_TEMPLATE = SECTION.text("instance_name_template", "instance-%08x")
            .actedOnBy(
                    Actor.NOVA_COMPUTE,
                    "Pattern of the libvirt domain name; Nova fills in the instance's number, or %(uuid)s.");

    public static final Option<Boolean> USE_COW_IMAGES = SECTION.bool("use_cow_images", true)
            .active("With images_type = default: true gives qcow2 overlays, false gives flat files.");
    public static final Option<Boolean> FORCE_RAW_IMAGES = SECTION.bool("force_raw_images", true)
            .active("Images are converted to raw in the cache, so that a qcow2 overlay has a raw base."
                    + " False keeps the image's own format. rbd needs true.");
    public static final Option<String> PREALLOCATE_IMAGES = SECTION.choice(
                    "preallocate_images", "none", "none", "space")
            .active("space: blocks of a new disk file are allocated at once (fallocate); none: as they are written.");
    public static final Option<String> DEFAULT_EPHEMERAL_FORMAT = SECTION.text("default_ephemeral_format")
            .active(
                    "File system of ephemeral disks: ext2, ext3, ext4, xfs, ntfs. Not set: chosen by the image's os_type.");
    public static final Option<List<String>> VIRT_MKFS = SECTION.multi("virt_mkfs")
            .active(
                    "<os_type>=<command> that makes the file system of an ephemeral disk; %(fs_label)s and %(target)s are"
                            + " replaced. May be written several times.");
    public static final Option<Boolean> RESIZE_FS_USING_BLOCK_DEVICE = SECTION.bool(
                    "resize_fs_using_block_device", false)
            .notActedOn(
                    "the bridge never mounts or resizes a file system that a guest may have written",
                    "Grow the file system of a qcow2 disk through a network block device when the disk grows.");
    public static final Option<Integer> TIMEOUT_NBD = SECTION.integer("timeout_nbd", 10, 0)
            .notActedOn("the bridge uses no nbd devices", "Seconds to wait for an nbd device to appear.");
    public static final Option<Integer> MAX_LOCAL_BLOCK_DEVICES = SECTION.integer("max_local_block_devices", 3)
            .actedOnBy(Actor.NOVA_API, "Most local disks a request may ask for; negative for no limit.");

    public static final Option<Boolean> FORCE_CONFIG_DRIVE =
            SECTION.bool("force_config_drive", false).active("Every guest gets a config drive.");
    public static final Option<String> CONFIG_DRIVE_FORMAT = SECTION.choice(
                    "config_drive_format", "iso9660", "iso9660", "vfat")
            .deprecated()
            .active("iso9660: the config drive is a CD-ROM; vfat: a small disk.");
    public static final Option<String> MKISOFS_CMD =
            SECTION.text("mkisofs_cmd", "genisoimage").actedOnBy(Actor.SHIM, "Program that makes the ISO image.");
    public static final Option<String> POINTER_MODEL = SECTION.choice(
                    "pointer_model", "usbtablet", "ps2mouse", "usbtablet")
            .active("Pointing device of guests: ps2mouse or usbtablet.");

    public static final Option<Integer> SHUTDOWN_TIMEOUT = SECTION.integer("shutdown_timeout", 60, 0)
            .active(
                    "Seconds a guest gets to shut down by itself before it is stopped hard; 0 stops it at once. A request, or"
                            + " os_shutdown_timeout of the image, may say its own.");
    public static final Option<Integer> REBOOT_TIMEOUT = SECTION.integer("reboot_timeout", 0, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds after which a hanging reboot becomes a hard one; 0 never.");
    public static final Option<Integer> RESCUE_TIMEOUT = SECTION.integer("rescue_timeout", 0, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds after which a rescued guest is taken back; 0 never.");
    public static final Option<Integer> RESIZE_CONFIRM_WINDOW = SECTION.integer("resize_confirm_window", 0, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds after which a resize is confirmed by itself; 0 never.");
    public static final Option<Integer> INSTANCE_BUILD_TIMEOUT = SECTION.integer("instance_build_timeout", 0, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds after which a build that hangs is put into error; 0 never.");
    public static final Option<Integer> RECLAIM_INSTANCE_INTERVAL = SECTION.integer("reclaim_instance_interval", 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds a deleted guest can be restored; 0 deletes at once.");
    public static final Option<Integer> INSTANCE_DELETE_INTERVAL = SECTION.integer("instance_delete_interval", 300)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds between two tries to remove the files of deleted guests.");
    public static final Option<Integer> MAXIMUM_INSTANCE_DELETE_ATTEMPTS = SECTION.integer(
                    "maximum_instance_delete_attempts", 5, 1)
            .actedOnBy(Actor.NOVA_COMPUTE, "How often removing the files of a deleted guest is tried.");
    public static final Option<String> RUNNING_DELETED_INSTANCE_ACTION = SECTION.choice(
                    "running_deleted_instance_action", "reap", "reap", "log", "shutdown", "noop")
            .actedOnBy(Actor.NOVA_COMPUTE, "What happens to a guest that runs here although Nova has deleted it.");
    public static final Option<Boolean> RESUME_GUESTS_STATE_ON_HOST_BOOT = SECTION.bool(
                    "resume_guests_state_on_host_boot", false)
            .actedOnBy(Actor.NOVA_COMPUTE, "After a reboot of the host, start the guests that ran before.");
    public static final Option<Boolean> ALLOW_RESIZE_TO_SAME_HOST = SECTION.bool("allow_resize_to_same_host", false)
            .actedOnBy(Actor.NOVA_API, "A resize may stay on the host where the guest is.");
    public static final Option<Integer> UPDATE_RESOURCES_INTERVAL = SECTION.integer("update_resources_interval", 0)
            .actedOnBy(
                    Actor.NOVA_COMPUTE,
                    "Seconds between two reports of resources; 0 the default period, negative never.");
    public static final Option<Integer> VOLUME_USAGE_POLL_INTERVAL = SECTION.integer("volume_usage_poll_interval", 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds between two readings of volume statistics; 0 never.");
    public static final Option<Integer> REIMAGE_TIMEOUT_PER_GB = SECTION.integer("reimage_timeout_per_gb", 20, 1)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds per GB to wait for a volume's new image.");
    public static final Option<Boolean> VIF_PLUGGING_IS_FATAL = SECTION.bool("vif_plugging_is_fatal", true)
            .actedOnBy(Actor.SHIM, "A port that does not come up fails the spawn.");
    public static final Option<Integer> VIF_PLUGGING_TIMEOUT = SECTION.integer("vif_plugging_timeout", 300, 0)
            .actedOnBy(
                    Actor.SHIM,
                    "Seconds to wait for the event that a port is up; 0 does not wait, and guests start unpaused.");

    public static final Option<Integer> MAX_CONCURRENT_BUILDS = SECTION.integer("max_concurrent_builds", 10, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Most guests that are built at the same time; 0 no limit.");
    public static final Option<Integer> MAX_CONCURRENT_SNAPSHOTS = SECTION.integer("max_concurrent_snapshots", 5, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Most snapshots taken at the same time; 0 no limit.");
    public static final Option<Integer> MAX_CONCURRENT_LIVE_MIGRATIONS = SECTION.integer(
                    "max_concurrent_live_migrations", 1, 0)
            .notActedOn(
                    "live migration is not built yet", "Most live migrations leaving at the same time; 0 no limit.");

    public static final Option<Integer> RESERVED_HOST_DISK_MB = SECTION.integer("reserved_host_disk_mb", 0, 0)
            .active("MiB of local disk kept for the host; whole GiB are reserved.");
    public static final Option<Integer> RESERVED_HOST_MEMORY_MB = SECTION.integer("reserved_host_memory_mb", 512, 0)
            .actedOnBy(Actor.SHIM, "MiB of memory kept for the host.");
    public static final Option<Integer> RESERVED_HOST_CPUS =
            SECTION.integer("reserved_host_cpus", 0, 0).actedOnBy(Actor.SHIM, "Processors kept for the host.");
    public static final Option<List<String>> RESERVED_HUGE_PAGES = SECTION.multi("reserved_huge_pages")
            .notActedOn(
                    "guests on huge pages are refused for now",
                    "node:<n>,size:<KiB>,count:<n>: huge pages kept for the host. May be written several times.");
    public static final Option<Double> CPU_ALLOCATION_RATIO = SECTION.numberOrNone("cpu_allocation_ratio", 0)
            .actedOnBy(Actor.SHIM, "Virtual processors per real one; beats initial_cpu_allocation_ratio.");
    public static final Option<Double> RAM_ALLOCATION_RATIO = SECTION.numberOrNone("ram_allocation_ratio", 0)
            .active("Guest memory per real memory; must be 1.0 (or not set) beside [libvirt]file_backed_memory.");
    public static final Option<Double> DISK_ALLOCATION_RATIO = SECTION.numberOrNone("disk_allocation_ratio", 0)
            .active(
                    "Guest disk space per real disk space; beats initial_disk_allocation_ratio. Never more than 1.0 counts in"
                            + " a volume group, and never more than images_lvm_max_over_subscription_ratio in a thin pool.");
    public static final Option<Double> INITIAL_CPU_ALLOCATION_RATIO = SECTION.number(
                    "initial_cpu_allocation_ratio", 16.0, 0)
            .actedOnBy(Actor.SHIM, "First value of the processor ratio in placement.");
    public static final Option<Double> INITIAL_RAM_ALLOCATION_RATIO = SECTION.number(
                    "initial_ram_allocation_ratio", 1.5, 0)
            .actedOnBy(Actor.SHIM, "First value of the memory ratio in placement.");
    public static final Option<Double> INITIAL_DISK_ALLOCATION_RATIO = SECTION.number(
                    "initial_disk_allocation_ratio", 1.0, 0)
            .active("First value of the disk ratio in placement; the same limits hold.");

    public static final Option<Boolean> USE_ROOTWRAP_DAEMON = SECTION.bool("use_rootwrap_daemon", false)
            .actedOnBy(Actor.NOVA_COMPUTE, "Nova runs root commands through a daemon.");
    public static final Option<String> ROOTWRAP_CONFIG = SECTION.text("rootwrap_config", "/etc/nova/rootwrap.conf")
            .actedOnBy(Actor.NOVA_COMPUTE, "Configuration of Nova's rootwrap.");

    private DefaultOptions() {}
}
