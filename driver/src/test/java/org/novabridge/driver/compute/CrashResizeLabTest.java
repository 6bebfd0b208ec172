package org.novabridge.driver.compute;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As {@link CrashResizeThinLabTest}, of thick disks and of encrypted ones. Of the long run. */
@Tag("lab")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class CrashResizeLabTest extends CrashVolumesHost {
    @ParameterizedTest
    @EnumSource(names = {"RESIZE", "CONFIRM", "REVERT"})
    void ofThickDisks(CrashChild.Action action) throws Exception {
        lab(6).crash("lvm", action, CrashResizeThinLabTest.FEW);
    }

    @ParameterizedTest
    @EnumSource(names = {"RESIZE", "CONFIRM", "REVERT"})
    void ofEncryptedThinDisks(CrashChild.Action action) throws Exception {
        lab(
                        6,
                        "images_lvm_type = thin",
                        CrashResizeThinLabTest.ROOM,
                        "[ephemeral_storage_encryption]",
                        "enabled = true")
                .crash("thin-crypt", action, CrashResizeThinLabTest.FEW);
    }
}
