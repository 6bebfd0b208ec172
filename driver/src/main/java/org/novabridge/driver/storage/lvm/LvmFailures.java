package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.StorageFailures;

/**
 * Turns what LVM said into our errors. Its exit status 5 stands for every failure, so the phrases of
 * its messages decide (lvm2 2.03, C locale).
 */
final class LvmFailures {
    private static final List<String> FULL =
            List.of("insufficient free space", "insufficient free extents", "not enough free", "no free extents");
    /**
     * LVM makes no volume in a pool that is fuller than the threshold from which it is to be grown. It says the same of
     * one that has just failed and does not tell how full it is.
     */
    private static final List<String> POOL_FULL = List.of("in thin pool", "reached threshold");

    private static final List<String> NO_GROUP = List.of("volume group \"", "cannot process volume group");
    private static final List<String> DAMAGED = List.of(
            "missing pv", "missing physical volume", "is missing", "cannot change vg", "exceeds maximum metadata");

    /** What is below does not read or write. */
    private static final List<String> BROKEN =
            List.of("input/output error", "error reading device", "error writing device", "failed to write vg");

    private LvmFailures() {}

    /** Where the command was one about devices or LVM itself, and no group is known. */
    static BridgeException of(CommandFailedException failure, String what) {
        return of(failure, what, "");
    }

    /** @param group that the command was about; empty when none is known */
    static BridgeException of(CommandFailedException failure, String what, String group) {
        String room = group.isEmpty()
                ? "add a device to the volume group (vgextend)"
                : "add a device to volume group " + group + ": vgextend " + group + " DEVICE";
        String said = failure.result().stderr().toLowerCase(Locale.ROOT);
        String message = what + ": " + reason(failure);
        if (contains(said, FULL)) {
            return new BridgeException(ErrorCode.STORAGE_FULL, message, "delete guests, or " + room, failure);
        }
        if (POOL_FULL.stream().allMatch(said::contains)) {
            return new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    message,
                    "the pool was to be grown and was not, or it has failed: nova-bridge vg check says which; then"
                            + " delete guests, or " + room,
                    failure);
        }
        if (said.contains("already exists in volume group")) {
            return new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    message + "; it was left as it is",
                    "delete the instance it belongs to, or find out whose it is before removing it by hand",
                    failure);
        }
        if (contains(said, BROKEN)) {
            return new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE, message, StorageFailures.BROKEN_DEVICE, failure);
        }
        if (contains(said, DAMAGED)) {
            return new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    message,
                    "see what is wrong with it: nova-bridge vg check",
                    failure);
        }
        if (said.contains("not found") && contains(said, NO_GROUP)) {
            return groupMissing(message, failure);
        }
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                message,
                failure.reason() == CommandFailedException.Reason.NOT_STARTED
                        ? "is the program there (packages lvm2, util-linux), and may the bridge run it?"
                        : "see what is wrong: nova-bridge vg check"
                                + (group.isEmpty() ? "" : ", vgs " + group + ", lvs --all " + group)
                                + ", and the kernel's log (dmesg)",
                failure);
    }

    static BridgeException groupMissing(String group) {
        return groupMissing("there is no volume group " + group + " ([libvirt]images_volume_group)", null);
    }

    private static BridgeException groupMissing(String message, @Nullable Throwable cause) {
        return new BridgeException(
                ErrorCode.VOLUME_GROUP_UNUSABLE,
                message,
                "name the devices in [libvirt]images_lvm_devices and run: nova-bridge vg init; or, when it should be"
                        + " there already, look for its devices: pvs, lsblk",
                cause);
    }

    private static boolean contains(String said, List<String> phrases) {
        return phrases.stream().anyMatch(said::contains);
    }

    /** What LVM said, without warnings and the advice to read its help; a failure's last lines often only repeat it. */
    private static String reason(CommandFailedException failure) {
        List<String> lines = failure.result()
                .stderr()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("WARNING:") && !line.startsWith("Run `"))
                .toList();
        if (lines.isEmpty()) {
            return String.valueOf(failure.getMessage());
        }
        return String.join(" ", lines.subList(0, Math.min(3, lines.size())));
    }
}
