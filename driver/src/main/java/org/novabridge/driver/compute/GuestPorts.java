package org.novabridge.driver.compute;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.xml.DomainXml;

/**
 * Ports that come to a guest that is there and go from it (nova/virt/libvirt/driver.py 26.2.2, attach_interface,
 * detach_interface). The caller plugs and unplugs them; the guest knows each by its MAC address.
 */
final class GuestPorts {
    private final Parts parts;
    private final GuestBuild build;
    private final DeviceRelease release;

    GuestPorts(Parts parts, GuestBuild build, DeviceRelease release) {
        this.parts = parts;
        this.build = build;
        this.release = release;
    }

    Map<String, Object> attach(Steps steps, Map<String, Object> vif) {
        String uuid = steps.instance();
        steps.step("check the port");
        InstanceRecord made = build.record(uuid);
        Guest guest = release.changeable(uuid);
        String mac = mac(vif);
        InstanceSpec was = parts.planner().read(made.spec());
        InstanceSpec spec =
                was.withPorts(Stream.concat(others(was, mac), Stream.of(vif)).toList());
        String element = DomainXml.interfaceElement(
                        parts.planner().plan(spec, made).xml(), mac)
                .orElseThrow(() -> new BridgeException(ErrorCode.INTERNAL, "a port has no interface in its guest"));
        boolean runs = GuestPower.active(guest);
        boolean live = runs && release.live(uuid, device(mac)).isEmpty();
        boolean persistent = release.defined(uuid, device(mac)).isEmpty();
        forgetUndo(steps, mac);
        steps.step("attach " + mac, new Undo.RemovePort(mac));
        if (live || persistent) {
            parts.hypervisor().attachDevice(uuid, element, live, persistent);
        }
        steps.step("remember " + mac);
        parts.records().save(made.withSpec(parts.planner().write(spec)));
        return result(mac, "live", runs);
    }

    Map<String, Object> detach(Steps steps, String mac) {
        String uuid = steps.instance();
        steps.step("look for the port");
        release.changeable(uuid);
        boolean found = release.has(uuid, device(mac));
        forgetUndo(steps, mac);
        steps.step("detach " + mac, new Undo.FinishPort(mac));
        release.release(steps, device(mac));
        forget(uuid, mac);
        return result(mac, "found", found);
    }

    /** Takes back an attach. */
    void remove(Steps steps, Undo.RemovePort undo) {
        release.release(steps, device(undo.mac()));
        forget(steps.instance(), undo.mac());
    }

    /** Settles a detach that broke off: the port is where it was, or nowhere. */
    void finish(Steps steps, Undo.FinishPort undo) {
        String uuid = steps.instance();
        if (parts.hypervisor().find(uuid).isPresent() && !release.has(uuid, device(undo.mac()))) {
            release.undefine(uuid, device(undo.mac()));
            forget(uuid, undo.mac());
        }
    }

    private static DeviceRelease.Device device(String mac) {
        return new DeviceRelease.Device(mac, xml -> DomainXml.interfaceElement(xml, mac));
    }

    private void forgetUndo(Steps steps, String mac) {
        parts.operations()
                .forget(
                        steps,
                        undo -> undo instanceof Undo.OfPort other && other.mac().equals(mac));
    }

    private void forget(String uuid, String mac) {
        parts.records().find(uuid).ifPresent(made -> {
            InstanceSpec spec = parts.planner().read(made.spec());
            List<Map<String, Object>> left = others(spec, mac).toList();
            if (left.size() < spec.networkInfo().size()) {
                parts.records().save(made.withSpec(parts.planner().write(spec.withPorts(left))));
            }
        });
    }

    private static Stream<Map<String, Object>> others(InstanceSpec spec, String mac) {
        return spec.networkInfo().stream()
                .filter(vif -> !mac.equalsIgnoreCase(Objects.toString(vif.get("address"), "")));
    }

    private static String mac(Map<String, Object> vif) {
        return Optional.ofNullable(vif.get("address"))
                .map(Object::toString)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INVALID_REQUEST, "the port has no address", "give Nova's VIF dictionary whole"));
    }

    private static Map<String, Object> result(String mac, String word, boolean value) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("mac", mac);
        result.put(word, value);
        return result;
    }
}
