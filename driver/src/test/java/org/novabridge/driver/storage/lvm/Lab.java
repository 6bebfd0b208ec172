package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;

/** The scratch disks of tools/lvm-lab, and what tests do with them by hand. */
final class Lab {
    static final CommandExecutor EXECUTOR = new ProcessExecutor();

    /** What "another tenant" has left on the disks. */
    static final byte[] PATTERN = "data of another tenant, to be read by nobody. ".getBytes(StandardCharsets.US_ASCII);

    private static final int CHUNK = 1 << 20;
    private static final int SECTOR = 512;
    private static final byte[] ZEROES = new byte[CHUNK];

    private Lab() {}

    static Path disk(int number) {
        String disks = Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests");
        return Path.of(disks.split(" ")[number]);
    }

    /** A program that is no tool of the house. */
    static CommandResult sh(String program, String... arguments) {
        return EXECUTOR.run(Command.ofProgram(program(program), List.of(arguments))
                .withEffect(Effect.WRITES)
                .withDeadline(Duration.ofMinutes(2)));
    }

    private static Path program(String name) {
        return List.of("/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/").stream()
                .map(folder -> Path.of(folder + name))
                .filter(java.nio.file.Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not installed"));
    }

    /** As {@link #sh}, when nobody minds that it fails. */
    static void tidy(String program, String... arguments) {
        try {
            sh(program, arguments);
        } catch (CommandFailedException e) {
            // there was nothing to tidy
        }
    }

    /**
     * Takes away every volume group, holder and signature of the scratch disks; one shell, since starts are slow. Only
     * disks with signatures are opened for writing: udev looks anew at each that was.
     */
    static void clean() {
        sh("sh", "-c", """
            exec 2>/dev/null
            swapoff -a
            for group in $(vgs --noheadings -o vg_name); do vgremove --yes --force "$group"; done
            blockdev --setrw $LAB_DISKS
            for disk in $LAB_DISKS; do
              [ -z "$(wipefs --noheadings "$disk")" ] || wipefs --all --force --quiet "$disk"
            done
            udevadm settle
            true
            """.replace("$LAB_DISKS", Objects.requireNonNull(System.getenv("LAB_DISKS"))));
    }

    static final String GROUP = "nova";

    /** A configuration with the group made of the devices. */
    static ConfigSnapshot.Builder config(Path... devices) {
        return ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, GROUP)
                .set(
                        LibvirtOptions.IMAGES_LVM_DEVICES,
                        Arrays.stream(devices).map(Path::toString).toList());
    }

    /** The group, made as an operator makes it. */
    static void init(Path... devices) {
        VolumeGroupBootstrap.of(config(devices).build(), EXECUTOR).apply();
    }

    /** The same with thin volumes. */
    static ConfigSnapshot.Builder thinConfig(Path... devices) {
        return config(devices).set(LibvirtOptions.IMAGES_LVM_TYPE, "thin");
    }

    static void initThin(Path... devices) {
        VolumeGroupBootstrap.of(thinConfig(devices).build(), EXECUTOR).apply();
    }

    /** All volumes but the pool. */
    static void removeThin() {
        sh(
                "sh",
                "-c",
                "lvs --noheadings -o vg_name,lv_name --separator / -S 'segtype=thin' " + GROUP
                        + " | xargs -r lvremove --yes --force");
    }

    /** Writes one sector at the given place of each step. */
    static void touchSectors(Path device, long size, long step, long place) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(512);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            for (long at = place; at < size; at += step) {
                sector.clear();
                sector.put(0, (byte) 1);
                channel.write(sector, at);
            }
            channel.force(true);
        }
    }

    static LvmReport report() {
        return new LvmReport(EXECUTOR, Duration.ofSeconds(60));
    }

    static void fillWithPattern(Path device) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < CHUNK; i++) {
            chunk[i] = PATTERN[i % PATTERN.length];
        }
        long size = size(device);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; at += CHUNK) {
                ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, (int) Math.min(CHUNK, size - at));
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            channel.force(true);
        }
        tidy("udevadm", "settle");
    }

    static long size(Path device) {
        return Long.parseLong(EXECUTOR.run(Command.of(Tool.BLOCKDEV, "--getsize64", device.toString()))
                .stdout()
                .strip());
    }

    /** Reads a part of a device past what an earlier reader has left in the page cache. */
    static byte[] read(Path device, long from, long to) throws IOException {
        forgetCache(device);
        return readOn(device, from, to);
    }

    private static void forgetCache(Path device) {
        tidy("blockdev", "--flushbufs", device.toString());
    }

    private static byte[] readOn(Path device, long from, long to) throws IOException {
        byte[] bytes = new byte[(int) (to - from)];
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            fill(channel, device, from, ByteBuffer.wrap(bytes));
        }
        return bytes;
    }

    private static void fill(FileChannel channel, Path device, long from, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            // until all of it is read
        }
        if (buffer.hasRemaining()) {
            throw new IOException(device + " ends before " + (from + buffer.limit()));
        }
    }

    /** What is done with a part of a device that holds anything but zeroes. */
    @FunctionalInterface
    private interface Look {
        /** @return false when that is enough */
        boolean at(long place, byte[] bytes, int length);
    }

    /** Most of a disk is zeroes, over which one compares fast; and a lab pays for every page of memory that is touched. */
    private static void look(Path device, long from, long to, Look look) throws IOException {
        forgetCache(device);
        byte[] bytes = new byte[CHUNK];
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            for (long at = from; at < to; at += CHUNK) {
                int length = (int) Math.min(CHUNK, to - at);
                fill(channel, device, at, ByteBuffer.wrap(bytes, 0, length).slice());
                if (Arrays.mismatch(bytes, 0, length, ZEROES, 0, length) >= 0 && !look.at(at, bytes, length)) {
                    return;
                }
            }
        }
    }

    /** The first place in [from, to) that is not zero, or -1. */
    static long firstNonZero(Path device, long from, long to) throws IOException {
        long[] found = {-1};
        look(device, from, to, (place, bytes, length) -> {
            found[0] = place + Arrays.mismatch(bytes, 0, length, ZEROES, 0, length);
            return false;
        });
        return found[0];
    }

    /** How many of the device's 512-byte sectors hold some of the other tenant's text. */
    static long sectorsWithPattern(Path device) throws IOException {
        String needle = new String(PATTERN, StandardCharsets.US_ASCII).substring(0, 20);
        long[] found = {0};
        look(device, 0, size(device), (place, bytes, length) -> {
            String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
            int at = text.indexOf(needle);
            while (at >= 0) {
                found[0]++;
                at = text.indexOf(needle, (at / SECTOR + 1) * SECTOR);
            }
            return true;
        });
        return found[0];
    }
}
