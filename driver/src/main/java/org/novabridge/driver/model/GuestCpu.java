package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The CPU that the guest sees.
 *
 * @param mode host-model, host-passthrough, maximum or custom; null leaves the choice to QEMU
 * @param model name of the CPU model in mode custom
 * @param features in the order of their names
 */
public record GuestCpu(@Nullable String mode, @Nullable String model, CpuTopology topology, List<CpuFeature> features) {
    public GuestCpu {
        features = List.copyOf(features);
    }

    /** Sockets × cores per socket × threads per core. */
    public record CpuTopology(int sockets, int cores, int threads) {}

    /**
     * One CPU flag.
     *
     * @param policy require or disable
     */
    public record CpuFeature(String policy, String name) {}
}
