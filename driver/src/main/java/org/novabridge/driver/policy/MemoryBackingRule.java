package org.novabridge.driver.policy;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.MemoryBacking;

/**
 * File-backed memory by configuration, locked memory by flavor or image (driver.py 26.2.2,
 * _get_guest_memory_backing_config). Locked memory needs hw:mem_page_size, which is refused elsewhere.
 */
final class MemoryBackingRule {
    private MemoryBackingRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when locked memory is asked for without a page size, or
     *     flavor and image disagree
     */
    static @Nullable MemoryBacking decide(GuestContext guest) {
        boolean fileBacked = guest.config().get(LibvirtOptions.FILE_BACKED_MEMORY) > 0;
        Boolean locked = guest.agreed("hw:locked_memory", "hw_locked_memory");
        if (Boolean.TRUE.equals(locked)) {
            boolean pageSize = Optional.ofNullable(guest.extraSpecs().get("hw:mem_page_size"))
                    .or(() -> guest.image().find("hw_mem_page_size"))
                    .isPresent();
            if (!pageSize) {
                throw new BridgeException(
                        ErrorCode.INVALID_HARDWARE_VALUE,
                        "Locked memory (hw:locked_memory or hw_locked_memory) is forbidden without hw:mem_page_size",
                        "Set a page size as well.");
            }
        }
        boolean lock = Boolean.TRUE.equals(locked);
        return fileBacked || lock ? new MemoryBacking(lock, fileBacked) : null;
    }
}
