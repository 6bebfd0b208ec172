package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A running QEMU, as its command line tells. Disks that were attached later are not on it.
 *
 * @param pid of the process
 * @param guest libvirt's name of it; the process id where it has none
 * @param uuid of its domain; null where it has none. Anybody can start a process that says so
 * @param ioThreads iothread objects
 * @param nativeAio one of its disks has aio=native
 * @param ring one of its disks has aio=io_uring
 * @param lockedMemory its memory is locked (-overcommit mem-lock=on)
 * @param memory bytes that it has at its start; 0 when its arguments do not tell
 * @param windows it has the enlightenments that Nova gives Windows
 * @param drivers of its devices, as {@code virtio-blk-pci}
 */
record QemuProcess(
        long pid,
        String guest,
        @Nullable String uuid,
        int ioThreads,
        boolean nativeAio,
        boolean ring,
        boolean lockedMemory,
        long memory,
        boolean windows,
        List<String> drivers) {
    /** As many as [libvirt]disk_iothreads gives: anybody can have a process with more of them in its arguments. */
    private static final int MOST_IO_THREADS = 64;

    private static final Pattern PROGRAM = Pattern.compile("(.*/)?(qemu-system-[a-z0-9_]+|qemu-kvm|kvm)");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern NAME = Pattern.compile("guest=([^,]+)");
    private static final Pattern JSON_DRIVER = Pattern.compile("\"driver\"\\s*:\\s*\"([a-zA-Z0-9_.-]+)\"");
    private static final Pattern NATIVE = Pattern.compile("aio=native|\"aio\"\\s*:\\s*\"native\"");
    private static final Pattern RING = Pattern.compile("aio=io_uring|\"aio\"\\s*:\\s*\"io_uring\"");
    private static final Pattern LOCKED = Pattern.compile("(.*,)?(mem-lock|mlock)=on(,.*)?");
    /** {@code size=1048576k}, or a number of MiB. */
    private static final Pattern MEMORY = Pattern.compile("(?:size=)?([0-9]{1,12})([kKmMgG]?)(?:[,b].*)?");

    private static final Pattern IO_THREAD = Pattern.compile("^iothread,.*|.*\"qom-type\"\\s*:\\s*\"iothread\".*");

    QemuProcess {
        drivers = List.copyOf(drivers);
    }

    /** AIO contexts that take 1024 of aio-nr each: the main loop, and every I/O thread (measured with QEMU 7.2). */
    int nativeContexts() {
        return nativeAio ? 1 + ioThreads : 0;
    }

    /** It has a device of the host, for which all its memory is pinned. */
    boolean passedThrough() {
        return drivers.stream().anyMatch(driver -> driver.startsWith("vfio-"));
    }

    static List<QemuProcess> all(HostTree tree) {
        List<QemuProcess> found = new ArrayList<>();
        for (String name : tree.names("/proc")) {
            if (name.matches("[0-9]{1,10}")) {
                tree.text("/proc/" + name + "/cmdline")
                        .flatMap(line -> of(Long.parseLong(name), line))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    /** @param line arguments with a zero byte after each, as /proc has them */
    static Optional<QemuProcess> of(long pid, String line) {
        List<String> arguments = Arrays.asList(line.split("\0", -1));
        if (!PROGRAM.matcher(arguments.get(0)).matches()) {
            return Optional.empty();
        }
        String guest = "process " + pid;
        String uuid = null;
        int ioThreads = 0;
        boolean nativeAio = false;
        boolean ring = false;
        boolean locked = false;
        long memory = 0;
        boolean windows = false;
        List<String> drivers = new ArrayList<>();
        for (int i = 1; i + 1 < arguments.size(); i++) {
            String value = arguments.get(i + 1);
            switch (arguments.get(i)) {
                case "-name" -> {
                    Matcher name = NAME.matcher(value);
                    guest = name.find() ? name.group(1) : value;
                }
                case "-uuid" -> uuid = UUID.matcher(value).matches() ? value : null;
                case "-object" -> ioThreads += IO_THREAD.matcher(value).matches() ? 1 : 0;
                case "-blockdev", "-drive" -> {
                    nativeAio |= NATIVE.matcher(value).find();
                    ring |= RING.matcher(value).find();
                }
                case "-overcommit", "-realtime" ->
                    locked |= LOCKED.matcher(value).matches();
                case "-m" -> memory = bytes(value);
                case "-cpu" -> windows = value.contains("hv-") || value.contains("hv_");
                case "-device" -> drivers.add(driver(value));
                default -> {
                    // nothing that counts here
                }
            }
        }
        return Optional.of(new QemuProcess(
                pid,
                guest,
                uuid,
                Math.min(ioThreads, MOST_IO_THREADS),
                nativeAio,
                ring,
                locked,
                memory,
                windows,
                drivers));
    }

    private static long bytes(String size) {
        Matcher memory = MEMORY.matcher(size);
        if (!memory.matches()) {
            return 0;
        }
        int shift = switch (memory.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 10;
            case "g" -> 30;
            default -> 20;
        };
        return Long.parseLong(memory.group(1)) << shift;
    }

    private static String driver(String device) {
        if (device.startsWith("{")) {
            Matcher json = JSON_DRIVER.matcher(device);
            return json.find() ? json.group(1) : "";
        }
        return device.split(",", 2)[0];
    }
}
