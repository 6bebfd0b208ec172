package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandFailedException.Reason;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class LvmReportTest {
    private final RecordingExecutor executor = new RecordingExecutor();
    private final LvmReport report = new LvmReport(executor, Duration.ofSeconds(60));

    @Test
    void readsAGroupInBytesAndAsksForNothingElse() {
        executor.printing("vgs", Recorded.group(1024, "nova-bridge,x", 0));
        VolumeGroup group = report.group("nova").orElseThrow();
        assertThat(group.size()).isEqualTo(8522825728L);
        assertThat(group.free()).isEqualTo(1024);
        assertThat(group.extentSize()).isEqualTo(4 * Recorded.MIB);
        assertThat(group.tags()).containsExactly("nova-bridge", "x");
        assertThat(group.ours()).isTrue();
        assertThat(group.roundUp(1)).isEqualTo(4 * Recorded.MIB);
        assertThat(group.roundUp(8 * Recorded.MIB)).isEqualTo(8 * Recorded.MIB);
        assertThat(executor.lines())
                .containsExactly("vgs --reportformat json --units b --nosuffix --options"
                        + " vg_name,vg_size,vg_free,vg_extent_size,vg_tags,vg_missing_pv_count,vg_mda_size,vg_mda_free,"
                        + "vg_exported,vg_uuid,vg_seqno --select vg_name=\"nova\"");
        assertThat(executor.commands().get(0).effect()).isEqualTo(Effect.READS);
    }

    @Test
    void whatDoesNotExistIsAnEmptyAnswerAndNoError() {
        executor.printing("vgs", Recorded.noGroup()).printing("lvs", Recorded.volumes());
        assertThat(report.group("nova")).isEmpty();
        assertThat(report.volume("nova", "x")).isEmpty();
    }

    @Test
    void readsWhatTheLettersOfAVolumeMean() {
        executor.printing(
                "lvs",
                Recorded.volumes(
                        "a",
                        "4194304",
                        "",
                        "-wi-a-----",
                        "b",
                        "4194304",
                        "nb-clean-to=1024",
                        "-wi-ao----",
                        "nb-wipe-1",
                        "4194304",
                        "nb-was=x",
                        "-wi-------",
                        "d",
                        "4194304",
                        "",
                        "-wi-s-----"));
        List<LogicalVolume> volumes = report.volumes("nova");
        assertThat(volumes).extracting(LogicalVolume::active).containsExactly(true, true, false, true);
        assertThat(volumes).extracting(LogicalVolume::open).containsExactly(false, true, false, false);
        assertThat(volumes).extracting(LogicalVolume::suspended).containsExactly(false, false, false, true);
        assertThat(volumes).extracting(LogicalVolume::waitsForWipe).containsExactly(false, false, true, false);
        assertThat(volumes.get(1).cleanTo()).hasValue(1024);
    }

    private void failing(Queue<Integer> exits) {
        executor.on("vgs", command -> {
            Integer exit = exits.poll();
            if (exit == null) {
                return RecordingExecutor.result(command, 0, Recorded.group(1, "", 0), "");
            }
            CommandResult result = RecordingExecutor.result(command, exit, "", "Cannot process volume group nova");
            throw new CommandFailedException("vgs failed", result, Reason.EXIT);
        });
    }

    @Test
    void anAnswerKilledByASignalIsAskedForAgain() {
        failing(new ArrayDeque<>(List.of(139, -11)));
        assertThat(report.group("nova")).isPresent();
        assertThat(executor.lines()).hasSize(3);
    }

    @Test
    void threeTimesAreEnoughAndOtherFailuresAreNotRepeated() {
        failing(new ArrayDeque<>(List.of(139, 139, 139)));
        assertThatThrownBy(() -> report.group("nova")).isInstanceOf(BridgeException.class);
        assertThat(executor.lines()).hasSize(3);
        executor.clear();
        failing(new ArrayDeque<>(List.of(5)));
        assertThat(report.group("nova")).isPresent();
    }

    @Test
    void anAnswerThatIsNoJsonIsSaidToBeSo() {
        executor.printing("vgs", "WARNING: whatever");
        assertThatThrownBy(() -> report.group("nova"))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
    }

    @Test
    void twoGroupsOfOneNameAreRefused() {
        String one = Recorded.group(1, "", 0);
        String row = one.substring(one.indexOf("{\"vg_name"), one.indexOf("vg_exported\":\"\"}") + 16);
        executor.printing("vgs", "{\"report\":[{\"vg\":[" + row + "," + row + "]}]}");
        assertThatThrownBy(() -> report.group("nova")).hasMessageContaining("two volume groups are named nova");
    }
}
