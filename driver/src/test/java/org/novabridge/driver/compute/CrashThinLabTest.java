package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bridge is killed at the places of making disks in a thin pool, of a base image that is filled first, and of
 * removing them; the next one settles.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashThinLabTest extends CrashVolumesHost {
    @ParameterizedTest
    @EnumSource(names = {"PREPARE", "RELEASE"})
    void nothingIsLeftWhereverItDies(CrashChild.Action action) throws Exception {
        lab(6, "images_lvm_type = thin").crash("thin", action);
    }
}
