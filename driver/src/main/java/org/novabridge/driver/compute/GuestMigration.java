package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.DiskChanges.Change;
import org.novabridge.driver.compute.DiskChanges.DiskChange;
import org.novabridge.driver.compute.MigrationRequest.Held;
import org.novabridge.driver.compute.PendingMigration.Phase;
import org.novabridge.driver.compute.RemoteBridge.Word;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A guest goes to another host, stopped meanwhile (Nova: cold migration, and resize to another host). The other host makes
 * room before the guest is stopped; the disks here stay until the confirmation, so that there is a way back; what decides
 * between two copies is never a guess: the other host is asked, and its answer is waited for.
 */
final class GuestMigration {
    private static final Logger LOG = LoggerFactory.getLogger(GuestMigration.class);

    /** In the result: whether the guest ran. */
    private static final String RAN = "ran";

    private static final String MIGRATION = "migration";

    /** How long who reads the disks may take to leave them when nothing is sent any more. */
    private static final Duration LEAVE = Duration.ofSeconds(2);

    /** The same when a program that reads them has to be killed. */
    private static final Duration END = Duration.ofMinutes(2);

    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final RemoteBridge remote;

    GuestMigration(Parts parts, GuestPower power, GuestBuild build, RemoteBridge remote) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.remote = remote;
    }

    /** A disk that goes. */
    record Going(String name, String backend, long size, List<String> encryption, DiskStreams streams) {}

    /** What is to be done, after everything that can be refused here. */
    record Job(
            InstanceRecord made,
            InstanceSpec spec,
            boolean ran,
            @Nullable Held held,
            List<Going> disks,
            String migration,
            String token) {
        MigrationClaim claim() {
            return new MigrationClaim(migration, made.uuid(), token);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Job[" + migration + ", " + disks + "]";
        }
    }

    /** @throws BridgeException RESIZE_REFUSED, INSTANCE_INVALID_STATE before anything was touched */
    Map<String, Object> migrate(Steps steps, MigrationRequest request) {
        steps.step("check the migration");
        HostName.check(request.host());
        Map<String, Object> before = parts.operations().get(steps.id()).result();
        Job sent = sent(steps, request, before);
        if (sent != null) {
            handOver(steps, sent, request.host());
            return before;
        }
        // Before anything is known of this attempt: what an earlier one has stopped must run again if this one is
        // refused.
        boolean stopped = ran(before);
        Job job;
        Map<String, Object> result;
        try {
            job = request.held() == null
                    ? check(steps, request, before)
                    : ResizeRefusal.of(() -> check(steps, request, before));
            result = result(job, request);
            steps.known(result);
            steps.step("ask " + request.host() + " to make room");
            ask(steps, job, request);
        } catch (RuntimeException e) {
            throw stopped ? refusedAgain(steps, e) : e;
        }
        if (request.dryRun()) {
            return result;
        }
        try {
            powerOff(steps, job);
            send(steps, job, request.host(), result);
            // The last place where the caller may think better of it: what follows is written down first.
            steps.step("hand the guest over to " + request.host());
            parts.records()
                    .save(job.made()
                            .migrating(new PendingMigration(
                                    Phase.SENT,
                                    job.migration(),
                                    request.host(),
                                    job.token(),
                                    job.ran(),
                                    job.held() != null,
                                    now())));
        } catch (RuntimeException e) {
            throw takeBack(steps, job, request.host(), e);
        }
        handOver(steps, job, request.host());
        return result;
    }

    private void powerOff(Steps steps, Job job) {
        Held held = job.held();
        Patience patience = parts.patience().get();
        power.powerOff(
                steps,
                held == null || held.timeout() == null
                        ? ShutdownTimeout.of(Optional.of(job.spec()), patience.shutdown())
                        : held.timeout(),
                held == null || held.retryInterval() == null ? patience.shutdownRetry() : held.retryInterval());
    }

    private void ask(Steps steps, Job job, MigrationRequest request) {
        RemoteBridge.Stream offer = MigrationOffer.of(job, request.dryRun());
        ResizeRefusal.of(() -> {
            try {
                return remote.call(request.host(), Word.OFFER, offer, steps::cancelled);
            } catch (BridgeException e) {
                // It may have been done, and room that nobody fills would keep the instance from being offered again.
                if (!request.dryRun() && RemoteBridge.unanswered(e)) {
                    letGo(job, request.host());
                }
                throw MigrationOffer.refusal(e);
            }
        });
    }

    private Job check(Steps steps, MigrationRequest request, Map<String, Object> before) {
        InstanceRecord made = build.record(steps.instance());
        PendingMigration pending = made.migration();
        if (made.resize() != null || (pending != null && pending.phase() != Phase.KEPT)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "a resize or migration of instance " + made.uuid() + " waits to be confirmed or reverted",
                    "see nova-bridge instance show " + made.uuid());
        }
        made.demandNotRescued();
        Guest guest = power.guest(made.uuid());
        GuestPower.demandStoppable(guest);
        if (!request.dryRun()) {
            build.demandDisks(steps, made);
        }
        InstanceSpec was = parts.planner().read(made.spec());
        InstanceSpec spec = request.flavor() == null ? was : was.resized(request.flavor());
        return ResizeRefusal.of(() -> {
            if (request.held() == null && !was.blockDeviceInfo().volumes().isEmpty()) {
                throw new BridgeException(
                        ErrorCode.RESIZE_REFUSED,
                        "the instance has volumes, and nobody connects them on the other host",
                        "have Nova migrate it, or detach them");
            }
            DiskChanges changes = DiskChanges.between(
                    made,
                    was,
                    parts.planner().plan(was, made),
                    parts.planner().plan(spec, made),
                    spec.instance().flavor());
            List<Going> disks = changes.all().stream()
                    .filter(disk -> disk.change() == Change.STAYS || disk.change() == Change.GROWS)
                    .map(disk -> going(made, disk))
                    .toList();
            return new Job(
                    made,
                    spec,
                    GuestPower.active(guest) || ran(before),
                    request.held(),
                    disks,
                    UUID.randomUUID().toString(),
                    MigrationToken.fresh());
        });
    }

    /** Of an operation that is taken up again after a restart of the bridge, which has left the guest stopped. */
    private static boolean ran(Map<String, Object> before) {
        return Boolean.TRUE.equals(before.get(RAN));
    }

    /** What an operation that is taken up again has brought to the other host already; null when it had not come so far. */
    private @Nullable Job sent(Steps steps, MigrationRequest request, Map<String, Object> before) {
        InstanceRecord made = parts.records().find(steps.instance()).orElse(null);
        PendingMigration pending = made == null ? null : made.migration();
        if (made == null
                || pending == null
                || pending.phase() != Phase.SENT
                || !pending.migration().equals(before.get(MIGRATION))) {
            return null;
        }
        InstanceSpec spec = parts.planner().read(made.spec());
        return new Job(made, spec, ran(before), request.held(), List.of(), pending.migration(), pending.token());
    }

    private Going going(InstanceRecord made, DiskChange disk) {
        DiskStreams streams = parts.backends()
                .get(disk.backend())
                .streams()
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.RESIZE_REFUSED,
                        "disks of images_type " + disk.backend() + " do not travel to another host yet",
                        "leave the instance here, or make an image of it: nova-bridge instance snapshot"));
        made.disks().stream()
                .filter(recorded -> recorded.name().equals(disk.name()))
                .forEach(recorded ->
                        recorded.demandSamePlace(made.uuid(), parts.backends().get(recorded.backend())));
        return new Going(
                disk.name(),
                disk.backend(),
                streams.size(made.uuid(), disk.name()),
                streams.encryption(made.uuid(), disk.name()),
                streams);
    }

    private void send(Steps steps, Job job, String host, Map<String, Object> result) {
        String uuid = steps.instance();
        List<Allocation> allocations = new ArrayList<>();
        for (Going disk : job.disks()) {
            Undo release = new Undo.ReleaseLook(disk.backend());
            steps.step("see which blocks " + disk.name() + " has", release);
            allocations.add(disk.streams().allocation(uuid, disk.name()));
            steps.over(release);
        }
        steps.step("send the disks to " + host);
        DiskSending sending = new DiskSending(steps, job, allocations);
        try {
            try {
                remote.call(host, Word.RECEIVE, sending, steps::cancelled);
            } finally {
                // Before the guest is started again: QEMU would not get a disk that another program has open.
                sending.end(LEAVE, END);
            }
        } catch (BridgeException e) {
            throw Objects.requireNonNullElse(sending.failure(), e);
        }
        result.put("allocated_bytes", sending.all());
        result.put("sent_bytes", sending.sent());
        steps.known(result);
    }

    /**
     * Nothing has been decided yet. The other host starts nothing that it was not told to take, so the guest runs here again
     * at once if it ran; only then that host is told, which may take long when it does not answer.
     *
     * @return what to throw: for Nova a refusal when the guest is as it was
     */
    private RuntimeException takeBack(Steps steps, Job job, String host, RuntimeException why) {
        boolean asItWas = runAgain(steps, job, why);
        letGo(job, host);
        return asItWas && job.held() != null ? ResizeRefusal.refusal(why) : why;
    }

    /**
     * The bridge died after it had stopped the guest, and the operation that is taken up again is refused: the guest runs
     * as it did before, or it is no refusal, which would say so.
     */
    private RuntimeException refusedAgain(Steps steps, RuntimeException why) {
        try {
            build.demandDisks(steps, build.record(steps.instance()));
            power.startAgain(steps);
            return why;
        } catch (RuntimeException e) {
            BridgeException left = new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + steps.instance() + " was stopped for its migration, which is refused now ("
                            + why.getMessage() + "), and does not start again: " + e.getMessage(),
                    "mend that, and start it",
                    why);
            left.addSuppressed(e);
            return left;
        }
    }

    private boolean runAgain(Steps steps, Job job, RuntimeException why) {
        if (job.ran()) {
            try {
                power.startAgain(steps);
            } catch (RuntimeException e) {
                LOG.error(
                        "guest {} was stopped for its migration and does not start again",
                        job.made().uuid(),
                        e);
                why.addSuppressed(e);
                return false;
            }
        }
        return true;
    }

    private void letGo(Job job, String host) {
        if (!dropped(job, host)) {
            LOG.warn(
                    "{} removes by itself what has come of instance {}",
                    host,
                    job.made().uuid());
        }
    }

    private void handOver(Steps steps, Job job, String host) {
        try {
            copy(job, host).take();
        } catch (BridgeException e) {
            if (job.held() != null && dropped(job, host)) {
                parts.records().save(job.made().migrating(null));
                throw runAgain(steps, job, e) ? ResizeRefusal.refusal(e) : e;
            }
            throw new BridgeException(
                    e.code(),
                    "the disks are on " + host + ", but it did not take the guest over: " + e.getMessage(),
                    e.code() == ErrorCode.DISK_KEY_REFUSED
                            ? "bring its key there, start it there, then confirm here; or nova-bridge instance migrate-revert "
                                    + job.made().uuid()
                            : "nova-bridge instance migrate-revert "
                                    + job.made().uuid(),
                    e);
        }
    }

    /** Whether the other host says that it has nothing of it any more. */
    private boolean dropped(Job job, String host) {
        try {
            copy(job, host).drop(null);
            return true;
        } catch (BridgeException e) {
            LOG.warn(
                    "{} does not say whether it has instance {}: {}",
                    host,
                    job.made().uuid(),
                    e.getMessage());
            return false;
        }
    }

    private RemoteCopy copy(Job job, String host) {
        return new RemoteCopy(remote, host, job.claim());
    }

    private static Map<String, Object> result(Job job, MigrationRequest request) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("host", request.host());
        result.put(MIGRATION, job.migration());
        result.put("dry_run", request.dryRun());
        result.put(RAN, job.ran());
        result.put(
                "disks",
                job.disks().stream()
                        .map(disk -> Map.<String, Object>of("name", disk.name(), "size", disk.size()))
                        .toList());
        return result;
    }

    private String now() {
        return parts.clock().instant().toString();
    }
}
