package org.novabridge.driver.compute;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * Brings to a running guest what of today's configuration it can have live: limits of disks, the processors of its I/O
 * threads, and threads for the volumes that are plugged from then on. Doing it twice is doing it once, so a crash in
 * between needs no undo; the way back is the configuration, and a thread that nothing uses costs nothing until the next
 * hard reboot leaves it out.
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
        List<Drift> all = drift(made);
        List<Drift> wanted =
                all.stream().filter(one -> one.needs() == Remedy.LIVE).toList();
        Set<String> limited = new LinkedHashSet<>();
        wanted.stream()
                .filter(one -> one.attribute().startsWith(DriftRemedy.LIMIT))
                .forEach(one -> limited.add(one.disk()));
        for (String target : limited) {
            steps.step("set the limits of " + target);
            parts.hypervisor().limit(uuid, target, limits(live.disk(target), wanted, target));
        }
        int threads = add(steps, live, wanted);
        Optional<String> cpus = cpus(all, wanted, live, threads);
        if (cpus.isPresent()) {
            steps.step("pin the I/O threads to " + cpus.get());
            for (int thread = 1; thread <= threads; thread++) {
                parts.hypervisor().pinIoThread(uuid, thread, CpuList.parse(cpus.get()));
            }
        }
        steps.step("compare again");
        List<Drift> left = drift(made);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put(
                "applied",
                plain(wanted.stream().filter(one -> !left.contains(one)).toList()));
        result.put("left", plain(left));
        return result;
    }

    /** @return how many threads the guest has then */
    private int add(Steps steps, LiveDomain live, List<Drift> wanted) {
        int threads = live.ioThreads().count();
        int needed = wanted.stream()
                .filter(one -> one.attribute().equals(DriftRemedy.THREADS))
                .map(Drift::configured)
                .filter(Objects::nonNull)
                .mapToInt(Integer::parseInt)
                .max()
                .orElse(0);
        while (threads < needed) {
            threads++;
            steps.step("add I/O thread " + threads);
            parts.hypervisor().addIoThread(steps.instance(), threads);
        }
        return threads;
    }

    /** Where the threads are to run: those that are elsewhere, and new ones from the beginning. */
    private static Optional<String> cpus(List<Drift> all, List<Drift> wanted, LiveDomain live, int threads) {
        boolean added = threads > live.ioThreads().count();
        Optional<Drift> elsewhere = (added ? all : wanted)
                .stream()
                        .filter(one -> one.attribute().equals(DriftRemedy.PINS))
                        .findFirst();
        return elsewhere.isPresent() || !added
                ? elsewhere.map(Drift::configured)
                : Optional.ofNullable(live.ioThreads().cpuset());
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

    /** As it stands in the result of an operation. */
    static List<Map<String, @Nullable Object>> plain(List<Drift> drift) {
        return drift.stream().map(LiveTuning::plain).toList();
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
