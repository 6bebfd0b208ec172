package org.novabridge.driver.host.tuning;

import java.util.Optional;

/**
 * A disk at the bottom, which has a scheduler of its own.
 *
 * @param name the kernel's: sda, nvme0n1
 * @param identity what stays with the disk when names move; empty where it has none
 * @param carries what of the guests lies on it
 */
record PhysicalDisk(String name, Kind kind, Optional<Identity> identity, String carries) {
    /** What kind of disk it is, as far as the scheduler is concerned. */
    enum Kind {
        NVME("NVMe disk"),
        SSD("SSD"),
        HDD("rotating disk"),
        /** This host is a guest itself: the host below it schedules. */
        VIRTIO("disk of a virtual machine"),
        /** A disk in the network, a RAM disk …: no rule. */
        OTHER("device of another kind");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * @param attribute of sysfs, as udev rules name it
     * @param value its text
     */
    record Identity(String attribute, String value) {}

    static PhysicalDisk at(HostTree tree, String name, String carries) {
        return new PhysicalDisk(name, kind(tree, name), identity(tree, name), carries);
    }

    String queue(String file) {
        return "/sys/block/" + name + "/queue/" + file;
    }

    private static Kind kind(HostTree tree, String name) {
        if (name.startsWith("nvme")) {
            return Kind.NVME;
        }
        if (name.startsWith("vd") || name.startsWith("xvd") || name.startsWith("ubd")) {
            return Kind.VIRTIO;
        }
        if (!name.startsWith("sd") && !name.startsWith("hd") && !name.startsWith("mmcblk")) {
            return Kind.OTHER;
        }
        return tree.value("/sys/block/" + name + "/queue/rotational")
                        .filter("0"::equals)
                        .isPresent()
                ? Kind.SSD
                : Kind.HDD;
    }

    /** Where sysfs keeps it: SCSI on the device below, NVMe and virtio on the disk itself. */
    static Optional<Identity> identity(HostTree tree, String name) {
        String disk = "/sys/block/" + name;
        return first(tree, disk + "/wwid", "ATTR{wwid}")
                .or(() -> first(tree, disk + "/device/wwid", "ATTRS{wwid}"))
                .or(() -> first(tree, disk + "/serial", "ATTR{serial}"));
    }

    private static Optional<Identity> first(HostTree tree, String path, String attribute) {
        // Some drivers have the file and no number: (null), or nothing but zeros.
        return tree.value(path)
                .filter(text -> text.matches(".*[A-Za-z1-9].*") && !text.equals("(null)"))
                .map(text -> new Identity(attribute, text));
    }
}
