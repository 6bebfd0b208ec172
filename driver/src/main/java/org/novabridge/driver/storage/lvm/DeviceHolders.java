package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who keeps a device of device-mapper open: devices that lie on it, mounts, processes. Reads what the kernel shows in /sys
 * and /proc, and runs nothing: it is asked when something has just failed. What cannot be read is left out.
 */
final class DeviceHolders {
    private static final Pattern DM_DEVICE = Pattern.compile("dm-\\d+");
    private static final Pattern PROCESS = Pattern.compile("\\d+");

    /** The group's part of device-mapper's name of a logical volume: a hyphen in it is doubled. */
    private static final Pattern GROUP = Pattern.compile("((?:[^-]|--)+)-[^-].*");

    /** Of each kind; a host may have hundreds of processes with one device open. */
    private static final int NAMED = 5;

    private static final String FIRST = "1";

    private final Path sys;
    private final Path proc;

    /**
     * A mount of the device.
     *
     * @param pid a process of the namespace that has it; empty when it is the host's
     * @param place in that namespace, where another file system may be on the host
     */
    private record Mount(String pid, String place) {
        String called() {
            return "a mount at " + place + (pid.isEmpty() ? "" : " in the mount namespace of process " + pid);
        }

        String remedy() {
            if (pid.isEmpty()) {
                return "umount " + place;
            }
            return place.equals("/")
                    ? "end process " + pid + ", whose root it is"
                    : "nsenter --target " + pid + " --mount umount " + place;
        }
    }

    /** @param sys where sysfs is, {@code /sys}; {@code proc} likewise; others in tests */
    DeviceHolders(Path sys, Path proc) {
        this.sys = sys;
        this.proc = proc;
    }

    static DeviceHolders ofThisHost() {
        return new DeviceHolders(Path.of("/sys"), Path.of("/proc"));
    }

    /**
     * What was found.
     *
     * @param who for the end of a sentence, as in {@code : it is held by …}; empty when nobody was found
     * @param remedy what lets the device go, or finds out who holds it
     */
    record Found(String who, String remedy) {}

    /**
     * @param device how operators call it
     * @param mapperName its name in device-mapper
     */
    Found of(Path device, String mapperName) {
        List<String> who = new ArrayList<>();
        Set<String> remedies = new TreeSet<>();
        String fallback = "find who holds it: fuser -v " + device + ", or lsblk when another device lies on it";
        String kernelName = kernelName(mapperName);
        if (kernelName.isEmpty()) {
            return new Found("", fallback);
        }
        Path entry = sys.resolve("block").resolve(kernelName);
        for (String holder : names(entry.resolve("holders"))) {
            above(holder, who, remedies);
        }
        // A mapping is called by its name in device-mapper anyway.
        Set<String> called =
                new HashSet<>(List.of(device.toString(), "/dev/mapper/" + mapperName, "/dev/" + kernelName));
        loops(called, who, remedies);
        processes(called, read(entry.resolve("dev")), who, remedies);
        return who.isEmpty()
                ? new Found("", fallback)
                : new Found(
                        ": it is held by " + String.join(", ", who),
                        "let it go when nobody needs that, and try again: " + String.join("; ", remedies));
    }

    private String kernelName(String mapperName) {
        return names(sys.resolve("block")).stream()
                .filter(name -> DM_DEVICE.matcher(name).matches())
                .filter(name -> read(sys.resolve("block").resolve(name).resolve("dm/name"))
                        .equals(mapperName))
                .findFirst()
                .orElse("");
    }

    private void above(String holder, List<String> who, Set<String> remedies) {
        Path dm = sys.resolve("block").resolve(holder).resolve("dm");
        String name = read(dm.resolve("name"));
        if (name.isEmpty()) {
            who.add("the device /dev/" + holder);
            remedies.add("lsblk /dev/" + holder + " says what it is");
            return;
        }
        // What made a mapping writes itself at the beginning of its uuid.
        String uuid = read(dm.resolve("uuid"));
        Matcher group = GROUP.matcher(name);
        who.add("the mapping " + name);
        if (uuid.startsWith("LVM-") && group.matches()) {
            remedies.add("vgchange --activate n " + group.group(1).replace("--", "-"));
        } else if (uuid.startsWith("CRYPT-")) {
            remedies.add("cryptsetup close " + name);
        } else {
            remedies.add("dmsetup remove " + name);
        }
    }

    private void loops(Set<String> called, List<String> who, Set<String> remedies) {
        for (String name : names(sys.resolve("block"))) {
            if (called.contains(read(sys.resolve("block").resolve(name).resolve("loop/backing_file")))) {
                who.add("the loop device /dev/" + name);
                remedies.add("losetup --detach /dev/" + name);
            }
        }
    }

    private void processes(Set<String> called, String numbers, List<String> who, Set<String> remedies) {
        Map<String, String> open = new LinkedHashMap<>();
        Map<String, Mount> mounts = new LinkedHashMap<>();
        Set<Path> namespaces = new HashSet<>();
        // An operator's shell is where process 1 is; a service may have a namespace of its own, and we may be one.
        Path operators = link(proc.resolve(FIRST).resolve("ns/mnt"));
        for (String pid : names(proc)) {
            if (!PROCESS.matcher(pid).matches()) {
                continue;
            }
            Path process = proc.resolve(pid);
            if (links(process.resolve("fd")).stream().anyMatch(called::contains)) {
                open.put(pid, read(process.resolve("comm")));
            }
            Path namespace = link(process.resolve("ns/mnt"));
            // All processes of a namespace have the same mounts.
            if (namespace.toString().isEmpty() || namespaces.add(namespace)) {
                String in = pid.equals(FIRST) || namespace.equals(operators) ? "" : pid;
                for (String place : mounted(process, called, numbers)) {
                    // What is unmounted on the host goes from the namespaces that have a copy of it. Process 1 comes
                    // first.
                    if (in.isEmpty() || !mounts.containsKey(place)) {
                        mounts.put(in.isEmpty() ? place : in + ":" + place, new Mount(in, place));
                    }
                }
            }
        }
        mounts.values().stream().limit(NAMED).forEach(mount -> {
            who.add(mount.called());
            remedies.add(mount.remedy());
        });
        open.entrySet().stream().limit(NAMED).forEach(one -> {
            who.add("process " + one.getKey() + " (" + one.getValue() + ")");
            remedies.add("end process " + one.getKey());
        });
        int more = Math.max(0, open.size() - NAMED) + Math.max(0, mounts.size() - NAMED);
        if (more > 0) {
            who.add(more + " more");
        }
    }

    /** Lines of proc(5), mountinfo: the third field is the device's numbers, the fifth the place, the source is last but one. */
    private static List<String> mounted(Path process, Set<String> called, String numbers) {
        return read(process.resolve("mountinfo"))
                .lines()
                .map(line -> List.of(line.split(" ", -1)))
                .filter(fields -> fields.size() > 6)
                .filter(fields -> fields.get(2).equals(numbers) || called.contains(fields.get(fields.size() - 2)))
                .map(fields -> fields.get(4))
                .toList();
    }

    private static List<String> links(Path folder) {
        return names(folder).stream()
                .map(name -> link(folder.resolve(name)).toString())
                .toList();
    }

    private static Path link(Path path) {
        try {
            return Files.readSymbolicLink(path);
        } catch (IOException e) {
            return Path.of("");
        }
    }

    private static List<String> names(Path folder) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException | DirectoryIteratorException e) {
            // A process that has ended, or a device that has gone, holds nothing.
            return List.of();
        }
        names.sort(null);
        return names;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
