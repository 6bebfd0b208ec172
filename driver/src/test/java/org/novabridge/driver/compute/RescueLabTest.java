package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rescue and its end with real logical volumes; the guest is a stand-in. */
@Tag("lab")
class RescueLabTest extends CrashVolumesHost {
    private static void rescuedAndBack(EmbedBridge bridge) throws Exception {
        assertThat(CrashChild.live(bridge, UUID.randomUUID().toString(), CrashChild.Action.RESCUE))
                .isEmpty();
    }

    @Test
    void ofAThickDisk() throws Exception {
        rescuedAndBack(host(6));
    }

    @Test
    void ofAnEncryptedThinDisk() throws Exception {
        rescuedAndBack(host(
                6,
                "images_lvm_type = thin",
                "images_lvm_max_over_subscription_ratio = 20",
                "[ephemeral_storage_encryption]",
                "enabled = true"));
    }
}
