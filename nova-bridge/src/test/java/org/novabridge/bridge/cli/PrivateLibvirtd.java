package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Debian's libvirtd with sockets, configuration and state in a folder of a test, seen by nobody else: it runs in a mount
 * namespace where its usual folders are that folder's. Its guests outlive it, as they do on a host.
 */
final class PrivateLibvirtd implements AutoCloseable {
    static final Path PROGRAM = Path.of("/usr/sbin/libvirtd");

    private final Path folder;
    private @Nullable Process daemon;

    PrivateLibvirtd(Path folder) throws IOException {
        this.folder = Files.createDirectory(folder);
        open(folder);
        for (String each : new String[] {"etc", "run", "lib", "cache", "log"}) {
            open(Files.createDirectory(folder.resolve(each)));
        }
        Files.writeString(folder.resolve("etc/qemu.conf"), """
                user = "libvirt-qemu"
                group = "kvm"
                stdio_handler = "file"
                security_driver = "none"
                namespaces = [ ]
                """);
        Files.writeString(folder.resolve("libvirtd.conf"), """
                unix_sock_dir = "%1$s"
                auth_unix_rw = "none"
                auth_unix_ro = "none"
                log_outputs = "3:file:%1$s/log/libvirtd.log"
                """.formatted(folder));
        Files.writeString(folder.resolve("run.sh"), """
                set -e
                mkdir -p /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
                mount --bind %1$s/etc /etc/libvirt
                mount --bind %1$s/run /run/libvirt
                mount --bind %1$s/lib /var/lib/libvirt
                mount --bind %1$s/cache /var/cache/libvirt
                mount --bind %1$s/log /var/log/libvirt
                exec %2$s -f %1$s/libvirtd.conf -p %1$s/pid
                """.formatted(folder, PROGRAM));
    }

    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    String uri() {
        return "qemu+unix:///system?socket=" + folder.resolve("libvirt-sock");
    }

    /** The stored definition of a guest. */
    Path definition(String name) {
        return folder.resolve("etc/qemu/" + name + ".xml");
    }

    void start() throws IOException {
        Files.deleteIfExists(folder.resolve("libvirt-sock"));
        daemon = new ProcessBuilder(
                        "unshare", "--mount", "sh", folder.resolve("run.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
    }

    /** As the kernel's out-of-memory killer would end it. */
    void kill() throws InterruptedException {
        Process running = daemon;
        if (running != null) {
            // unshare and sh have become libvirtd.
            running.destroyForcibly();
            assertThat(running.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
