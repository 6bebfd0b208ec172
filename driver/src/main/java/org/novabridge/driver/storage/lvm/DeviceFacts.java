package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a device that is to become a physical volume.
 *
 * @param path as the operator wrote it
 * @param state whether it is a block device at all; all that follows is empty when it is not
 * @param number major and minor number, which names a device whatever its path
 * @param kind lsblk's type: disk, part, loop, lvm, crypt …
 * @param identity WWN or serial number of a whole disk; null when it has none
 * @param signatures types of everything libblkid recognises on it, partition tables included
 * @param partitions paths of its partitions
 * @param holders paths of devices that lie on it: dm, md, bcache, a loop device
 * @param uses where it, or something on it, is mounted; {@code [SWAP]} for swap
 * @param group the volume group it belongs to; empty string for a physical volume without a group;
 *     null when it is no physical volume
 * @param stableName its name below /dev/disk/by-id; null when it has none
 */
record DeviceFacts(
        Path path,
        State state,
        String number,
        String kind,
        long size,
        boolean readOnly,
        @Nullable String identity,
        List<String> signatures,
        List<String> partitions,
        List<String> holders,
        List<String> uses,
        @Nullable String group,
        @Nullable Path stableName) {

    enum State {
        BLOCK_DEVICE,
        MISSING,
        OTHER_FILE
    }

    DeviceFacts {
        signatures = List.copyOf(signatures);
        partitions = List.copyOf(partitions);
        holders = List.copyOf(holders);
        uses = List.copyOf(uses);
    }

    static DeviceFacts none(Path path, State state) {
        return new DeviceFacts(
                path, state, "", "", 0, false, null, List.of(), List.of(), List.of(), List.of(), null, null);
    }
}
