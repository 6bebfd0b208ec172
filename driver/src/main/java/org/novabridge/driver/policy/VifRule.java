package org.novabridge.driver.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice.Bandwidth;
import org.novabridge.driver.model.GuestDevice.InterfaceDriver;
import org.novabridge.driver.model.GuestDevice.NetworkInterface;

/**
 * A port becomes an interface (nova/virt/libvirt/vif.py, network/os_vif_util.py 26.2.2): ports of Linux
 * bridge, Open vSwitch, tap, and the two that are plain ethernet devices.
 */
final class VifRule {
    /** Kinds Nova can plug and nova-bridge cannot yet. */
    private static final Set<String> BEYOND = Set.of(
            "802.1qbg",
            "802.1qbh",
            "hw_veb",
            "hostdev_physical",
            "ib_hostdev",
            "macvtap",
            "dvs",
            "vhostuser",
            "agilio_ovs",
            "vrouter",
            "ivs");

    private VifRule() {}

    /**
     * @throws BridgeException PORT_UNUSABLE for a port that is not bound or of an unknown kind; NOT_SUPPORTED
     *     for kinds that come later; UNSUPPORTED_HARDWARE for a model the hypervisor does not have
     */
    static NetworkInterface decide(GuestContext guest, Vif vif) {
        String type = vif.type();
        if (type == null || type.equals("binding_failed") || type.equals("unbound")) {
            throw new BridgeException(
                    ErrorCode.PORT_UNUSABLE,
                    "Port " + Quoted.text(vif.id()) + " is not bound to this host (vif_type " + type + ")",
                    "Look for the mechanism driver's failure in Neutron, and bind the port again.");
        }
        if (BEYOND.contains(type) || !vif.vnicType().equals("normal")) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "nova-bridge does not support ports of vif_type " + type + ", vnic_type "
                            + Quoted.text(vif.vnicType()) + " yet (port " + Quoted.text(vif.id()) + ")",
                    "Use a port of Open vSwitch, Linux bridge or tap.");
        }
        return switch (type) {
            case "bridge" ->
                bridged(guest, vif, vif.bridge().orElseThrow(() -> bridgeless(vif)), vif.deviceNameOrMade(), null);
            case "ovs" -> openVSwitch(guest, vif);
            case "tap" ->
                ethernet(guest, vif, vif.deviceName().orElse(null), vif.mtu().orElse(null), false);
            case "iovisor" -> ethernet(guest, vif, vif.deviceName().orElse(null), null, true);
            case "midonet" -> ethernet(guest, vif, vif.deviceName().orElse(null), null, false);
            default ->
                throw new BridgeException(
                        ErrorCode.PORT_UNUSABLE,
                        "Port " + Quoted.text(vif.id()) + " has the unknown vif_type " + Quoted.text(type),
                        "Use a port of Open vSwitch, Linux bridge or tap.");
        };
    }

    private static NetworkInterface openVSwitch(GuestContext guest, Vif vif) {
        if (vif.hybridPlug()) {
            return bridged(guest, vif, vif.made("qbr"), vif.deviceNameOrMade(), null);
        }
        if (vif.delegateCreate()) {
            return ethernet(guest, vif, vif.deviceNameOrMade(), vif.mtu().orElse(null), true);
        }
        String bridge = vif.bridge().orElseThrow(() -> bridgeless(vif));
        return bridged(guest, vif, bridge, vif.deviceNameOrMade(), vif.openVSwitchInterfaceId());
    }

    private static NetworkInterface bridged(
            GuestContext guest, Vif vif, String bridge, String target, @Nullable String portProfile) {
        String model = model(guest);
        return new NetworkInterface(
                "bridge",
                vif.mac(),
                model,
                driver(guest, model),
                bridge,
                target,
                vif.mtu().orElse(null),
                portProfile,
                bandwidth(guest));
    }

    private static NetworkInterface ethernet(
            GuestContext guest, Vif vif, @Nullable String target, @Nullable Integer mtu, boolean limited) {
        String model = model(guest);
        return new NetworkInterface(
                "ethernet",
                vif.mac(),
                model,
                driver(guest, model),
                null,
                target,
                mtu,
                null,
                limited ? bandwidth(guest) : null);
    }

    /** The model of every port, also of a guest that has none; null leaves it to libvirt (get_vif_model). */
    static @Nullable String model(GuestContext guest) {
        String model = guest.image().find("hw_vif_model").orElse(null);
        if (model == null) {
            return guest.config().get(LibvirtOptions.USE_VIRTIO_FOR_BRIDGES) ? "virtio" : null;
        }
        if (!VifModels.of(guest.virtType()).contains(model)) {
            throw new BridgeException(
                    ErrorCode.UNSUPPORTED_HARDWARE,
                    "Image property hw_vif_model = " + model + " is not a model that " + guest.virtType() + " has",
                    "Use virtio.");
        }
        return model;
    }

    /** Only virtio has a back end to choose. */
    private static @Nullable InterfaceDriver driver(GuestContext guest, @Nullable String model) {
        if (!"virtio".equals(model)) {
            return null;
        }
        Integer rxQueueSize = guest.config().find(LibvirtOptions.RX_QUEUE_SIZE).orElse(null);
        String name = null;
        Integer queues = null;
        if (guest.virtType().equals("qemu")) {
            // libvirt would otherwise take vhost, which needs KVM.
            name = "qemu";
        } else if (multiQueue(guest)) {
            name = "vhost";
            int vcpus = guest.flavor().vcpus();
            queues = guest.config()
                    .find(LibvirtOptions.MAX_QUEUES)
                    .map(most -> Math.min(most, vcpus))
                    .orElse(vcpus);
        }
        if (name == null && rxQueueSize != null) {
            name = "vhost";
        }
        return name == null ? null : new InterfaceDriver(name, queues, rxQueueSize);
    }

    private static boolean multiQueue(GuestContext guest) {
        return guest.flavor().vcpus() > 1
                && Boolean.TRUE.equals(guest.agreed("hw:vif_multiqueue_enabled", "hw_vif_multiqueue_enabled"));
    }

    /** libvirt wants an average; without one in either direction nothing is limited. */
    private static @Nullable Bandwidth bandwidth(GuestContext guest) {
        Map<String, String> inbound = limits(guest, "quota:vif_inbound_");
        Map<String, String> outbound = limits(guest, "quota:vif_outbound_");
        return inbound.isEmpty() && outbound.isEmpty() ? null : new Bandwidth(inbound, outbound);
    }

    private static Map<String, String> limits(GuestContext guest, String prefix) {
        Map<String, String> limits = new HashMap<>();
        if (guest.extraSpec(prefix + "average").isPresent()) {
            for (String key : new String[] {"average", "peak", "burst"}) {
                guest.extraSpec(prefix + key).ifPresent(value -> limits.put(key, value));
            }
        }
        return limits;
    }

    private static BridgeException bridgeless(Vif vif) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "network_info: port " + Quoted.text(vif.id()) + " has no network.bridge",
                "Give Nova's VIF dictionaries whole.");
    }
}
