package org.novabridge.bridge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.storage.DiskKey;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code instance key}: brings the key of encrypted disks, which never stands in a command line. */
@Command(
        name = "key",
        description =
                "Bring the key of the guest's encrypted disks, before it is created or, after a restart of the host,"
                        + " started. The bridge has it in memory until the disks are open, at most an hour.")
final class InstanceKey implements Runnable {
    /** Twice the bytes in hexadecimal digits, and a line end. */
    private static final int MOST = 4 * DiskKey.LONGEST;

    /** How the key is written. */
    enum Encoding {
        raw,
        hex,
        base64
    }

    /** Where it is read from. */
    static final class From {
        @Option(names = "--stdin", description = "Read the key from standard input.")
        private boolean stdin;

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "Read it from a file, or from an open file descriptor: /dev/fd/3.")
        private @Nullable Path file;
    }

    @Parameters(paramLabel = "UUID", description = "The instance; it need not exist yet.")
    private String uuid = "";

    @ArgGroup(multiplicity = "1")
    private From from = new From();

    @Option(
            names = "--disk",
            paramLabel = "DISK",
            description = "The disk whose key it is, as disk.eph0 (default: all that have no key of their own).")
    private @Nullable String disk;

    @Option(
            names = "--volume",
            paramLabel = "VOLUME",
            description = "The encrypted volume of Cinder's whose key it is, by its id, instead of disks of the guest.")
    private @Nullable String volume;

    @Option(
            names = "--encoding",
            paramLabel = "ENCODING",
            defaultValue = "raw",
            description = "raw, hex or base64: how the key is written (default: ${DEFAULT-VALUE}).")
    private Encoding encoding = Encoding.raw;

    @Mixin
    private final BridgeSocket socket = new BridgeSocket();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (disk != null && volume != null) {
            throw CommandFailure.usage("a key is a disk's or a volume's", "give --disk or --volume", null);
        }
        String path = InstanceQueries.path(uuid)
                + (volume != null ? "/volume-keys/" + InstanceQueries.encoded(volume) : "/keys")
                + (disk == null ? "" : "/" + InstanceQueries.encoded(disk));
        byte[] read = read();
        byte[] key = new byte[0];
        try (BridgeClient client = socket.open()) {
            key = decoded(read);
            client.put(path, key);
        } finally {
            Arrays.fill(read, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
        Console.of(spec).say("the bridge has the key of " + uuid + " until its disks are open, at most an hour");
    }

    private byte[] read() {
        try (InputStream in = from.stdin ? System.in : Files.newInputStream(Objects.requireNonNull(from.file))) {
            byte[] read = in.readNBytes(MOST + 1);
            if (read.length > MOST) {
                throw CommandFailure.usage("that is no key: it is too long", "give the key and nothing else", null);
            }
            return read;
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "the key cannot be read: " + e.getMessage(), "look at the file and its permissions", e);
        }
    }

    private byte[] decoded(byte[] read) {
        if (encoding == Encoding.raw) {
            if (text(read)) {
                throw CommandFailure.usage(
                        "the key is a line of text, and its line end would be a part of it",
                        "say --encoding hex or base64 when it is one of these, else send it without the line end:"
                                + " printf %s",
                        null);
            }
            return read.clone();
        }
        // A text of digits; it is the caller's key in clear and cannot be zeroed, but the process ends now.
        String text = new String(read, StandardCharsets.US_ASCII).strip();
        try {
            return encoding == Encoding.hex
                    ? HexFormat.of().parseHex(text)
                    : Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // Without the cause: it may quote what was read.
            throw CommandFailure.usage("the key is not written in " + encoding, "look at --encoding", null);
        }
    }

    /** Printable characters with a line end behind them: no random bytes look so. */
    private static boolean text(byte[] read) {
        if (read.length == 0 || read[read.length - 1] != '\n') {
            return false;
        }
        for (int i = 0; i < read.length - 1; i++) {
            if (read[i] < ' ' || read[i] > '~') {
                return read[i] == '\r' && i == read.length - 2;
            }
        }
        return true;
    }
}
