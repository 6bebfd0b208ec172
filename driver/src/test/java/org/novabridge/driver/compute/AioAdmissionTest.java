package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.model.ErrorCode;

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
