package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.novabridge.conf.EditDistance;
import org.novabridge.conf.IoLimits;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.ValueOrigin;

/**
 * The limits of a disk: the six quota:disk_* extra specs on every disk that Nova makes, each disk by itself; the
 * front-end qos_specs of Cinder on volumes. Extra specs of ours and a profile add bursts and limits. Values must be
 * whole numbers from 0.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2, disk_qos; volume/volume.py; config.py _format_iotune for the
 * order. Nova passes other texts to libvirt, which refuses them when the guest is defined (differences.md).
 */
public final class IoTuneRule implements DiskRule {
    /** Nova reads these of a flavor: the first six. */
    private static final List<String> FLAVORS = IoLimits.NAMES.subList(0, 6);

    /** Nova's API refuses names under quota: that it does not know, so ours have another prefix. */
    static final String OURS = "bridge:disk_";

    private static final String NOVAS = "quota:disk_";

    /** The extra spec of each limit, in the order in which they are written. */
    private static final Map<String, String> EXTRA_SPECS = extraSpecs();

    private static Map<String, String> extraSpecs() {
        Map<String, String> keys = new LinkedHashMap<>();
        IoLimits.ALL.forEach(name -> keys.put(name, extraSpec(name)));
        return keys;
    }

    /** The releases of which qemu#3144 tells: 9.1 and 10.0. */
    private static final int LOCKS_UP_FROM = 9_001_000;

    private static final int LOCKS_UP_UNTIL = 10_001_000;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.IOTUNE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "quota:disk_(read|write|total)_(bytes|iops)_sec of the flavor on each disk that Nova makes, with bridge:disk_…_max, …_max_length and size_iops_sec, over the iotune of the profile; of a profile that an image chose the lower number; with its iotune_group the disks, CD-ROMs apart, share the limits; the qos_specs of the connection on volumes.",
                List.of(
                        "extra spec quota:disk_read_bytes_sec",
                        "extra spec quota:disk_read_iops_sec",
                        "extra spec quota:disk_write_bytes_sec",
                        "extra spec quota:disk_write_iops_sec",
                        "extra spec quota:disk_total_bytes_sec",
                        "extra spec quota:disk_total_iops_sec",
                        "extra spec bridge:disk_(burst)",
                        "[io_profile:NAME]iotune",
                        "[io_profile:NAME]iotune_group",
                        "connection qos_specs"),
                "nova/virt/libvirt/imagebackend.py 26.2.2 disk_qos");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(
                this,
                DiskAttribute.IOTUNE,
                warned(context, draft.volume() ? volume(draft) : shared(draft, withProfile(draft, flavor(context)))));
    }

    /** Guests have locked up under the load that their limits hold back (qemu#3144). */
    private static Decision<Map<String, String>> warned(DiskContext context, Decision<Map<String, String>> limits) {
        boolean limited = limits.get().entrySet().stream()
                .anyMatch(limit -> !limit.getKey().equals(IoLimits.GROUP)
                        && !limit.getValue().equals("0"));
        int qemu = limited && context.facts().has(HostFact.QEMU_VERSION)
                ? context.facts().number(HostFact.QEMU_VERSION)
                : 0;
        return qemu < LOCKS_UP_FROM || qemu >= LOCKS_UP_UNTIL
                ? limits
                : Written.resolved(
                        limits,
                        limits.get(),
                        limits.sentence() + " Guests have locked up under limits with QEMU 9.1 to 10.0 (qemu#3144), and"
                                + " this host has " + Written.version(qemu) + ".",
                        Origins.fact(context.facts(), HostFact.QEMU_VERSION));
    }

    /** A name is the guest's own: throttle groups live in one QEMU. */
    private static Decision<Map<String, String>> shared(DiskDraft draft, Decision<Map<String, String>> limits) {
        boolean together = draft.profile()
                .flatMap(profile -> profile.says(IoProfileOptions.IOTUNE_GROUP))
                .orElse(false);
        if (!together
                || limits.get().isEmpty()
                || !draft.needText(DiskAttribute.DEVICE).equals("disk")) {
            return limits;
        }
        Map<String, String> grouped = new LinkedHashMap<>(limits.get());
        grouped.put(IoLimits.GROUP, "disks");
        List<ValueOrigin> origins = new ArrayList<>(limits.origins());
        origins.addAll(draft.profile().orElseThrow().origins(IoProfileOptions.IOTUNE_GROUP));
        return new Decision<>(
                grouped, origins, limits.sentence() + " They hold for all disks together that Nova makes.");
    }

    private static Decision<Map<String, String>> flavor(DiskContext context) {
        Map<String, String> specs = context.spec().instance().flavor().extraSpecs();
        Map<String, String> limits = new LinkedHashMap<>();
        List<ValueOrigin> origins = new ArrayList<>();
        EXTRA_SPECS.forEach((name, key) -> {
            String value = specs.get(key);
            if (value != null) {
                limits.put(name, number("the extra spec " + key, value));
                origins.add(Origins.extraSpec(key));
            }
        });
        demandWhole("the flavor", limits, IoTuneRule::extraSpec, "correct the extra specs of the flavor");
        String ignored = ignored(specs);
        return limits.isEmpty()
                ? Decision.of(limits, "The flavor sets no quota:disk_* limit." + ignored, Origins.rule("default"))
                : new Decision<>(limits, origins, "The flavor limits each disk by itself." + ignored);
    }

    static String extraSpec(String name) {
        return (FLAVORS.contains(name) ? NOVAS : OURS) + name;
    }

    /** Nova takes any name under quota: from an old API, and reads what it knows. */
    private static String ignored(Map<String, String> specs) {
        StringBuilder text = new StringBuilder();
        for (String key : specs.keySet()) {
            if (key.startsWith(NOVAS) && !FLAVORS.contains(key.substring(NOVAS.length()))) {
                text.append(" Nova ignores ").append(Quoted.text(key));
                EditDistance.nearest(key.substring(NOVAS.length()), FLAVORS)
                        .ifPresent(near ->
                                text.append("; ").append(NOVAS).append(near).append(" may be meant"));
                text.append('.');
            }
        }
        return text.toString();
    }

    private static void demandWhole(
            String whose, Map<String, String> limits, UnaryOperator<String> called, String remedy) {
        List<IoLimits.Fault> faults = limits.isEmpty() ? List.of() : IoLimits.faults(limits, called);
        if (!faults.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    whose + " " + faults.stream().map(IoLimits.Fault::sentence).collect(Collectors.joining("; it ")),
                    remedy + ": "
                            + faults.stream()
                                    .map(IoLimits.Fault::hint)
                                    .distinct()
                                    .collect(Collectors.joining("; ")));
        }
    }

    /** A limit of the flavor wins; its burst and what cannot stand beside it go with it. */
    private static Decision<Map<String, String>> withProfile(DiskDraft draft, Decision<Map<String, String>> flavors) {
        IoProfile profile = draft.profile().orElse(null);
        Map<String, String> profiles = profile == null
                ? Map.of()
                : profile.says(IoProfileOptions.IOTUNE).orElse(Map.of());
        if (profile == null || profiles.isEmpty()) {
            return flavors;
        }
        Map<String, String> flavor = flavors.get();
        Map<String, String> limits = new LinkedHashMap<>();
        for (String name : IoLimits.ALL) {
            String written = flavor.get(name);
            String brought = profiles.get(name);
            if (written != null) {
                limits.put(name, profile.byImage() && brought != null ? lower(written, brought) : written);
            } else if (brought != null && beside(name, flavor)) {
                limits.put(name, brought);
            }
        }
        List<ValueOrigin> origins = new ArrayList<>(profile.origins(IoProfileOptions.IOTUNE));
        if (!flavor.isEmpty()) {
            origins.addAll(flavors.origins());
        }
        return new Decision<>(
                limits,
                origins,
                flavor.isEmpty()
                        ? "The profile " + profile.name() + " limits each disk by itself."
                        : profile.byImage()
                                ? "The flavor's limits, made lower by the profile " + profile.name() + "."
                                : "The flavor's own limits over those of the profile " + profile.name() + ".");
    }

    private static boolean beside(String name, Map<String, String> flavor) {
        return flavor.keySet().stream().noneMatch(other -> IoLimits.exclude(name, other))
                && IoLimits.baseOf(name)
                        .filter(base -> flavor.containsKey(base) || !beside(base, flavor))
                        .isEmpty();
    }

    /** The tighter of two limits; 0 stands for none. */
    private static String lower(String one, String other) {
        long first = Long.parseLong(one);
        long second = Long.parseLong(other);
        return first == 0 || (second != 0 && second < first) ? other : one;
    }

    private static Decision<Map<String, String>> volume(DiskDraft draft) {
        Map<String, String> limits = new LinkedHashMap<>();
        if (draft.connectedVolume().connectionData().get("qos_specs") instanceof Map<?, ?> specs) {
            for (String name : IoLimits.NAMES) {
                Object value = specs.get(name);
                if (value != null) {
                    limits.put(name, number("qos_specs " + name + " of the volume", String.valueOf(value)));
                }
            }
        }
        demandWhole("the qos_specs of the volume", limits, name -> name, "correct the QoS specs of the volume type");
        return limits.isEmpty()
                ? Decision.of(limits, "The volume type has no front-end limits.", Origins.connection("qos_specs"))
                : Decision.of(limits, "The volume type limits the volume.", Origins.connection("qos_specs"));
    }

    private static String number(String what, String value) {
        String text = value.strip();
        if (!IoLimits.isNumber(text)) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    what + " = '" + Quoted.text(value) + "' is not " + IoLimits.RANGE,
                    "give bytes or operations per second, or the seconds of a burst, as digits");
        }
        return text;
    }
}
