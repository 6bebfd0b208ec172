package org.novabridge.bridge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.GuestPassword;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code instance set-password}: the password comes from a file or standard input, never from the command line. */
@Command(
        name = "set-password",
        description = "Have the guest's agent set the password of its administrator: os_admin_user of the image, else"
                + " Administrator on Windows and root.")
final class InstancePassword implements Runnable {
    /** Where it is read from. */
    static final class From {
        @Option(
                names = "--stdin",
                description = "Read the password from standard input; one line end behind it is left out.")
        private boolean stdin;

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "Read it from a file, or from an open file descriptor: /dev/fd/3.")
        private @Nullable Path file;
    }

    @Parameters(paramLabel = "UUID", description = "The instance.")
    private String uuid = "";

    @ArgGroup(multiplicity = "1")
    private From from = new From();

    @Mixin
    private final Change change = new Change();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        byte[] read = read();
        byte[] password = Arrays.copyOf(read, withoutLineEnd(read));
        Arrays.fill(read, (byte) 0);
        try {
            change.run(
                    spec,
                    client -> client.putChange(InstanceQueries.path(uuid) + "/password", password),
                    result -> "the password of " + result.path("user").asText() + " is set");
        } finally {
            Arrays.fill(password, (byte) 0);
        }
    }

    private byte[] read() {
        try (InputStream in = from.stdin ? System.in : Files.newInputStream(Objects.requireNonNull(from.file))) {
            byte[] read = in.readNBytes(GuestPassword.LONGEST + 3);
            if (withoutLineEnd(read) > GuestPassword.LONGEST) {
                throw CommandFailure.usage(
                        "that is no password: it is too long", "give the password and nothing else", null);
            }
            return read;
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "the password cannot be read: " + e.getMessage(), "look at the file and its permissions", e);
        }
    }

    private static int withoutLineEnd(byte[] read) {
        int length = read.length;
        if (length > 0 && read[length - 1] == '\n') {
            length--;
            if (length > 0 && read[length - 1] == '\r') {
                length--;
            }
        }
        return length;
    }
}
