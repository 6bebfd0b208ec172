package org.novabridge.driver.compute;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.PendingMigration.Phase;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.transfer.DiskReceiver;

/**
 * An instance that comes from another host. First there is room for it, made of disks that are nothing but zeroes; then
 * its disks come; then it is here, but not this host's: until the source says so ({@link #take}) it does not run, and
 * without a word it goes again. Every failure before that leaves nothing here.
 */
final class GuestArrival {
    /** In the result of a drop: whether there was an instance. */
    static final String REMOVED = "removed";

    private final Parts parts;
    private final GuestBuild build;
    private final GuestRemoval removal;
    private final GuestKeys keys;
    private final Supplier<Duration> patience;

    /** @param patience how long nothing may be heard of the source */
    GuestArrival(Parts parts, GuestBuild build, GuestRemoval removal, GuestKeys keys, Supplier<Duration> patience) {
        this.parts = parts;
        this.build = build;
        this.removal = removal;
        this.keys = keys;
        this.patience = patience;
    }

    /** A disk that comes. */
    private record Coming(PlannedDisk planned, long sent, DiskStreams streams) {
        long size() {
            Long wanted = planned.sizeBytes();
            return wanted == null ? sent : Math.max(streams.size(wanted), sent);
        }

        Supplier<DiskBytes> opened(String uuid) {
            return () -> streams.openToFill(uuid, planned.name());
        }
    }

    Map<String, Object> receive(Steps steps, MigrationOffer offer, ArrivalSession session) {
        String uuid = steps.instance();
        steps.step("check what is to come");
        InstanceSpec spec = offer.instanceSpec();
        build.free(uuid, spec.instance().name());
        GuestPlan plan = parts.planner().plan(spec, null);
        List<Coming> coming = coming(offer, plan);
        demandRoom(coming);
        Map<String, Object> result = new LinkedHashMap<>(GuestBuild.result(plan));
        result.put("protocol", MigrationOffer.PROTOCOL);
        result.put("ready", false);
        if (offer.dryRun()) {
            return result;
        }
        parts.operations().forget(steps, Undo::goneWithInstance);
        steps.step("create the instance folder", new Undo.RemoveInstanceDirectory());
        parts.folders().create(uuid);
        for (PlannedDisk disk : plan.disks()) {
            steps.step("make room for " + disk.name(), new Undo.RemoveDisk(disk.backend(), disk.name()));
            Optional<Coming> brought =
                    coming.stream().filter(one -> one.planned().equals(disk)).findFirst();
            if (brought.isPresent()) {
                brought.get()
                        .streams()
                        .createZero(uuid, disk.name(), brought.get().size(), session.watched(steps));
            } else {
                build.createEmpty(steps, disk);
            }
        }
        try (ArrivingDisks disks = ArrivingDisks.open(
                coming.stream().map(disk -> disk.opened(uuid)).toList())) {
            session.open(
                    new DiskReceiver(
                            offer.disks().stream()
                                    .map(MigrationOffer.Disk::size)
                                    .toList(),
                            disks),
                    disks::abandon);
            steps.step("wait for the disks");
            // Said last: the sender begins as soon as it hears it.
            result.put("ready", true);
            steps.known(result);
            try {
                session.await(patience.get(), steps);
            } finally {
                session.close();
            }
        }
        steps.step("remember the instance", new Undo.RemoveRecord());
        parts.folders().createConsoleLog(uuid);
        parts.records().save(record(offer, spec, plan));
        return result;
    }

    private List<Coming> coming(MigrationOffer offer, GuestPlan plan) {
        List<Coming> coming = new ArrayList<>();
        for (MigrationOffer.Disk disk : offer.disks()) {
            PlannedDisk planned = plan.disk(disk.name())
                    .orElseThrow(() -> refused("the instance would have no disk " + disk.name() + " here"));
            DiskStreams streams = parts.backends()
                    .get(planned.backend())
                    .streams()
                    .orElseThrow(() -> refused(
                            "disks of images_type " + planned.backend() + " are not taken from another host yet"))
                    .taking(disk.words());
            coming.add(new Coming(planned, disk.size(), streams));
        }
        for (PlannedDisk disk : plan.disks()) {
            boolean made = disk.filling() instanceof Filling.Swap || disk.filling() instanceof Filling.FileSystem;
            if (coming.stream().noneMatch(one -> one.planned().equals(disk))) {
                if (!made) {
                    throw refused("the instance has a disk " + disk.name() + " here that is not brought");
                }
                keys.demand(offer.instance(), disk.backend(), disk.name());
            }
        }
        return coming;
    }

    private static BridgeException refused(String what) {
        return new BridgeException(ErrorCode.RESIZE_REFUSED, what, "choose another host");
    }

    private static void demandRoom(List<Coming> coming) {
        Map<String, List<Coming>> byBackend = new LinkedHashMap<>();
        coming.forEach(disk -> byBackend
                .computeIfAbsent(disk.planned().backend(), unused -> new ArrayList<>())
                .add(disk));
        byBackend
                .values()
                .forEach(disks -> disks.get(0)
                        .streams()
                        .demandRoom(disks.stream().map(Coming::size).toList()));
    }

    private InstanceRecord record(MigrationOffer offer, InstanceSpec spec, GuestPlan plan) {
        String now = parts.clock().instant().toString();
        return new InstanceRecord(
                InstanceRecord.VERSION,
                offer.instance(),
                spec.instance().name(),
                spec.instance().displayName(),
                offer.ownerHere(),
                plan.backend(),
                build.recorded(offer.instance(), plan.disks()),
                parts.planner().write(spec),
                now,
                null,
                false,
                new PendingMigration(
                        Phase.RECEIVED,
                        offer.migration(),
                        "",
                        MigrationToken.hash(offer.token()),
                        offer.ran(),
                        offer.held(),
                        now),
                null);
    }

    /** The instance is this host's from here on, and runs if it ran. With volumes it waits for who connects them. */
    Map<String, Object> take(Steps steps, MigrationClaim claim) {
        InstanceRecord here = demandHere(claim);
        PendingMigration pending = Objects.requireNonNull(here.migration());
        steps.step("take the instance over");
        if (pending.phase() == Phase.RECEIVED) {
            parts.records().save(here.migrating(pending.in(Phase.TAKEN, now())));
        }
        boolean volumes =
                !parts.planner().read(here.spec()).blockDeviceInfo().volumes().isEmpty();
        return volumes ? Map.of() : GuestBuild.result(build.start(steps, false, pending.starts(), null));
    }

    /** It stays, and the source may remove what it has. */
    void keep(Steps steps, MigrationClaim claim) {
        InstanceRecord here = demandHere(claim);
        PendingMigration pending = Objects.requireNonNull(here.migration());
        if (pending.phase() == Phase.RECEIVED) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE, "the instance was not taken over here, so it cannot stay");
        }
        if (pending.phase() == Phase.TAKEN) {
            demandWhole(steps, here, pending, claim);
        }
        steps.step("keep the instance");
        parts.records().save(here.migrating(pending.in(Phase.KEPT, now())));
    }

    /** Before the source removes what it has. */
    private void demandWhole(Steps steps, InstanceRecord here, PendingMigration pending, MigrationClaim claim) {
        String uuid = here.uuid();
        build.demandDisks(steps, here);
        Optional<Guest> guest = parts.hypervisor().find(uuid);
        boolean mustRun = pending.ran() && (!pending.held() || Boolean.TRUE.equals(claim.running()));
        if (guest.isEmpty() || (mustRun && !GuestPower.active(guest.get()))) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + uuid
                            + (mustRun ? " ran where it comes from, and does not run here" : " is not defined here"),
                    pending.held()
                            ? "openstack server reboot --hard " + uuid
                                    + ", and confirm again; when it was stopped here on"
                                    + " purpose, on the source: nova-bridge instance migrate-confirm --stopped " + uuid
                            : "start it here and confirm again, or, on the source: nova-bridge instance migrate-revert "
                                    + uuid);
        }
    }

    /** It goes from here; one that is not here is success. */
    Map<String, Object> drop(Steps steps, MigrationClaim claim) {
        Optional<InstanceRecord> here = parts.records().find(claim.instance());
        if (here.isEmpty()) {
            return Map.of(REMOVED, false);
        }
        PendingMigration pending = demandHere(claim).migration();
        if (pending != null && pending.phase() == Phase.KEPT) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "the migration was confirmed: this is the only copy that is sure to be whole",
                    "finish that on the source: nova-bridge instance migrate-confirm " + claim.instance());
        }
        if (pending != null && pending.held() && Boolean.FALSE.equals(claim.running())) {
            demandIdle(claim.instance());
        }
        removal.release(steps);
        return Map.of(REMOVED, true);
    }

    /** Nova's users may have worked with it here: then it does not go because somebody looked at the other host alone. */
    private void demandIdle(String uuid) {
        if (parts.hypervisor().find(uuid).filter(GuestPower::active).isPresent()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + uuid + " runs on the host where it has gone, and what it wrote there would go with it",
                    "openstack server resize revert " + uuid + "; where Nova does not take that: openstack server stop "
                            + uuid + ", and revert again");
        }
    }

    private InstanceRecord demandHere(MigrationClaim claim) {
        return parts.records()
                .find(claim.instance())
                .filter(made -> made.migration() != null && claim.of(made.migration()))
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INSTANCE_NOT_FOUND,
                        "no instance " + claim.instance() + " has come by this migration, or it has gone again"));
    }

    /** Instances of which the source has said nothing for too long. */
    List<String> forgotten() {
        Instant oldest = parts.clock().instant().minus(patience.get());
        return parts.records().list().stream()
                .filter(made -> made.migration() != null
                        && made.migration().phase() == Phase.RECEIVED
                        && Instant.parse(made.migration().since()).isBefore(oldest))
                .map(InstanceRecord::uuid)
                .toList();
    }

    /** Removes one of {@link #forgotten}, if it still is one. */
    void removeForgotten(Steps steps) {
        if (forgotten().contains(steps.instance())) {
            removal.release(steps);
        }
    }

    private String now() {
        return parts.clock().instant().toString();
    }
}
