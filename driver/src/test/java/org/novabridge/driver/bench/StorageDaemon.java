package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** QEMU's block layer without a guest: qemu-storage-daemon serves a disk by the options of {@link QemuDisk} over NBD. */
final class StorageDaemon implements AutoCloseable {
    private static final int LONGEST_START = 60;

    private final Process process;
    private final Path socket;
    private final Path log;

    StorageDaemon(QemuDisk disk, Path folder) {
        socket = folder.resolve("nbd.sock");
        log = folder.resolve("qemu-storage-daemon.log");
        // Written when the export is there; the socket is there before anybody listens on it.
        Path ready = folder.resolve("qemu-storage-daemon.pid");
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(ready);
            List<String> line = line(disk, socket);
            line.addAll(List.of("--pidfile", ready.toString()));
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            process.getOutputStream().close();
            long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_START);
            while (!Files.exists(ready)) {
                if (!process.isAlive() || System.nanoTime() > latest) {
                    process.destroy();
                    throw new IllegalStateException(
                            "qemu-storage-daemon does not serve " + disk + ": " + Files.readString(log));
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static List<String> line(QemuDisk disk, Path socket) {
        List<String> line = new ArrayList<>(List.of("qemu-storage-daemon"));
        ObjectNode export = new ObjectMapper()
                .createObjectNode()
                .put("type", "nbd")
                .put("id", "bench")
                .put("name", "disk")
                .put("node-name", disk.node())
                .put("writable", true)
                .put("writethrough", !disk.writeCache());
        if (disk.ioThread() != null) {
            line.addAll(List.of("--object", disk.ioThread()));
            export.put("iothread", QemuDisk.json(disk.ioThread()).path("id").asText());
        }
        for (String node : disk.nodes()) {
            line.addAll(List.of("--blockdev", node));
        }
        line.addAll(List.of("--nbd-server", "addr.type=unix,addr.path=" + socket, "--export", export.toString()));
        return line;
    }

    /** What it said when it ended by itself; empty while it serves. */
    Optional<String> end() {
        try {
            return process.isAlive()
                    ? Optional.empty()
                    : Optional.of(Files.readString(log).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Words for fio. */
    List<String> target() {
        return List.of("--ioengine=nbd", "--uri=" + uri());
    }

    String uri() {
        return "nbd+unix:///disk?socket=" + socket;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(LONGEST_START, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
