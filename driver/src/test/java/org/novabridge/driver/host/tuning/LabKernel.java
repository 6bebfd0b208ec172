package org.novabridge.driver.host.tuning;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.HostFacts;

/** The machine of tools/lvm-lab as tuning sees it: a real /sys and /proc, and the tools that read our files at a boot. */
final class LabKernel {
    private static final List<String> FOLDERS =
            List.of("/etc/udev", "/etc/sysctl.d", "/etc/tmpfiles.d", "/etc/modules-load.d");

    private LabKernel() {}

    /** Guests in the page cache, merged pages wanted where the kernel can, a volume group of nobody on the lab's first disk. */
    static HostTuning tuning() {
        return tuning(List.of());
    }

    static HostTuning tuning(List<Finding> others) {
        String disk = Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests")
                .split(" ")[0];
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback"))
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "of-nobody")
                .set(LibvirtOptions.IMAGES_LVM_DEVICES, List.of(disk))
                .set(BridgeOptions.HOST_KSM, "on")
                .build();
        return new HostTuning(
                new ObservedHost(
                        HostTree.ofThisHost(),
                        config,
                        HostFacts.builder().build(),
                        List.of(),
                        DriverSource.none("nobody asks"),
                        Instant.now()),
                others);
    }

    static List<Finding> changeable() {
        return tuning().check().stream().filter(Finding::changeable).toList();
    }

    /** Values that a check may write, and our folders in /etc with all that is in them. */
    static Map<String, String> picture() throws IOException {
        Map<String, String> all = new TreeMap<>();
        List<Path> files = new ArrayList<>(List.of(
                Path.of("/proc/sys/fs/aio-max-nr"),
                Path.of("/proc/sys/vm/swappiness"),
                Path.of("/proc/sys/vm/dirty_ratio"),
                Path.of("/proc/sys/vm/dirty_background_ratio"),
                Path.of("/sys/kernel/mm/ksm/run"),
                Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
        try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
            disks.forEach(disk -> Stream.of("scheduler", "nomerges", "add_random", "read_ahead_kb")
                    .forEach(name -> files.add(disk.resolve("queue").resolve(name))));
        }
        for (String folder : FOLDERS) {
            if (Files.isDirectory(Path.of(folder))) {
                try (Stream<Path> below = Files.walk(Path.of(folder), 2)) {
                    files.addAll(below.toList());
                }
            }
        }
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                // The marked one: a module that is loaded adds a word that changes nothing.
                all.put(
                        file.toString(),
                        file.endsWith("scheduler") ? Choice.of(read(file)).selected() : read(file));
            } else if (Files.isDirectory(file)) {
                all.put(file.toString(), "(folder)");
            }
        }
        return all;
    }

    /** With one read: the kernel gives a number out once. */
    static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = new byte[64 * 1024];
            return new String(bytes, 0, Math.max(0, in.read(bytes)), StandardCharsets.UTF_8).strip();
        }
    }

    /** What a boot does with files such as ours, by the programs that do it there, in their order. */
    static void boot() {
        run("systemd-modules-load");
        run("udevadm", "control", "--reload");
        run("udevadm", "trigger", "--action=add", "--subsystem-match=block");
        run("udevadm", "settle", "--timeout=30");
        run("sysctl", "-q", "--system");
        run("systemd-tmpfiles", "--create", "--boot", "--prefix=/sys");
    }

    static void run(String program, String... arguments) {
        Path path = Stream.of("/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/lib/systemd/", "/lib/systemd/")
                .map(folder -> Path.of(folder + program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(program + " is not installed"));
        new ProcessExecutor()
                .run(Command.ofProgram(path, List.of(arguments))
                        .withEffect(Effect.WRITES)
                        .withDeadline(Duration.ofMinutes(1)));
    }
}
