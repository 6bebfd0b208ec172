package org.novabridge.driver.compute;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.CpuList;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;

/**
 * Brings to a running guest what of today's configuration it can have live: limits of disks and the processors of its I/O
 * threads. Doing it twice is doing it once, so a crash in between needs no undo; the way back is the configuration.
 */
final class LiveTuning {
    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;

    LiveTuning(Parts parts, GuestPower power, GuestBuild build) {
        this.parts = parts;
        this.power = power;
        this.build = build;
    }

    /**
     * @return {@code applied} and {@code left}: what was brought, and what needs more than that
     * @throws BridgeException INSTANCE_NOT_RUNNING
     */
    Map<String, Object> apply(Steps steps) {
        String uuid = steps.instance();
        steps.step("compare with the configuration");
        InstanceRecord made = build.record(uuid);
        if (!GuestPower.active(power.guest(uuid))) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RUNNING,
                    "guest " + uuid + " does not run",
                    "start it: it then has all of today's configuration");
        }
        LiveDomain live = live(uuid);
        List<Drift> wanted =
                drift(made).stream().filter(one -> one.needs() == Remedy.LIVE).toList();
        Set<String> limited = new LinkedHashSet<>();
        wanted.stream()
                .filter(one -> one.attribute().startsWith(DriftRemedy.LIMIT))
                .forEach(one -> limited.add(one.disk()));
        for (String target : limited) {
            steps.step("set the limits of " + target);
            parts.hypervisor().limit(uuid, target, limits(live.disk(target), wanted, target));
        }
        Optional<String> cpus = wanted.stream()
                .filter(one -> one.attribute().equals(DriftRemedy.PINS))
                .map(Drift::configured)
                .findFirst();
        if (cpus.isPresent()) {
            steps.step("pin the I/O threads to " + cpus.get());
            for (int thread = 1; thread <= live.ioThreads().count(); thread++) {
                parts.hypervisor().pinIoThread(uuid, thread, CpuList.parse(cpus.get()));
            }
        }
        steps.step("compare again");
        List<Drift> left = drift(made);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put(
                "applied",
                wanted.stream()
                        .filter(one -> !left.contains(one))
                        .map(LiveTuning::plain)
                        .toList());
        result.put("left", left.stream().map(LiveTuning::plain).toList());
        return result;
    }

    /** All limits that the disk is to have: libvirt sets those of one kind together. */
    private static Map<String, String> limits(Optional<LiveDisk> disk, List<Drift> wanted, String target) {
        Map<String, String> limits =
                new LinkedHashMap<>(disk.map(LiveDisk::ioTune).orElse(Map.of()));
        for (Drift one : wanted) {
            if (one.disk().equals(target) && one.attribute().startsWith(DriftRemedy.LIMIT)) {
                String name = one.attribute().substring(DriftRemedy.LIMIT.length());
                String value = one.configured();
                if (value == null) {
                    limits.remove(name);
                } else {
                    limits.put(name, value);
                }
            }
        }
        return limits;
    }

    private LiveDomain live(String uuid) {
        return DomainXml.read(parts.hypervisor().xml(uuid, false));
    }

    private List<Drift> drift(InstanceRecord made) {
        return parts.planner()
                .drift(
                        parts.planner().read(made.spec()),
                        made,
                        parts.hypervisor().xml(made.uuid(), false));
    }

    private static Map<String, @Nullable Object> plain(Drift drift) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>();
        one.put("disk", drift.disk());
        one.put("attribute", drift.attribute());
        one.put("running", drift.running());
        one.put("configured", drift.configured());
        one.put("needs", drift.needs().word());
        return one;
    }
}
