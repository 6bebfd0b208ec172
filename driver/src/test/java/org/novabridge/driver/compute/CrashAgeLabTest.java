package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bridge is killed at the places of removing an old base image from a thin pool; the next one goes on or leaves it. */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashAgeLabTest extends CrashVolumesHost {
    @Test
    void nothingIsLeftWhereverItDies() throws Exception {
        CrashVolumes.makePool(GROUP);
        lab(6, "images_lvm_type = thin", "[image_cache]", "remove_unused_original_minimum_age_seconds = 0")
                .crash("lvm", CrashChild.Action.AGE);
    }
}
