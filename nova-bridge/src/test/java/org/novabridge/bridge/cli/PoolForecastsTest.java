package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.storage.lvm.PoolAlarm;
import org.novabridge.driver.storage.lvm.PoolForecast;

class PoolForecastsTest {

    private static PoolForecast.Part part(Long perHour, Long seconds) {
        return new PoolForecast.Part(4096, 1024, 25, perHour, seconds, PoolAlarm.Level.OK);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,     -,      -,  -,     '-, -',          -1",
                "2048,  7200,   0,  -,     '2.0 KiB, 0 B',  120 minutes (data)",
                "2048,  864000, 10, 36000, '2.0 KiB, 10 B', 10 hours (metadata)",
                "-2048, -,      0,  -,     '-2.0 KiB, 0 B', does not grow",
                "1,     999999999999, 0, -, '1 B, 0 B',     years (data)",
            })
    void words(Long data, Long dataFull, Long metadata, Long metadataFull, String growth, String fullIn) {
        PoolForecast forecast =
                new PoolForecast("p", "2026-01-02T03:04:05Z", part(data, dataFull), part(metadata, metadataFull));
        assertThat(PoolForecasts.growth(forecast)).isEqualTo(growth);
        assertThat(PoolForecasts.fullIn(forecast)).isEqualTo(fullIn.equals("-1") ? "-" : fullIn);
    }

    private static List<PoolForecast> told(Path socket) {
        return PoolForecasts.ofRunningBridge(ConfigSnapshot.builder()
                .set(BridgeOptions.SOCKET, socket.toString())
                .build());
    }

    @Test
    void theRunningBridgeIsAsked() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            assertThat(told(bridge.socket()))
                    .containsExactly(new PoolForecast(
                            "nova-pool",
                            "2026-01-02T03:04:05Z",
                            new PoolForecast.Part(4096, 1024, 25.0, 512L, 21600L, PoolAlarm.Level.OK),
                            new PoolForecast.Part(1024, 900, 87.9, null, null, PoolAlarm.Level.WARNING)));
        }
    }

    /** What LVM itself says is shown all the same. */
    @Test
    void noBridgeIsNoFailure(@TempDir Path folder) throws IOException {
        assertThat(told(folder.resolve("none.sock"))).isEmpty();
        assertThat(told(Files.createFile(folder.resolve("no-socket")))).isEmpty();
    }
}
