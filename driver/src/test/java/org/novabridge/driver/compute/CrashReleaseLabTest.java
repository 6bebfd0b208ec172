package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The bridge is killed at the places of removing an instance from real logical volumes, and the next one goes on with it. */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashReleaseLabTest extends CrashVolumesHost {
    @Test
    @Order(1)
    void nothingIsLeftWhereverItDies() throws Exception {
        lab(6).crash("lvm", CrashChild.Action.RELEASE);
    }

    /** Random bytes in three passes take long enough to be met in the middle. */
    @Test
    @Order(2)
    void killedInTheMiddleOfAWipeNothingGoesOnWritingAndTheNextStartFinishesIt() throws Exception {
        killWhile(
                lab(100, "volume_clear = shred"),
                CrashChild.Action.RELEASE,
                "shred -n3 .*/dev/" + GROUP + "/nb-wipe-",
                "a wipe");
    }
}
