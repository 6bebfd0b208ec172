package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.lvm.EncryptedBackend;
import org.novabridge.driver.xml.DomainXml;

/**
 * Takes over a guest that Nova's own driver has made: writes the record that it would have if it had been made here. Guest,
 * definition and disks are not touched, and a guest that runs goes on.
 *
 * <p>Which disks it has, where and of which format its domain says, which Nova has written; {@code disk.info} and the storage
 * must agree. What a guest has written is never asked (OSSA-2014-009). The record is written in one piece as the last step, and
 * is true whatever becomes of the request that it was written for: so there is nothing to take back.
 */
final class GuestAdoption {
    private static final String RESCUE = ".rescue";

    private static final String OTHER_DRIVER =
            "under the driver that made it (compute_driver = libvirt.LibvirtDriver), then switch again";

    private final Parts parts;

    GuestAdoption(Parts parts) {
        this.parts = parts;
    }

    /** Where a backend of today's configuration has a disk of the instance. */
    private record Place(ImageBackend backend, String name, String source) {}

    /** A disk of the domain in one of these places. */
    private record Found(String target, RecordedDisk disk) {}

    /** What a document says of a guest: its own disks, and the others, which must be volumes. */
    private record Devices(List<Found> own, List<LiveDisk> others) {
        List<RecordedDisk> disks() {
            return own.stream().map(Found::disk).toList();
        }
    }

    /**
     * Adopts the guest that the request brings the spec of, if nothing is written down of it.
     *
     * @throws BridgeException as {@link #adopt}
     */
    void beforehand(Steps steps, @Nullable InstanceSpec fresh) {
        if (fresh != null
                && parts.records().find(steps.instance()).isEmpty()
                && parts.hypervisor().find(steps.instance()).isPresent()) {
            adopt(steps, fresh, false);
        }
    }

    /**
     * Writes the record; one that is there is success, and stays.
     *
     * @param spec of Nova; null for a dry run of what the domain alone says
     * @param dryRun checks and says all of it, and writes nothing
     * @throws BridgeException INSTANCE_NOT_FOUND, INSTANCE_INVALID_STATE, INVALID_DISK_INFO, INVALID_DISK_FORMAT,
     *     DISK_NOT_FOUND and whatever the rules refuse
     */
    Map<String, Object> adopt(Steps steps, @Nullable InstanceSpec spec, boolean dryRun) {
        String uuid = steps.instance();
        steps.step("look at the guest");
        Optional<InstanceRecord> known = parts.records().find(uuid);
        if (known.isPresent()) {
            return result(known.get().backend(), known.get().disks(), List.of(), dryRun, false);
        }
        Guest guest = parts.hypervisor().find(uuid).orElseThrow(() -> Ownership.notFound(uuid));
        if (spec == null && !dryRun) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "spec is missing: only Nova knows the flavor, image and ports of guest " + uuid,
                    "nova-compute sends it when it starts; a dry run needs none");
        }
        LiveDomain domain = DomainXml.read(parts.hypervisor().xml(uuid, true));
        demandNovas(uuid, domain, spec);
        List<Place> places = places(uuid);
        Devices devices = devices(uuid, domain, places);
        demandAtRest(uuid, devices);
        if (GuestPower.active(guest)) {
            LiveDomain running = DomainXml.read(parts.hypervisor().xml(uuid, false));
            demandSame(uuid, devices, devices(uuid, running, places));
        }
        List<RecordedDisk> disks = new ArrayList<>(devices.disks());
        String backend = backend(disks, spec);
        if (spec != null) {
            demandVolumes(uuid, devices.others(), spec);
            InstanceRecord made = record(uuid, spec, backend, disks);
            GuestPlan plan = parts.planner().plan(spec, made);
            disks.addAll(boot(uuid, plan));
            demandPlanned(uuid, disks, plan);
        }
        if (spec != null && !dryRun) {
            steps.step("adopt the guest");
            parts.records().save(record(uuid, spec, backend, disks));
        }
        return result(backend, disks, devices.others(), dryRun, !dryRun);
    }

    private static void demandNovas(String uuid, LiveDomain domain, @Nullable InstanceSpec spec) {
        if (domain.metadata() == null || !domain.uuid().equals(uuid)) {
            throw refused(
                    "guest " + uuid + " (" + domain.name()
                            + ") was not made by Nova: its domain has none of Nova's metadata",
                    "if Nova knows it, its driver was older than Wallaby: reboot it hard " + OTHER_DRIVER);
        }
        if (spec != null && !domain.name().equals(spec.instance().name())) {
            throw refused(
                    "guest " + uuid + " is called " + domain.name() + ", and its spec calls it "
                            + spec.instance().name(),
                    "set [DEFAULT]instance_name_template to what it was when the guest was made");
        }
    }

    /** What another driver has begun only that driver can end. */
    private void demandAtRest(String uuid, Devices devices) {
        if (devices.own().stream().anyMatch(found -> found.disk().name().endsWith(RESCUE))) {
            throw refused("guest " + uuid + " is rescued by another driver", "unrescue it " + OTHER_DRIVER);
        }
        if (parts.folders().resized(uuid)) {
            throw refused(
                    "a resize of guest " + uuid + " by another driver waits for its end: its old disks are kept",
                    "confirm or revert it " + OTHER_DRIVER
                            + "; if it is over (openstack server show: not VERIFY_RESIZE), remove "
                            + parts.folders().keptByNova(uuid));
        }
    }

    private static void demandSame(String uuid, Devices stored, Devices running) {
        if (!stored.own().equals(running.own())) {
            throw refused(
                    "guest " + uuid + " runs with other disks than it is defined with: " + names(running.disks())
                            + " and " + names(stored.disks()),
                    "compare virsh dumpxml with virsh dumpxml --inactive; end the block job, or commit the external snapshot,"
                            + " that somebody has begun by hand");
        }
    }

    private static Devices devices(String uuid, LiveDomain domain, List<Place> places) {
        List<Found> own = new ArrayList<>();
        List<LiveDisk> others = new ArrayList<>();
        for (LiveDisk disk : domain.disks()) {
            if (disk.source() != null) {
                own(uuid, disk, places).ifPresentOrElse(own::add, () -> others.add(disk));
            }
        }
        return new Devices(own, others);
    }

    /** By all backends that can be used today, those of encrypted volumes too. */
    private List<Place> places(String uuid) {
        List<Place> places = new ArrayList<>();
        parts.backends().all().stream()
                .flatMap(backend -> Stream.concat(
                        Stream.of(backend), parts.backends().find(backend.name() + EncryptedBackend.SUFFIX).stream()))
                .forEach(backend -> backend.list(uuid)
                        .forEach(name -> backend.locate(uuid, name)
                                .place()
                                .ifPresent(source -> places.add(new Place(backend, name, source)))));
        return places;
    }

    private static Optional<Found> own(String uuid, LiveDisk disk, List<Place> places) {
        List<Place> here = places.stream()
                .filter(place -> place.source().equals(disk.source()))
                .toList();
        String format = Objects.requireNonNullElse(disk.format(), "unknown");
        Optional<Place> right = here.stream()
                .filter(place -> place.backend().capabilities().driverFormat().equals(format))
                .findFirst();
        if (right.isEmpty() && !here.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_DISK_FORMAT,
                    "disk " + disk.target() + " of guest " + uuid + " (" + disk.source() + ") has the format " + format
                            + " in its domain, and nothing here makes such disks there",
                    "raw and qcow2 are taken over as files, raw as logical volumes; a guest with another format stays with the"
                            + " driver that made it");
        }
        return right.map(place -> {
            place.backend().demandTakeable(uuid, place.name(), format);
            return new Found(disk.target(), RecordedDisk.found(uuid, place.name(), format, place.backend()));
        });
    }

    /** What is no disk of its own must be a volume that Nova names. */
    private static void demandVolumes(String uuid, List<LiveDisk> others, InstanceSpec spec) {
        for (LiveDisk disk : others) {
            if (spec.blockDeviceInfo().volumes().stream().noneMatch(volume -> is(disk, volume))) {
                throw refused(
                        "disk " + disk.target() + " of guest " + uuid + " is " + disk.source()
                                + ": no disk of its own in a place of today's configuration, and no volume that Nova has attached",
                        "set [DEFAULT]instances_path and [libvirt]images_volume_group to what they were when it was made; a"
                                + " guest on Ceph (rbd) stays with the driver that made it");
            }
        }
    }

    private static boolean is(LiveDisk disk, BlockDevice volume) {
        Optional<String> id = volume.volumeId();
        return disk.serial() != null && id.isPresent()
                ? id.get().equals(disk.serial())
                : GuestVolumes.is(volume, disk.target(), null);
    }

    /** Kernel and ramdisk, which the guest does not see as disks. */
    private List<RecordedDisk> boot(String uuid, GuestPlan plan) {
        List<RecordedDisk> found = new ArrayList<>();
        for (PlannedDisk disk : plan.disks()) {
            if (disk.filling() instanceof GuestPlan.Filling.Boot) {
                ImageBackend backend = parts.backends().get(disk.backend());
                backend.demandTakeable(uuid, disk.name(), disk.format());
                found.add(RecordedDisk.found(uuid, disk.name(), disk.format(), backend));
            }
        }
        return found;
    }

    /** A disk too many would be lost to the guest at its next start, one too few would end that start. */
    private static void demandPlanned(String uuid, List<RecordedDisk> disks, GuestPlan plan) {
        Set<String> wanted =
                plan.disks().stream().map(PlannedDisk::name).collect(Collectors.toCollection(TreeSet::new));
        Set<String> has = disks.stream().map(RecordedDisk::name).collect(Collectors.toCollection(TreeSet::new));
        if (!wanted.equals(has)) {
            throw refused(
                    "guest " + uuid + " has the disks " + has + ", and by its flavor and image it should have "
                            + wanted,
                    "reboot it hard " + OTHER_DRIVER);
        }
    }

    private String backend(List<RecordedDisk> disks, @Nullable InstanceSpec spec) {
        return disks.stream()
                .filter(disk -> !disk.name().startsWith(GuestBuild.CONFIG_DRIVE))
                .map(RecordedDisk::backend)
                .findFirst()
                .orElseGet(() ->
                        spec == null ? "" : parts.planner().plan(spec, null).backend());
    }

    private InstanceRecord record(String uuid, InstanceSpec spec, String backend, List<RecordedDisk> disks) {
        return new InstanceRecord(
                InstanceRecord.VERSION,
                uuid,
                spec.instance().name(),
                spec.instance().displayName(),
                InstanceOwner.NOVA,
                backend,
                disks,
                parts.planner().write(spec),
                parts.clock().instant().toString(),
                null,
                false,
                null,
                null);
    }

    private static String names(List<RecordedDisk> disks) {
        return disks.stream().map(disk -> disk.name() + " at " + disk.source()).collect(Collectors.joining(", "));
    }

    private static Map<String, Object> result(
            String backend, List<RecordedDisk> disks, List<LiveDisk> others, boolean dryRun, boolean adopted) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("dry_run", dryRun);
        result.put("adopted", adopted);
        result.put("backend", backend);
        result.put(
                "disks",
                disks.stream()
                        .map(disk -> Map.of(
                                "name", disk.name(),
                                "backend", disk.backend(),
                                "format", disk.format(),
                                "source", disk.source()))
                        .toList());
        result.put(
                "volumes",
                others.stream()
                        .map(disk -> Map.of("device", disk.target(), "source", String.valueOf(disk.source())))
                        .toList());
        return result;
    }

    private static BridgeException refused(String why, String remedy) {
        return new BridgeException(ErrorCode.INSTANCE_INVALID_STATE, why, remedy);
    }
}
