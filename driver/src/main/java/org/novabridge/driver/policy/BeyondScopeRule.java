package org.novabridge.driver.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Refuses, by name, what a flavor or image asks for and nova-bridge cannot give yet: silence would run a
 * guest without what its owner pays for. The list stands in docs/differences.md.
 */
final class BeyondScopeRule {
    private static final Set<String> ARCHITECTURES = Set.of("x86_64", "i686");

    /** Start of an extra spec, and which values of it are too much. */
    private static final Map<String, Predicate<String>> EXTRA_SPECS = extraSpecs();

    private static final Map<String, Predicate<String>> PROPERTIES = properties();

    private BeyondScopeRule() {}

    private static Map<String, Predicate<String>> extraSpecs() {
        Map<String, Predicate<String>> beyond = new LinkedHashMap<>();
        beyond.put("hw:numa_", value -> true);
        beyond.put("hw:cpu_policy", value -> !value.equals("shared"));
        beyond.put("hw:cpu_dedicated_mask", value -> true);
        beyond.put("hw:cpu_realtime", Flags::parse);
        beyond.put("hw:emulator_threads_policy", value -> true);
        beyond.put("hw:mem_page_size", value -> true);
        beyond.put("hw:mem_encryption", Flags::parse);
        beyond.put("hw:tpm_", value -> true);
        beyond.put("hw:pmem", value -> true);
        beyond.put("hw:ephemeral_encryption", Flags::parse);
        beyond.put("hw:pci_numa_affinity_policy", value -> true);
        beyond.put("os:secure_boot", value -> value.equals("required"));
        beyond.put("pci_passthrough:", value -> true);
        beyond.put("accel:", value -> true);
        return beyond;
    }

    private static Map<String, Predicate<String>> properties() {
        Map<String, Predicate<String>> beyond = new LinkedHashMap<>();
        beyond.put("hw_firmware_type", value -> value.equals("uefi"));
        beyond.put("os_secure_boot", value -> value.equals("required"));
        beyond.put("hw_numa_", value -> true);
        beyond.put("hw_cpu_policy", value -> !value.equals("shared"));
        beyond.put("hw_mem_page_size", value -> true);
        beyond.put("hw_mem_encryption", Flags::parse);
        beyond.put("hw_tpm_", value -> true);
        beyond.put("hw_ephemeral_encryption", Flags::parse);
        beyond.put("hw_pci_numa_affinity_policy", value -> true);
        beyond.put("hw_vm_mode", value -> !value.equals("hvm"));
        return beyond;
    }

    /**
     * @throws BridgeException NOT_SUPPORTED naming the first extra spec, property or option
     */
    static void check(GuestContext guest) {
        String virtType = guest.virtType();
        if (!virtType.equals("kvm") && !virtType.equals("qemu")) {
            throw refused("[libvirt]virt_type = " + virtType, "Use kvm or qemu.");
        }
        if (!ARCHITECTURES.contains(guest.hostArch())) {
            throw refused("a host of architecture " + guest.hostArch(), "Use an x86_64 host.");
        }
        if (!ARCHITECTURES.contains(guest.arch())) {
            String property = guest.image().find("hw_emulation_architecture").isPresent()
                    ? "hw_emulation_architecture"
                    : "hw_architecture";
            throw refused("image property " + property + " = " + guest.arch(), "Use an x86_64 image.");
        }
        new TreeMap<>(guest.extraSpecs()).forEach((key, value) -> {
            if (asksFor(EXTRA_SPECS, key, value) || resourceBeyond(key)) {
                throw refused("extra spec " + key + " = " + Quoted.text(value), "Take it out of the flavor.");
            }
        });
        for (String key : new TreeSet<>(guest.spec().imageMeta().properties().keySet())) {
            @Nullable String value = guest.image().find(key).orElse(null);
            if (value != null && asksFor(PROPERTIES, key, value)) {
                throw refused("image property " + key + " = " + Quoted.text(value), "Take it off the image.");
            }
        }
    }

    private static boolean asksFor(Map<String, Predicate<String>> beyond, String key, String value) {
        return beyond.entrySet().stream()
                .anyMatch(entry -> key.startsWith(entry.getKey())
                        && (key.length() == entry.getKey().length()
                                || entry.getKey().endsWith("_")
                                || entry.getKey().endsWith(":"))
                        && entry.getValue().test(value));
    }

    /** {@code resources:VGPU}, {@code resources1:PCPU}: devices and dedicated processors. */
    private static boolean resourceBeyond(String key) {
        int colon = key.indexOf(':');
        if (colon < 0 || !key.startsWith("resources")) {
            return false;
        }
        String kind = key.substring(colon + 1);
        return kind.equals("VGPU") || kind.equals("PCPU") || kind.startsWith("CUSTOM_PMEM_NAMESPACE_");
    }

    private static BridgeException refused(String what, String remedy) {
        return new BridgeException(ErrorCode.NOT_SUPPORTED, "nova-bridge does not support " + what + " yet", remedy);
    }
}
