package org.novabridge.driver.policy;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;

/**
 * What every rule of the domain looks at, read once: configuration, request, host, and the image's
 * properties as Nova reads them.
 *
 * @param arch architecture of the guest
 */
record GuestContext(ConfigSnapshot config, InstanceSpec spec, HostFacts facts, ImageProperties image, String arch) {

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE for an image property Nova refuses
     */
    static GuestContext of(ConfigSnapshot config, InstanceSpec spec, HostFacts facts) {
        ImageProperties image = ImageProperties.of(spec.imageMeta());
        String arch = image.find("hw_emulation_architecture")
                .or(() -> image.find("hw_architecture"))
                .orElseGet(() -> facts.text(HostFact.ARCH));
        return new GuestContext(config, spec, facts, image, arch);
    }

    Instance instance() {
        return spec.instance();
    }

    Flavor flavor() {
        return spec.instance().flavor();
    }

    Optional<String> extraSpec(String key) {
        return Optional.ofNullable(flavor().extraSpecs().get(key));
    }

    Optional<Boolean> extraFlag(String key) {
        return extraSpec(key).map(Flags::parse);
    }

    /**
     * An extra spec that is a whole number; 0 when it is not set.
     *
     * @throws BridgeException INVALID_HARDWARE_VALUE when it is something else
     */
    int extraNumber(String key) {
        String text = flavor().extraSpecs().get(key);
        if (text == null) {
            return 0;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Extra spec " + key + " has the value '" + Quoted.text(text) + "', which must be a whole number",
                    "Correct the flavor.");
        }
    }

    /**
     * A switch that flavor and image may both set, to the same value (hardware.py, get_pmu_constraint).
     *
     * @throws BridgeException INVALID_HARDWARE_VALUE when they disagree
     */
    @Nullable
    Boolean agreed(String extraSpec, String property) {
        Optional<Boolean> flavor = extraFlag(extraSpec);
        Optional<Boolean> imageFlag = image.flag(property);
        if (flavor.isPresent() && imageFlag.isPresent() && !flavor.get().equals(imageFlag.get())) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Extra spec " + extraSpec + " and image property " + property + " contradict each other",
                    "Set only one of them, or both to the same value.");
        }
        return flavor.or(() -> imageFlag).orElse(null);
    }

    /** kvm or qemu as configured; the guest itself may be downgraded to qemu, see {@link #guestVirtType}. */
    String virtType() {
        return config.get(LibvirtOptions.VIRT_TYPE);
    }

    /** A guest of another architecture than the host's is always emulated. */
    String guestVirtType() {
        return foreignArch() ? "qemu" : virtType();
    }

    boolean foreignArch() {
        return !arch.equals(hostArch());
    }

    String hostArch() {
        return facts.text(HostFact.ARCH);
    }

    boolean windows() {
        return "windows".equals(instance().osType());
    }

    Map<String, String> extraSpecs() {
        return flavor().extraSpecs();
    }
}
