package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSource;

/** Where commands look for the running bridge when nobody says it. */
class BridgeSocketTest {
    @TempDir
    private Path folder;

    private Path configured(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("nova.conf"), text);
        return BridgeSocket.configured(ConfigSource.of(List.of(new ConfigSource.Place.File(file))));
    }

    @Test
    void whereTheServiceListensByItsConfiguration() throws Exception {
        assertThat(configured("[nova_bridge]\nsocket = /run/other/bridge.sock\n"))
                .isEqualTo(Path.of("/run/other/bridge.sock"));
    }

    @Test
    void anotherErrorInTheFileIsNoneOfTheSocket() throws Exception {
        assertThat(configured("[libvirt]\nimages_type = floppy\n[nova_bridge]\nsocket = /run/other/bridge.sock\n"))
                .isEqualTo(Path.of("/run/other/bridge.sock"));
    }

    @Test
    void theDefaultWithoutTheOptionOrTheFile() throws Exception {
        assertThat(configured("[DEFAULT]\n")).isEqualTo(Path.of("/run/nova-bridge/bridge.sock"));
        assertThat(BridgeSocket.configured(
                        ConfigSource.of(List.of(new ConfigSource.Place.File(folder.resolve("none.conf"))))))
                .isEqualTo(Path.of("/run/nova-bridge/bridge.sock"));
    }
}
