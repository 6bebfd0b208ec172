package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogicalVolumeTest {

    /** lvs(8), lv_attr: a snapshot whose store was full is invalid, suspended or not; other volumes never are. */
    @ParameterizedTest
    @CsvSource({"swi-I-s---, true", "swi-S-s---, true", "swi-a-s---, false", "owi-a-s---, false", "Vwi-a-tz--, false"})
    void aSnapshotWhoseStoreWasFullIsWorthless(String attributes, boolean overflowed) {
        LogicalVolume volume = new LogicalVolume("v", 1 << 20, List.of(), attributes, "", 100);
        assertThat(volume.overflowed()).isEqualTo(overflowed);
    }
}
