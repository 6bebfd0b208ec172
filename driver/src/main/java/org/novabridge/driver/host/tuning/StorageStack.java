package org.novabridge.driver.host.tuning;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;

/**
 * What the guests' disks lie on, followed down through device-mapper, md and partitions to the disks at the bottom: the
 * file system of instances_path, and the physical volumes of images_volume_group. Those in between have no scheduler of
 * their own that counts: a bio-based device hands on what it gets.
 */
final class StorageStack {
    /** Where guests' data lies and no disk can be named for it, with the reason. */
    record Unseen(String subject, String reason) {}

    private static final int MAX_DEPTH = 16;

    private final HostTree tree;
    private final MountTable mounts;
    private final Map<String, String> byNumber = new LinkedHashMap<>();
    private final Map<String, PhysicalDisk> disks = new LinkedHashMap<>();
    private final List<Unseen> unseen = new ArrayList<>();

    private StorageStack(HostTree tree) {
        this.tree = tree;
        this.mounts = MountTable.read(tree);
        for (String name : tree.names("/sys/class/block")) {
            tree.value("/sys/class/block/" + name + "/dev").ifPresent(number -> byNumber.put(number, name));
        }
    }

    /** @param groupDevices the physical volumes, as LVM tells root; empty for others, who see those of active volumes */
    static StorageStack below(HostTree tree, ConfigSnapshot config, List<String> groupDevices) {
        StorageStack stack = new StorageStack(tree);
        stack.folder(config.get(DefaultOptions.INSTANCES_PATH));
        if (config.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")) {
            config.find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                    .filter(group -> !group.isEmpty())
                    .ifPresent(
                            group -> stack.group(group, groupDevices, config.get(LibvirtOptions.IMAGES_LVM_DEVICES)));
        }
        return stack;
    }

    /** Below instances_path alone. */
    static StorageStack belowFiles(HostTree tree, ConfigSnapshot config) {
        StorageStack stack = new StorageStack(tree);
        stack.folder(config.get(DefaultOptions.INSTANCES_PATH));
        return stack;
    }

    /** Below a volume group alone, as far as its volumes are active or images_lvm_devices names its devices. */
    static StorageStack belowGroup(HostTree tree, ConfigSnapshot config, String group) {
        StorageStack stack = new StorageStack(tree);
        stack.group(group, List.of(), config.get(LibvirtOptions.IMAGES_LVM_DEVICES));
        return stack;
    }

    /** Below every mounted file system and every swap of the host: whoever takes one of these disks away, stops it. */
    static StorageStack belowHost(HostTree tree) {
        StorageStack stack = new StorageStack(tree);
        for (MountTable.Mount mount : stack.mounts.all()) {
            stack.deviceOf(mount).ifPresent(name -> stack.descend(name, mount.target(), 0));
        }
        tree.text("/proc/swaps").stream()
                .flatMap(String::lines)
                .map(line -> line.split("\\s+", 2)[0])
                .forEach(path -> stack.device(path).ifPresent(name -> stack.descend(name, "swap", 0)));
        return stack;
    }

    List<PhysicalDisk> disks() {
        return List.copyOf(disks.values());
    }

    List<Unseen> unseen() {
        return List.copyOf(unseen);
    }

    /** The mount of a folder that may be a link, or not be there yet. */
    Optional<MountTable.Mount> mount(String folder) {
        return mounts.of(nearest(folder));
    }

    /** The disk, or device of md or device-mapper, that a mounted file system lies on; that of its partition. */
    Optional<String> deviceOf(MountTable.Mount mount) {
        return Optional.ofNullable(byNumber.get(mount.device()))
                .or(() -> device(mount.source()))
                .map(name -> tree.exists("/sys/class/block/" + name + "/partition") ? diskOf(name) : name);
    }

    /** The folder of a partition lies in that of its disk. */
    private String diskOf(String partition) {
        return tree.real("/sys/class/block/" + partition)
                .map(Path::of)
                .map(Path::getParent)
                .map(Path::getFileName)
                .map(Path::toString)
                .orElse(partition);
    }

    private String nearest(String folder) {
        for (Path each = Path.of(folder).normalize(); each != null; each = each.getParent()) {
            Optional<String> real = tree.real(each.toString());
            if (real.isPresent()) {
                return real.get();
            }
        }
        return "/";
    }

    private void folder(String folder) {
        String subject = "instances_path " + folder;
        Optional<MountTable.Mount> mount = mount(folder);
        if (mount.isEmpty()) {
            unseen.add(new Unseen(subject, tree.whyNot("/proc/self/mountinfo")));
            return;
        }
        Optional<String> device = deviceOf(mount.get());
        if (device.isEmpty()) {
            unseen.add(new Unseen(
                    subject,
                    "it lies on " + mount.get().type() + " from " + mount.get().source()
                            + ", for which sysfs names no disk of this host"));
            return;
        }
        descend(device.get(), subject, 0);
    }

    private void group(String group, List<String> told, List<String> configured) {
        String subject = "volume group " + group;
        Set<String> devices = new LinkedHashSet<>();
        told.forEach(path -> device(path).ifPresent(devices::add));
        String prefix = group.replace("-", "--") + "-";
        for (String name : tree.names("/sys/block")) {
            String mapped = tree.value("/sys/block/" + name + "/dm/name").orElse("");
            String uuid = tree.value("/sys/block/" + name + "/dm/uuid").orElse("");
            boolean here = mapped.startsWith(prefix) && !mapped.startsWith(prefix + "-");
            if (here && uuid.startsWith("LVM-")) {
                devices.add(name);
            }
        }
        if (devices.isEmpty()) {
            configured.forEach(path -> device(path).ifPresent(devices::add));
        }
        if (devices.isEmpty()) {
            unseen.add(new Unseen(
                    subject,
                    "none of its volumes is active, and images_lvm_devices names no device that is here; root is told"
                            + " by LVM"));
        }
        devices.forEach(name -> descend(name, subject, 0));
    }

    /** The kernel's name of what a path such as /dev/mapper/x stands for. */
    private Optional<String> device(String path) {
        if (!path.startsWith("/dev/")) {
            return Optional.empty();
        }
        String last = String.valueOf(Path.of(tree.real(path).orElse(path)).getFileName());
        if (tree.exists("/sys/class/block/" + last)) {
            return Optional.of(last);
        }
        return tree.names("/sys/block").stream()
                .filter(name -> tree.value("/sys/block/" + name + "/dm/name")
                        .filter(last::equals)
                        .isPresent())
                .findFirst();
    }

    private void descend(String name, String carries, int depth) {
        String folder = "/sys/class/block/" + name;
        if (depth > MAX_DEPTH || disks.containsKey(name)) {
            return;
        }
        if (tree.exists(folder + "/partition")) {
            descend(diskOf(name), carries, depth + 1);
            return;
        }
        List<String> below = tree.names(folder + "/slaves");
        Optional<String> file = tree.value(folder + "/loop/backing_file").filter(text -> !text.isEmpty());
        if (!below.isEmpty()) {
            below.forEach(slave -> descend(slave, carries, depth + 1));
        } else if (file.isPresent()) {
            mount(file.get())
                    .map(mount -> byNumber.get(mount.device()))
                    .ifPresentOrElse(
                            device -> descend(device, carries, depth + 1),
                            () -> unseen.add(new Unseen(
                                    carries,
                                    name + " is a loop device on " + file.get() + ", whose disk is not seen")));
        } else {
            disks.put(name, PhysicalDisk.at(tree, name, carries));
        }
    }
}
