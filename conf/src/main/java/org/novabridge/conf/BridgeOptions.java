package org.novabridge.conf;

import java.util.List;

/** {@code [nova_bridge]}: the service itself, its limits and deadlines. All ours; Nova ignores the section. */
public final class BridgeOptions {
    static final OptionSection SECTION = new OptionSection("nova_bridge", "The nova-bridge service itself.");

    public static final Option<String> SOCKET = SECTION.text("socket", "/run/nova-bridge/bridge.sock")
            .ours()
            .restart()
            .active("UNIX socket of the service. Its folder is 0750, group nova.");
    public static final Option<String> STATE_PATH = SECTION.text("state_path", "/var/lib/nova-bridge")
            .ours()
            .restart()
            .active(
                    "Folder of the service's own state: instances, operations, exchange. One service per folder, and only"
                            + " root may command it and the folders above it.");
    public static final Option<String> SOCKET_GROUP = SECTION.text("socket_group", "nova")
            .ours()
            .restart()
            .active("Group that may use the socket (the control-plane role).");
    public static final Option<Integer> OPERATION_LEASE = SECTION.integer("operation_lease", 60, 1)
            .ours()
            .active(
                    "Seconds an interrupted spawn, reboot or resize waits for its caller to come back; then it is settled.");
    public static final Option<Integer> MAX_CONCURRENT_OPERATIONS = SECTION.integer(
                    "max_concurrent_operations", 16, 1, 1024)
            .ours()
            .restart()
            .active("Most operations that run at the same time; more of them wait.");
    public static final Option<Integer> MAX_WAITING_OPERATIONS = SECTION.integer("max_waiting_operations", 1000, 1)
            .ours()
            .active("Most operations that wait to begin; a request beyond it is refused (503, Retry-After).");
    public static final Option<Integer> IDEMPOTENCY_KEEP_HOURS = SECTION.integer("idempotency_keep_hours", 24, 1)
            .ours()
            .active("Hours an ended operation is kept, and with it the answer to its Idempotency-Key.");
    public static final Option<Integer> IDEMPOTENCY_MAX_KEYS = SECTION.integer("idempotency_max_keys", 10000, 1)
            .ours()
            .active("Most ended operations, and with them Idempotency-Keys, that are kept; the oldest go first.");
    public static final Option<Integer> CONFINED_UID = SECTION.integer("confined_uid", 61180, 1)
            .ours()
            .active(
                    "Numeric user and group that qemu-img and mkfs run as, without capabilities. Needs no passwd entry.");
    public static final Option<Integer> QEMU_IMG_CPU_TIME =
            SECTION.integer("qemu_img_cpu_time", 30, 1).ours().active("Seconds of processor time for qemu-img info.");
    public static final Option<Integer> QEMU_IMG_ADDRESS_SPACE =
            SECTION.integer("qemu_img_address_space", 2048, 256).ours().active("MiB of address space for qemu-img.");
    public static final Option<Integer> COMMAND_TIMEOUT = SECTION.integer("command_timeout", 60, 1)
            .ours()
            .active("Seconds a command may take that has no deadline of its own.");
    public static final Option<Integer> CONVERT_STALL_TIMEOUT = SECTION.integer("convert_stall_timeout", 120, 1)
            .ours()
            .active("Seconds a conversion, a copy or the reading of a base may go on without progress.");
    public static final Option<Integer> LVM_COMMAND_TIMEOUT = SECTION.integer("lvm_command_timeout", 60, 1)
            .ours()
            .active("Seconds after which an LVM command raises the alarm. One that changes something is never killed.");
    public static final Option<Integer> WIPE_WAIT_TIMEOUT = SECTION.integer("wipe_wait_timeout", 300, 0)
            .ours()
            .active(
                    "Seconds that a create or growth on LVM waits for wipes of deleted disks that give back the space it"
                            + " needs; 0 fails at once.");
    public static final Option<Integer> THIN_POOL_WATCH_INTERVAL = SECTION.integer(
                    "thin_pool_watch_interval", 60, 5, 3600)
            .ours()
            .active("Seconds between two looks at how full the thin pool is; the forecast rests on the last 60.");
    public static final Option<Integer> QUIESCE_TIMEOUT = SECTION.integer("quiesce_timeout", 300, 1)
            .ours()
            .active(
                    "Seconds that a guest's file systems stay frozen for pictures of its volumes when nobody thaws them; then"
                            + " the service does.");
    public static final Option<Integer> MKFS_TIMEOUT =
            SECTION.integer("mkfs_timeout", 600, 1).ours().active("Seconds that making a file system may take.");
    public static final Option<Integer> CONSOLE_LOG_MAX_SIZE = SECTION.integer("console_log_max_size", 2097152, 65536)
            .ours()
            .active("Bytes of console.log that are kept for each guest.");
    public static final Option<Boolean> QEMU_USER_CHECK = SECTION.bool("qemu_user_check", true)
            .ours()
            .active(
                    "Before the first guest, check what the QEMU user needs: search permission of every folder above the"
                            + " disks, ownership settings of qemu.conf.");
    public static final Option<String> QEMU_USER = SECTION.text("qemu_user")
            .ours()
            .active("User that QEMU runs as, for that check. Not set: read from libvirt.");

    public static final Option<String> TRANSFER_SSH = SECTION.text("transfer_ssh", "/usr/bin/ssh")
            .ours()
            .active("Program that brings disks to another host; it takes the arguments of ssh(1).");
    public static final Option<List<String>> TRANSFER_SSH_OPTIONS = SECTION.list(
                    "transfer_ssh_options",
                    "BatchMode=yes",
                    "StrictHostKeyChecking=yes",
                    "ConnectTimeout=10",
                    "ServerAliveInterval=15")
            .ours()
            .active("Options of ssh_config(5) for it, each given with -o.");
    public static final Option<String> TRANSFER_USER = SECTION.text("transfer_user", "nova")
            .ours()
            .active(
                    "User as whom it runs here and logs in there, where it must be allowed on the socket of the bridge.");
    public static final Option<Integer> TRANSFER_TIMEOUT = SECTION.integer("transfer_timeout", 600, 1)
            .ours()
            .active(
                    "Seconds that a migration may go on without a sign of the other host; then what has come is removed,"
                            + " and the guest stays where it was.");

    public static final Option<String> HOST_KSM = SECTION.choice("host_ksm", "off", "off", "on", "keep")
            .ours()
            .active(
                    "What host check wants of KSM, which merges equal memory pages of guests: off between tenants, on for"
                            + " density, keep for no opinion. Changed by host apply only.");
    public static final Option<String> HOST_CPU_GOVERNOR = SECTION.matchingOrNone(
                    "host_cpu_governor", "^[a-z_]{1,15}$", "a governor of cpufreq, as performance")
            .ours()
            .active("Frequency governor that host check wants on all processors. Not set: it is only reported.");
    public static final Option<List<String>> HOST_HUGE_PAGES = SECTION.multi("host_huge_pages")
            .ours()
            .active("node:<n>,size:<KiB>,count:<n>: huge pages that host check wants on a NUMA node, written as"
                    + " reserved_huge_pages is. May be written several times.");

    private BridgeOptions() {}
}
