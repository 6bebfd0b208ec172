package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class CpuInventoryTest {
    @ParameterizedTest
    @CsvSource({"'', '', 0-3, 4", "'', '', '0-3,6', 5", "'1-3,^2', '', 0-3, 2", "'', 0-1, 0-3, 0", "0, 1-3, 0-3, 1"})
    void guestsFloatOnTheSharedCpus(String shared, String dedicated, String online, int vcpus) {
        assertThat(CpuInventory.vcpus(config(shared, dedicated), online)).isEqualTo(vcpus);
    }

    @Test
    void aSharedCpuThatIsNotOnlineIsRefused() {
        assertThatThrownBy(() -> CpuInventory.vcpus(config("2-5", ""), "0-3"))
                .hasMessageContaining("cpu_shared_set (2-5)")
                .hasMessageContaining("0-3")
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION));
    }

    private static ConfigSnapshot config(String shared, String dedicated) {
        return ConfigSnapshot.builder()
                .set(ComputeOptions.CPU_SHARED_SET, shared)
                .set(ComputeOptions.CPU_DEDICATED_SET, dedicated)
                .build();
    }
}
