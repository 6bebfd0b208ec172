package org.novabridge.conf;

/**
 * {@code [io_profile:NAME]}: a named set of disk settings that a flavor, or an image, chooses. The options are read
 * from {@link ConfigSnapshot#ioProfiles()}.
 */
public final class IoProfileOptions {
    /** What stands before the profile's name in the section's name. */
    public static final String PREFIX = "io_profile:";

    static final OptionSection SECTION =
            new OptionSection("io_profile:NAME", "A named set of disk settings, chosen by a flavor's extra spec.");
    private static final String LATER = "profiles are read and checked; choosing them comes in a later issue";

    public static final Option<String> CACHE = SECTION.choiceOrNone(
                    "cache", "default", "none", "writethrough", "writeback", "directsync", "unsafe")
            .ours()
            .notYet(LATER, "Cache mode of the disks.");
    public static final Option<String> IO = SECTION.choiceOrNone("io", "native", "threads", "io_uring", "auto")
            .ours()
            .notYet(LATER, "io mode of the disks.");
    public static final Option<Integer> IOTHREADS =
            SECTION.integerOrNone("iothreads", 0).ours().notYet(LATER, "I/O threads of the guest.");
    public static final Option<String> QUEUES =
            SECTION.text("queues").ours().notYet(LATER, "Queues of each virtio disk: a number or auto.");
    public static final Option<String> DISCARD =
            SECTION.choiceOrNone("discard", "ignore", "unmap").ours().notYet(LATER, "discard attribute of the disks.");
    public static final Option<java.util.Map<String, String>> IOTUNE = SECTION.dict("iotune")
            .ours()
            .notYet(LATER, "Limits by libvirt's names, as total_iops_sec:500,read_bytes_sec:1048576.");
    public static final Option<Boolean> ALLOW_IMAGE = SECTION.bool("allow_image", false)
            .ours()
            .notYet(LATER, "An image may choose this profile too; the flavor always wins.");

    private IoProfileOptions() {}
}
