package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which devices may become physical volumes: the decision table. */
class DeviceRulesTest {
    private static final long BIG = 1L << 40;

    private static DeviceFacts device(
            String path,
            String number,
            long size,
            boolean readOnly,
            @Nullable String identity,
            List<String> signatures,
            List<String> partitions,
            List<String> holders,
            List<String> uses,
            @Nullable String group) {
        return new DeviceFacts(
                Path.of(path),
                DeviceFacts.State.BLOCK_DEVICE,
                number,
                "disk",
                size,
                readOnly,
                identity,
                signatures,
                partitions,
                holders,
                uses,
                group,
                Path.of("/dev/disk/by-id/x"));
    }

    private static DeviceFacts free(String path, String number, @Nullable String identity) {
        return device(path, number, BIG, false, identity, List.of(), List.of(), List.of(), List.of(), null);
    }

    static Stream<Arguments> table() {
        List<String> none = List.of();
        return Stream.of(
                arguments(DeviceFacts.none(Path.of("/dev/a"), DeviceFacts.State.MISSING), "/dev/a does not exist"),
                arguments(
                        DeviceFacts.none(Path.of("/dev/a"), DeviceFacts.State.OTHER_FILE), "/dev/a is no block device"),
                arguments(
                        device("/dev/a", "8:0", BIG, true, null, none, none, none, none, null), "/dev/a is read-only"),
                arguments(
                        device("/dev/a", "8:0", 1 << 20, false, null, none, none, none, none, null),
                        "/dev/a has 1048576 bytes; less than 268435456 make no volume group"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, List.of("ext4"), none, none, none, null),
                        "/dev/a carries ext4; if nothing on it is wanted: wipefs --all /dev/a"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, none, List.of("/dev/a1"), none, none, null),
                        "/dev/a has partitions: /dev/a1"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, none, none, List.of("/dev/md0"), none, null),
                        "/dev/a is held by /dev/md0"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, none, none, none, List.of("/srv"), null),
                        "/dev/a is mounted on /srv"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, none, none, none, List.of("[SWAP]"), null),
                        "/dev/a is in use as swap"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, none, none, none, List.of("/"), null),
                        "/dev/a carries the root file system of this host"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, List.of("LVM2_member"), none, none, none, "other"),
                        "/dev/a belongs to volume group other"),
                arguments(
                        device("/dev/a", "8:0", BIG, false, null, List.of("LVM2_member"), none, none, none, ""),
                        "/dev/a is a physical volume without a group, perhaps left by an interrupted vg init; if nothing"
                                + " on it is wanted: pvremove /dev/a"));
    }

    @ParameterizedTest
    @MethodSource("table")
    void eachReasonIsASentence(DeviceFacts device, String refusal) {
        assertThat(DeviceRules.refusals(List.of(device))).containsExactly(refusal);
    }

    @Test
    void aFreeDiskIsTakenWithAdviceForItsName() {
        List<DeviceFacts> devices = List.of(free("/dev/sdb", "8:16", "wwn-1"));
        assertThat(DeviceRules.refusals(devices)).isEmpty();
        assertThat(DeviceRules.advice(devices)).singleElement().asString().endsWith("write /dev/disk/by-id/x");
        assertThat(DeviceRules.advice(List.of(free("/dev/disk/by-id/x", "8:16", null))))
                .isEmpty();
    }

    @Test
    void oneDiskUnderTwoNamesIsRefused() {
        assertThat(DeviceRules.refusals(List.of(free("/dev/sdb", "8:16", null), free("/dev/x", "8:16", null))))
                .containsExactly("/dev/sdb and /dev/x are the same device");
        assertThat(DeviceRules.refusals(List.of(free("/dev/sdb", "8:16", "wwn-1"), free("/dev/sdc", "8:32", "wwn-1"))))
                .containsExactly(
                        "/dev/sdb and /dev/sdc are two paths to one disk (wwn-1); name its multipath device instead");
    }
}
