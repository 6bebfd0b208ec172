package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskBytes;

/** Disks that arrive are closed one and all. */
class ArrivingDisksTest {
    private final List<String> closed = new ArrayList<>();

    private DiskBytes disk(String name, boolean fails) {
        return new DiskBytes() {
            @Override
            public int read(ByteBuffer into, long at) {
                throw new AssertionError("nobody reads here");
            }

            @Override
            public int write(ByteBuffer from, long at) {
                throw new AssertionError("nobody writes here");
            }

            @Override
            public void flush() {}

            @Override
            public void close() throws IOException {
                closed.add(name);
                if (fails) {
                    throw new IOException("no end of " + name);
                }
            }
        };
    }

    @Test
    void oneThatDoesNotCloseLeavesNoOtherOpen() {
        ArrivingDisks disks =
                ArrivingDisks.open(List.of(() -> disk("a", true), () -> disk("b", true), () -> disk("c", false)));
        BridgeException failure = catchThrowableOfType(BridgeException.class, disks::close);
        assertThat(failure.code()).isEqualTo(ErrorCode.STORAGE_FAILED);
        assertThat(failure).hasMessageContaining("no end of a");
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(closed).containsExactly("a", "b", "c");
    }

    @Test
    void oneThatDoesNotOpenIsTheFailureThatIsTold() {
        assertThatThrownBy(() -> ArrivingDisks.open(List.of(() -> disk("a", true), () -> {
                    throw new BridgeException(ErrorCode.NOT_SUPPORTED, "no such disk");
                })))
                .hasMessageContaining("no such disk")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(closed).containsExactly("a");
    }
}
