package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.bridge.cli.ConfigFiles.Place;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ConfigFilesTest {
    @Test
    void keepsTheOrderOfTheCommandLine() {
        ConfigFiles files = new ConfigFiles();
        new CommandLine(new Probe(files))
                .parseArgs("--config-file", "a.conf", "--config-dir", "b.d", "--config-file", "c.conf");
        assertThat(files.places())
                .containsExactly(
                        new Place(Path.of("a.conf"), false),
                        new Place(Path.of("b.d"), true),
                        new Place(Path.of("c.conf"), false));
    }

    @Test
    void withoutAnyTakesTheFirstOfEachNameInTheOrderOfOslo(@TempDir Path root) throws IOException {
        Path home = Files.createDirectories(root.resolve("home"));
        Path etc = root.resolve("etc");
        Files.createDirectories(etc.resolve("nova"));
        Files.writeString(root.resolve("etc/nova/nova.conf"), "");
        Files.writeString(root.resolve("home/nova.conf"), "");
        Files.writeString(root.resolve("etc/nova/nova-compute.conf"), "");
        Files.createDirectories(root.resolve("etc/nova/nova.conf.d"));
        assertThat(new ConfigFiles().places(home, etc))
                .containsExactly(
                        new Place(root.resolve("home/nova.conf"), false),
                        new Place(root.resolve("etc/nova/nova-compute.conf"), false),
                        new Place(root.resolve("etc/nova/nova.conf.d"), true));
    }

    @Command(name = "probe")
    private static final class Probe {
        @Mixin
        @SuppressWarnings("UnusedVariable") // picocli reads it
        final ConfigFiles files;

        Probe(ConfigFiles files) {
            this.files = files;
        }
    }
}
