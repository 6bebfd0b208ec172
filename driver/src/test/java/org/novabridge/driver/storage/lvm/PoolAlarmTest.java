package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.storage.lvm.PoolAlarm.Level;
import org.novabridge.driver.storage.lvm.PoolAlarm.Part;

class PoolAlarmTest {

    /** Threshold of growth, percentages in turn, and the level after each. */
    @ParameterizedTest
    @CsvSource({
        "DATA,     100, 10 79.9 80 76 75.1 75 80,  O O W W W O W",
        "DATA,     100, 95 91 90 85 74,            C C W W O",
        "DATA,     100, 99 10,                     C O",
        "METADATA, 100, 69 70 66 65 90 86 85,      O W W O C C W",
        "DATA,     90,  80 90 94 95,               O O W C",
        "DATA,     70,  79 80,                     O W",
        "METADATA, 70,  70 74 75,                  O O W",
        "METADATA, 95,  70 88 89 90,               O O W C",
    })
    void levels(Part part, int threshold, String percents, String levels) {
        Level level = Level.OK;
        List<String> seen = new ArrayList<>();
        for (String percent : percents.split(" ")) {
            level = part.level(level, Double.parseDouble(percent), new PoolGrowth(threshold, 20));
            seen.add(level.name().substring(0, 1));
        }
        assertThat(String.join(" ", seen)).isEqualTo(levels);
    }

    @Test
    void saysWhatItIs() {
        PoolAlarm alarm = new PoolAlarm("nova/nova-pool", Part.METADATA, Level.CRITICAL, 91.26);
        assertThat(alarm.sentence()).startsWith("the metadata of thin pool nova/nova-pool is 91.3 % full; ");
    }
}
