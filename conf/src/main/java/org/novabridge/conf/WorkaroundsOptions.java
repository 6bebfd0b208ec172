package org.novabridge.conf;

import java.util.List;
import org.novabridge.conf.Option.Actor;

/** {@code [workarounds]} (Nova: conf/workarounds.py, Zed unless marked). */
public final class WorkaroundsOptions {
    static final OptionSection SECTION = new OptionSection("workarounds", "Switches around known faults.");
    private static final String MIGRATION = "live migration is not built yet";
    private static final String RBD = "disks on rbd come later";

    public static final Option<Boolean> DISABLE_ROOTWRAP =
            SECTION.bool("disable_rootwrap", false).actedOnBy(Actor.NOVA_COMPUTE, "Run root commands through sudo.");
    public static final Option<Boolean> DISABLE_LIBVIRT_LIVESNAPSHOT = SECTION.bool(
                    "disable_libvirt_livesnapshot", false)
            .deprecated()
            .notActedOn(
                    "libvirt's live snapshots are not used: a guest on files is stopped, one on logical volumes goes on",
                    "Stop the guest for a snapshot.");
    public static final Option<Boolean> HANDLE_VIRT_LIFECYCLE_EVENTS = SECTION.bool(
                    "handle_virt_lifecycle_events", true)
            .actedOnBy(Actor.NOVA_COMPUTE, "React to life events of guests.");
    public static final Option<Boolean> ENSURE_LIBVIRT_RBD_INSTANCE_DIR_CLEANUP = SECTION.bool(
                    "ensure_libvirt_rbd_instance_dir_cleanup", false)
            .notActedOn(RBD, "With rbd, remove the instance's folder too, also on shared storage.");
    public static final Option<Boolean> NEVER_DOWNLOAD_IMAGE_IF_ON_RBD = SECTION.bool(
                    "never_download_image_if_on_rbd", false)
            .notActedOn(RBD, "Fail rather than download an image that Ceph holds but cannot clone.");
    public static final Option<Boolean> RESERVE_DISK_RESOURCE_FOR_IMAGE_CACHE = SECTION.bool(
                    "reserve_disk_resource_for_image_cache", false)
            .active("Count the image cache as reserved disk space.");
    public static final Option<Boolean> LIBVIRT_DISABLE_APIC =
            SECTION.bool("libvirt_disable_apic", false).active("Guests without an APIC.");
    public static final Option<List<String>> WAIT_FOR_VIF_PLUGGED_EVENT_DURING_HARD_REBOOT = SECTION.list(
                    "wait_for_vif_plugged_event_during_hard_reboot")
            .notActedOn(
                    "a hard reboot leaves the ports plugged, so that no event comes",
                    "VIF types that send an event in a hard reboot.");
    public static final Option<Boolean> ENABLE_QEMU_MONITOR_ANNOUNCE_SELF = SECTION.bool(
                    "enable_qemu_monitor_announce_self", false)
            .notActedOn(MIGRATION, "After a live migration, the guest announces its addresses.");
    public static final Option<Integer> QEMU_MONITOR_ANNOUNCE_SELF_COUNT = SECTION.integer(
                    "qemu_monitor_announce_self_count", 3, 1)
            .since("29")
            .notActedOn(MIGRATION, "How often it announces.");
    public static final Option<Integer> QEMU_MONITOR_ANNOUNCE_SELF_INTERVAL = SECTION.integer(
                    "qemu_monitor_announce_self_interval", 1, 1)
            .since("29")
            .notActedOn(MIGRATION, "Seconds between two announcements.");
    public static final Option<Boolean> SKIP_CPU_COMPARE_ON_DEST = SECTION.bool("skip_cpu_compare_on_dest", false)
            .notActedOn(MIGRATION, "No processor comparison on the other host.");
    public static final Option<Boolean> SKIP_CPU_COMPARE_AT_STARTUP = SECTION.bool("skip_cpu_compare_at_startup", false)
            .notActedOn("processor models are not compared at start yet", "No processor comparison at start.");
    public static final Option<Boolean> SKIP_HYPERVISOR_VERSION_CHECK_ON_LM = SECTION.bool(
                    "skip_hypervisor_version_check_on_lm", false)
            .notActedOn(MIGRATION, "No version comparison in a live migration.");
    public static final Option<Boolean> DISABLE_DEEP_IMAGE_INSPECTION = SECTION.bool(
                    "disable_deep_image_inspection", false)
            .notActedOn(
                    "images are always inspected; the switch is not obeyed on purpose",
                    "Trust images without looking into them (opens CVE-2024-32498).");

    private WorkaroundsOptions() {}
}
