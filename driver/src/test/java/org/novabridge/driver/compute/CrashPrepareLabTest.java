package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The bridge is killed at the places of making an instance's disks on real logical volumes, and the next one settles. */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashPrepareLabTest extends CrashVolumesHost {
    @Test
    @Order(1)
    void nothingIsLeftWhereverItDies() throws Exception {
        lab(6).crash("lvm", CrashChild.Action.PREPARE);
    }

    @Test
    @Order(2)
    void killedWhileTheImageGoesIntoItsVolumeNothingGoesOnWriting() throws Exception {
        killWhile(
                lab(100),
                CrashChild.Action.PREPARE,
                "qemu-img convert .*/dev/" + GROUP + "/",
                "a conversion into the volume");
    }
}
