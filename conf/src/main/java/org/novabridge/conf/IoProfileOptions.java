package org.novabridge.conf;

/**
 * {@code [io_profile:NAME]}: a named set of disk settings that a flavor, or an image, chooses. The options are read
 * from {@link ConfigSnapshot#ioProfiles()}.
 */
public final class IoProfileOptions {
    /** What stands before the profile's name in the section's name. */
    public static final String PREFIX = "io_profile:";

    static final OptionSection SECTION = new OptionSection(
            "io_profile:NAME",
            "A named set of settings for the disks that Nova makes, chosen by the flavor's extra spec bridge:io_profile = NAME.");

    public static final Option<String> CACHE = SECTION.choiceOrNone(
                    "cache", "default", "none", "writethrough", "writeback", "directsync", "unsafe")
            .ours()
            .active("Cache mode of the disks; it wins over disk_cachemodes.");
    public static final Option<String> IO = SECTION.choiceOrNone(
                    "io", "native", "threads", "io_uring", "default", "auto")
            .ours()
            .active("io mode of the disks; it wins over disk_io_modes.");
    public static final Option<String> IOTHREADS = SECTION.matchingOrNone(
                    "iothreads", DiskTuningForms.IOTHREADS, "a number from 0 to 64, or auto")
            .ours()
            .active("I/O threads of the guest, its volumes' too; it wins over disk_iothreads.");
    public static final Option<Boolean> IOTHREAD_MAPPING = SECTION.boolOrNone("iothread_mapping")
            .ours()
            .active("Share the queues of each virtio-blk disk, and of the virtio-scsi controller, out among the I/O"
                    + " threads; it wins over disk_iothread_mapping.");
    public static final Option<String> QUEUES = SECTION.matchingOrNone(
                    "queues", DiskTuningForms.QUEUES, "a number from 1 to 1024, or auto")
            .ours()
            .active("Queues of each virtio disk, or of the virtio-scsi controller; it wins over disk_queues.");
    public static final Option<Integer> QUEUE_SIZE = SECTION.integerOneOf("queue_size", 16, 32, 64, 128, 256, 512, 1024)
            .ours()
            .active("Entries of each queue of the virtio-blk disks; it wins over disk_queue_size.");
    public static final Option<String> DISCARD = SECTION.choiceOrNone("discard", "ignore", "unmap")
            .ours()
            .active("discard attribute of the disks; it wins over hw_disk_discard.");
    public static final Option<String> DETECT_ZEROES = SECTION.choiceOrNone("detect_zeroes", "off", "on", "unmap")
            .ours()
            .active(
                    "What QEMU does with written zeroes; it wins over disk_detect_zeroes. unmap needs discard = unmap.");
    public static final Option<Boolean> DISCARD_NO_UNREF = SECTION.boolOrNone("discard_no_unref")
            .ours()
            .active("Keep discarded clusters of qcow2 disks in their place; it wins over disk_discard_no_unref.");
    public static final Option<String> METADATA_CACHE = SECTION.matchingOrNone(
                    "metadata_cache", DiskTuningForms.METADATA_CACHE, "a size, as 16M, or auto")
            .ours()
            .active("Memory of each qcow2 disk for its tables; it wins over disk_metadata_cache.");
    public static final Option<String> ERROR_POLICY = SECTION.choiceOrNone("error_policy", "stop", "report", "enospace")
            .ours()
            .active("What happens to the guest when a disk fails; it wins over disk_error_policy.");
    public static final Option<String> BLOCK_SIZE = SECTION.choiceOrNone("block_size", "auto", "4096")
            .ours()
            .active("Block sizes that the disks tell the guest; it wins over disk_block_size.");
    public static final Option<Boolean> SERIAL = SECTION.boolOrNone("serial")
            .ours()
            .active("Whether the disks have a serial number; it wins over disk_serial.");
    public static final Option<Integer> ROTATION_RATE = SECTION.integerOneOf(
                    "rotation_rate", 1, 5400, 7200, 10000, 15000)
            .ours()
            .active("What disks on scsi, sata and ide tell of their rotation; it wins over disk_rotation_rate.");
    public static final Option<java.util.Map<String, String>> IOTUNE = SECTION.dict("iotune")
            .ours()
            .active("Limits of each disk by libvirt's names, as total_iops_sec:500,read_bytes_sec:1048576. What"
                    + " quota:disk_* of the flavor says wins.");
    public static final Option<Boolean> IOTUNE_GROUP = SECTION.bool("iotune_group", false)
            .ours()
            .active("The limits hold for all disks of the guest that Nova makes together, not for each by itself; these"
                    + " disks then have one I/O thread in common, or none.");
    public static final Option<Boolean> ALLOW_IMAGE = SECTION.bool("allow_image", false)
            .ours()
            .active(
                    "An image may choose this profile too, by its property bridge_io_profile. Where the flavor names one,"
                            + " the flavor wins; and an image's profile never loosens cache safety or limits.");

    private IoProfileOptions() {}
}
