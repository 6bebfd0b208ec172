package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bridge is killed at the places of a resize, of its confirmation and of its revert. The next one leaves a disk that
 * is wholly old, or larger with the way back open; what only goes forward comes to its end. Of the long run.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashResizeThinLabTest extends CrashVolumesHost {
    /** What is kept counts in full. */
    static final String ROOM = "images_lvm_max_over_subscription_ratio = 20";

    /** Places where not all are taken. */
    static final int FEW = 4;

    @ParameterizedTest
    @EnumSource(names = {"RESIZE", "CONFIRM", "REVERT"})
    void whereverItDiesTheDiskIsOldOrNew(CrashChild.Action action) throws Exception {
        lab(6, "images_lvm_type = thin", ROOM).crash("thin", action, FEW);
    }
}
