package org.novabridge.driver.host.tuning;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * /proc, /sys and /etc of another host in a folder, made by hand, with the files that the checks read and a kernel that marks what it is
 * given: {@code [none] mq-deadline} becomes {@code none [mq-deadline]}, and what it does not offer is refused.
 */
final class RecordedHost {
    static final String INSTANCES = "/var/lib/nova/instances";
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final Path root;
    private final StringBuilder mounts = new StringBuilder();
    private final ConfigSnapshot.Builder config = ConfigSnapshot.builder()
            .set(DefaultOptions.INSTANCES_PATH, INSTANCES)
            .set(BridgeOptions.STATE_PATH, "/var/lib/nova-bridge");
    private HostFacts facts = HostFacts.builder().put(HostFact.DIRECT_IO, true).build();
    private DriverSource drivers = DriverSource.none("nobody asks");
    private final List<String> written = new ArrayList<>();
    private int number;

    RecordedHost(Path root) {
        this.root = root;
        folder(INSTANCES);
        folder("/var/lib/nova-bridge");
        folder("/etc/sysctl.d");
        file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64");
        file("/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet");
        file("/proc/sys/fs/aio-max-nr", "1048576");
        file("/proc/sys/fs/aio-nr", "0");
        file("/proc/sys/vm/swappiness", "60");
        file("/proc/sys/vm/dirty_ratio", "20");
        file("/proc/sys/vm/dirty_bytes", "0");
        file("/proc/sys/vm/dirty_background_ratio", "10");
        file("/proc/sys/vm/dirty_background_bytes", "0");
        file("/proc/meminfo", "MemTotal:       65536000 kB\nMemFree:        50000000 kB\nMemAvailable:   60000000 kB");
        file("/proc/sys/fs/file-nr", "2000\t0\t9223372036854775807");
        file("/sys/kernel/mm/ksm/run", "0");
        file("/sys/kernel/mm/ksm/pages_shared", "0");
        file("/sys/kernel/mm/ksm/pages_sharing", "0");
        file("/sys/kernel/mm/ksm/merge_across_nodes", "1");
        file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
        file("/sys/kernel/mm/transparent_hugepage/defrag", "always defer defer+madvise [madvise] never");
    }

    Path root() {
        return root;
    }

    RecordedHost file(String path, String text) {
        try {
            Path file = root.resolve(path.substring(1));
            Files.createDirectories(file.getParent());
            Files.writeString(file, text + "\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return this;
    }

    RecordedHost folder(String path) {
        try {
            Files.createDirectories(root.resolve(path.substring(1)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return this;
    }

    RecordedHost link(String path, String target) {
        try {
            Path link = root.resolve(path.substring(1));
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, Path.of(target));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return this;
    }

    /** A disk at the bottom. */
    RecordedHost disk(String name, boolean rotational, String scheduler, String wwid) {
        block("pci0000:00/" + name + "x/block", name);
        return described(name, rotational, scheduler, wwid);
    }

    private RecordedHost described(String name, boolean rotational, String scheduler, String wwid) {
        file("/sys/block/" + name + "/queue/rotational", rotational ? "1" : "0");
        file("/sys/block/" + name + "/queue/scheduler", scheduler);
        if (!wwid.isEmpty()) {
            file("/sys/block/" + name + (name.startsWith("nvme") ? "/wwid" : "/device/wwid"), wwid);
        }
        return this;
    }

    /** An IOMMU that is on. */
    RecordedHost iommu(String vendor, String words) {
        String line = read("/proc/cmdline");
        return folder("/sys/kernel/iommu_groups/1/devices")
                .file("/proc/cpuinfo", "vendor_id\t: " + vendor)
                .file("/proc/cmdline", line + " " + words);
    }

    /** As {@link #disk}, behind a PCI device. */
    RecordedHost diskBehind(String pciDevice, String name, boolean rotational, String scheduler, String wwid) {
        block("pci0000:00/" + pciDevice + "/block", name);
        return described(name, rotational, scheduler, wwid);
    }

    RecordedHost partition(String disk, String name) {
        String folder = "pci0000:00/" + disk + "x/block/" + disk;
        file("/sys/devices/" + folder + "/" + name + "/partition", "1");
        file("/sys/devices/" + folder + "/" + name + "/dev", "8:" + ++number);
        return link("/sys/class/block/" + name, "../../devices/" + folder + "/" + name);
    }

    /** A device of md or device-mapper above others. */
    RecordedHost above(String name, String... below) {
        block("virtual/block", name);
        file("/sys/block/" + name + "/queue/scheduler", "none");
        for (String each : below) {
            folder("/sys/block/" + name + "/slaves/" + each);
        }
        return this;
    }

    RecordedHost mapped(String name, String mappedName, String uuid, String... below) {
        above(name, below);
        file("/sys/block/" + name + "/dm/name", mappedName);
        return file("/sys/block/" + name + "/dm/uuid", uuid);
    }

    private void block(String parent, String name) {
        String folder = "/sys/devices/" + parent + "/" + name;
        file(folder + "/dev", "8:" + ++number);
        link("/sys/class/block/" + name, "../../devices/" + parent + "/" + name);
        link("/sys/block/" + name, "../devices/" + parent + "/" + name);
    }

    /** A file system of a device, or with a name that is none. */
    RecordedHost mount(String device, String target, String type, String options) {
        Path number = root.resolve("sys/class/block/" + device + "/dev");
        try {
            String id = Files.exists(number) ? Files.readString(number).strip() : "0:99";
            mounts.append("30 1 %s / %s rw - %s %s %s\n"
                    .formatted(id, target, type, Files.exists(number) ? "/dev/" + device : device, options));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return file("/proc/self/mountinfo", mounts.toString().strip());
    }

    /** A guest, with one zero byte after each argument. */
    RecordedHost guest(long pid, String... arguments) {
        return file("/proc/" + pid + "/cmdline", String.join("\0", arguments) + "\0");
    }

    /** A NUMA node with pages of 2 MiB and 1 GiB. */
    RecordedHost node(int node, long freeKib, long small, long large) {
        String folder = "/sys/devices/system/node/node" + node;
        file(
                folder + "/meminfo",
                "Node %d MemTotal:  64000000 kB\nNode %d MemFree:  %d kB".formatted(node, node, freeKib));
        for (String each : new String[] {"2048kB " + small, "1048576kB " + large}) {
            String pages = folder + "/hugepages/hugepages-" + each.split(" ")[0];
            file(pages + "/nr_hugepages", each.split(" ")[1]);
            file(pages + "/free_hugepages", each.split(" ")[1]);
        }
        return this;
    }

    /** When a file was last written. */
    RecordedHost written(String path, Instant when) {
        try {
            Files.setLastModifiedTime(root.resolve(path.substring(1)), java.nio.file.attribute.FileTime.from(when));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return this;
    }

    RecordedHost configured(Consumer<ConfigSnapshot.Builder> options) {
        options.accept(config);
        return this;
    }

    RecordedHost drivers(DriverSource agents) {
        drivers = agents;
        return this;
    }

    RecordedHost facts(HostFacts known) {
        facts = known;
        return this;
    }

    String read(String path) {
        try {
            return Files.readString(root.resolve(path.substring(1))).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    HostTree tree() {
        return new HostTree(root, this::store);
    }

    /** As a kernel takes it. */
    private void store(Path file, String value) throws IOException {
        written.add("/" + root.toRealPath().relativize(file) + " = " + value);
        String before = Files.readString(file).strip();
        String after = value;
        if (before.contains("[")) {
            Choice choice = Choice.of(before);
            if (!choice.offers(value)) {
                throw new IOException("Invalid argument");
            }
            after = choice.offered().stream()
                    .map(word -> word.equals(value) ? "[" + word + "]" : word)
                    .reduce((one, other) -> one + " " + other)
                    .orElseThrow();
        }
        Files.writeString(file, after + "\n");
    }

    /** What the kernel was given, in order. */
    List<String> written() {
        return List.copyOf(written);
    }

    HostTuning tuning() {
        return new HostTuning(new ObservedHost(tree(), config.build(), facts, List.of(), drivers, NOW), List.of());
    }

    List<Finding> findings(String check) {
        return tuning().check().stream()
                .filter(finding -> finding.check().equals(check))
                .toList();
    }

    /** Every file below /sys, /proc and /etc with its content, every folder, and every link. */
    Map<String, String> picture() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                String name = root.relativize(path).toString();
                if (!name.startsWith("var")) {
                    all.put(
                            name,
                            Files.isRegularFile(path)
                                    ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                                    : "(no file)");
                }
            }
        }
        return all;
    }
}
