package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.time.Duration;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * What the configuration says about logical volumes.
 *
 * @param group {@code [libvirt]images_volume_group}
 * @param clear how a deleted disk is wiped ({@code volume_clear})
 * @param clearBytes how much of it from its start ({@code volume_clear_size}); 0 all of it
 * @param clearRate bytes per second that zeroing may write ({@code volume_clear_rate}); 0 no limit
 * @param singleTenant what was on the devices before may be read by any guest of this host
 * @param sparse {@code sparse_logical_volumes}, which we do not make
 * @param wipeWait how long who needs space waits for wipes that will bring it ({@code wipe_wait_timeout})
 * @param alarmAfter when a running LVM command is reported as slow
 * @param cleanGroups folder of the {@link CleanMemory} of each group
 */
record LvmSettings(
        String group,
        Clear clear,
        long clearBytes,
        long clearRate,
        boolean singleTenant,
        boolean sparse,
        Duration wipeWait,
        Duration alarmAfter,
        Path cleanGroups) {

    /** The choices of {@code volume_clear}, with Nova's meaning. */
    enum Clear {
        /** Zeroes over all of it. */
        ZERO,
        /** Three passes of random bytes; what is read afterwards is random. */
        SHRED,
        /** Nothing is written. */
        NONE
    }

    static LvmSettings of(ConfigSnapshot config) {
        String group = config.find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "[libvirt]images_volume_group is not set, and images_type = lvm needs it",
                        "name the volume group: images_volume_group = nova"));
        return new LvmSettings(
                LvmNames.group(group),
                switch (config.get(LibvirtOptions.VOLUME_CLEAR)) {
                    case "none" -> Clear.NONE;
                    case "shred" -> Clear.SHRED;
                    default -> Clear.ZERO;
                },
                (long) config.get(LibvirtOptions.VOLUME_CLEAR_SIZE) << 20,
                (long) config.get(LibvirtOptions.VOLUME_CLEAR_RATE) << 20,
                config.get(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT),
                config.get(LibvirtOptions.SPARSE_LOGICAL_VOLUMES),
                Duration.ofSeconds(config.get(BridgeOptions.WIPE_WAIT_TIMEOUT)),
                Duration.ofSeconds(config.get(BridgeOptions.LVM_COMMAND_TIMEOUT)),
                Path.of(config.get(BridgeOptions.STATE_PATH), "clean-groups"));
    }

    /** Nothing of a deleted disk is left on its extents but zeroes. */
    boolean wipesWhole() {
        return clear == Clear.ZERO && clearBytes == 0;
    }
}
