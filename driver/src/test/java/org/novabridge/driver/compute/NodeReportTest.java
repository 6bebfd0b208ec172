package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.host.HostNumbers;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** What Nova's scheduler is told of this host beside its disks. */
class NodeReportTest {
    @TempDir(factory = InMemory.class)
    Path root;

    private FakeHost host;
    private FakeHost.Life life;

    @BeforeEach
    void open() {
        host = new FakeHost(root);
        life = host.open(CrashPoint.NONE);
    }

    @AfterEach
    void close() {
        life.operations().close();
    }

    private HostNode look(ConfigSnapshot config) {
        return new NodeReport(life.parts(), () -> config, () -> new HostNumbers("0-3", 8000, 3000)).look();
    }

    @Test
    void runningGuestsAreCountedAndStoppedOnesAreNot() throws InterruptedException {
        assertThat(look(ConfigSnapshot.defaults()))
                .satisfies(node -> assertThat(node.hypervisorHostname()).isEqualTo("host.example.org"))
                .satisfies(node -> assertThat(node.hypervisorVersion()).isEqualTo(7_002_000))
                .satisfies(node -> assertThat(node.vcpus()).isEqualTo(4))
                .satisfies(node -> assertThat(node.vcpusUsed()).isZero())
                .satisfies(node -> assertThat(node.memoryMb()).isEqualTo(8000))
                .satisfies(node -> assertThat(node.memoryMbUsed()).isEqualTo(3000));

        Operation create = life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE);
        while (!life.operations().get(create.id()).state().ended()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        host.definitions.put(UUID_B, "<domain/>");
        host.running.put(UUID_B, GuestState.PAUSED);
        assertThat(look(ConfigSnapshot.defaults()).vcpusUsed())
                .as("a guest that no record knows counts as one")
                .isEqualTo(2);

        ConfigSnapshot backed = ConfigSnapshot.builder()
                .set(LibvirtOptions.FILE_BACKED_MEMORY, 1_000_000)
                .build();
        assertThat(look(backed).memoryMb()).isEqualTo(1_000_000);
        assertThat(look(backed).memoryMbUsed()).isEqualTo(64);
    }

    /** What Nova's traits HW_CPU_… are made of: a scheduler must not send a guest to features that it would not have. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''           | ''           | models own",
                "host-model   | +more, -own  | models more",
                "none         | ''           | models",
                "custom       | more         | ''"
            })
    void featuresAreThoseThatGuestsGet(String mode, String flags, String expected) {
        ConfigSnapshot.Builder config = ConfigSnapshot.builder();
        if (!mode.isEmpty()) {
            config.set(LibvirtOptions.CPU_MODE, mode);
        }
        if (!flags.isEmpty()) {
            config.set(LibvirtOptions.CPU_MODEL_EXTRA_FLAGS, List.of(flags.split(", ")));
        }
        assertThat(String.join(" ", look(config.build()).guestCpuFeatures())).isEqualTo(expected);
    }

    /** As qemu64 on an architecture that has no such model; the compute node must not go down for a trait. */
    @Test
    void aModelThatLibvirtDoesNotKnowTakesNothingElseAway() {
        host.expandFailure = ErrorCode.HYPERVISOR_FAILED;
        assertThat(look(ConfigSnapshot.defaults()).guestCpuFeatures()).containsExactly("own");
        host.expandFailure = ErrorCode.HYPERVISOR_UNAVAILABLE;
        assertThatThrownBy(() -> look(ConfigSnapshot.defaults())).isInstanceOf(BridgeException.class);
    }
}
