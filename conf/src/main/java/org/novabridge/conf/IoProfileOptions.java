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
    private static final String LATER = "I/O threads and queues of disks come in a later issue";

    public static final Option<String> CACHE = SECTION.choiceOrNone(
                    "cache", "default", "none", "writethrough", "writeback", "directsync", "unsafe")
            .ours()
            .active("Cache mode of the disks; it wins over disk_cachemodes.");
    public static final Option<String> IO = SECTION.choiceOrNone("io", "native", "threads", "io_uring", "auto")
            .ours()
            .active("io mode of the disks; it wins over disk_io_modes.");
    public static final Option<Integer> IOTHREADS =
            SECTION.integerOrNone("iothreads", 0).ours().notYet(LATER, "I/O threads of the guest.");
    public static final Option<String> QUEUES =
            SECTION.text("queues").ours().notYet(LATER, "Queues of each virtio disk: a number or auto.");
    public static final Option<String> DISCARD = SECTION.choiceOrNone("discard", "ignore", "unmap")
            .ours()
            .active("discard attribute of the disks; it wins over hw_disk_discard.");
    public static final Option<java.util.Map<String, String>> IOTUNE = SECTION.dict("iotune")
            .ours()
            .active("Limits of each disk by libvirt's names, as total_iops_sec:500,read_bytes_sec:1048576. What"
                    + " quota:disk_* of the flavor says wins.");
    public static final Option<Boolean> ALLOW_IMAGE = SECTION.bool("allow_image", false)
            .ours()
            .active(
                    "An image may choose this profile too, by its property bridge_io_profile. Where the flavor names one,"
                            + " the flavor wins; and an image's profile never loosens cache safety or limits.");

    private IoProfileOptions() {}
}
