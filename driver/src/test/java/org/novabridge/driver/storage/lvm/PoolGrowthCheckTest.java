package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.storage.lvm.PoolProfile.State;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

class PoolGrowthCheckTest {
    private static final long GIB = 1L << 30;

    private static ThinPool pool(String profile, boolean ours, double percent, long free) {
        VolumeGroup group = new VolumeGroup(
                "nova",
                8 * GIB,
                free,
                4 << 20,
                List.of(),
                0,
                64 << 20,
                32 << 20,
                false,
                new VolumeGroup.Revision("u", 1));
        return new ThinPool(
                group,
                "nova-pool",
                4 * GIB,
                percent,
                10,
                8 << 20,
                64 << 10,
                true,
                true,
                "passdown",
                "",
                true,
                profile,
                ours,
                List.of());
    }

    private static List<VolumeGroupFinding> findings(int threshold, ThinPool pool, State file, boolean monitoring) {
        PoolGrowth growth = new PoolGrowth(threshold, 20);
        PoolProfile profile = new PoolProfile(Path.of("/etc/lvm/profile"), "nova", growth);
        return new PoolGrowthCheck(growth, profile, monitoring).findings(pool, file);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "70,  nova-bridge-nova, AS_WANTED, -",
                "100, nova-bridge-nova, AS_WANTED, -",
                "70,  '',               AS_WANTED, has no LVM profile",
                "70,  thin-generic,     AS_WANTED, has the LVM profile thin-generic",
                "70,  nova-bridge-nova, MISSING,   is missing",
                "70,  nova-bridge-nova, CHANGED,   does not say what the options say",
                "100, nova-bridge-nova, CHANGED,   images_lvm_autoextend_threshold = 100",
                "70,  nova-bridge-nova, FOREIGN,   was not made by nova-bridge",
            })
    void profileOfOurOwnPool(int threshold, String profile, State file, String sentence) {
        List<VolumeGroupFinding> findings = findings(threshold, pool(profile, true, 10, 2 * GIB), file, true);
        if (sentence == null) {
            assertThat(findings).isEmpty();
            return;
        }
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.sentence()).contains(sentence);
            assertThat(finding.remedy()).contains("nova-bridge vg init");
        });
    }

    @Test
    void aPoolOfOthersIsOnlySaidToBe() {
        assertThat(findings(70, pool("", false, 10, 2 * GIB), State.MISSING, true))
                .extracting(VolumeGroupFinding::severity)
                .containsExactly(Severity.NOTE);
        assertThat(findings(100, pool("", false, 10, 2 * GIB), State.MISSING, true))
                .isEmpty();
    }

    @Test
    void theNextStartOfTheHostCounts() {
        assertThat(findings(70, pool("nova-bridge-nova", true, 10, 2 * GIB), State.AS_WANTED, false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("monitoring = 1"));
        assertThat(findings(100, pool("nova-bridge-nova", true, 10, 2 * GIB), State.AS_WANTED, false))
                .isEmpty();
    }

    @Test
    void aGroupWithoutRoomForTheNextGrowthIsSaid() {
        assertThat(findings(70, pool("nova-bridge-nova", true, 10, GIB / 2), State.AS_WANTED, true))
                .extracting(VolumeGroupFinding::severity)
                .containsExactly(Severity.NOTE);
        assertThat(findings(70, pool("nova-bridge-nova", true, 75, GIB / 2), State.AS_WANTED, true))
                .extracting(VolumeGroupFinding::severity)
                .containsExactly(Severity.WARNING);
    }
}
