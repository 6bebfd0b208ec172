package org.novabridge.bridge.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Servers of a whole Nova with two compute services go from one bridge to the other ({@code shim/tests/moving_nova.py}). The
 * program that stands in for ssh drops its own arguments and runs the words of the other host's command.
 */
@Tag("nova")
class ShimMigrationTest extends TwoHosts {
    private @Nullable Process other;

    @AfterEach
    void endOther() throws InterruptedException {
        if (other != null) {
            other.destroy();
            if (!other.waitFor(20, TimeUnit.SECONDS)) {
                other.destroyForcibly();
            }
        }
    }

    private String config() throws IOException {
        Path ssh = Files.writeString(folder.resolve("ssh"), """
                #!/bin/sh
                while [ "$1" != -- ]; do shift; done
                case "$2 $3 $4" in
                    "127.0.0.1 nova-bridge transfer") socket=%1$s/b.sock ;;
                    "127.0.0.2 nova-bridge transfer") socket=%2$s/b.sock ;;
                    *) exit 255 ;;
                esac
                shift 3
                exec %3$s "$@" --socket $socket
                """.formatted(folder, there(), quotedProgram()));
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "images_type = qcow2\n[nova_bridge]\ntransfer_ssh = " + ssh + "\ntransfer_user = root\n[DEFAULT]\n"
                + "shutdown_timeout = 1";
    }

    @TestFactory
    List<DynamicTest> serversGoFromOneHostToTheOther() throws Exception {
        Files.createDirectory(there());
        configureEmbedded(config());
        configureEmbedded(there(), config());
        start();
        other = launch(there());
        eventually(() -> Files.exists(there().resolve("b.sock")));
        return ShimRun.of(
                        folder,
                        "moving",
                        at("b.sock"),
                        at("state"),
                        there().resolve("b.sock").toString(),
                        there().resolve("state").toString())
                .tests();
    }
}
