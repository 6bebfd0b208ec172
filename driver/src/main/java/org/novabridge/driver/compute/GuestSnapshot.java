package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageExport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The image of a guest's root disk, in the least harmful of three ways, which the result names with its reason:
 *
 * <ul>
 *   <li>{@code live}: the storage takes a picture, and the guest stands still only for that moment;
 *   <li>{@code stopped}: the guest does not run, and its disk is read;
 *   <li>{@code saved}: its memory is saved and it stops while its disk is read, as with stock Nova on LVM
 *       (nova/virt/libvirt/driver.py 26.2.2, {@code snapshot}, its cold way).
 * </ul>
 *
 * <p>The image of an encrypted disk is not encrypted, as in Nova.
 */
final class GuestSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(GuestSnapshot.class);
    private static final String ROOT_DISK = "disk";

    private final Parts parts;
    private final GuestPower power;
    private final GuestKeys keys;
    private final GuestQuiesce quiesce;

    GuestSnapshot(Parts parts, GuestPower power, GuestKeys keys, GuestQuiesce quiesce) {
        this.parts = parts;
        this.power = power;
        this.keys = keys;
        this.quiesce = quiesce;
    }

    /**
     * The root disk and where the image of it goes.
     *
     * @param format what the disk's content is when it is read from the disk itself
     */
    private record Job(
            InstanceRecord made, RecordedDisk disk, ImageBackend backend, String format, ImageExport.Target target) {}

    Map<String, Object> take(Steps steps, SnapshotRequest request) {
        steps.step("look at the guest");
        Job job = job(steps, request);
        Guest guest = power.guest(steps.instance());
        if (!GuestPower.active(guest)) {
            return stopped(steps, job);
        }
        Optional<DiskSnapshots> snapshots = job.backend().snapshots();
        if (snapshots.isEmpty()) {
            return saved(
                    steps,
                    job,
                    "disks of kind " + job.backend().name() + " have no snapshots that their guest could run beside");
        }
        return snapshots.get().choose(steps.instance(), job.disk().name(), choice -> {
            DiskSnapshots.Taking taking = choice.taking();
            if (taking == null) {
                return saved(steps, job, choice.reason());
            }
            try {
                return live(steps, job, guest, snapshots.get(), taking, choice.reason());
            } finally {
                keys.forget(steps.instance());
            }
        });
    }

    private Job job(Steps steps, SnapshotRequest request) {
        String uuid = steps.instance();
        InstanceRecord made = Ownership.recorded(parts, uuid);
        made.demandNotRescued();
        RecordedDisk disk = made.disks().stream()
                .filter(each -> each.name().equals(ROOT_DISK))
                .findFirst()
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.NOT_SUPPORTED,
                        "instance " + uuid + " has no root disk on this host: it boots from a volume",
                        "take the snapshot of its volume"));
        ImageBackend backend = parts.backends().get(disk.backend());
        disk.demandSamePlace(uuid, backend);
        String format = backend.capabilities().blockDevice() ? "raw" : disk.format();
        return new Job(made, disk, backend, format, parts.images().target(request, steps.id(), format));
    }

    private Map<String, Object> stopped(Steps steps, Job job) {
        String reason = "the guest does not run";
        steps.known(chosen("stopped", reason));
        keys.unlock(steps);
        keys.forget(steps.instance());
        return result("stopped", reason, job, image(steps, job, source(steps, job), job.format()));
    }

    private Map<String, Object> saved(Steps steps, Job job, String reason) {
        steps.known(chosen("saved", reason));
        power.suspend(steps);
        ImageExport.Image image;
        try {
            image = image(steps, job, source(steps, job), job.format());
        } catch (RuntimeException | Error e) {
            try {
                parts.hypervisor().start(steps.instance(), false);
            } catch (RuntimeException left) {
                LOG.error("instance {} stays suspended after its snapshot failed", steps.instance(), left);
                e.addSuppressed(left);
            }
            throw e;
        }
        power.start(steps, "start the guest from its saved memory", false);
        return result("saved", reason, job, image);
    }

    private Map<String, Object> live(
            Steps steps, Job job, Guest guest, DiskSnapshots snapshots, DiskSnapshots.Taking taking, String reason) {
        Map<String, Object> chosen = chosen("live", reason);
        steps.known(chosen);
        steps.step(
                "take a snapshot of the disk",
                new Undo.RemoveSnapshot(job.backend().name()));
        Undo thaw = quiesce.fromNowOn();
        OptionalInt frozen = freeze(
                steps, guest, GuestAgent.of(parts.planner().read(job.made().spec())), thaw);
        taking.prepare();
        Duration still = standStill(steps, guest, () -> taking.take(steps.id()));
        if (frozen.isPresent()) {
            parts.hypervisor().thaw(steps.instance());
            steps.over(thaw);
        }
        steps.step("make the snapshot readable");
        ImageExport.Image image = imageOfSnapshot(steps, job, snapshots);
        steps.step("remove the snapshot");
        snapshots.remove(steps.id(), steps);
        Map<String, Object> result = result("live", reason, job, image);
        result.put("still_seconds", still.toMillis() / 1000.0);
        result.put("frozen_file_systems", frozen.orElse(0));
        return result;
    }

    /**
     * How many file systems the guest's agent has frozen; empty when it was not asked or has not answered. The guest may
     * have no agent, or a hostile one: then the snapshot is what a power failure would leave, unless the image says
     * that this is not enough.
     *
     * @param thaw stays with the operation, since an agent that has not answered in time may freeze all the same
     */
    private OptionalInt freeze(Steps steps, Guest guest, GuestAgent agent, Undo thaw) {
        if (!agent.expected() && agent.required()) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "the image demands frozen file systems (os_require_quiesce) and names no agent"
                            + " (hw_qemu_guest_agent)",
                    "set hw_qemu_guest_agent = yes on the image and install qemu-guest-agent in it, or shut down the"
                            + " guest first");
        }
        if (!agent.expected() || guest.state() != GuestState.RUNNING) {
            return OptionalInt.empty();
        }
        quiesce.letGo(steps);
        steps.step("freeze the guest's file systems", thaw);
        try {
            return OptionalInt.of(parts.hypervisor().freeze(steps.instance()));
        } catch (BridgeException e) {
            if (agent.required() || e.code() == ErrorCode.HYPERVISOR_UNAVAILABLE) {
                throw e;
            }
            LOG.warn("instance {} is not frozen for its snapshot: {}", steps.instance(), e.getMessage());
            if (e.code() == ErrorCode.NOT_SUPPORTED) {
                steps.over(thaw);
            }
            return OptionalInt.empty();
        }
    }

    /** Does it while the guest's processors stand still and QEMU has written all that it had; gives how long. */
    private Duration standStill(Steps steps, Guest guest, Runnable taking) {
        if (guest.state() != GuestState.RUNNING) {
            taking.run();
            return Duration.ZERO;
        }
        Undo letRun = new Undo.LetRun(guest.id());
        steps.step("hold the guest for the snapshot", letRun);
        long begin = System.nanoTime();
        parts.hypervisor().pause(steps.instance());
        taking.run();
        parts.hypervisor().resume(steps.instance());
        Duration still = Duration.ofNanos(System.nanoTime() - begin);
        steps.over(letRun);
        return still;
    }

    private ImageExport.Image imageOfSnapshot(Steps steps, Job job, DiskSnapshots snapshots) {
        try {
            Path picture = snapshots.open(steps.instance(), job.disk().name(), steps.id());
            return image(steps, job, picture, "raw");
        } catch (BridgeException e) {
            Optional<String> lost = snapshots.lost(steps.id());
            if (lost.isEmpty()) {
                throw e;
            }
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    lost.get(),
                    "take it again when the guest writes less, or while it is stopped; or give the volume group room:"
                            + " the store is as large as the disk when there is enough",
                    e);
        }
    }

    private ImageExport.Image image(Steps steps, Job job, Path source, String format) {
        steps.step("make the image", new Undo.RemoveImage(job.target()));
        return parts.images().make(source, format, job.target(), steps);
    }

    private static Path source(Steps steps, Job job) {
        String name = job.disk().name();
        if (!job.backend().exists(steps.instance(), name)) {
            throw new BridgeException(
                    ErrorCode.DISK_NOT_FOUND, "disk " + name + " of instance " + steps.instance() + " is gone");
        }
        DiskSource source = job.backend().locate(steps.instance(), name);
        if (source instanceof DiskSource.FileSource file) {
            return file.path();
        } else if (source instanceof DiskSource.BlockSource block) {
            return block.device();
        }
        throw new BridgeException(ErrorCode.NOT_SUPPORTED, "disks on the network are not read from here");
    }

    private static Map<String, Object> chosen(String way, String reason) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        chosen.put("way", way);
        chosen.put("reason", reason);
        return chosen;
    }

    private static Map<String, Object> result(String way, String reason, Job job, ImageExport.Image image) {
        Map<String, Object> result = chosen(way, reason);
        result.put("file", image.file().toString());
        result.put("format", job.target().format());
        result.put("bytes", image.bytes());
        return result;
    }
}
