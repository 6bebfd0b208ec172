package org.novabridge.driver.policy;

import java.util.SortedSet;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * How many CPUs of this host guests may float on: the VCPU inventory of placement (nova/virt/libvirt/driver.py 26.2.2,
 * {@code _get_vcpu_available}). Pinned CPUs are given to nobody yet, so {@code cpu_dedicated_set} only takes away.
 */
public final class CpuInventory {
    private CpuInventory() {}

    /**
     * @param online as the kernel lists them: {@code 0-3,6}
     * @throws BridgeException INVALID_CONFIGURATION when the shared set names CPUs that are not online
     */
    public static int vcpus(ConfigSnapshot config, String online) {
        SortedSet<Integer> here = CpuSetRule.parse(online);
        String shared = config.find(ComputeOptions.CPU_SHARED_SET).orElse("");
        if (shared.isBlank()) {
            boolean allPinned =
                    !config.find(ComputeOptions.CPU_DEDICATED_SET).orElse("").isBlank();
            return allPinned ? 0 : here.size();
        }
        SortedSet<Integer> wanted = CpuSetRule.parse(shared);
        if (!here.containsAll(wanted)) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[compute]cpu_shared_set (" + Quoted.text(shared) + ") names CPUs that are not online here: "
                            + Quoted.text(online) + " are",
                    "Leave out the others, or bring them online.");
        }
        return wanted.size();
    }
}
