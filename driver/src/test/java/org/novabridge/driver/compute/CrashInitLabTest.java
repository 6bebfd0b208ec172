package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code vg init} is killed before and after each of its commands. The next one comes to the same group, or says what to
 * do first; a group that is tagged clean is clean.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashInitLabTest {
    @ParameterizedTest
    @ValueSource(strings = {"thin", "lvm"})
    void theNextOneComesToTheSameGroup(String backend) throws Exception {
        EmbedBridge bridge = new EmbedBridge(EmbedBridge.newFolder(), CrashVolumesHost.LIBVIRT);
        try {
            CrashInit.configure(bridge, backend);
            CrashLab.ofInit(bridge, CrashJvm.shared(), null).crash(backend, CrashChild.Action.INIT);
        } finally {
            Trees.delete(bridge.folder());
        }
    }
}
