package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bridge is killed at the places of what is done in a thin pool: disks made of a base image that is filled first,
 * an image of a disk beside its guest, disks removed, an old base removed. The next one settles.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashThinLabTest extends CrashVolumesHost {
    @ParameterizedTest
    @EnumSource(names = {"PREPARE", "SNAPSHOT", "RELEASE", "AGE"})
    void nothingIsLeftWhereverItDies(CrashChild.Action action) throws Exception {
        lab(6, "images_lvm_type = thin", "[image_cache]", "remove_unused_original_minimum_age_seconds = 0")
                .crash("thin", action);
    }
}
