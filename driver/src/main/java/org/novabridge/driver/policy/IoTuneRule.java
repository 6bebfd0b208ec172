package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ValueOrigin;

/**
 * The limits of a disk: the six quota:disk_* extra specs on every disk that Nova makes, each disk by itself; the
 * front-end qos_specs of Cinder on volumes. Values must be whole numbers from 0.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2, disk_qos; volume/volume.py; config.py _format_iotune for the
 * order. Nova passes other texts to libvirt, which refuses them when the guest is defined (differences.md).
 */
public final class IoTuneRule implements DiskRule {
    /** The order in which Nova writes the elements. */
    private static final List<String> FLAVOR_ORDER = List.of(
            "read_bytes_sec",
            "read_iops_sec",
            "write_bytes_sec",
            "write_iops_sec",
            "total_bytes_sec",
            "total_iops_sec");

    private static final List<String> VOLUME_ORDER = List.of(
            "read_bytes_sec",
            "read_iops_sec",
            "write_bytes_sec",
            "write_iops_sec",
            "total_bytes_sec",
            "total_iops_sec",
            "read_bytes_sec_max",
            "write_bytes_sec_max",
            "total_bytes_sec_max",
            "read_iops_sec_max",
            "write_iops_sec_max",
            "total_iops_sec_max",
            "size_iops_sec");

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.IOTUNE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "quota:disk_(read|write|total)_(bytes|iops)_sec of the flavor on each disk that Nova makes; the qos_specs of the connection on volumes.",
                List.of(
                        "extra spec quota:disk_read_bytes_sec",
                        "extra spec quota:disk_read_iops_sec",
                        "extra spec quota:disk_write_bytes_sec",
                        "extra spec quota:disk_write_iops_sec",
                        "extra spec quota:disk_total_bytes_sec",
                        "extra spec quota:disk_total_iops_sec",
                        "connection qos_specs"),
                "nova/virt/libvirt/imagebackend.py 26.2.2 disk_qos");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.IOTUNE, draft.volume() ? volume(draft) : flavor(context));
    }

    private static Decision<Map<String, String>> flavor(DiskContext context) {
        Map<String, String> specs = context.spec().instance().flavor().extraSpecs();
        Map<String, String> limits = new LinkedHashMap<>();
        List<ValueOrigin> origins = new ArrayList<>();
        for (String name : FLAVOR_ORDER) {
            String key = "quota:disk_" + name;
            String value = specs.get(key);
            if (value != null) {
                limits.put(name, number("the extra spec " + key, value));
                origins.add(Origins.extraSpec(key));
            }
        }
        return limits.isEmpty()
                ? Decision.of(limits, "The flavor sets no quota:disk_* limit.", Origins.rule("default"))
                : new Decision<>(limits, origins, "The flavor limits each disk by itself.");
    }

    private static Decision<Map<String, String>> volume(DiskDraft draft) {
        Map<String, String> limits = new LinkedHashMap<>();
        if (draft.connectedVolume().connectionData().get("qos_specs") instanceof Map<?, ?> specs) {
            for (String name : VOLUME_ORDER) {
                Object value = specs.get(name);
                if (value != null) {
                    limits.put(name, number("qos_specs " + name + " of the volume", String.valueOf(value)));
                }
            }
        }
        return limits.isEmpty()
                ? Decision.of(limits, "The volume type has no front-end limits.", Origins.connection("qos_specs"))
                : Decision.of(limits, "The volume type limits the volume.", Origins.connection("qos_specs"));
    }

    private static String number(String what, String value) {
        String text = value.strip();
        if (!text.matches("[0-9]{1,18}")) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    what + " is no whole number from 0",
                    "give bytes or operations per second as digits");
        }
        return text;
    }
}
