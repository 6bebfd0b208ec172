package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class FailedWipesTest {
    @TempDir(factory = InMemory.class)
    Path folder;

    private final List<HostEvent> told = new CopyOnWriteArrayList<>();
    private Operations operations;

    @BeforeEach
    void open() {
        operations = new Operations(new Journal(folder, CrashPoint.NONE), Clock.systemUTC(), 1, OperationsTest.ROOMY);
        operations.onChange(new FailedWipes(operations, told::add)::changed);
    }

    @AfterEach
    void close() {
        operations.close();
    }

    private Operation failed(Operation.Kind kind, String subject, ErrorCode code) {
        Operation operation = operations.submit(kind, subject, OPERATOR, RequestKey.NONE, steps -> {
            throw new BridgeException(code, "its device is broken");
        });
        return OperationsTest.Awaited.ended(operations, operation.id());
    }

    @ParameterizedTest
    @CsvSource({
        "WIPE, VOLUMES_NOT_REMOVED, 1",
        "WIPE, STORAGE_FAILED, 1",
        "WIPE, CANCELLED, 0",
        "DELETE, VOLUMES_NOT_REMOVED, 1",
        "DELETE, HYPERVISOR_FAILED, 0",
        "RESIZE_CONFIRM, VOLUMES_NOT_REMOVED, 1",
        "REMOVE_UNUSED, VOLUMES_NOT_REMOVED, 0",
    })
    void whatLeavesADiskIsTold(Operation.Kind kind, ErrorCode code, int events) {
        failed(kind, UUID_A, code);
        assertThat(told).hasSize(events);
    }

    @Test
    void aWipeNamesItsVolumeAndADeleteItsInstance() {
        Operation wipe = failed(Operation.Kind.WIPE, "nb-wipe-1", ErrorCode.VOLUMES_NOT_REMOVED);
        failed(Operation.Kind.DELETE, UUID_A, ErrorCode.VOLUMES_NOT_REMOVED);
        assertThat(told).extracting(HostEvent::instance).containsExactly("", UUID_A);
        assertThat(told.get(0).detail())
                .containsEntry("volume", "nb-wipe-1")
                .containsEntry("operation", wipe.id())
                .containsEntry("message", "its device is broken");
        assertThat(told.get(1).detail()).doesNotContainKey("volume");
    }

    /** What a failed operation could not take back is tried again later, and each try is a change. */
    @Test
    void anOperationIsToldOfOnce() {
        Operation wipe = failed(Operation.Kind.WIPE, "nb-wipe-1", ErrorCode.VOLUMES_NOT_REMOVED);
        operations.changed(operations.get(wipe.id()));
        assertThat(told).hasSize(1);
    }
}
