package org.novabridge.driver.hypervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Real QEMU through the embedded driver for tests. libvirt allows one embed root per process, so all
 * test classes of a JVM share this one; the folder and every guest in it go when the JVM ends.
 */
public final class EmbedLab {
    private final Path root;
    private final LibvirtHypervisor hypervisor;

    private EmbedLab() {
        root = newRoot();
        hypervisor = LibvirtHypervisor.open(
                LibvirtSettings.of(
                        EmbedRoot.prepare(root, "libvirt-qemu", "kvm").uri()),
                Clock.systemUTC());
        Runtime.getRuntime().addShutdownHook(new Thread(this::remove));
    }

    /** Opened at the first question, so that the helpers below may be used in other processes. */
    private static final class Shared {
        static final EmbedLab LAB = new EmbedLab();
    }

    public static LibvirtHypervisor hypervisor() {
        return Shared.LAB.hypervisor;
    }

    /** A folder that QEMU's user may search. */
    public static Path root() {
        return Shared.LAB.root;
    }

    static Path newRoot() {
        try {
            Path made = Files.createTempDirectory(Path.of("/tmp"), "nb-");
            return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A guest of 64 MiB without a disk: its BIOS finds nothing to boot and waits. */
    static String guest(String uuid, String devices) {
        return """
                <domain type='qemu'><uuid>%s</uuid><name>nb-%s</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
                <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
                <devices>%s<memballoon model='none'/></devices></domain>
                """.formatted(uuid, uuid.substring(0, 8), devices);
    }

    static String newUuid() {
        return UUID.randomUUID().toString();
    }

    private void remove() {
        for (Guest guest : hypervisor.list()) {
            hypervisor.destroy(guest.uuid());
            hypervisor.undefine(guest.uuid());
        }
        hypervisor.close();
        delete(root);
    }

    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
