package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/** What is said of a thin pool that hands on what guests trim, or does not. */
class ThinPoolCheckTest {
    @ParameterizedTest
    @CsvSource({
        "passdown, ,",
        "nopassdown, NOTE, does not tell the devices below it",
        "ignore, WARNING, ignores discards",
    })
    void whatAPoolDoesWithDiscardsIsSaid(String discards, Severity severity, String words) {
        VolumeGroup group = new VolumeGroup(
                "nova",
                8L << 30,
                4L << 30,
                4 << 20,
                List.of(),
                0,
                64 << 20,
                32 << 20,
                false,
                new VolumeGroup.Revision("u", 1));
        ThinPool pool = new ThinPool(
                group,
                "nova-pool",
                4L << 30,
                12.5,
                10.4,
                8 << 20,
                64 << 10,
                true,
                true,
                discards,
                "",
                true,
                "",
                true,
                List.of());
        List<VolumeGroupFinding> found = ThinPoolCheck.findings(pool);
        if (severity == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(severity);
                assertThat(finding.sentence()).contains(words);
                assertThat(finding.remedy()).contains("lvchange --discards passdown nova/nova-pool");
            });
        }
    }
}
