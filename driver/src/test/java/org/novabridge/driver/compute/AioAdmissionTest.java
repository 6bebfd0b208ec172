package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.xml.DomainXml;

/** Guests with io=native on a host whose AIO requests are nearly all taken. */
class AioAdmissionTest extends OneHost {
    private static String disk(String io, String bus, String ioThread) {
        return "<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'"
                + (io.isEmpty() ? "" : " io='" + io + "'")
                + (ioThread.isEmpty() ? "" : " iothread='" + ioThread + "'")
                + "/><source dev='/dev/v/a'/><target dev='vda' bus='" + bus + "'/></disk>";
    }

    /** As measured: the main loop has one whatever the number of disks, and each thread that serves a native disk. */
    @ParameterizedTest
    @CsvSource({
        "'', '', '', '', 0",
        "threads, 1, io_uring, 2, 0",
        "native, '', '', '', 1",
        "native, '', native, '', 1",
        "native, 1, native, 1, 2",
        "native, 1, native, 2, 3",
        "native, 1, threads, 2, 2",
    })
    void contextsOfAGuest(String io, String thread, String otherIo, String otherThread, int contexts) {
        String xml = "<domain type='kvm'><name>a</name><uuid>" + UUID_A + "</uuid><iothreads>2</iothreads><devices>"
                + disk(io, "virtio", thread) + disk(otherIo, "virtio", otherThread) + "</devices></domain>";
        assertThat(AioAdmission.contexts(DomainXml.read(xml))).isEqualTo(contexts);
    }

    @Test
    void aDiskOnVirtioScsiIsServedByTheThreadOfItsController() {
        String xml = "<domain type='kvm'><name>a</name><uuid>" + UUID_A + "</uuid><iothreads>1</iothreads><devices>"
                + disk("native", "scsi", "")
                + "<controller type='scsi' index='0' model='virtio-scsi'><driver iothread='1'/></controller>"
                + "</devices></domain>";
        assertThat(AioAdmission.contexts(DomainXml.read(xml))).isEqualTo(2);
    }

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
}
