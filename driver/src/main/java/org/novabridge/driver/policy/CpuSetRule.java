package org.novabridge.driver.policy;

import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.CpuList;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Host CPUs a guest floats on: [compute]cpu_shared_set (driver.py 26.2.2, _get_guest_numa_config). */
final class CpuSetRule {
    private CpuSetRule() {}

    /**
     * @throws BridgeException INVALID_CONFIGURATION when the set cannot be read
     */
    static @Nullable String decide(GuestContext guest) {
        String text = guest.config().find(ComputeOptions.CPU_SHARED_SET).orElse("");
        return text.isBlank() ? null : CpuList.format(parse(text));
    }

    static SortedSet<Integer> parse(String text) {
        try {
            return CpuList.parse(text);
        } catch (CpuList.UnreadableException e) {
            throw unreadable(e.part());
        }
    }

    private static BridgeException unreadable(String part) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "[compute]cpu_shared_set has the part '" + Quoted.text(part) + "', which names no CPUs",
                "Write CPUs as 4-12,^8,15.");
    }
}
