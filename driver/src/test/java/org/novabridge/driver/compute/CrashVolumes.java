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
import java.util.stream.Stream;

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
    }

    static void makeGroup(String group, List<String> disks) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of("/sbin/vgcreate", "--yes", "--quiet", group));
        argv.addAll(disks);
        ask(argv.toArray(String[]::new));
    }

    /** The thin pool that a bridge looks for in the group. */
    static void makePool(String group) throws IOException, InterruptedException {
        String pool = group + "-pool";
        ask("/sbin/lvcreate", "--yes", "--quiet", "--type", "thin-pool", "--extents", "80%FREE", "--name", pool, group);
        ask("/sbin/lvchange", "--yes", "--quiet", "--errorwhenfull", "y", group + "/" + pool);
    }

    static void removeGroup(String group) throws IOException, InterruptedException {
        ask("/sbin/vgremove", "--yes", "--force", "--quiet", group);
    }

    /** Sentences about what is left of the instance; empty when nothing is. */
    List<String> left() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        for (String volume : volumes()) {
            if (volume.contains(uuid) || volume.startsWith("nb-wipe-") || volume.startsWith("nb-fill-")) {
                left.add("volume " + volume);
            }
        }
        for (Path device : devices()) {
            String name = fact(device, "name");
            if (name.contains(mapped(uuid)) || name.contains(mapped("-nb-wipe-"))) {
                left.add("device " + name);
            }
            if (!fact(device, "suspended").equals("0")) {
                left.add("suspended device " + name);
            }
        }
        for (Extent extent : remembered()) {
            if (!wiped(extent)) {
                left.add("content on the extents " + extent.text());
            }
        }
        return left;
    }

    /** True while the group has an image that disks are snapshots of. */
    boolean holdsBase() throws IOException, InterruptedException {
        return volumes().stream().anyMatch(volume -> volume.startsWith("nb-base-"));
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

    /** What a guest does: writes to the begin and the end of each of its volumes. Their extents are remembered. */
    void writeAsGuest() throws IOException, InterruptedException {
        Set<Extent> extents = new LinkedHashSet<>(remembered());
        byte[] data = guestData();
        for (String line : lines("/sbin/dmsetup", "table", "--target", "linear")) {
            // "GROUP-VOLUME: 0 LENGTH linear MAJOR:MINOR START"
            String[] words = line.split(" ");
            if (words[0].contains(mapped(uuid))) {
                Extent extent = new Extent(words[4], Long.parseLong(words[5]), Long.parseLong(words[2]));
                extents.add(extent);
                Path device = Path.of("/dev/mapper", words[0].substring(0, words[0].length() - 1));
                long begin = Long.parseLong(words[1]) * SECTOR;
                try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(data), begin);
                    channel.write(ByteBuffer.wrap(data), begin + extent.length() * SECTOR - LOOK);
                    channel.force(true);
                }
            }
        }
        Files.write(memory, extents.stream().map(Extent::text).toList());
    }

    private List<Extent> remembered() throws IOException {
        if (!Files.exists(memory)) {
            return List.of();
        }
        return Files.readAllLines(memory).stream().map(Extent::parse).toList();
    }

    private static byte[] guestData() {
        byte[] data = new byte[LOOK];
        new Random(1).nextBytes(data);
        return data;
    }

    private boolean wiped(Extent extent) throws IOException {
        Path device = Path.of("/dev/block", extent.device());
        long begin = extent.start() * SECTOR;
        return wiped(device, begin) && wiped(device, begin + extent.length() * SECTOR - LOOK);
    }

    /** Reads past the page cache, which belongs to the device and knows nothing of what came by way of a volume. */
    private boolean wiped(Path device, long at) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(LOOK + PAGE).alignedSlice(PAGE).limit(LOOK);
        try (FileChannel channel =
                FileChannel.open(device.toRealPath(), StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, at + bytes.position()) < 0) {
                    throw new IOException(device + " ends before " + (at + LOOK));
                }
            }
        }
        byte[] found = new byte[LOOK];
        bytes.flip().get(found);
        return zeroed ? Arrays.equals(found, new byte[LOOK]) : !sharesSector(found, guestData());
    }

    private static boolean sharesSector(byte[] one, byte[] other) {
        for (int at = 0; at < LOOK; at += SECTOR) {
            if (Arrays.equals(one, at, at + SECTOR, other, at, at + SECTOR)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> lines(String... argv) throws IOException, InterruptedException {
        return ask(argv)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String ask(String... argv) throws IOException, InterruptedException {
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
