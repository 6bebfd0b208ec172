package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class LvmFailuresTest {
    private static CommandFailedException said(String stderr) {
        return new CommandFailedException(
                "lvcreate failed with exit 5",
                new CommandResult(List.of("lvcreate"), 5, "", stderr, false, Duration.ofMillis(1)),
                CommandFailedException.Reason.EXIT);
    }

    /** What lvm2 2.03.16 and blkdiscard say, and what is to be done about it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Error writing device /dev/mapper/d at 7168 length 2048.|VOLUME_GROUP_UNUSABLE|dmesg",
                "Failed to write VG nova.|VOLUME_GROUP_UNUSABLE|dmesg",
                "blkdiscard: /dev/nova/x: BLKZEROOUT ioctl failed: Input/output error|VOLUME_GROUP_UNUSABLE|dmesg",
                "Volume group \"nova\" not found|VOLUME_GROUP_UNUSABLE|look for its devices",
                "Volume group \"nova\" has insufficient free space (1 extents): 2 required.|STORAGE_FULL|vgextend nova DEVICE",
                "Cannot create new thin volume, free space in thin pool nova/p reached threshold.|STORAGE_FULL|vgextend nova DEVICE",
                "Logical Volume \"x\" already exists in volume group \"nova\"|STORAGE_FAILED|delete the instance",
                "Something that nobody has seen before.|STORAGE_FAILED|lvs --all nova",
            })
    void eachHasItsRemedy(String stderr, ErrorCode code, String remedy) {
        BridgeException failure = LvmFailures.of(said("  " + stderr + "\n"), "cannot create nova/x", "nova");
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessageStartingWith("cannot create nova/x: " + stderr);
        assertThat(failure.remedy()).contains(remedy).doesNotContain("<");
    }

    @ParameterizedTest
    @CsvSource({"insufficient free space, add a device to the volume group", "anything, nova-bridge vg check"})
    void noneIsWithoutARemedyWhereTheGroupIsNotKnown(String stderr, String remedy) {
        assertThat(LvmFailures.of(said(stderr), "cannot ask LVM").remedy())
                .contains(remedy)
                .doesNotContain("<");
    }
}
