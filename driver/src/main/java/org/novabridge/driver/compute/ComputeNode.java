package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceView.DiskView;
import org.novabridge.driver.compute.Operation.Kind;
import org.novabridge.driver.host.ConsoleLog;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDevice;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.ImageExport;
import org.novabridge.driver.xml.DomainXml;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The guests of this host: turns each request into an operation, after what can be refused at once. */
final class ComputeNode implements InstanceService {
    private static final Logger LOG = LoggerFactory.getLogger(ComputeNode.class);

    private final Parts parts;
    private final Operations operations;
    private final Ownership ownership;
    private final InstanceViews views;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestRemoval removal;
    private final GuestSnapshot snapshot;
    private final GuestResize resize;
    private final ResizeEnd resizeEnd;
    private final GuestRescue rescue;
    private final RescueEnd rescueEnd;
    private final GuestReboot reboot;
    private final VolumeAttachment attachment;
    private final VolumeDetachment detachment;
    private final GuestPorts ports;
    private final LiveTuning tuning;
    private final GuestQuiesce quiesce;
    private final AdminPassword password;
    private final VolumeReplug replug;
    private final StalledGuests stalled;
    private final GuestMigration migration;
    private final MigrationEnd migrationEnd;
    private final GuestAdoption adoption;

    ComputeNode(Parts parts, EventFeed events, RemoteBridge remote) {
        this.parts = parts;
        this.operations = parts.operations();
        this.ownership = new Ownership(parts);
        this.views = new InstanceViews(parts);
        GuestKeys keys = new GuestKeys(parts);
        this.quiesce = new GuestQuiesce(parts);
        this.password = new AdminPassword(parts);
        this.power = new GuestPower(parts, keys, quiesce);
        this.stalled = new StalledGuests(parts, power, events::tell);
        this.build = new GuestBuild(parts, power, keys);
        this.removal = new GuestRemoval(parts, power, keys);
        this.snapshot = new GuestSnapshot(parts, power, keys, quiesce);
        this.resize = new GuestResize(parts, power, build, keys);
        this.resizeEnd = new ResizeEnd(parts, power, keys);
        this.rescue = new GuestRescue(parts, power, build, keys);
        this.rescueEnd = new RescueEnd(parts, power, build, keys);
        this.migration = new GuestMigration(parts, power, build, remote);
        this.migrationEnd = new MigrationEnd(parts, power, build, removal, remote);
        this.adoption = new GuestAdoption(parts);
        this.reboot = new GuestReboot(parts, power, build, rescueEnd, migrationEnd, adoption);
        GuestVolumes volumes = new GuestVolumes(parts, power);
        DeviceRelease release = new DeviceRelease(parts, power);
        this.detachment = new VolumeDetachment(parts, release, volumes);
        this.attachment = new VolumeAttachment(parts, power, build, release, volumes);
        this.ports = new GuestPorts(parts, build, release);
        this.tuning = new LiveTuning(parts, power, build);
        this.replug = new VolumeReplug(parts, build, release, volumes, attachment);
        operations.undoWith(new UndoActions(parts, resizeEnd, rescueEnd, detachment, replug, ports, quiesce));
    }

    @Override
    public Operation create(Caller caller, InstanceSpec spec, RequestKey key) {
        return newInstance(Kind.CREATE, caller, spec, key, steps -> {
            GuestPlan prepared = build.prepare(steps, spec);
            build.start(steps, false, spec.powerOn(), null);
            return GuestBuild.result(prepared);
        });
    }

    @Override
    public Operation prepare(Caller caller, InstanceSpec spec, RequestKey key) {
        return newInstance(Kind.PREPARE, caller, spec, key, steps -> GuestBuild.result(build.prepare(steps, spec)));
    }

    private Operation newInstance(Kind kind, Caller caller, InstanceSpec spec, RequestKey key, Work work) {
        String uuid = Uuids.canonical(spec.instance().uuid());
        demandNoRescue(spec);
        if (!operations.knows(caller, key) && parts.knows(uuid)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_EXISTS,
                    "instance " + uuid + " exists on this host",
                    "delete it first, or use another uuid");
        }
        return submit(kind, caller, uuid, key, work);
    }

    @Override
    public Operation start(Caller caller, String uuid, boolean paused, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        return change(Kind.START, caller, uuid, key, "start", steps -> {
            adoption.beforehand(steps, fresh);
            return GuestBuild.result(build.start(steps, paused, made(uuid).powerOn(), fresh));
        });
    }

    @Override
    public Operation resume(Caller caller, String uuid, RequestKey key) {
        return change(Kind.RESUME, caller, uuid, key, "resume", Work.of(power::resume));
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

    /** For settlement: what only goes forward is run again to its end. */
    Work forward(Kind kind, String uuid) {
        return Work.of(
                        switch (kind) {
                            case RESIZE_CONFIRM -> resizeEnd::finishConfirm;
                            case RESIZE_REVERT -> resizeEnd::finishRevert;
                            case UNRESCUE -> rescueEnd::finish;
                            case MIGRATE_CONFIRM -> migrationEnd::finishConfirm;
                            default -> removal::release;
                        })
                .alone(parts.locks(), uuid);
    }

    private Operation remove(Kind kind, Caller caller, String uuid, RequestKey key, Consumer<Steps> work) {
        Uuids.canonical(uuid);
        String serverCommand = kind == Kind.STOP ? "stop" : "delete";
        if (!operations.knows(caller, key)) {
            ownership.demand(caller, uuid, serverCommand);
            if (kind != Kind.STOP) {
                operations.cancelCopies(caller, uuid);
            }
        }
        return submit(kind, caller, uuid, key, Work.of(steps -> {
            // Once more, since a create of somebody else may have come between the check and the queue.
            ownership.demandMade(caller, uuid, serverCommand);
            if (kind != Kind.STOP) {
                migrationEnd.demandDecided(steps);
            }
            work.accept(steps);
        }));
    }

    @Override
    public Operation reboot(Caller caller, String uuid, RebootType type, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        if (type == RebootType.HARD) {
            return change(Kind.REBOOT_HARD, caller, uuid, key, "reboot --hard", steps -> reboot.hard(steps, fresh));
        }
        return change(Kind.REBOOT_SOFT, caller, uuid, key, "reboot", steps -> reboot.soft(steps, fresh));
    }

    @Override
    public Operation redefine(Caller caller, String uuid, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        return change(Kind.REDEFINE, caller, uuid, key, "reboot --hard", steps -> reboot.redefine(steps, fresh));
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
                Work.of(steps -> power.powerOff(
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
    public Operation powerOn(Caller caller, String uuid, boolean paused, @Nullable InstanceSpec fresh, RequestKey key) {
        same(uuid, fresh);
        return change(Kind.POWER_ON, caller, uuid, key, "start", steps -> reboot.powerOn(steps, paused, fresh));
    }

    @Override
    public Operation pause(Caller caller, String uuid, RequestKey key) {
        return live(Kind.PAUSE, caller, uuid, key, Work.of(power::pause));
    }

    @Override
    public Operation unpause(Caller caller, String uuid, RequestKey key) {
        return live(Kind.UNPAUSE, caller, uuid, key, Work.of(power::unpause));
    }

    @Override
    public Operation suspend(Caller caller, String uuid, RequestKey key) {
        return change(Kind.SUSPEND, caller, uuid, key, "suspend", Work.of(power::suspend));
    }

    @Override
    public Operation snapshot(Caller caller, String uuid, SnapshotRequest request, RequestKey key) {
        Path file = request.file();
        if (file != null && !operations.knows(caller, key)) {
            if (caller.role() != Caller.Role.OPERATOR) {
                throw new BridgeException(
                        ErrorCode.FORBIDDEN,
                        "file: only the operator of this host may say where the image goes",
                        "ask without it: the result names the file in snapshots_directory");
            }
            ImageExport.check(file);
        }
        return change(Kind.SNAPSHOT, caller, uuid, key, "image create", steps -> snapshot.take(steps, request));
    }

    @Override
    public Operation resize(Caller caller, String uuid, ResizeRequest request, RequestKey key) {
        return change(Kind.RESIZE, caller, uuid, key, "resize --flavor FLAVOR", steps -> resize.resize(steps, request));
    }

    @Override
    public Operation confirmResize(Caller caller, String uuid, RequestKey key) {
        return change(Kind.RESIZE_CONFIRM, caller, uuid, key, "resize confirm", Work.of(resizeEnd::confirm));
    }

    @Override
    public Operation revertResize(Caller caller, String uuid, RequestKey key) {
        return change(Kind.RESIZE_REVERT, caller, uuid, key, "resize revert", Work.of(resizeEnd::revert));
    }

    @Override
    public Operation rescue(Caller caller, String uuid, RescueSpec with, RequestKey key) {
        return change(Kind.RESCUE, caller, uuid, key, "rescue", steps -> rescue.rescue(steps, with));
    }

    @Override
    public Operation unrescue(Caller caller, String uuid, RequestKey key) {
        return change(Kind.UNRESCUE, caller, uuid, key, "unrescue", Work.of(rescueEnd::unrescue));
    }

    @Override
    public Operation attachVolume(Caller caller, String uuid, BlockDevice volume, RequestKey key) {
        return change(Kind.ATTACH_VOLUME, caller, uuid, key, "add volume", steps -> attachment.attach(steps, volume));
    }

    @Override
    public Operation detachVolume(
            Caller caller, String uuid, @Nullable String device, @Nullable String volume, RequestKey key) {
        return change(
                Kind.DETACH_VOLUME,
                caller,
                uuid,
                key,
                "remove volume",
                steps -> detachment.detach(steps, device, volume));
    }

    @Override
    public Operation extendVolume(Caller caller, String uuid, String volume, long sizeBytes, RequestKey key) {
        return live(Kind.EXTEND_VOLUME, caller, uuid, key, steps -> attachment.extend(steps, volume, sizeBytes));
    }

    @Override
    public Operation applyLive(Caller caller, String uuid, RequestKey key) {
        return live(Kind.APPLY_LIVE, caller, uuid, key, tuning::apply);
    }

    @Override
    public Operation replugVolume(Caller caller, String uuid, String volume, boolean dryRun, RequestKey key) {
        return live(Kind.REPLUG_VOLUME, caller, uuid, key, steps -> replug.replug(steps, volume, dryRun));
    }

    @Override
    public Operation attachInterface(Caller caller, String uuid, Map<String, Object> vif, RequestKey key) {
        return change(Kind.ATTACH_INTERFACE, caller, uuid, key, "add port", steps -> ports.attach(steps, vif));
    }

    @Override
    public Operation detachInterface(Caller caller, String uuid, String mac, RequestKey key) {
        return change(Kind.DETACH_INTERFACE, caller, uuid, key, "remove port", steps -> ports.detach(steps, mac));
    }

    /** @throws BridgeException as {@link Ownership#recorded} */
    private InstanceSpec made(String uuid) {
        return parts.planner().read(build.record(uuid).spec());
    }

    @Override
    public Operation setPassword(Caller caller, String uuid, GuestPassword given, RequestKey key) {
        Work work = Work.ending(steps -> password.set(steps, made(uuid), given), given::close);
        try {
            return live(Kind.SET_PASSWORD, caller, uuid, key, work);
        } catch (RuntimeException | Error e) {
            work.over();
            throw e;
        }
    }

    @Override
    public Operation quiesce(Caller caller, String uuid, RequestKey key) {
        return live(Kind.QUIESCE, caller, uuid, key, steps -> quiesce.quiesce(steps, made(uuid)));
    }

    @Override
    public Operation unquiesce(Caller caller, String uuid, RequestKey key) {
        return live(Kind.UNQUIESCE, caller, uuid, key, steps -> quiesce.unquiesce(steps, made(uuid)));
    }

    @Override
    public Operation crashDump(Caller caller, String uuid, RequestKey key) {
        return change(Kind.CRASH_DUMP, caller, uuid, key, "dump create", Work.of(power::crashDump));
    }

    /** A live change: nothing of the guest is changed, so the operator may do it, too. */
    @Override
    public Operation adopt(Caller caller, String uuid, @Nullable InstanceSpec fresh, boolean dryRun, RequestKey key) {
        same(uuid, fresh);
        return live(Kind.ADOPT, caller, uuid, key, steps -> adoption.adopt(steps, fresh, dryRun));
    }

    @Override
    public Operation migrate(Caller caller, String uuid, MigrationRequest request, RequestKey key) {
        return change(Kind.MIGRATE, caller, uuid, key, "migrate", steps -> migration.migrate(steps, request));
    }

    @Override
    public Operation confirmMigration(Caller caller, String uuid, boolean running, RequestKey key) {
        return change(
                Kind.MIGRATE_CONFIRM,
                caller,
                uuid,
                key,
                "migrate confirm",
                Work.of(steps -> migrationEnd.confirm(steps, running)));
    }

    @Override
    public Operation revertMigration(Caller caller, String uuid, MigrationRevert how, RequestKey key) {
        if (how.held() && !operations.knows(caller, key)) {
            operations.cancelCopies(caller, Uuids.canonical(uuid));
        }
        return change(
                Kind.MIGRATE_REVERT,
                caller,
                uuid,
                key,
                "migrate revert",
                Work.of(steps -> migrationEnd.revert(steps, how)));
    }

    /** From the operator also for Nova's guests: after a restart of the host somebody must bring them. */
    @Override
    public void bringKey(Caller caller, String uuid, @Nullable String disk, DiskKey key) {
        Uuids.canonical(uuid);
        if (caller.role() == Caller.Role.NOVA) {
            ownership.demand(caller, uuid, "");
        }
        parts.keys().bring(uuid, disk, key);
        LOG.info("{} has brought the key of {} of instance {}", caller.name(), disk == null ? "all disks" : disk, uuid);
    }

    @Override
    public void bringVolumeKey(Caller caller, String uuid, String volume, DiskKey key) {
        Uuids.canonical(uuid);
        VolumeSecret secret = new VolumeSecret(volume);
        if (caller.role() == Caller.Role.NOVA) {
            ownership.demand(caller, uuid, "");
        }
        parts.keys().bringOfVolume(uuid, secret.volume(), key);
        LOG.info("{} has brought the key of volume {} of instance {}", caller.name(), volume, uuid);
    }

    /** Changes power or definition: not for the operator when Nova owns the guest. */
    private Operation change(Kind kind, Caller caller, String uuid, RequestKey key, String serverCommand, Work work) {
        Uuids.canonical(uuid);
        if (!operations.knows(caller, key)) {
            ownership.demand(caller, uuid, serverCommand);
            ownership.known(uuid);
        }
        return submit(kind, caller, uuid, key, work);
    }

    /** A live change: Nova does not mind who makes it (design 4.6). */
    private Operation live(Kind kind, Caller caller, String uuid, RequestKey key, Work work) {
        Uuids.canonical(uuid);
        if (!operations.knows(caller, key)) {
            if (caller.role() == Caller.Role.NOVA) {
                ownership.demand(caller, uuid, "");
            }
            ownership.known(uuid);
        }
        return submit(kind, caller, uuid, key, work);
    }

    private Operation submit(Kind kind, Caller caller, String uuid, RequestKey key, Work work) {
        return operations.submit(kind, uuid, caller, key, work.alone(parts.locks(), uuid));
    }

    private static void same(String uuid, @Nullable InstanceSpec fresh) {
        if (fresh != null && !fresh.instance().uuid().equals(uuid)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "instance.uuid in the spec is not the instance " + uuid,
                    "send the spec of the instance that is rebooted");
        }
        if (fresh != null) {
            demandNoRescue(fresh);
        }
    }

    private static void demandNoRescue(InstanceSpec spec) {
        if (spec.rescue() != null) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "rescue: a guest is rescued when it is there, and by a request of its own",
                    "leave it out of the spec, then ask for POST /v1/instances/UUID/rescue");
        }
    }

    @Override
    public List<InstanceView> list() {
        return views.list();
    }

    @Override
    public InstanceView show(String uuid) {
        return views.show(uuid);
    }

    @Override
    public InstanceView state(String uuid) {
        return views.state(uuid);
    }

    @Override
    public byte[] consoleLog(String uuid, int tailBytes) {
        Uuids.canonical(uuid);
        ownership.known(uuid);
        return ConsoleLog.read(parts.folders().of(uuid).resolve(InstanceFolders.CONSOLE_LOG), tailBytes);
    }

    @Override
    public List<DiskView> disks(String uuid) {
        return show(uuid).disks();
    }

    @Override
    public List<LiveDevice> devices(String uuid) {
        Guest guest = power.guest(Uuids.canonical(uuid));
        return DomainXml.devices(parts.hypervisor().xml(guest.uuid(), false));
    }

    /** The guests that wait for space in the thin pool. */
    StalledGuests stalled() {
        return stalled;
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
