package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class SchedulerRuleTest {
    @ParameterizedTest
    @CsvFileSource(resources = "/host/scheduler.csv", useHeadersInDisplayName = true, emptyValue = "")
    void tableOfSchedulers(
            PhysicalDisk.Kind kind, boolean array, String offered, SchedulerRule.Verdict verdict, String wanted) {
        Choice has = Choice.of(offered == null ? "" : offered);
        SchedulerRule.Decision decision = SchedulerRule.decide(kind, array, has);
        assertThat(decision.verdict()).isEqualTo(verdict);
        assertThat(decision.wanted()).isEqualTo(wanted);
        if (verdict == SchedulerRule.Verdict.CHANGE || verdict == SchedulerRule.Verdict.RIGHT) {
            assertThat(has.offered())
                    .as("only what the kernel lists is written")
                    .contains(decision.wanted());
        }
        assertThat(decision.why()).isNotEmpty();
    }
}
