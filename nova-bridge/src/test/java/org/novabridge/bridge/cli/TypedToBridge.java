package org.novabridge.bridge.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;

/** What an operator types to a bridge of a test that does at once what it is asked, and sees. */
abstract class TypedToBridge {
    static final String UUID = TestBridge.UUID;

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    TestBridge bridge;

    @BeforeEach
    final void open() throws IOException {
        bridge = new TestBridge();
        bridge.outcome = TestBridge.operation("op-1", Operation.State.DONE, null);
    }

    @AfterEach
    final void close() {
        bridge.close();
    }

    final int run(String... args) {
        return Typed.run(bridge, out, err, args);
    }

    /** An instance as the bridge shows it. */
    static InstanceView view(
            String state, int nova, InstanceView.@Nullable Resize resize, InstanceView.@Nullable Migration migration) {
        return view(state, nova, resize, migration, null);
    }

    /** The same, rescued at that time unless it is null. */
    static InstanceView view(
            String state,
            int nova,
            InstanceView.@Nullable Resize resize,
            InstanceView.@Nullable Migration migration,
            @Nullable String rescuedSince) {
        return new InstanceView(
                UUID,
                "instance-0000002a",
                "web",
                InstanceOwner.OPERATOR,
                "lvm",
                state,
                nova,
                List.of(),
                List.of(),
                null,
                resize,
                migration,
                rescuedSince,
                null);
    }
}
