package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.RecordingExecutor;

/** A server of a disk that does not do what it should: nobody waits for it for ever, and it does not stay. */
@Timeout(30)
class NbdServerTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000015";
    private static final long SIZE = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(400);

    /** When it leaves us alone. */
    private enum Fault {
        NONE,
        SILENT_AT_ONCE,
        SILENT,
        HANGS_UP
    }

    @TempDir
    Path instances;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean cancelled;

    @BeforeEach
    void base() throws IOException {
        Files.createDirectories(instances.resolve("_base"));
    }

    @Test
    void aDiskOfAnotherSizeIsNotTaken() throws Exception {
        assertThatThrownBy(() -> open(Fault.NONE, 2 * SIZE, LONG, LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("serves 2097152 bytes, and the disk has 1048576");
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aServerThatDoesNotAnswerIsEnded() throws Exception {
        DiskBytes disk = open(Fault.SILENT, SIZE, SHORT, LONG);
        assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0)).hasMessageContaining("has not answered");
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(cancelled).isTrue();
        assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0)).isInstanceOf(IOException.class);
    }

    @Test
    void aServerThatDoesNotEvenGreetIsEnded() throws Exception {
        assertThatThrownBy(() -> open(Fault.SILENT_AT_ONCE, SIZE, LONG, SHORT)).isInstanceOf(IOException.class);
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(cancelled).isTrue();
    }

    @Test
    void whoAbandonsADiskEndsTheWaitForIt() throws Exception {
        DiskBytes disk = open(Fault.SILENT, SIZE, LONG, LONG);
        Thread other = new Thread(() -> {
            LockSupport.parkNanos(200_000_000);
            disk.abandon();
        });
        other.start();
        assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0)).hasMessageContaining("not wanted any more");
        other.join();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The words of its end do not reach it. */
    @Test
    void aServerThatHasHungUpAndRunsOnIsEnded() throws Exception {
        DiskBytes disk = open(Fault.HANGS_UP, SIZE, LONG, SHORT);
        LockSupport.parkNanos(200_000_000);
        assertThatThrownBy(disk::close).isInstanceOf(IOException.class);
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(cancelled).isTrue();
    }

    private DiskBytes open(Fault fault, long size, Duration stall, Duration timeout) throws IOException {
        QemuImgSettings settings = new QemuImgSettings(null, LONG, 1L << 30, stall, timeout, LONG);
        return new QemuNbd(command -> serve(command, fault, size), settings, instances)
                .open(GUEST, "disk", new QcowChain(instances.resolve("disk"), SIZE, "driver=qcow2"), false);
    }

    private CommandResult serve(Command command, Fault fault, long size) {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(command.folder().resolve("nova-bridge-nbd")));
            try (SocketChannel client = server.accept()) {
                if (fault != Fault.SILENT_AT_ONCE) {
                    greet(client, size);
                }
                if (fault == Fault.HANGS_UP) {
                    client.close();
                }
                client(command, client, fault);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ended.countDown();
        }
        return RecordingExecutor.result(command, 0, "", "");
    }

    private void client(Command command, SocketChannel client, Fault fault) throws IOException {
        if (client.isOpen()) {
            client.configureBlocking(false);
        }
        while (true) {
            if (RecordingExecutor.cancelled(command)) {
                cancelled = true;
                return;
            }
            if (fault == Fault.NONE && client.read(ByteBuffer.allocate(4096)) < 0) {
                return;
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static void greet(SocketChannel client, long size) throws IOException {
        client.write(ByteBuffer.allocate(18)
                .putLong(0x4e42444d41474943L)
                .putLong(0x49484156454f5054L)
                .putShort((short) 3)
                .flip());
        ByteBuffer asked = ByteBuffer.allocate(26);
        while (asked.hasRemaining() && client.read(asked) >= 0) {
            LockSupport.parkNanos(1);
        }
        client.write(ByteBuffer.allocate(52)
                .putLong(0x3e889045565a9L)
                .putInt(7)
                .putInt(3)
                .putInt(12)
                .putShort((short) 0)
                .putLong(size)
                .putShort((short) 1)
                .putLong(0x3e889045565a9L)
                .putInt(7)
                .putInt(1)
                .putInt(0)
                .flip());
    }
}
