package org.novabridge.driver.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Confinement;

/**
 * Limits of the programs that read what tenants gave us.
 *
 * @param privateUid user and group they run as; null when the bridge is not root and cannot choose
 * @param infoCpu processor time of {@code qemu-img info}
 * @param addressSpaceBytes address space of every run of qemu-img
 * @param stall time without progress after which a conversion or copy is ended
 * @param timeout deadline of everything short
 * @param mkfsTimeout deadline of making a file system
 */
public record QemuImgSettings(
        @Nullable Integer privateUid,
        Duration infoCpu,
        long addressSpaceBytes,
        Duration stall,
        Duration timeout,
        Duration mkfsTimeout) {

    public static QemuImgSettings of(ConfigSnapshot config, FileOwner owner) {
        return new QemuImgSettings(
                owner.root() ? config.get(BridgeOptions.CONFINED_UID) : null,
                Duration.ofSeconds(config.get(BridgeOptions.QEMU_IMG_CPU_TIME)),
                config.get(BridgeOptions.QEMU_IMG_ADDRESS_SPACE) * (1L << 20),
                Duration.ofSeconds(config.get(BridgeOptions.CONVERT_STALL_TIMEOUT)),
                Duration.ofSeconds(config.get(BridgeOptions.COMMAND_TIMEOUT)),
                Duration.ofSeconds(config.get(BridgeOptions.MKFS_TIMEOUT)));
    }

    Confinement forInfo() {
        return new Confinement(privateUid, privateUid, infoCpu, addressSpaceBytes);
    }

    /** No limit of processor time: a conversion is ended by lack of progress. */
    Confinement forWork() {
        return new Confinement(privateUid, privateUid, null, addressSpaceBytes);
    }
}
