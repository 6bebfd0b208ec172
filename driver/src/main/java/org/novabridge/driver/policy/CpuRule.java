package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestCpu;
import org.novabridge.driver.model.GuestCpu.CpuFeature;
import org.novabridge.driver.model.HostFact;

/** CPU mode, model and flags (driver.py 26.2.2, _get_guest_cpu_model_config). */
final class CpuRule {
    /** Values of cpu_mode that are not libvirt's modes of the host's processor. */
    static final String NONE = "none";

    static final String CUSTOM = "custom";

    private CpuRule() {}

    static String mode(ConfigSnapshot config) {
        return config.find(LibvirtOptions.CPU_MODE).orElse("host-model");
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION for a model the host does not know; NOT_SUPPORTED when
     *     the flavor asks for CPU traits in mode custom
     */
    static GuestCpu decide(GuestContext guest) {
        String mode = mode(guest.config());
        List<String> models = new ArrayList<>();
        for (String model : guest.config().get(LibvirtOptions.CPU_MODELS)) {
            models.add(hostName(guest, model));
        }
        if (mode.equals(NONE)) {
            return new GuestCpu(null, null, CpuTopologyRule.decide(guest), List.of());
        }
        if (mode.equals(CUSTOM)) {
            refuseTraits(guest);
        }
        @Nullable String model = models.isEmpty() ? null : models.get(0);
        // An emulated foreign CPU has no mode of the host's.
        @Nullable String written = guest.foreignArch() ? null : mode;
        return new GuestCpu(written, model, CpuTopologyRule.decide(guest), flags(guest.config()));
    }

    /** Operators write model names in any case, libvirt knows one. */
    private static String hostName(GuestContext guest, String model) {
        if (!guest.facts().has(HostFact.CPU_MODELS)) {
            return model;
        }
        Map<String, String> byLowerCase = new TreeMap<>();
        guest.facts().texts(HostFact.CPU_MODELS).forEach(name -> byLowerCase.put(name.toLowerCase(Locale.ROOT), name));
        String found = byLowerCase.get(model.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw new BridgeException(
                    ErrorCode.INVALID_CPU,
                    "[libvirt]cpu_models names " + Quoted.text(model) + ", which this host does not support",
                    "Choose from: virsh cpu-models " + guest.hostArch());
        }
        return found;
    }

    static List<CpuFeature> flags(ConfigSnapshot config) {
        Map<String, CpuFeature> byName = new TreeMap<>();
        for (String flag : config.get(LibvirtOptions.CPU_MODEL_EXTRA_FLAGS)) {
            String lower = flag.toLowerCase(Locale.ROOT);
            boolean off = lower.startsWith("-");
            String name = lower.replaceFirst(off ? "^-+" : "^\\++", "");
            byName.putIfAbsent(name, new CpuFeature(off ? "disable" : "require", name));
        }
        return List.copyOf(byName.values());
    }

    private static void refuseTraits(GuestContext guest) {
        guest.extraSpecs().forEach((key, value) -> {
            if (key.startsWith("trait") && key.contains(":HW_CPU_") && value.equals("required")) {
                throw new BridgeException(
                        ErrorCode.NOT_SUPPORTED,
                        "nova-bridge does not choose among [libvirt]cpu_models by extra spec " + Quoted.text(key)
                                + " yet",
                        "Take the trait out of the flavor, or use another cpu_mode than custom.");
            }
        });
    }
}
