package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrashStepsTest {
    private static final List<String> PLACES = List.of(
            "journal before prepare waiting",
            "journal after prepare waiting",
            "journal before prepare create disk",
            "child before lvcreate",
            "child after lvcreate",
            "journal after prepare create disk",
            "journal before prepare create disk.swap",
            "child before lvcreate",
            "child after lvcreate",
            "journal after prepare create disk.swap",
            "folder in removal");

    @Test
    void aStepIsTakenOnceOnChangingSides() {
        assertThat(CrashSteps.eachOnce(PLACES, Set.of())).containsExactly(2, 3, 9, 11);
    }

    @Test
    void whatAnotherRunTakesIsLeftToIt() {
        assertThat(CrashSteps.eachOnce(PLACES, CrashSteps.ofAnyDisk(CrashChild.Action.PREPARE)))
                .containsExactly(4, 10, 11);
        assertThat(CrashSteps.of(PLACES))
                .containsExactlyInAnyOrder(
                        "journal waiting", "journal create disk", "child lvcreate", "folder in removal");
    }

    @Test
    void aCommandIsTakenOnBothSidesInEachStepThatRunsIt() {
        assertThat(CrashSteps.eachCommand(List.of(
                        "journal before prepare create disk",
                        "child before lvcreate",
                        "child after lvcreate",
                        "journal after prepare create disk",
                        "journal before prepare create disk.swap",
                        "child before lvcreate",
                        "child after lvcreate",
                        "child before mkswap",
                        "child after mkswap",
                        "journal before prepare create disk.local",
                        "child before lvcreate",
                        "child after lvcreate",
                        "journal after prepare create disk.local")))
                .contains(2, 3, 6, 7, 8, 9)
                .doesNotContain(11);
    }

    @Test
    void thePowerIsCutAtEachCommand() {
        assertThat(CrashSteps.commandsAlone(PLACES)).containsExactly(4, 5, 8, 9);
    }

    @Test
    void fewAreSpreadFromTheFirstToTheLast() {
        assertThat(CrashSteps.spread(List.of(1, 5, 7, 9, 20), 3)).containsExactly(1, 7, 20);
        assertThat(CrashSteps.spread(List.of(1, 5), 3)).containsExactly(1, 5);
    }
}
