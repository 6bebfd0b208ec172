package org.novabridge.driver.compute;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.storage.lvm.VolumeGroupBootstrap;

/**
 * The volume group of a crash run, seen past the bridge: LVM, device-mapper and the disks below are
 * asked themselves. Remembers on which extents the instance has lain, also for the processes that come
 * after, to see that nothing of it stays there.
 */
final class CrashVolumes {
    private static final int SECTOR = 512;
    private static final int PAGE = 4096;

    /** How much is looked at, at each end of an extent; no volume is smaller. */
    private static final int LOOK = 1 << 20;

    /** How names of ours begin that no volume has when all work is done: wipes, fills of base images, snapshots. */
    private static final List<String> PASSING = List.of("nb-wipe-", "nb-fill-", "nb-snap-");

    private static final String BASE = "nb-base-";

    /** What disks were before a resize, and copies that are to become that. */
    private static final List<String> KEPT = List.of("nb-keep-", "nb-copy-");

    /** The disk of an instance that nobody touches. */
    private static final String OTHERS = "7d0f6a52-0000-4000-8000-0000000000aa_disk";

    private static final String OTHERS_SIZE = "4m";

    private final String group;
    private final String uuid;
    private final boolean zeroed;
    private final Path memory;

    /**
     * @param zeroed a wipe leaves zeroes; else anything but what the guest has written
     * @param memory file that remembers extents
     */
    CrashVolumes(String group, String uuid, boolean zeroed, Path memory) {
        this.group = group;
        this.uuid = uuid;
        this.zeroed = zeroed;
        this.memory = memory;
    }

    /** A piece of a disk, as device-mapper names it: {@code major:minor}, sectors. */
    private record Extent(String device, long start, long length) {
        static Extent parse(String text) {
            String[] words = text.split(" ");
            return new Extent(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
        }

        String text() {
            return device + " " + start + " " + length;
        }

        boolean meets(Extent other) {
            return device.equals(other.device) && start < other.start + other.length && other.start < start + length;
        }
    }

    /** As an operator makes it, of the devices that the configuration names; with the disk of another instance. */
    static void makeGroup(ConfigSnapshot config) throws IOException, InterruptedException {
        VolumeGroupBootstrap.of(config, new ProcessExecutor()).apply();
        String group = config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).orElseThrow();
        List<String> argv = new ArrayList<>(List.of("/sbin/lvcreate", "--yes", "--quiet", "--name", OTHERS));
        argv.addAll(
                config.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin")
                        ? List.of("--virtualsize", OTHERS_SIZE, "--thinpool", group + "/" + group + "-pool")
                        : List.of("--size", OTHERS_SIZE, group));
        ask(argv.toArray(String[]::new));
        try (FileChannel channel = FileChannel.open(others(group), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(data(OTHERS)));
            channel.force(true);
        }
    }

    /** Where the disk of an instance lies that no bridge does anything to. */
    static Path others(String group) {
        return Path.of("/dev", group, OTHERS);
    }

    static void removeGroup(String group, List<String> disks) throws IOException, InterruptedException {
        ask("/sbin/vgremove", "--yes", "--force", "--quiet", group);
        List<String> argv = new ArrayList<>(List.of("/sbin/pvremove", "--yes", "--quiet"));
        argv.addAll(disks);
        ask(argv.toArray(String[]::new));
    }

    /**
     * Sentences about what is left of the instance; empty when nothing is.
     *
     * @param stays the instance itself, whose disks are no remains then
     */
    List<String> left(boolean stays) throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        for (String volume : volumes()) {
            if (volume.contains(uuid) && !(stays && volume.startsWith(uuid + "_disk"))
                    || PASSING.stream().anyMatch(volume::startsWith)) {
                left.add("volume " + volume);
            }
        }
        for (Path device : devices()) {
            String name = fact(device, "name");
            boolean disk = name.contains(mapped(uuid))
                    // Of dm-crypt: no name of LVM's.
                    || name.contains(uuid);
            boolean ofInstance = name.startsWith(group + mapped("-" + uuid)) || !name.contains(mapped(uuid));
            if (disk && !(stays && ofInstance)
                    || PASSING.stream().anyMatch(prefix -> name.contains(mapped("-" + prefix)))) {
                left.add("device " + name);
            }
            if (!fact(device, "suspended").equals("0")) {
                left.add("suspended device " + name);
            }
        }
        if (!Arrays.equals(read(others(group), 0), data(OTHERS))) {
            left.add("something else on the disk of another instance");
        }
        Set<Extent> inUse = stays ? extents() : Set.of();
        for (Extent extent : remembered()) {
            if (inUse.stream().noneMatch(extent::meets) && !wiped(extent)) {
                left.add("content on the extents " + extent.text());
            }
        }
        return left;
    }

    /** Images that thin disks are snapshots of. */
    List<String> bases() throws IOException, InterruptedException {
        return volumes().stream().filter(volume -> volume.startsWith(BASE)).toList();
    }

    void removeBases() throws IOException, InterruptedException {
        for (String base : bases()) {
            ask("/sbin/lvremove", "--yes", "--force", "--quiet", group + "/" + base);
        }
    }

    /** True while a volume waits for its wipe; its device is there as long as it does. */
    boolean wiping() throws IOException {
        for (Path device : devices()) {
            if (fact(device, "name").contains(mapped("-nb-wipe-"))) {
                return true;
            }
        }
        return false;
    }

    private List<String> volumes() throws IOException, InterruptedException {
        return lines("/sbin/lvs", "--noheadings", "--options", "lv_name", group);
    }

    /** The kernel's own list: no program to wait for. */
    private static List<Path> devices() throws IOException {
        try (Stream<Path> blocks = Files.list(Path.of("/sys/block"))) {
            return blocks.map(block -> block.resolve("dm"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    /** Empty when the device has gone meanwhile. */
    private static String fact(Path device, String name) {
        try {
            return Files.readString(device.resolve(name)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** In device-mapper's names of LVM's volumes hyphens within the parts are doubled. */
    private static String mapped(String text) {
        return text.startsWith("-") ? "-" + text.substring(1).replace("-", "--") : text.replace("-", "--");
    }

    /**
     * What a guest does: writes to the begin and the end of each of its volumes. The extents of thick ones are
     * remembered; blocks of thin ones come from a pool that zeroes them for the next guest. Of encrypted ones it is what
     * dm-crypt would write.
     *
     * @param what another text gives other data
     */
    void writeAsGuest(String what) throws IOException, InterruptedException {
        Set<Extent> extents = new LinkedHashSet<>(remembered());
        for (String line : lines("/sbin/dmsetup", "table")) {
            // "GROUP-VOLUME: 0 LENGTH linear MAJOR:MINOR START", "… thin MAJOR:MINOR ID"
            String[] words = line.split(" ");
            String kind = words[3];
            if (words[0].contains(mapped(uuid)) && (kind.equals("linear") || kind.equals("thin"))) {
                long length = Long.parseLong(words[2]);
                String name = words[0].substring(0, words[0].length() - 1);
                if (KEPT.stream().noneMatch(prefix -> name.contains(mapped("-" + prefix)))) {
                    write(name, Long.parseLong(words[1]), length, data(uuid + what));
                }
                if (kind.equals("linear")) {
                    extents.add(new Extent(words[4], Long.parseLong(words[5]), length));
                }
            }
        }
        remember(extents);
    }

    /** Where the disks of the instance lie. */
    private Set<Extent> extents() throws IOException, InterruptedException {
        Set<Extent> extents = new LinkedHashSet<>();
        for (String line : lines("/sbin/dmsetup", "table")) {
            String[] words = line.split(" ");
            if (words[0].startsWith(group + mapped("-" + uuid)) && words[3].equals("linear")) {
                extents.add(new Extent(words[4], Long.parseLong(words[5]), Long.parseLong(words[2])));
            }
        }
        return extents;
    }

    /** Also for after a power cut. */
    private void remember(Set<Extent> extents) throws IOException {
        String text = extents.stream().map(extent -> extent.text() + "\n").collect(Collectors.joining());
        try (FileChannel channel = FileChannel.open(
                memory, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
    }

    private static void write(String name, long start, long length, byte[] data) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of("/dev/mapper", name), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(data), start * SECTOR);
            channel.write(ByteBuffer.wrap(data), (start + length) * SECTOR - LOOK);
            channel.force(true);
        }
    }

    /** Bytes of a disk of the instance. */
    long size(String disk) throws IOException, InterruptedException {
        return Long.parseLong(
                lines("/sbin/lvs", "--noheadings", "--units=b", "--nosuffix", "--options=lv_size", volume(disk))
                        .get(0));
    }

    /** Whether a disk of the instance begins with what {@link #writeAsGuest} has written there. */
    boolean beginsAsWritten(String disk, String what) throws IOException {
        return Arrays.equals(read(Path.of("/dev", volume(disk)), 0), data(uuid + what));
    }

    private String volume(String disk) {
        return group + "/" + uuid + "_" + disk;
    }

    /** Whether the instance has the disk. */
    boolean has(String disk) throws IOException, InterruptedException {
        return volumes().contains(uuid + "_" + disk);
    }

    /** What is kept of disks for the revert of a resize. */
    List<String> kept() throws IOException, InterruptedException {
        return volumes().stream()
                .filter(volume -> KEPT.stream().anyMatch(volume::startsWith))
                .toList();
    }

    private List<Extent> remembered() throws IOException {
        if (!Files.exists(memory)) {
            return List.of();
        }
        return Files.readAllLines(memory).stream().map(Extent::parse).toList();
    }

    private static byte[] data(String of) {
        byte[] data = new byte[LOOK];
        new Random(of.hashCode()).nextBytes(data);
        return data;
    }

    private boolean wiped(Extent extent) throws IOException {
        Path device = Path.of("/dev/block", extent.device());
        long begin = extent.start() * SECTOR;
        return wiped(device, begin) && wiped(device, begin + extent.length() * SECTOR - LOOK);
    }

    private boolean wiped(Path device, long at) throws IOException {
        byte[] found = read(device, at);
        return zeroed ? Arrays.equals(found, new byte[LOOK]) : !sharesSector(found, data(uuid));
    }

    /** Reads past the page cache, which belongs to the device and knows nothing of what came by way of a volume. */
    static byte[] read(Path device, long at) throws IOException {
        return read(device, at, LOOK);
    }

    /** The same of so many bytes, whole pages. */
    static byte[] read(Path device, long at, int length) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(length + PAGE).alignedSlice(PAGE).limit(length);
        try (FileChannel channel =
                FileChannel.open(device.toRealPath(), StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, at + bytes.position()) < 0) {
                    throw new IOException(device + " ends before " + (at + length));
                }
            }
        }
        byte[] found = new byte[length];
        bytes.flip().get(found);
        return found;
    }

    private static boolean sharesSector(byte[] one, byte[] other) {
        for (int at = 0; at < LOOK; at += SECTOR) {
            if (Arrays.equals(one, at, at + SECTOR, other, at, at + SECTOR)) {
                return true;
            }
        }
        return false;
    }

    static List<String> lines(String... argv) throws IOException, InterruptedException {
        return ask(argv)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    static String ask(String... argv) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("LVM_SUPPRESS_FD_WARNINGS", "1");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", argv) + " failed with exit " + process.exitValue());
        }
        return out;
    }
}
