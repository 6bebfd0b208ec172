package org.novabridge.driver.policy;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.GuestCpu.CpuFeature;

/**
 * Features that the processor of every guest of this host has, in libvirt's names: placement's traits HW_CPU_… are made of
 * them (nova/virt/libvirt/driver.py 26.2.2, {@code _get_cpu_feature_traits}). Of mode custom none is told: Nova would choose
 * among cpu_models by the traits of a flavor, which nova-bridge refuses yet.
 */
public final class GuestCpuFeatures {
    private GuestCpuFeatures() {}

    /**
     * @param arch of the host
     * @param expand gives all features of a model, or of the host's own processor for null
     */
    public static SortedSet<String> of(
            ConfigSnapshot config, String arch, Function<@Nullable String, Collection<String>> expand) {
        SortedSet<String> features = new TreeSet<>();
        switch (CpuRule.mode(config)) {
            case CpuRule.CUSTOM -> {
                return features;
            }
            case CpuRule.NONE -> features.addAll(expand.apply(withoutMode(arch)));
            default -> features.addAll(expand.apply(null));
        }
        for (CpuFeature flag : CpuRule.flags(config)) {
            if (flag.policy().equals("require")) {
                features.add(flag.name());
            } else {
                features.remove(flag.name());
            }
        }
        return features;
    }

    /** What QEMU gives a guest whose document names no processor (nova/virt/libvirt/utils.py, get_cpu_model_from_arch). */
    private static String withoutMode(String arch) {
        return switch (arch) {
            case "i686" -> "qemu32";
            case "ppc64le" -> "POWER8";
            case "aarch64" -> "max";
            default -> "qemu64";
        };
    }
}
