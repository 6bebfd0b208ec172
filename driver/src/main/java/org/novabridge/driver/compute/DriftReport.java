package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.IoLimits;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.GuestDevice.ControllerDriver;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;

/** What the disks of a running guest still have from before: live document against today's plan. */
final class DriftReport {
    /** What QEMU does when the document says nothing; libvirt writes nothing back for it. */
    private static final Map<String, String> UNSAID = Map.of("cache", "writeback", "discard", "ignore");

    /** Stands where the name of a disk stands, for what the guest has as a whole. */
    static final String GUEST = "guest";

    private static final String GROUP = DriftRemedy.LIMIT + IoLimits.GROUP;

    private DriftReport() {}

    static List<Drift> of(LiveDomain live, DiskPlan plan) {
        List<Drift> drift = new ArrayList<>();
        for (DiskDefinition disk : plan.disks()) {
            Optional<LiveDisk> running = live.disk(disk.targetDev());
            if (running.isEmpty()) {
                drift.add(new Drift(
                        disk.targetDev(),
                        "target",
                        null,
                        disk.targetDev(),
                        pluggable(disk, plan) ? Remedy.REPLUG : Remedy.HARD_REBOOT));
            } else {
                compare(drift, disk, running.get(), plan, live);
            }
        }
        for (LiveDisk running : live.disks()) {
            if (plan.disks().stream().noneMatch(disk -> disk.targetDev().equals(running.target()))) {
                drift.add(new Drift(running.target(), "target", running.target(), null, Remedy.HARD_REBOOT));
            }
        }
        threads(drift, live, plan);
        return drift;
    }

    /**
     * Threads that volumes would use if they were plugged again now. A thread can be added to a guest that runs, and no
     * disk that is plugged moves to it: for the guest's own disks it would be of no use.
     */
    private static void threads(List<Drift> drift, LiveDomain live, DiskPlan plan) {
        int there = live.ioThreads().count();
        int needed = plan.disks().stream()
                .filter(disk -> pluggable(disk, plan) && disk.targetBus().equals("virtio"))
                .flatMap(disk -> disk.tuning().ioThreads().stream())
                .max(Integer::compare)
                .orElse(0);
        if (needed > there) {
            drift.add(new Drift(GUEST, DriftRemedy.THREADS, text(there), text(needed), Remedy.LIVE));
        }
    }

    /** Whether the guest can be without the disk for a moment: a volume that it has not its root on. */
    private static boolean pluggable(DiskDefinition disk, DiskPlan plan) {
        boolean root = ("/dev/" + disk.targetDev()).equals(plan.rootDeviceName());
        return disk.role() == DiskRole.VOLUME && !root;
    }

    private static void compare(
            List<Drift> drift, DiskDefinition disk, LiveDisk running, DiskPlan plan, LiveDomain live) {
        Map<String, @Nullable String> today = new LinkedHashMap<>();
        Map<String, @Nullable String> now = new LinkedHashMap<>();
        put(today, now, "source", disk.source().place().orElse(""), running.source());
        put(today, now, "format", disk.format(), running.format());
        put(today, now, "cache", disk.cache(), running.cache());
        put(today, now, "io", disk.io(), running.io());
        put(today, now, "discard", disk.discard(), running.discard());
        tuning(today, now, disk.tuning(), running.tuning());
        boolean threaded = devices(today, now, disk, running, plan, live);
        put(today, now, "bus", disk.targetBus(), running.bus());
        put(today, now, "device", disk.device(), running.device());
        put(today, now, "serial", disk.serial(), running.serial());
        put(today, now, "blocksize.logical", disk.logicalBlockSize(), running.logicalBlockSize());
        put(today, now, "blocksize.physical", disk.physicalBlockSize(), running.physicalBlockSize());
        for (Map.Entry<String, String> limit : disk.ioTune().entrySet()) {
            put(
                    today,
                    now,
                    "iotune." + limit.getKey(),
                    limit.getValue(),
                    running.ioTune().get(limit.getKey()));
        }
        for (Map.Entry<String, String> limit : running.ioTune().entrySet()) {
            if (!disk.ioTune().containsKey(limit.getKey())) {
                put(today, now, "iotune." + limit.getKey(), null, limit.getValue());
            }
        }
        boolean sharing = !Objects.equals(today.get(GROUP), now.get(GROUP));
        for (String attribute : today.keySet()) {
            String wanted = today.get(attribute);
            String has = now.get(attribute);
            if (!Objects.equals(said(attribute, wanted), said(attribute, has))) {
                drift.add(new Drift(
                        disk.targetDev(),
                        attribute,
                        has,
                        wanted,
                        DriftRemedy.of(attribute, wanted, sharing, pluggable(disk, plan), threaded)));
            }
        }
    }

    private static void tuning(
            Map<String, @Nullable String> today, Map<String, @Nullable String> now, DiskTuning wanted, DiskTuning has) {
        put(today, now, "queue_size", text(wanted.queueSize()), text(has.queueSize()));
        put(today, now, "detect_zeroes", wanted.detectZeroes(), has.detectZeroes());
        put(today, now, "error_policy", wanted.errorPolicy(), has.errorPolicy());
        put(today, now, "discard_no_unref", text(wanted.discardNoUnref()), text(has.discardNoUnref()));
        put(today, now, "metadata_cache", text(wanted.metadataCacheBytes()), text(has.metadataCacheBytes()));
        put(today, now, "rotation_rate", text(wanted.rotationRate()), text(has.rotationRate()));
    }

    /**
     * What the disk's own device has, or the controller that it hangs on.
     *
     * @return whether the running disk has an I/O thread
     */
    private static boolean devices(
            Map<String, @Nullable String> today,
            Map<String, @Nullable String> now,
            DiskDefinition disk,
            LiveDisk running,
            DiskPlan plan,
            LiveDomain live) {
        ControllerDriver planned = disk.targetBus().equals("scsi") ? plan.scsiDriver() : null;
        ControllerDriver there = "scsi".equals(running.bus()) ? live.scsiDriver() : null;
        String wantedThread = planned == null ? joined(disk.tuning().ioThreads()) : joined(planned.ioThreads());
        String thread = there == null ? joined(running.tuning().ioThreads()) : joined(there.ioThreads());
        put(today, now, "iothread", wantedThread, thread);
        put(
                today,
                now,
                DriftRemedy.PINS,
                wantedThread == null ? null : plan.ioThreads().cpuset(),
                thread == null ? null : live.ioThreads().cpuset());
        put(
                today,
                now,
                "queues",
                text(planned == null ? disk.tuning().queues() : planned.queues()),
                text(there == null ? running.tuning().queues() : there.queues()));
        return thread != null;
    }

    private static @Nullable String joined(List<Integer> threads) {
        return threads.isEmpty() ? null : threads.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof Boolean flag ? (flag ? "yes" : "no") : value == null ? null : value.toString();
    }

    private static void put(
            Map<String, @Nullable String> today,
            Map<String, @Nullable String> now,
            String attribute,
            @Nullable String wanted,
            @Nullable String has) {
        today.put(attribute, wanted);
        now.put(attribute, has);
    }

    private static @Nullable String said(String attribute, @Nullable String value) {
        if (attribute.startsWith(DriftRemedy.LIMIT) && "0".equals(value)) {
            // No limit, of which libvirt writes nothing.
            return null;
        }
        return value == null ? UNSAID.get(attribute) : value;
    }
}
