package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandFailedException.Reason;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

class BaseCheckTest {
    private static final String BASE = "nb-base-0123";
    private static final String ACTIVATION = "lvchange --yes --activate y --ignoreactivationskip nova/";
    private static final String DEACTIVATION = "lvchange --yes --activate n nova/";
    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> read = new ArrayList<>();

    private List<VolumeGroupFinding> check(String now) {
        return new BaseCheck(executor, Recorded.settings(), (device, progress) -> {
                    read.add(device.toString());
                    return now;
                })
                .findings(Progress.NONE);
    }

    private void bases(String... namesAndTags) {
        String[] cells = new String[namesAndTags.length * 2];
        for (int i = 0; i < namesAndTags.length; i += 2) {
            cells[2 * i] = namesAndTags[i];
            cells[2 * i + 1] = "4194304";
            cells[2 * i + 2] = namesAndTags[i + 1];
            cells[2 * i + 3] = "Vri---tz-k";
        }
        executor.printing("lvs", Recorded.volumes(cells));
    }

    @Test
    void readsEachBaseOnceAndNothingElse() {
        bases(
                BASE,
                "nb-allocated=1,nb-sha256=" + Recorded.CHECKSUM,
                "nb-fill-0124",
                "nb-sha256=ab",
                Recorded.UUID + "_disk",
                "",
                BASE + "-8388608",
                "nb-sha256=" + Recorded.CHECKSUM);
        assertThat(check(Recorded.CHECKSUM)).isEmpty();
        assertThat(read).containsExactly("/dev/nova/" + BASE, "/dev/nova/" + BASE + "-8388608");
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        ACTIVATION + BASE,
                        DEACTIVATION + BASE,
                        ACTIVATION + BASE + "-8388608",
                        DEACTIVATION + BASE + "-8388608");
    }

    @Test
    void namesTheOneThatIsNotWhatItWas() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM);
        assertThat(check("0".repeat(64))).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.sentence()).contains("nova/" + BASE, "0".repeat(64), Recorded.CHECKSUM);
            assertThat(finding.remedy()).contains("lvremove nova/" + BASE);
        });
    }

    @Test
    void oneOfAnOlderReleaseIsNamedAndNotRead() {
        bases(BASE, "nb-allocated=1");
        assertThat(check("")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.NOTE);
            assertThat(finding.sentence()).contains(BASE);
        });
        assertThat(read).isEmpty();
    }

    @Test
    void oneThatCannotBeReadIsAFindingAndNoReasonToStop() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM);
        BaseCheck broken = new BaseCheck(executor, Recorded.settings(), (device, progress) -> {
            throw new BridgeException(ErrorCode.STORAGE_FAILED, "reading " + device + ": Input/output error");
        });
        assertThat(broken.findings(Progress.NONE)).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.sentence()).contains("nova/" + BASE, "Input/output error");
        });
        assertThat(Recorded.changes(executor)).endsWith(DEACTIVATION + BASE);
    }

    @Test
    void whoCancelsLeavesNoDevice() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM);
        BaseCheck cancelled = new BaseCheck(executor, Recorded.settings(), (device, progress) -> {
            throw new BridgeException(ErrorCode.CANCELLED, "cancelled");
        });
        assertThatThrownBy(() -> cancelled.findings(Progress.NONE)).isInstanceOf(BridgeException.class);
        assertThat(Recorded.changes(executor)).endsWith(DEACTIVATION + BASE);
    }

    /** Its reader waits for a device that does not answer, and no signal ends it. */
    @Test
    void oneWhoseDeviceHangsStaysActiveAndNoOtherIsRead() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM, "nb-base-0125", "nb-sha256=" + Recorded.CHECKSUM);
        BaseCheck hanging = new BaseCheck(executor, Recorded.settings(), (device, progress) -> read(device, -1));
        assertThat(hanging.findings(Progress.NONE)).hasSize(2).allMatch(one -> one.severity() == Severity.WARNING);
        assertThat(hanging.findings(Progress.NONE).get(0).sentence())
                .contains("nova/" + BASE, "/dev/nova/" + BASE + " has given nothing for 1 s", "stays active");
        assertThat(hanging.findings(Progress.NONE).get(1).sentence()).contains("nb-base-0125");
        assertThat(Recorded.changes(executor)).containsOnly(ACTIVATION + BASE);
    }

    /** Killed it lets go of the device: that answers, only slowly. */
    @Test
    void oneWhoseReaderDiesIsLeftAndTheNextIsRead() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM, "nb-base-0125", "nb-sha256=" + Recorded.CHECKSUM);
        BaseCheck slow = new BaseCheck(executor, Recorded.settings(), (device, progress) -> read(device, 137));
        assertThat(slow.findings(Progress.NONE))
                .extracting(VolumeGroupFinding::sentence)
                .allMatch(sentence -> sentence.contains("given nothing for 1 s"))
                .hasSize(2);
        assertThat(Recorded.changes(executor)).endsWith(DEACTIVATION + "nb-base-0125");
    }

    private static String read(Path device, int exit) {
        CommandExecutor idle = command -> {
            throw new CommandFailedException(
                    "dd was ended", RecordingExecutor.result(command, exit, "", ""), Reason.IDLE);
        };
        new BaseReader(idle, Duration.ofSeconds(1))
                .read(device, new Range(0, 1), OutputStream.nullOutputStream(), Progress.NONE);
        throw new AssertionError("it was read");
    }

    /** The bridge has removed it in between, by its age. */
    @Test
    void oneThatIsGoneIsNoFinding() {
        executor.on(
                        "lvs",
                        command -> RecordingExecutor.result(
                                command,
                                0,
                                executor.lines().stream().anyMatch(line -> line.startsWith("lvchange"))
                                        ? Recorded.volumes()
                                        : Recorded.volumes(
                                                BASE, "4194304", "nb-sha256=" + Recorded.CHECKSUM, "Vri---tz-k"),
                                ""))
                .printing("vgs", Recorded.group(6L << 30, "", 0))
                .failing("lvchange", 5, "  Failed to find logical volume \"nova/" + BASE + "\"");
        assertThat(check("")).isEmpty();
        assertThat(read).isEmpty();
    }

    @Test
    void oneThatLvmDoesNotActivateIsAFinding() {
        bases(BASE, "nb-sha256=" + Recorded.CHECKSUM);
        executor.failing("lvchange", 5, "  device-mapper: reload ioctl failed");
        assertThat(check(""))
                .singleElement()
                .satisfies(finding -> assertThat(finding.sentence()).contains("nova/" + BASE, "reload ioctl failed"));
    }
}
