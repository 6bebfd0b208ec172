package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/**
 * The paths that a caller names for volumes. The service is root and the caller is not: a device must be none that this
 * host runs from, a file must lie where shares of volumes are mounted (design 4.4). The kernel is asked, no program:
 * {@code /proc} for mounts and swap, {@code /sys} for what lies on a device.
 */
final class VolumePaths implements VolumeSources {
    private static final int TYPE_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final String LVM = "LVM-";

    private final Supplier<Path> shares;
    private final Supplier<Optional<String>> group;
    private final Path proc;
    private final Path sys;

    /**
     * @param shares today's {@code nfs_mount_point_base}
     * @param group today's {@code images_volume_group}: its logical volumes are disks of guests already
     */
    VolumePaths(Supplier<Path> shares, Supplier<Optional<String>> group) {
        this(shares, group, Path.of("/proc"), Path.of("/sys"));
    }

    VolumePaths(Supplier<Path> shares, Supplier<Optional<String>> group, Path proc, Path sys) {
        this.shares = shares;
        this.group = group;
        this.proc = proc;
        this.sys = sys;
    }

    @Override
    public void demand(PlannedVolume volume) {
        DiskSource source = volume.disk().source();
        try {
            if (source instanceof DiskSource.BlockSource block) {
                device(volume.target(), block.device());
            } else if (source instanceof DiskSource.FileSource file) {
                file(volume.target(), file.path());
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.DISK_NOT_FOUND,
                    "volume " + volume.target() + " of the guest cannot be looked at: " + e,
                    "see whether it is still connected to this host",
                    e);
        }
    }

    private void file(String target, Path path) throws IOException {
        Path real = path.toRealPath();
        Path base = shares.get();
        boolean below = Files.isDirectory(base) && real.startsWith(base.toRealPath());
        if (!below
                || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                || (int) Files.getAttribute(real, "unix:nlink") != 1) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    "volume " + target + " of the guest would be " + path
                            + ", which is no plain file with one name below " + base,
                    "shares of volumes are mounted below [libvirt]nfs_mount_point_base, which both sides must agree on");
        }
    }

    private void device(String target, Path path) throws IOException {
        Path real = path.toRealPath();
        if (((int) Files.getAttribute(real, "unix:mode") & TYPE_MASK) != BLOCK_DEVICE) {
            throw refused(target, path, "is no block device");
        }
        Optional<String> guests = group.get();
        if (guests.isPresent() && partOf(guests.get(), number(real))) {
            throw refused(target, path, "is a logical volume of the group of guests' own disks");
        }
        Set<String> above = above(number(real));
        String mounted = mounted(above);
        if (mounted != null) {
            throw refused(target, path, "is mounted on this host, or carries what is: " + mounted);
        }
        if (swaps().stream().anyMatch(above::contains)) {
            throw refused(target, path, "carries swap of this host");
        }
        for (String held : above) {
            if (!held.equals(number(real)) && logicalVolume(held)) {
                throw refused(target, path, "is a physical volume of this host's LVM");
            }
        }
    }

    private static BridgeException refused(String target, Path path, String why) {
        return new BridgeException(
                ErrorCode.FORBIDDEN,
                "volume " + target + " of the guest would be " + path + ", which " + why,
                "if it is the guest's own: unmount or deactivate what this host has taken from it, and keep LVM off it"
                        + " (devices/global_filter in lvm.conf)");
    }

    /** Numbers of the device, its partitions, and all devices that lie on them. */
    private Set<String> above(String number) throws IOException {
        Set<String> found = new LinkedHashSet<>();
        Deque<String> todo = new ArrayDeque<>(List.of(number));
        while (!todo.isEmpty()) {
            String next = todo.remove();
            Path device = sys.resolve("dev/block").resolve(next);
            if (found.add(next) && Files.isDirectory(device)) {
                below(device.resolve("holders"), todo, false);
                below(device, todo, true);
            }
        }
        return found;
    }

    private static void below(Path folder, Deque<String> found, boolean partitions) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Path number = entry.resolve("dev");
                if (Files.isRegularFile(number) && (!partitions || Files.exists(entry.resolve("partition")))) {
                    found.add(Files.readString(number).strip());
                }
            }
        }
    }

    /** Device-mapper's name of a logical volume: group and volume, each with its dashes doubled, and one between them. */
    private boolean partOf(String volumeGroup, String number) throws IOException {
        Path file = sys.resolve("dev/block").resolve(number).resolve("dm/name");
        if (!Files.isRegularFile(file) || !logicalVolume(number)) {
            return false;
        }
        String name = Files.readString(file);
        String prefix = volumeGroup.replace("-", "--") + "-";
        return name.startsWith(prefix) && !name.startsWith(prefix + "-");
    }

    private boolean logicalVolume(String number) throws IOException {
        Path uuid = sys.resolve("dev/block").resolve(number).resolve("dm/uuid");
        return Files.isRegularFile(uuid) && Files.readString(uuid).startsWith(LVM);
    }

    /** Where one of the devices is mounted; null when none is. */
    private @Nullable String mounted(Set<String> devices) throws IOException {
        for (String line : Files.readAllLines(proc.resolve("self/mountinfo"))) {
            String[] words = line.split(" ");
            int dash = List.of(words).indexOf("-");
            // File systems of several devices have a number of their own, and name one of the devices.
            Optional<String> named = dash > 0 && dash + 2 < words.length ? numberOf(words[dash + 2]) : Optional.empty();
            if (devices.contains(words[2]) || named.filter(devices::contains).isPresent()) {
                return words[4];
            }
        }
        return null;
    }

    private Set<String> swaps() throws IOException {
        Set<String> numbers = new LinkedHashSet<>();
        for (String line : Files.readAllLines(proc.resolve("swaps"))) {
            numberOf(line.split("[ \t]", 2)[0]).ifPresent(numbers::add);
        }
        return numbers;
    }

    private static Optional<String> numberOf(String device) throws IOException {
        Path path = Path.of(device.startsWith("/dev/") ? device : "/");
        if (!device.startsWith("/dev/") || !Files.exists(path)) {
            return Optional.empty();
        }
        Path real = path.toRealPath();
        boolean block = ((int) Files.getAttribute(real, "unix:mode") & TYPE_MASK) == BLOCK_DEVICE;
        return block ? Optional.of(number(real)) : Optional.empty();
    }

    /** {@code major:minor}, as the kernel packs them into st_rdev. */
    private static String number(Path device) throws IOException {
        long packed = (long) Files.getAttribute(device, "unix:rdev");
        long major = (packed >>> 8 & 0xfff) | (packed >>> 32 & ~0xfffL);
        long minor = (packed & 0xff) | (packed >>> 12 & ~0xffL);
        return major + ":" + minor;
    }
}
