package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.ImageBackend;

/** Making a guest: its disks, its definition, its start; and making the definition anew. */
final class GuestBuild {
    static final String RAW = "raw";
    static final String CONFIG_DRIVE = "disk.config";

    private final Parts parts;
    private final GuestPower power;
    private final GuestKeys keys;
    private final VolumeKeys volumeKeys;

    GuestBuild(Parts parts, GuestPower power, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.keys = keys;
        this.volumeKeys = new VolumeKeys(parts);
    }

    /**
     * Refuses a uuid or name that is taken. Also leftovers count: a disk that exists is never
     * overwritten, since it may be the only copy of somebody's data.
     */
    void free(String uuid, String name) {
        if (parts.knows(uuid)) {
            throw exists("instance " + uuid + " exists on this host", "delete it first, or use another uuid");
        }
        Optional<Guest> namesake = parts.hypervisor().list().stream()
                .filter(guest -> guest.name().equals(name))
                .findFirst();
        if (namesake.isPresent()) {
            throw exists(
                    "the domain name " + name + " belongs to instance "
                            + namesake.get().uuid(),
                    "use another instance.name");
        }
        Optional<Path> folder = parts.folders().existing(uuid);
        if (folder.isPresent()) {
            throw exists("the folder " + folder.get() + " exists", "delete the instance to remove what is left of it");
        }
        for (ImageBackend backend : parts.backends().all()) {
            List<String> disks = backend.list(uuid);
            if (!disks.isEmpty()) {
                throw exists(
                        "disk " + disks.get(0) + " of instance " + uuid + " exists (" + backend.name() + ")",
                        "delete the instance to remove what is left of it");
            }
        }
    }

    private static BridgeException exists(String what, String remedy) {
        return new BridgeException(ErrorCode.INSTANCE_EXISTS, what, remedy);
    }

    /** Disks, config drive, console log and record of a new instance. */
    GuestPlan prepare(Steps steps, InstanceSpec spec) {
        String uuid = steps.instance();
        steps.step("check the request");
        free(uuid, spec.instance().name());
        parts.operations().forget(steps, Undo::goneWithInstance);
        GuestPlan plan = parts.planner().plan(spec, null);
        plan.disks().stream()
                .map(PlannedDisk::backend)
                .distinct()
                .forEach(backend -> parts.backends().get(backend).demandPlace());
        keys.demand(uuid, plan);
        steps.known(result(plan));
        try {
            CachedImage image = needsImage(plan)
                    ? image(
                            steps,
                            spec.imageMeta(),
                            spec.imageFile(),
                            spec.instance().rootGb())
                    : null;
            fetchBoot(steps, plan.disks(), spec.kernelFile(), spec.ramdiskFile());
            steps.step("create the instance folder", new Undo.RemoveInstanceDirectory());
            parts.folders().create(uuid);
            steps.step("remember the instance", new Undo.RemoveRecord());
            parts.records().save(record(steps, spec, plan));
            for (PlannedDisk disk : plan.disks()) {
                ImageBackend backend = parts.backends().get(disk.backend());
                steps.step("create " + disk.name(), new Undo.RemoveDisk(disk.backend(), disk.name()));
                backend.create(uuid, disk.name(), content(steps, disk, image, spec.configDriveFile()), steps);
            }
            keys.forget(uuid);
            parts.folders().createConsoleLog(uuid);
        } finally {
            parts.files().discard(uuid);
        }
        return plan;
    }

    private static boolean needsImage(GuestPlan plan) {
        return plan.disks().stream().anyMatch(disk -> disk.filling() instanceof Filling.Image);
    }

    /** @param rootGb GiB that it may not exceed; 0 for no limit */
    CachedImage image(Steps steps, ImageMeta image, @Nullable String file, int rootGb) {
        steps.step("fetch the image");
        String id = Objects.requireNonNullElse(image.id(), "");
        try (Locks.Held unused = parts.locks().take(Locks.Level.IMAGE, id, steps, "wait for the fill of image " + id)) {
            return parts.files().image(image, file, rootGb, steps);
        }
    }

    /**
     * Brings kernel and ramdisk into the cache, from where their disks are made.
     *
     * @param kernel name of a file in the exchange folder; null when it must be in the cache
     * @param ramdisk the same
     */
    void fetchBoot(Steps steps, List<PlannedDisk> disks, @Nullable String kernel, @Nullable String ramdisk) {
        for (PlannedDisk disk : disks) {
            if (disk.filling() instanceof Filling.Boot boot) {
                var unused = image(steps, boot.meta(), disk.role().equals("kernel") ? kernel : ramdisk, 0);
            }
        }
    }

    /** A disk without an image, in a guest that is there already. */
    void createEmpty(Steps steps, PlannedDisk disk) {
        parts.backends()
                .get(disk.backend())
                .create(steps.instance(), disk.name(), content(steps, disk, null, null), steps);
    }

    /**
     * What a new disk holds.
     *
     * @param image for disks that are filled with one
     * @param configDriveFile name of a file in the exchange folder
     */
    DiskContent content(Steps steps, PlannedDisk disk, @Nullable CachedImage image, @Nullable String configDriveFile) {
        Filling filling = disk.filling();
        if (filling instanceof Filling.Image) {
            return new DiskContent.FromImage(Objects.requireNonNull(image), disk.sizeBytes());
        }
        if (filling instanceof Filling.Boot boot) {
            // As it is: a disk would be filled up to whole sectors.
            return new DiskContent.FromFile(image(steps, boot.meta(), null, 0).base());
        }
        if (filling instanceof Filling.ConfigDrive) {
            Path file = parts.files().configDrive(configDriveFile, steps);
            return new DiskContent.FromFile(file);
        }
        long size = Objects.requireNonNull(disk.sizeBytes(), disk.name());
        if (filling instanceof Filling.FileSystem fileSystem) {
            return new DiskContent.Ephemeral(size, fileSystem.type(), fileSystem.osType(), fileSystem.label());
        }
        return filling instanceof Filling.Swap ? new DiskContent.Swap(size) : new DiskContent.Blank(size);
    }

    private InstanceRecord record(Steps steps, InstanceSpec spec, GuestPlan plan) {
        return new InstanceRecord(
                InstanceRecord.VERSION,
                steps.instance(),
                spec.instance().name(),
                spec.instance().displayName(),
                steps.caller().role().owner(),
                plan.backend(),
                recorded(steps.instance(), plan.disks()),
                parts.planner().write(spec),
                parts.clock().instant().toString(),
                null,
                false,
                null,
                null);
    }

    /** The local disks of a plan as they are written down. */
    List<RecordedDisk> recorded(String uuid, List<PlannedDisk> planned) {
        return planned.stream()
                .map(disk -> RecordedDisk.of(uuid, disk, parts.backends().get(disk.backend())))
                .toList();
    }

    /**
     * Defines a prepared instance by today's configuration and starts it; one that runs is success.
     *
     * @param fresh the spec with what was connected since; null when nothing was
     */
    GuestPlan start(Steps steps, boolean paused, boolean powerOn, @Nullable InstanceSpec fresh) {
        InstanceRecord made = record(steps.instance());
        InstanceSpec spec = fresh == null ? parts.planner().read(made.spec()) : fresh;
        GuestPlan plan = parts.planner().plan(spec, made);
        Optional<Guest> guest = parts.hypervisor().find(steps.instance());
        if (guest.filter(GuestPower::active).isPresent()) {
            power.keepDefinition(steps);
            return plan;
        }
        demandDisks(steps, made);
        demandVolumes(plan);
        if (powerOn) {
            keys.demand(made);
            volumeKeys.demand(steps.instance(), plan.volumes());
        }
        define(steps, plan, guest);
        remember(steps, made, fresh);
        if (fresh != null && fresh.configDriveFile() != null) {
            renewConfigDrive(steps, plan, fresh.configDriveFile());
        }
        if (powerOn) {
            parts.aio().demand(parts.hypervisor(), steps.instance(), power::rest);
            power.start(steps, startPhase(paused), paused);
        }
        return plan;
    }

    /**
     * One that names the places of devices, which are known when the guest is defined. It may be done any number of times: what
     * was handed over stays where it is, and the old drive until it has a whole one in its place. So a caller that comes back
     * with its key has it, wherever the bridge died.
     */
    private void renewConfigDrive(Steps steps, GuestPlan plan, String file) {
        Optional<PlannedDisk> drive = plan.disk(CONFIG_DRIVE);
        if (drive.isEmpty()) {
            return;
        }
        try {
            ImageBackend backend = parts.backends().get(drive.get().backend());
            steps.step("renew " + CONFIG_DRIVE);
            backend.renew(steps.instance(), CONFIG_DRIVE, content(steps, drive.get(), null, file), steps);
        } finally {
            parts.files().discard(steps.instance());
        }
    }

    /** The middle of a hard reboot; the guest is stopped. */
    GuestPlan redefine(Steps steps, @Nullable InstanceSpec fresh) {
        InstanceRecord made = record(steps.instance());
        Optional<Guest> guest = parts.hypervisor().find(steps.instance());
        if (guest.filter(GuestPower::active).isPresent()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + steps.instance() + " runs: its definition cannot be made anew",
                    "stop it first");
        }
        InstanceSpec spec = fresh == null ? parts.planner().read(made.spec()) : fresh;
        demandDisks(steps, made);
        GuestPlan plan = parts.planner().plan(spec, made);
        demandVolumes(plan);
        define(steps, plan, guest);
        remember(steps, made, fresh);
        return plan;
    }

    /**
     * Everything that can be refused is refused before the guest is stopped. The old definition comes
     * back when the new one is refused or does not start; the disks are not touched.
     *
     * @param paused to start it with stopped processors
     */
    GuestPlan hardReboot(Steps steps, boolean paused, @Nullable InstanceSpec fresh) {
        InstanceRecord made = record(steps.instance());
        steps.step("check the disks");
        demandDisks(steps, made);
        keys.demand(made);
        InstanceSpec spec = fresh == null ? parts.planner().read(made.spec()) : fresh;
        GuestPlan plan = parts.planner().plan(spec, made);
        demandVolumes(plan);
        volumeKeys.demand(steps.instance(), plan.volumes());
        steps.known(result(plan));
        power.stop(steps);
        define(steps, plan, parts.hypervisor().find(steps.instance()));
        power.start(steps, startPhase(paused), paused);
        remember(steps, made, fresh);
        return plan;
    }

    private static String startPhase(boolean paused) {
        return paused ? "start the guest paused" : "start the guest";
    }

    private void remember(Steps steps, InstanceRecord made, @Nullable InstanceSpec fresh) {
        if (fresh != null) {
            Set<VolumeSecret> dropped = volumeKeys.dropped(made.uuid(), fresh);
            for (VolumeSecret secret : dropped) {
                // Before the record: when that has the new spec, nothing else names what it had.
                steps.step("forget volume " + secret.volume(), new Undo.RemoveSecret(secret.volume()));
            }
            steps.step("remember the new spec");
            parts.records().save(made.withSpec(parts.planner().write(fresh)));
            dropped.forEach(secret -> volumeKeys.close(made.uuid(), secret));
        }
    }

    void define(Steps steps, GuestPlan plan, Optional<Guest> guest) {
        Hypervisor hypervisor = parts.hypervisor();
        String uuid = steps.instance();
        Undo undo =
                guest.isPresent() ? new Undo.RestoreDefinition(hypervisor.xml(uuid, true)) : new Undo.UndefineDomain();
        steps.step("define the guest", undo);
        power.keepDefinition(steps);
        if (guest.isPresent() && guest.get().hasManagedSave()) {
            // The saved memory belongs to the old devices; only removing the definition drops it.
            hypervisor.undefine(uuid);
        }
        hypervisor.define(plan.xml());
    }

    /** @throws BridgeException as {@link Ownership#recorded} */
    InstanceRecord record(String uuid) {
        return Ownership.recorded(parts, uuid);
    }

    /**
     * Before the guest runs. A disk that should be there and is not is reported, never made anew: it would be an empty
     * one. One whose growth was interrupted is finished first.
     */
    void demandDisks(Steps steps, InstanceRecord made) {
        if (made.resize() != null && made.resize().phase() == PendingResize.Phase.REVERTING) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "the resize of instance " + made.uuid()
                            + " is half taken back, so its disks do not belong together",
                    "finish that: nova-bridge instance resize-revert " + made.uuid());
        }
        PendingMigration migration = made.migration();
        if (migration != null && !migration.runsHere()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "instance " + made.uuid() + " is on its way "
                            + (migration.host().isEmpty() ? "to this host" : "to " + migration.host())
                            + ", so it does not run here",
                    "on the host that it comes from: nova-bridge instance migrate-confirm, or migrate-revert");
        }
        for (RecordedDisk disk : made.disks()) {
            ImageBackend backend = parts.backends().get(disk.backend());
            switch (backend.state(made.uuid(), disk.name())) {
                case MISSING ->
                    throw new BridgeException(
                            ErrorCode.DISK_NOT_FOUND,
                            "disk " + disk.name() + " of instance " + made.uuid() + " is missing: " + disk.source(),
                            "bring it back (activate the volume group, mount the file system); it is never made anew");
                case GROWING -> {
                    steps.step("finish the growth of " + disk.name());
                    backend.grow(made.uuid(), disk.name(), 0, steps);
                }
                case READY -> {}
            }
        }
    }

    /** Before the guest gets them: all are connected to this host, and none is a part of it. */
    void demandVolumes(GuestPlan plan) {
        plan.xml();
        plan.volumes().forEach(parts.volumes()::demand);
    }

    /** The answer to the caller. */
    static Map<String, Object> result(GuestPlan plan) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("updates", plan.updates());
        result.put("outside", plan.outside());
        return result;
    }
}
