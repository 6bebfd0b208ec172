package org.novabridge.driver.hypervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The folder of an embedded QEMU driver ({@code qemu:///embed?root=DIR}): libvirt keeps there what it
 * otherwise keeps in /etc/libvirt, /var/lib/libvirt, /run/libvirt and /var/log/libvirt.
 *
 * <p>It needs an {@code etc/qemu.conf}, because the embedded driver has no virtlogd beside it
 * ({@code stdio_handler = "file"}), no cgroups or mount namespaces of its own, and no confinement.
 * One written by somebody else is left alone.
 */
public final class EmbedRoot {
    /**
     * Socket addresses end at 107 bytes; libvirt puts the monitor socket at {@code
     * ROOT/lib/qemu/domain-<id>-<first 20 of the name>/monitor.sock}, up to 57 bytes below the root.
     */
    static final int LONGEST_ROOT = 50;

    private static final String MARK = "# Written by nova-bridge; remove this line to keep changes.";

    private final Path root;

    private EmbedRoot(Path root) {
        this.root = root;
    }

    /**
     * Makes the folder ready and tells its URI.
     *
     * @param root absolute and short; every folder above must be searchable for the QEMU user
     * @param user whom QEMU runs as, a name or {@code +uid}
     * @param group its group, a name or {@code +gid}
     * @throws BridgeException INVALID_CONFIGURATION when the path will not do
     */
    public static EmbedRoot prepare(Path root, String user, String group) {
        Path absolute = checked(root);
        try {
            Path etc = Files.createDirectories(absolute.resolve("etc"));
            searchable(absolute);
            // What libvirt makes itself has this process's umask, 0077 in the service.
            for (String name : List.of("etc", "lib", "run", "log", "cache")) {
                searchable(Files.createDirectories(absolute.resolve(name)));
            }
            Path conf = etc.resolve("qemu.conf");
            if (!Files.exists(conf) || Files.readString(conf).contains(MARK)) {
                Path fresh = etc.resolve("qemu.conf.new");
                Files.writeString(fresh, qemuConf(user, group), StandardCharsets.UTF_8);
                Files.move(fresh, conf, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the embed root " + absolute + " cannot be prepared: " + e.getMessage(),
                    "give a folder that this user may write",
                    e);
        }
        return new EmbedRoot(absolute);
    }

    /** QEMU's user walks through these folders to its sockets, save files and NVRAM. */
    private static void searchable(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path checked(Path root) {
        Path absolute = root.toAbsolutePath().normalize();
        String text = absolute.toString();
        if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_ROOT) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the embed root " + text + " is longer than " + LONGEST_ROOT
                            + " bytes, so QEMU's monitor socket below it would have no valid address",
                    "take a shorter path, for instance /var/lib/nova-bridge/embed");
        }
        if (!text.matches("[A-Za-z0-9._/@-]+")) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the embed root " + text + " has characters that would have to be quoted in a libvirt URI",
                    "use letters, digits and . _ / @ -");
        }
        return absolute;
    }

    static String qemuConf(String user, String group) {
        return String.join(
                "\n",
                MARK,
                "# No virtlogd runs beside the embedded driver: QEMU writes console logs itself.",
                "stdio_handler = \"file\"",
                "user = \"" + user + "\"",
                "group = \"" + group + "\"",
                "# libvirt gives a disk to the QEMU user at start and back to its owner afterwards.",
                "dynamic_ownership = 1",
                "security_driver = \"none\"",
                "namespaces = []",
                "cgroup_controllers = []",
                "");
    }

    public Path path() {
        return root;
    }

    public Path qemuConf() {
        return root.resolve("etc/qemu.conf");
    }

    /** For {@link LibvirtSettings#of}. */
    public String uri() {
        return "qemu:///embed?root=" + root;
    }
}
