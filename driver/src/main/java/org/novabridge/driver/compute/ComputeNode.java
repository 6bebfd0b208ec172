package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.compute.InstanceView.DiskView;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.Operation.Kind;
import org.novabridge.driver.host.ConsoleLog;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

/** The guests of this host: checks who asks for what, and turns each request into an operation. */
final class ComputeNode implements InstanceService {
    private final Parts parts;
    private final Operations operations;
    private final EventRelay events;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestRemoval removal;

    ComputeNode(Parts parts, EventRelay events) {
        this.parts = parts;
        this.operations = parts.operations();
        this.events = events;
        this.power = new GuestPower(parts);
        this.build = new GuestBuild(parts, power);
        this.removal = new GuestRemoval(parts, power);
        operations.undoWith(new UndoActions(parts));
    }

    @Override
    public Operation create(Caller caller, InstanceSpec spec, RequestKey key) {
        return newInstance(Kind.CREATE, caller, spec, key, steps -> {
            GuestPlan prepared = build.prepare(steps, spec);
            build.start(steps, false, spec.powerOn());
            return GuestBuild.result(prepared);
        });
    }

    @Override
    public Operation prepare(Caller caller, InstanceSpec spec, RequestKey key) {
        return newInstance(Kind.PREPARE, caller, spec, key, steps -> GuestBuild.result(build.prepare(steps, spec)));
    }

    private Operation newInstance(Kind kind, Caller caller, InstanceSpec spec, RequestKey key, Work work) {
        String uuid = Uuids.canonical(spec.instance().uuid());
        if (!operations.knows(caller, key)
                && (parts.records().find(uuid).isPresent()
                        || parts.hypervisor().find(uuid).isPresent())) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_EXISTS,
                    "instance " + uuid + " exists on this host",
                    "delete it first, or use another uuid");
        }
        return operations.submit(kind, uuid, caller, key, locked(uuid, work));
    }

    @Override
    public Operation start(Caller caller, String uuid, boolean paused, RequestKey key) {
        return change(Kind.START, caller, uuid, key, "start", steps -> {
            InstanceSpec spec = parts.planner().read(build.record(uuid).spec());
            return GuestBuild.result(build.start(steps, paused, spec.powerOn()));
        });
    }

    @Override
    public Operation resume(Caller caller, String uuid, RequestKey key) {
        return change(Kind.RESUME, caller, uuid, key, "resume", nothing(power::resume));
    }

    @Override
    public Operation delete(Caller caller, String uuid, RequestKey key) {
        return remove(Kind.DELETE, caller, uuid, key, removal::release);
    }

    @Override
    public Operation stop(Caller caller, String uuid, RequestKey key) {
        return remove(Kind.STOP, caller, uuid, key, power::stop);
    }

    @Override
    public Operation release(Caller caller, String uuid, RequestKey key) {
        return remove(Kind.RELEASE, caller, uuid, key, removal::release);
    }

    /** For settlement: a delete or release found in the journal is run again to its end. */
    Work forward(String uuid) {
        return locked(uuid, nothing(removal::release));
    }

    private Operation remove(Kind kind, Caller caller, String uuid, RequestKey key, Consumer<Steps> work) {
        Uuids.canonical(uuid);
        String serverCommand = kind == Kind.STOP ? "stop" : "delete";
        if (!operations.knows(caller, key)) {
            owned(caller, uuid, serverCommand);
            if (kind != Kind.STOP) {
                operations.cancelBuilds(caller, uuid);
            }
        }
        return operations.submit(kind, uuid, caller, key, locked(uuid, nothing(steps -> {
            // Once more, since a create of somebody else may have come between the check and the queue.
            owned(caller, uuid, serverCommand, owner(uuid));
            work.accept(steps);
        })));
    }

    @Override
    public Operation reboot(Caller caller, String uuid, RebootType type, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        if (type == RebootType.HARD) {
            return change(
                    Kind.REBOOT_HARD,
                    caller,
                    uuid,
                    key,
                    "reboot --hard",
                    steps -> GuestBuild.result(build.hardReboot(steps, fresh)));
        }
        return change(Kind.REBOOT_SOFT, caller, uuid, key, "reboot", steps -> softReboot(steps, fresh));
    }

    /** A guest that does not shut down in time, or does not run, gets the hard reboot. */
    private Map<String, Object> softReboot(Steps steps, @Nullable InstanceSpec fresh) {
        if (power.guest(steps.instance()).state() == GuestState.RUNNING) {
            power.keepDefinition(steps);
            steps.step("ask the guest to shut down");
            if (power.shutDown(steps, parts.patience().get().softReboot(), Duration.ZERO)) {
                if (!GuestPower.active(power.guest(steps.instance()))) {
                    power.start(steps, "start the guest", false);
                }
                return Map.of("reboot", "soft");
            }
        }
        Map<String, Object> result = new LinkedHashMap<>(GuestBuild.result(build.hardReboot(steps, fresh)));
        result.put("reboot", "hard");
        return result;
    }

    @Override
    public Operation redefine(Caller caller, String uuid, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        return change(
                Kind.REDEFINE,
                caller,
                uuid,
                key,
                "reboot --hard",
                steps -> GuestBuild.result(build.redefine(steps, fresh)));
    }

    @Override
    public Operation powerOff(
            Caller caller, String uuid, @Nullable Duration timeout, @Nullable Duration retryInterval, RequestKey key) {
        return change(
                Kind.POWER_OFF,
                caller,
                uuid,
                key,
                "stop",
                nothing(steps -> power.powerOff(
                        steps,
                        timeout == null ? shutdownTimeout(uuid) : timeout,
                        retryInterval == null ? parts.patience().get().shutdownRetry() : retryInterval)));
    }

    private Duration shutdownTimeout(String uuid) {
        return ShutdownTimeout.of(
                parts.records().find(uuid).map(made -> parts.planner().read(made.spec())),
                parts.patience().get().shutdown());
    }

    @Override
    public Operation powerOn(Caller caller, String uuid, RequestKey key) {
        return change(Kind.POWER_ON, caller, uuid, key, "start", this::powerOn);
    }

    private Map<String, Object> powerOn(Steps steps) {
        if (parts.hypervisor().find(steps.instance()).filter(GuestPower::active).isPresent()) {
            power.keepDefinition(steps);
            return Map.of();
        }
        return GuestBuild.result(build.hardReboot(steps, null));
    }

    @Override
    public Operation pause(Caller caller, String uuid, RequestKey key) {
        return live(Kind.PAUSE, caller, uuid, key, power::pause);
    }

    @Override
    public Operation unpause(Caller caller, String uuid, RequestKey key) {
        return live(Kind.UNPAUSE, caller, uuid, key, power::unpause);
    }

    @Override
    public Operation suspend(Caller caller, String uuid, RequestKey key) {
        return change(Kind.SUSPEND, caller, uuid, key, "suspend", nothing(power::suspend));
    }

    /** Changes power or definition: not for the operator when Nova owns the guest. */
    private Operation change(Kind kind, Caller caller, String uuid, RequestKey key, String serverCommand, Work work) {
        Uuids.canonical(uuid);
        if (!operations.knows(caller, key)) {
            owned(caller, uuid, serverCommand);
            known(uuid);
        }
        return operations.submit(kind, uuid, caller, key, locked(uuid, work));
    }

    /** A live change: Nova does not mind who makes it (design 4.6). */
    private Operation live(Kind kind, Caller caller, String uuid, RequestKey key, Consumer<Steps> work) {
        Uuids.canonical(uuid);
        if (!operations.knows(caller, key)) {
            if (caller.role() == Caller.Role.NOVA) {
                owned(caller, uuid, "");
            }
            known(uuid);
        }
        return operations.submit(kind, uuid, caller, key, locked(uuid, nothing(work)));
    }

    private void known(String uuid) {
        if (parts.records().find(uuid).isEmpty()
                && parts.hypervisor().find(uuid).isEmpty()) {
            throw notFound(uuid);
        }
    }

    private static BridgeException notFound(String uuid) {
        return new BridgeException(
                ErrorCode.INSTANCE_NOT_FOUND,
                "there is no instance " + uuid + " on this host",
                "take the uuid from nova-bridge instance list");
    }

    private void owned(Caller caller, String uuid, String serverCommand) {
        owned(
                caller,
                uuid,
                serverCommand,
                owner(uuid)
                        .or(() -> operations
                                .builder(uuid)
                                .map(building -> building.role().owner())));
    }

    /** Empty for an instance that is not here. */
    private Optional<InstanceOwner> owner(String uuid) {
        return parts.records()
                .find(uuid)
                .map(InstanceRecord::owner)
                // A guest without a record was made by stock Nova, or by hand.
                .or(() -> parts.hypervisor().find(uuid).map(guest -> InstanceOwner.NOVA));
    }

    private static void owned(Caller caller, String uuid, String serverCommand, Optional<InstanceOwner> of) {
        InstanceOwner owner = of.orElse(caller.role().owner());
        if (owner == caller.role().owner()) {
            return;
        }
        if (owner == InstanceOwner.NOVA) {
            throw new BridgeException(
                    ErrorCode.OWNED_BY_NOVA,
                    "instance " + uuid + " is owned by Nova, which would take the change for the guest's own",
                    "use: openstack server " + serverCommand + " " + uuid);
        }
        throw new BridgeException(
                ErrorCode.FORBIDDEN, "instance " + uuid + " belongs to the operator of this host, not to Nova");
    }

    private static void same(String uuid, @Nullable InstanceSpec fresh) {
        if (fresh != null && !fresh.instance().uuid().equals(uuid)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "instance.uuid in the spec is not the instance " + uuid,
                    "send the spec of the instance that is rebooted");
        }
    }

    private Work locked(String uuid, Work work) {
        return steps -> {
            try (Locks.Held unused = parts.locks().take(Locks.Level.INSTANCE, uuid)) {
                return work.run(steps);
            }
        };
    }

    private static Work nothing(Consumer<Steps> work) {
        return steps -> {
            work.accept(steps);
            return Map.of();
        };
    }

    @Override
    public List<InstanceView> list() {
        Map<String, InstanceView> views = new HashMap<>();
        for (InstanceRecord made : parts.records().list()) {
            views.put(made.uuid(), view(made.uuid(), Optional.of(made), Optional.empty()));
        }
        for (Guest guest : parts.hypervisor().list()) {
            views.put(guest.uuid(), view(guest.uuid(), parts.records().find(guest.uuid()), Optional.of(guest)));
        }
        return views.values().stream()
                .sorted(Comparator.comparing(InstanceView::name).thenComparing(InstanceView::uuid))
                .toList();
    }

    private static InstanceView view(String uuid, Optional<InstanceRecord> made, Optional<Guest> guest) {
        GuestState state = guest.map(Guest::state).orElse(GuestState.NOSTATE);
        if (guest.isPresent() && !GuestPower.active(guest.get()) && guest.get().hasManagedSave()) {
            state = GuestState.SUSPENDED;
        }
        return new InstanceView(
                uuid,
                made.map(InstanceRecord::name).or(() -> guest.map(Guest::name)).orElse(uuid),
                made.map(InstanceRecord::displayName).orElse(""),
                made.map(InstanceRecord::owner).orElse(null),
                made.map(InstanceRecord::backend).orElse(null),
                Words.lower(state),
                state.novaCode(),
                List.of(),
                List.of(),
                null);
    }

    @Override
    public InstanceView show(String uuid) {
        Optional<InstanceRecord> made = parts.records().find(Uuids.canonical(uuid));
        Optional<Guest> guest = parts.hypervisor().find(uuid);
        if (made.isEmpty() && guest.isEmpty()) {
            throw notFound(uuid);
        }
        InstanceView bare = view(uuid, made, guest);
        List<Drift> drift = List.of();
        String unknown = null;
        if (guest.filter(GuestPower::active).isPresent()) {
            if (made.isPresent()) {
                try {
                    drift = drift(made.get());
                } catch (BridgeException e) {
                    unknown = e.getMessage();
                }
            } else {
                unknown = "the bridge has no record of this guest";
            }
        }
        return new InstanceView(
                uuid,
                bare.name(),
                bare.displayName(),
                bare.owner(),
                bare.backend(),
                bare.state(),
                bare.novaPowerState(),
                made.map(this::diskViews).orElse(List.of()),
                drift,
                unknown);
    }

    private List<Drift> drift(InstanceRecord made) {
        return parts.planner()
                .drift(
                        parts.planner().read(made.spec()),
                        made,
                        parts.hypervisor().xml(made.uuid(), false));
    }

    private List<DiskView> diskViews(InstanceRecord made) {
        Map<String, GuestPlan.PlannedDisk> planned = new HashMap<>();
        try {
            parts.planner()
                    .plan(parts.planner().read(made.spec()), made)
                    .disks()
                    .forEach(disk -> planned.put(disk.name(), disk));
        } catch (BridgeException e) {
            // Today's configuration refuses the guest: its disks are shown as they are recorded.
            planned.clear();
        }
        List<DiskView> views = new ArrayList<>();
        for (RecordedDisk disk : made.disks()) {
            GuestPlan.PlannedDisk plan = planned.get(disk.name());
            views.add(new DiskView(
                    disk.name(),
                    plan == null ? null : plan.role(),
                    plan == null ? null : plan.target(),
                    disk.sourceType(),
                    disk.source(),
                    disk.format(),
                    plan == null ? null : plan.sizeBytes(),
                    parts.backends()
                            .find(disk.backend())
                            .filter(backend -> backend.exists(made.uuid(), disk.name()))
                            .isPresent()));
        }
        return views;
    }

    @Override
    public byte[] consoleLog(String uuid, int tailBytes) {
        Uuids.canonical(uuid);
        known(uuid);
        return ConsoleLog.read(parts.folders().of(uuid).resolve(InstanceFolders.CONSOLE_LOG), tailBytes);
    }

    @Override
    public List<DiskView> disks(String uuid) {
        return show(uuid).disks();
    }

    @Override
    public Subscription events(Consumer<InstanceEvent> listener) {
        return events.subscribe(listener);
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public Optional<InstanceSpec> spec(String uuid) {
        return parts.records()
                .find(Uuids.canonical(uuid))
                .map(made -> parts.planner().read(made.spec()));
    }

    @Nullable
    InstanceRecord recorded(String uuid) {
        return parts.records().find(uuid).orElse(null);
    }
}
