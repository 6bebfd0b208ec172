package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.LoggerFactory;

/** Guests with io=native on a host whose AIO requests are nearly all taken. */
class AioAdmissionTest extends OneHost {
    @Test
    void aGuestThatDoesNotFitIsRefusedWithTheNumbersAndNothingIsLeft() {
        host.nativeDisk = true;
        host.aioRoom = Optional.of(new AioRoom(65536, 65000));
        Problem problem = failed(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION_RETRY);
        assertThat(problem.detail()).contains("1024 AIO requests", "fs.aio-max-nr = 65536", "65000 taken");
        assertThat(problem.remedy()).contains("nova-bridge host apply");
        assertThat(host.definitions).isEmpty();
        assertThat(host.disks).isEmpty();
    }

    @Test
    void aGuestThatJustFitsIsStartedAndSoIsOneWithoutNativeDisks() {
        host.nativeDisk = true;
        host.aioRoom = Optional.of(new AioRoom(65536, 64512));
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        host.nativeDisk = false;
        host.aioRoom = Optional.of(new AioRoom(65536, 65536));
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.running).containsKey(UUID_A);
    }

    private ListAppender<ILoggingEvent> listen() {
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        ((Logger) LoggerFactory.getLogger(AioAdmission.class)).addAppender(heard);
        return heard;
    }

    @Test
    void whoHasRoomForTheMainLoopAloneIsAdmittedAndTheLogHasTheNumbers() {
        host.nativeThreads = 4;
        host.nativeDisk = true;
        host.aioRoom = Optional.of(new AioRoom(65536, 64000));
        ListAppender<ILoggingEvent> heard = listen();
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(heard.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage())
                    .contains("1024 AIO requests in its main loop and in each of 4 I/O threads, 5120 in all")
                    .contains("fs.aio-max-nr = 65536 there are 64000 taken", "go by threads");
        });
        heard.list.clear();
        host.aioRoom = Optional.of(new AioRoom(65536, 60416));
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(heard.list).as("room for all five").isEmpty();
        host.aioRoom = Optional.of(new AioRoom(65536, 65000));
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(heard.list).as("a reboot is not refused, and said").hasSize(1);
    }

    /** It may have failed for another reason: what is said is what is known. */
    @Test
    void aStartOfAGuestThatIsHereFailsWithTheNumbers() {
        host.nativeDisk = true;
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        done(node -> node.powerOff(OPERATOR, UUID_A, Duration.ZERO, null, RequestKey.NONE));
        host.failAt = "start";
        host.aioRoom = Optional.of(new AioRoom(65536, 65536));
        Problem scarce = failed(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(scarce.detail()).contains("1024 AIO requests in its main loop", "65536 taken");
        host.failAt = "start";
        host.aioRoom = Optional.of(new AioRoom(65536, 0));
        assertThat(failed(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE))
                        .detail())
                .doesNotContain("AIO requests");
        host.failAt = "start";
        host.aioRoom = Optional.of(new AioRoom(65536, 65536));
        host.qemuVersion = 9_000_000;
        assertThat(failed(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE))
                        .detail())
                .as("QEMU 9.0 starts without them")
                .doesNotContain("AIO requests");
    }

    /** QEMU takes threads from 9.0 on; and a guest that was here before has no other host. */
    @Test
    void nobodyElseIsRefused() {
        host.nativeDisk = true;
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.aioRoom = Optional.of(new AioRoom(65536, 65000));
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        done(node -> node.powerOff(OPERATOR, UUID_A, Duration.ZERO, null, RequestKey.NONE));
        done(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        host.qemuVersion = 9_000_000;
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.running).containsKey(UUID_A);
    }
}
