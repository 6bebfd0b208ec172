package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.novabridge.driver.hypervisor.EmbedLab;

/** A folder with an image for a real guest, and the uuid that it will have. */
abstract class EmbedGuest {
    final String uuid = UUID.randomUUID().toString();
    EmbedBridge bridge;

    private Path folder;

    @BeforeEach
    final void make() throws Exception {
        folder = EmbedBridge.newFolder();
        bridge = new EmbedBridge(folder, EmbedLab.root());
        bridge.makeImage(4);
    }

    @AfterEach
    final void remove() throws Exception {
        Trees.delete(folder);
    }

    static Operation done(ComputeDriver driver, Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(driver.operations(), operation.id(), Duration.ofSeconds(90));
        assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
        return ended;
    }
}
