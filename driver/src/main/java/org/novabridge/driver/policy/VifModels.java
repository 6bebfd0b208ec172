package org.novabridge.driver.policy;

import java.util.Map;
import java.util.Set;

/** Models of network cards that each kind of guest may have (nova/virt/libvirt/vif.py 26.2.2, SUPPORTED_VIF_MODELS). */
public final class VifModels {
    private static final Map<String, Set<String>> MODELS = Map.of(
            "kvm", Set.of("virtio", "ne2k_pci", "pcnet", "rtl8139", "e1000", "e1000e", "spapr-vlan", "vmxnet3"),
            "qemu",
                    Set.of(
                            "virtio",
                            "ne2k_pci",
                            "pcnet",
                            "rtl8139",
                            "e1000",
                            "e1000e",
                            "lan9118",
                            "spapr-vlan",
                            "vmxnet3"));

    private VifModels() {}

    /** @param virtType as {@code [libvirt]virt_type}; one that is not known has none */
    public static Set<String> of(String virtType) {
        return MODELS.getOrDefault(virtType, Set.of());
    }
}
