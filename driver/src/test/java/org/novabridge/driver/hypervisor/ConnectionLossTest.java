package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** A real libvirtd (a session one, as user nobody, with libvirt's test driver) that dies and hangs. */
@Tag("embed")
@Timeout(120)
class ConnectionLossTest {
    private final List<GuestEvent> events = new CopyOnWriteArrayList<>();
    private Path home = Path.of("/nonexistent");
    private @Nullable Process started;
    private @Nullable LibvirtHypervisor connection;

    @BeforeEach
    void startDaemon() throws Exception {
        home = EmbedLab.newRoot();
        run("chown", "nobody", home.toString());
        started = launch();
        LibvirtHypervisor hypervisor = connection = LibvirtHypervisor.supervise(
                new LibvirtSettings(
                        "test+unix:///default?socket=" + socket(),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(50),
                        Duration.ofMillis(500)),
                Clock.systemUTC());
        hypervisor.subscribe(events::add);
        EmbedHypervisorTest.await(hypervisor::connected);
    }

    @AfterEach
    void stopDaemon() throws Exception {
        hypervisor().close();
        daemon().destroyForcibly().waitFor();
        EmbedLab.delete(home);
    }

    @Test
    void aKilledDaemonIsNoticedAndComingBackIsToldAsResync() throws Exception {
        LibvirtHypervisor hypervisor = hypervisor();
        assertThat(hypervisor.list()).extracting(Guest::name).containsExactly("test");

        daemon().destroyForcibly().waitFor();
        EmbedHypervisorTest.await(() -> !hypervisor.connected());
        assertThatThrownBy(hypervisor::list).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_UNAVAILABLE);
            assertThat(e.remedy()).isNotEmpty();
        });
        assertThat(events).isEmpty();

        started = launch();
        EmbedHypervisorTest.await(hypervisor::connected);
        EmbedHypervisorTest.await(() -> !events.isEmpty());
        assertThat(events).extracting(GuestEvent::kind).containsExactly(GuestEvent.Kind.RESYNC);
        assertThat(hypervisor.list()).extracting(Guest::name).containsExactly("test");

        String uuid = hypervisor.list().get(0).uuid();
        hypervisor.pause(uuid);
        EmbedHypervisorTest.await(() -> events.size() == 2);
        assertThat(events.get(1).kind()).isEqualTo(GuestEvent.Kind.PAUSED);
        assertThat(events.get(1).uuid()).isEqualTo(uuid);
    }

    @Test
    void aHungDaemonTakesAFewThreadsAndNoCaller() throws Exception {
        run("kill", "-STOP", Long.toString(daemon().pid()));
        ExecutorService callers = Executors.newFixedThreadPool(30);
        try {
            List<Future<ErrorCode>> answers = new ArrayList<>();
            long begin = System.nanoTime();
            for (int i = 0; i < 30; i++) {
                answers.add(callers.submit(this::codeOfAList));
            }
            for (Future<ErrorCode> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.HYPERVISOR_UNAVAILABLE);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("libvirt-query")))
                    .hasSizeLessThanOrEqualTo(12);
        } finally {
            callers.shutdownNow();
            run("kill", "-CONT", Long.toString(daemon().pid()));
        }
        EmbedHypervisorTest.await(() -> codeOfAList() == ErrorCode.INTERNAL);
    }

    @Test
    void aChangeThatReachedAHungDaemonIsWaitedForUntilItIsDone() throws Exception {
        String uuid = hypervisor().list().get(0).uuid();
        run("kill", "-STOP", Long.toString(daemon().pid()));
        CompletableFuture<Void> pause =
                CompletableFuture.runAsync(() -> hypervisor().pause(uuid));
        try {
            // Past the alarm, short of the keepalive that would find the connection dead.
            Thread.sleep(3000);
            assertThat(pause).isNotDone();
        } finally {
            run("kill", "-CONT", Long.toString(daemon().pid()));
        }
        pause.get(20, TimeUnit.SECONDS);
        assertThat(hypervisor().list().get(0).state()).isEqualTo(GuestState.PAUSED);
    }

    /** INTERNAL stands for no failure. */
    private ErrorCode codeOfAList() {
        try {
            hypervisor().list();
            return ErrorCode.INTERNAL;
        } catch (BridgeException e) {
            return e.code();
        }
    }

    @Test
    void aDaemonThatIsNotThereYetIsWaitedFor() throws Exception {
        Path other = home.resolve("later-sock");
        List<GuestEvent> late = new CopyOnWriteArrayList<>();
        LibvirtSettings settings = new LibvirtSettings(
                "test+unix:///default?socket=" + other,
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(50),
                Duration.ofMillis(200));
        assertThatThrownBy(() -> LibvirtHypervisor.open(settings, Clock.systemUTC()))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("later-sock");
        try (LibvirtHypervisor waiting = LibvirtHypervisor.supervise(settings, Clock.systemUTC())) {
            waiting.subscribe(late::add);
            assertThat(waiting.connected()).isFalse();
            Files.createSymbolicLink(other, socket());
            EmbedHypervisorTest.await(waiting::connected);
            EmbedHypervisorTest.await(() -> !late.isEmpty());
            assertThat(late.get(0).kind()).isEqualTo(GuestEvent.Kind.RESYNC);
        }
    }

    private Process daemon() {
        return Objects.requireNonNull(started);
    }

    private LibvirtHypervisor hypervisor() {
        return Objects.requireNonNull(connection);
    }

    private Path socket() {
        return home.resolve("libvirt/libvirt-sock");
    }

    private Process launch() throws IOException {
        Files.deleteIfExists(socket());
        ProcessBuilder builder = new ProcessBuilder(
                "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/sbin/libvirtd");
        builder.environment().clear();
        builder.environment().put("HOME", home.toString());
        builder.environment().put("XDG_RUNTIME_DIR", home.toString());
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Process launched = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        EmbedHypervisorTest.await(this::listening);
        return launched;
    }

    /** The file is there a moment before somebody listens on it. */
    private boolean listening() {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void run(String... argv) throws Exception {
        assertThat(new ProcessBuilder(argv).inheritIO().start().waitFor()).isZero();
    }
}
