package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Two bridges on this machine as two hosts, each in a folder of its own. */
abstract class TwoHosts extends ServedProgram {
    static final long MIB = 1 << 20;
    static final byte[] DATA = "what the guest has written".getBytes(StandardCharsets.US_ASCII);

    /** The folder of the other host's bridge. */
    final Path there() {
        return folder.resolve("there");
    }

    final Process otherHost() throws IOException {
        return otherHost("raw");
    }

    final Process otherHost(String imagesType) throws IOException {
        Files.createDirectory(there());
        configureEmbedded(there(), "images_type = " + imagesType);
        Process other = launch(there());
        eventually(() -> Files.exists(there().resolve("b.sock")));
        return other;
    }

    /** The words of a shell that run the program. */
    static String quotedProgram() {
        return "'" + String.join("' '", program(System.getProperty("java.class.path"))) + "'";
    }

    /** Writes on a disk that no guest has. */
    static void write(String format, Path disk, long at) throws IOException, InterruptedException {
        qemuIo("-f", format, "-c", "write -P 0x77 " + at + " 4096", disk.toString());
    }

    /** Fails when what was written is not there. */
    static void assertWritten(String format, Path disk, long at) throws IOException, InterruptedException {
        qemuIo("-U", "-r", "-f", format, "-c", "read -P 0x77 " + at + " 4096", disk.toString());
    }

    private static void qemuIo(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("/usr/bin/qemu-io"));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("4096/4096 bytes").doesNotContain("failed");
    }

    static void write(Path disk, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(DATA), at);
        }
    }

    static byte[] read(Path disk, long at) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(DATA.length);
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
            channel.read(found, at);
        }
        return found.array();
    }
}
