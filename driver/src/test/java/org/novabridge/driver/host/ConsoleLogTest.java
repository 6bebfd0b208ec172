package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ConsoleLogTest {
    @TempDir
    Path folder;

    @Test
    void theEndOfALogIsRead() throws Exception {
        Path log = Files.writeString(folder.resolve("console.log"), "first\nlast\n");
        assertThat(text(ConsoleLog.read(log, 100))).isEqualTo("first\nlast\n");
        assertThat(text(ConsoleLog.read(log, 5))).isEqualTo("last\n");
        assertThat(ConsoleLog.read(log, 0)).isEmpty();
        assertThat(ConsoleLog.read(folder.resolve("none"), 5)).isEmpty();
    }

    @Test
    void onlyARegularFileIsTaken() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Path link = Files.createSymbolicLink(folder.resolve("console.log"), secret);
        assertForbidden(link);
        assertForbidden(folder);
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertForbidden(pipe);
        assertThatThrownBy(() -> ConsoleLog.cap(link, 1)).isInstanceOf(BridgeException.class);
        assertThat(secret).content().isEqualTo("secret");
    }

    @Test
    void aWriterThatAppendsGoesOnBehindTheCut() throws Exception {
        Path log = folder.resolve("console.log");
        try (OutputStream qemu = Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int i = 0; i < 20_000; i++) {
                qemu.write("line %08d\n".formatted(i).getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(ConsoleLog.cap(log, 1 << 20)).isFalse();
            assertThat(Files.size(log)).isEqualTo(280_000);

            assertThat(ConsoleLog.cap(log, 100_000)).isTrue();
            assertThat(Files.size(log)).isLessThanOrEqualTo(100_000);
            qemu.write("after\n".getBytes(StandardCharsets.US_ASCII));
        }
        String left = text(ConsoleLog.read(log, 1 << 20));
        assertThat(left).endsWith("after\n").doesNotContain("\0");
        // Emptied where the file system cannot cut; else the end is still there.
        if (left.length() > 6) {
            assertThat(left).endsWith("line 00019999\nafter\n");
            assertThat(left.length()).isGreaterThan(50_000);
        }
    }

    @Test
    void theLogsOfAllInstancesAreKeptSmall() throws Exception {
        Path instance = Files.createDirectories(folder.resolve("0a261055-8b85-4b5f-a34e-fa338ca20e16"));
        Path log = Files.write(instance.resolve("console.log"), new byte[300_000]);
        Path other = Files.createDirectories(folder.resolve("_base")).resolve("console.log");
        Files.write(other, new byte[300_000]);
        try (ConsoleLogCap cap = ConsoleLogCap.start(folder, () -> 100_000, Duration.ofMillis(10))) {
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (Files.size(log) > 100_000 && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertThat(cap).isNotNull();
        }
        assertThat(Files.size(log)).isLessThanOrEqualTo(100_000);
        assertThat(Files.size(other)).isEqualTo(300_000);
    }

    private static void assertForbidden(Path log) {
        assertThatThrownBy(() -> ConsoleLog.read(log, 10))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
