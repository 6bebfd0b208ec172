package org.novabridge.bridge.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Two bridges on this machine as two hosts, each in a folder of its own. */
abstract class TwoHosts extends ServedProgram {
    static final long MIB = 1 << 20;
    static final byte[] DATA = "what the guest has written".getBytes(StandardCharsets.US_ASCII);

    /** The folder of the other host's bridge. */
    final Path there() {
        return folder.resolve("there");
    }

    final Process otherHost() throws IOException {
        Files.createDirectory(there());
        configureEmbedded(there(), "images_type = raw");
        Process other = launch(there());
        eventually(() -> Files.exists(there().resolve("b.sock")));
        return other;
    }

    /** The words of a shell that run the program. */
    static String quotedProgram() {
        return "'" + String.join("' '", program(System.getProperty("java.class.path"))) + "'";
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
