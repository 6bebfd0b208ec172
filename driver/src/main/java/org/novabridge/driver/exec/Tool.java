package org.novabridge.driver.exec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The programs that the house may start, by name. Each is looked up in the system's own folders and
 * never through the caller's {@code PATH}.
 */
public enum Tool {
    QEMU_IMG("qemu-img"),
    QEMU_NBD("qemu-nbd"),
    CP("cp"),
    DD("dd"),
    DU("du"),
    FALLOCATE("fallocate"),
    MKFS("mkfs"),
    MKSWAP("mkswap"),
    SETPRIV("setpriv"),
    SETSID("setsid"),
    PRLIMIT("prlimit"),
    FLOCK("flock"),
    LVM("lvm"),
    LVMCONFIG("lvmconfig"),
    PVS("pvs"),
    VGS("vgs"),
    LVS("lvs"),
    PVCREATE("pvcreate"),
    PVREMOVE("pvremove"),
    VGCREATE("vgcreate"),
    VGREMOVE("vgremove"),
    VGEXTEND("vgextend"),
    VGCHANGE("vgchange"),
    LVCREATE("lvcreate"),
    LVREMOVE("lvremove"),
    LVCHANGE("lvchange"),
    LVRENAME("lvrename"),
    LVEXTEND("lvextend"),
    LVCONVERT("lvconvert"),
    DMSETUP("dmsetup"),
    THIN_DUMP("thin_dump"),
    CRYPTSETUP("cryptsetup"),
    WIPEFS("wipefs"),
    BLKID("blkid"),
    BLKDISCARD("blkdiscard"),
    BLOCKDEV("blockdev"),
    LSBLK("lsblk"),
    SHRED("shred"),
    SYNC("sync"),
    UDEVADM("udevadm"),
    GENISOIMAGE("genisoimage");

    private static final List<Path> FOLDERS =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

    private final String program;

    Tool(String program) {
        this.program = program;
    }

    /** The name of the program, without a folder. */
    public String program() {
        return program;
    }

    /** Where it is installed; empty when it is not. */
    public Optional<Path> find() {
        return find(program);
    }

    static Optional<Path> find(String program) {
        if (program.startsWith("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable).filter(Files::isRegularFile);
        }
        return FOLDERS.stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
