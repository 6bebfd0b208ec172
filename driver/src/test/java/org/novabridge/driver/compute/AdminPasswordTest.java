package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;
import org.slf4j.LoggerFactory;

class AdminPasswordTest extends OneHost {
    private static final String SECRET = "to-be-seen-by-nobody";

    @BeforeEach
    void guest() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> set() {
        return node -> node.setPassword(NOVA, UUID_A, secret(), RequestKey.NONE);
    }

    private static GuestPassword secret() {
        return GuestPassword.of(SECRET.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean gone(GuestPassword password) {
        for (byte one : password.utf8()) {
            if (one != 0) {
                return false;
            }
        }
        return true;
    }

    private void goes(GuestPassword password) throws InterruptedException {
        // The operation is seen to end a moment before its thread has tidied up.
        for (int i = 0; i < 500 && !gone(password); i++) {
            Thread.sleep(10);
        }
        assertThat(gone(password)).isTrue();
    }

    private ErrorCode refused(String uuid, GuestPassword password, RequestKey key) {
        BridgeException refused =
                catchThrowableOfType(BridgeException.class, () -> life.node().setPassword(NOVA, uuid, password, key));
        assertThat(refused).isNotNull();
        return refused.code();
    }

    @Test
    void itsBytesGoWhenItIsSetOrRefused() throws InterruptedException {
        GuestPassword set = secret();
        RequestKey key = new RequestKey("p", "h");
        done(node -> node.setPassword(NOVA, UUID_A, set, key));
        goes(set);
        assertThat(host.passwords).containsEntry("root", SECRET);

        GuestPassword again = secret();
        life.node().setPassword(NOVA, UUID_A, again, key);
        assertThat(gone(again)).as("a known key").isTrue();

        GuestPassword other = secret();
        assertThat(refused(UUID_A, other, new RequestKey("p", "another"))).isEqualTo(ErrorCode.KEY_REUSED);
        assertThat(gone(other)).as("a key for another request").isTrue();

        GuestPassword nobodys = secret();
        assertThat(refused(OperationsTest.UUID_B, nobodys, RequestKey.NONE)).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND);
        assertThat(gone(nobodys)).as("no such guest").isTrue();

        GuestPassword failed = secret();
        host.failAt = "password of root";
        failed(node -> node.setPassword(NOVA, UUID_A, failed, RequestKey.NONE));
        goes(failed);
    }

    @Test
    void itsBytesGoWhenItsOperationIsCancelledBeforeItBegins() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        host.onCall = what -> {
            if (what.equals("nmi")) {
                begun.countDown();
                OperationsTest.await(hold);
            }
        };
        life.node().crashDump(NOVA, UUID_A, RequestKey.NONE);
        OperationsTest.await(begun);
        GuestPassword waiting = secret();
        Operation queued = life.node().setPassword(NOVA, UUID_A, waiting, RequestKey.NONE);
        assertThat(gone(waiting)).isFalse();
        life.operations().cancel(NOVA, queued.id());
        hold.countDown();
        assertThat(OperationsTest.Awaited.ended(life.operations(), queued.id()).state())
                .isEqualTo(Operation.State.CANCELLED);
        goes(waiting);
        assertThat(host.passwords).isEmpty();
    }

    @Test
    void itIsThatOfRootUnlessTheImageNamesSomebodyElse() {
        assertThat(done(set()).result()).containsExactly(Map.entry("user", "root"));
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes", "os_admin_user", "ubuntu");
        assertThat(done(set()).result()).containsExactly(Map.entry("user", "ubuntu"));
        assertThat(host.passwords).containsEntry("root", SECRET).containsEntry("ubuntu", SECRET);
    }

    @Test
    void onWindowsItIsThatOfTheAdministrator() {
        assertThat(AdminPassword.user(spec("windows", Map.of()))).isEqualTo("Administrator");
        assertThat(AdminPassword.user(spec("windows", Map.of("os_admin_user", "Chef"))))
                .isEqualTo("Chef");
        assertThat(AdminPassword.user(spec("linux", Map.of()))).isEqualTo("root");
        for (String bad : List.of("a\nb", "a\u0000", "x".repeat(256))) {
            assertThatThrownBy(() -> AdminPassword.user(spec("windows", Map.of("os_admin_user", bad))))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        }
    }

    @Test
    void withoutAnAgentOrARunningGuestNothingIsAsked() {
        host.imageProperties = Map.of();
        assertThat(failed(set()).code()).isEqualTo(ErrorCode.GUEST_AGENT_NOT_ENABLED);
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        host.running.put(UUID_A, GuestState.PAUSED);
        assertThat(failed(set()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        host.running.clear();
        assertThat(failed(set()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        assertThat(host.calls).isEmpty();
    }

    @Test
    void thePasswordIsInNoFileAndNoLogWhateverHappens() throws IOException {
        Logger all = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = all.getLevel();
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        all.addAppender(heard);
        all.setLevel(Level.DEBUG);
        try {
            done(set());
            host.failAt = "password of root";
            failed(set());
        } finally {
            all.setLevel(before);
            all.detachAppender(heard);
        }
        assertThat(heard.list).isNotEmpty();
        assertThat(heard.list).noneMatch(event -> event.getFormattedMessage().contains(SECRET));
        assertThat(life.operations().list().toString()).doesNotContain(SECRET);
        try (Stream<Path> files = Files.walk(host.root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(SECRET);
            }
        }
    }

    @Test
    void aPasswordHasNoTextFormAndIsGoneWhenItIsClosed() {
        byte[] given = SECRET.getBytes(StandardCharsets.UTF_8);
        GuestPassword password = GuestPassword.of(given);
        assertThat(password).hasToString("GuestPassword(***)");
        assertThat(password.utf8()).isEqualTo(given);
        password.close();
        assertThat(password.utf8()).containsOnly(0);
        assertThat(GuestPassword.of(new byte[0]).utf8()).isEmpty();
    }

    /** Whichever it is, the next try makes it the new one. */
    @Test
    void whereverTheBridgeDiesItCanBeSetAgain() {
        int places = dyingEverywhere(this::guest, set(), where -> {
            host.passwords.clear();
            done(set());
            assertThat(host.passwords).as(where).containsEntry("root", SECRET);
        });
        assertThat(places).isGreaterThan(6);
    }

    @Test
    void aCrashDumpIsAnInterruptThatIsSentOnce() {
        Function<ComputeNode, Operation> dump = node -> node.crashDump(NOVA, UUID_A, RequestKey.NONE);
        done(dump);
        host.running.put(UUID_A, GuestState.PAUSED);
        done(dump);
        assertThat(host.calls).containsExactly("nmi", "nmi");
        host.refusal = ErrorCode.NOT_SUPPORTED;
        assertThat(failed(dump).code()).isEqualTo(ErrorCode.CRASH_DUMP_NOT_SUPPORTED);
        host.refusal = ErrorCode.INSTANCE_INVALID_STATE;
        assertThat(failed(dump).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        host.refusal = null;
        host.running.clear();
        assertThat(failed(dump).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        assertThatThrownBy(() -> life.node().crashDump(OPERATOR, UUID_A, RequestKey.NONE))
                .hasMessageContaining("owned by Nova");
    }

    /** A guest that dumps its memory after the first one is not to get a second. */
    @Test
    void whereverTheBridgeDiesTheInterruptIsNotSentAgain() {
        RequestKey key = new RequestKey("k", "h");
        int places = dyingEverywhere(this::guest, node -> node.crashDump(NOVA, UUID_A, key), where -> {
            ended(node -> node.crashDump(NOVA, UUID_A, key));
            assertThat(host.calls.size()).as(where).isLessThanOrEqualTo(1);
        });
        assertThat(places).isGreaterThan(4);
    }

    private static InstanceSpec spec(String osType, Map<String, String> properties) {
        InstanceSpec plain = FakeHost.spec(UUID_A);
        Instance of = plain.instance();
        return new InstanceSpec(
                new Instance(
                        of.uuid(),
                        of.name(),
                        of.displayName(),
                        of.projectId(),
                        of.userId(),
                        of.vcpus(),
                        of.memoryMb(),
                        of.rootGb(),
                        of.ephemeralGb(),
                        of.flavor(),
                        of.imageRef(),
                        null,
                        null,
                        osType,
                        null,
                        "",
                        Map.of(),
                        Map.of()),
                new ImageMeta("image", "image", "raw", "bare", null, 0, 0, properties),
                plain.blockDeviceInfo(),
                plain.networkInfo(),
                null,
                null,
                true,
                null);
    }
}
