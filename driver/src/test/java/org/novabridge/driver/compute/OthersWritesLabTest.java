package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The crash run notices when another guest cannot write for a while, also when it can again later. */
@Tag("lab")
@Timeout(120)
class OthersWritesLabTest extends CrashVolumesHost {
    @Test
    void aDeviceThatIsSuspendedForAWhileIsToldAlsoWhenItIsResumed() throws Exception {
        host(1);
        Path device = CrashVolumes.others(GROUP);
        Duration most = Duration.ofSeconds(2);
        try (OthersWrites writes = new OthersWrites(device)) {
            while (writes.count() < 20) {
                Thread.sleep(10);
            }
            assertThat(writes.wrong(most)).isEmpty();

            FaultyDisk.run("dmsetup", "suspend", "--noudevsync", device.toString());
            Thread.sleep(4000);
            FaultyDisk.run("dmsetup", "resume", "--noudevsync", device.toString());
            long until = writes.count() + 20;
            while (writes.count() < until) {
                Thread.sleep(10);
            }

            assertThat(writes.wrong(most)).singleElement().asString().contains("could not write", device.toString());
        }
    }
}
