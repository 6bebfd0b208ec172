package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;

class HostNumbersTest {
    @TempDir
    Path root;

    @Test
    void whatIsNeitherFreeNorACacheIsUsed() throws IOException {
        kernel("""
                MemTotal:       24689012 kB
                MemFree:         1024000 kB
                MemAvailable:    9999999 kB
                Buffers:          102400 kB
                Cached:          2048000 kB
                HugePages_Total:       0
                """, "0-3,6\n");
        assertThat(HostNumbers.look(root)).isEqualTo(new HostNumbers("0-3,6", 24110, 24110 - 3100));
    }

    @Test
    void aKernelThatDoesNotTellIsNoEmptyHost() throws IOException {
        assertThatThrownBy(() -> HostNumbers.look(root)).isInstanceOf(BridgeException.class);
        kernel("MemTotal: a lot\n", "0");
        assertThatThrownBy(() -> HostNumbers.look(root)).isInstanceOf(BridgeException.class);
    }

    private void kernel(String memory, String online) throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/meminfo"), memory);
        Files.createDirectories(root.resolve("sys/devices/system/cpu"));
        Files.writeString(root.resolve("sys/devices/system/cpu/online"), online);
    }
}
