package org.novabridge.driver.policy;

import java.util.stream.Collectors;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DiskCacheModes;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ValueOrigin;

/**
 * Cache modes that a thin volume may have. A write that the host's page cache has taken is acknowledged to the
 * guest before the pool has a block for it; when the pool is full then, the write is gone and nobody can pause
 * the guest in time (seen on Linux 6.1: 700 MiB of buffered writes into a pool of 600 MiB all succeed).
 */
final class ThinCacheMode {
    private ThinCacheMode() {}

    /** @throws BridgeException INVALID_CONFIGURATION for a mode without O_DIRECT that was not allowed by name */
    static void demand(ConfigSnapshot config, Decision<String> cache) {
        if (DiskCacheModes.isDirect(cache.get()) || config.get(LibvirtOptions.IMAGES_LVM_ALLOW_CACHED_THIN)) {
            return;
        }
        String whence = cache.origins().stream().map(ValueOrigin::describe).collect(Collectors.joining(", "));
        throw new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "cache mode " + cache.get() + " (" + whence
                        + ") on a thin volume loses acknowledged writes when its pool is full",
                "use none or directsync, or accept it with " + LibvirtOptions.IMAGES_LVM_ALLOW_CACHED_THIN.display()
                        + " = true");
    }
}
