package org.novabridge.driver.policy;

import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.HostFact;

/** A virtual IOMMU by flavor or image, on q35 machines only (driver.py 26.2.2, _guest_add_iommu_device). */
final class IommuRule {
    /** Versions from which libvirt knows the virtio model and address widths. */
    private static final int VIRTIO_MODEL_VERSION = 8_003_000;

    private static final int ADDRESS_WIDTH_VERSION = 6_005_000;
    private static final int ADDRESS_WIDTH = 48;

    private IommuRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE on another machine than q35
     */
    static Optional<GuestDevice> decide(GuestContext guest, String machine) {
        String wanted = guest.extraSpec("hw:viommu_model")
                .filter(text -> !text.isEmpty())
                .or(() -> guest.image().find("hw_viommu_model"))
                .orElse("");
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        if (!machine.contains("q35")) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "A virtual IOMMU (hw:viommu_model or hw_viommu_model) needs a q35 machine, not "
                            + Quoted.text(machine),
                    "Set image property hw_machine_type = q35.");
        }
        int libvirt = guest.facts().number(HostFact.LIBVIRT_VERSION);
        String model = wanted;
        if (wanted.equals("auto")) {
            model = libvirt >= VIRTIO_MODEL_VERSION ? "virtio" : "intel";
        }
        return Optional.of(new GuestDevice.Iommu(model, libvirt >= ADDRESS_WIDTH_VERSION ? ADDRESS_WIDTH : null, true));
    }
}
