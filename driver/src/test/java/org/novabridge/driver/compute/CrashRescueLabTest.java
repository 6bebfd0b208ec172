package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bridge is killed at the places of a rescue and of its end. The next one finds the guest as it was, or running in its
 * rescue with the way back open; an end goes forward. Of the long run.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashRescueLabTest extends CrashVolumesHost {
    @ParameterizedTest
    @EnumSource(names = {"RESCUE", "UNRESCUE"})
    void ofThickDisks(CrashChild.Action action) throws Exception {
        lab(6).crash("lvm", action, CrashResizeThinLabTest.FEW);
    }

    @ParameterizedTest
    @EnumSource(names = {"RESCUE", "UNRESCUE"})
    void ofThinDisks(CrashChild.Action action) throws Exception {
        lab(6, "images_lvm_type = thin", CrashResizeThinLabTest.ROOM).crash("thin", action, CrashResizeThinLabTest.FEW);
    }
}
