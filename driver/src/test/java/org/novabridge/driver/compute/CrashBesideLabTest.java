package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The bridge is killed at the places of what is done beside guests on real logical volumes: images of their disks, and
 * the removal of old base images. The next one leaves nothing of it, and the guest as it was. Of the long run.
 */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashBesideLabTest extends CrashVolumesHost {
    @Test
    void anImageOfAThickDisk() throws Exception {
        lab(6).crash("lvm", CrashChild.Action.SNAPSHOT);
    }

    @Test
    void anImageOfAThinDisk() throws Exception {
        lab(6, "images_lvm_type = thin").crash("thin", CrashChild.Action.SNAPSHOT);
    }

    @Test
    void anOldBaseOfAThinPool() throws Exception {
        lab(6, "images_lvm_type = thin", "[image_cache]", "remove_unused_original_minimum_age_seconds = 0")
                .crash("thin", CrashChild.Action.AGE);
    }
}
