package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.ConsoleLogCap;
import org.novabridge.driver.host.HostNumbers;
import org.novabridge.driver.host.HypervisorSite;
import org.novabridge.driver.host.SerialPorts;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.hypervisor.LibvirtHypervisor;
import org.novabridge.driver.hypervisor.LibvirtSettings;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.policy.DomainPlan;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.policy.InventoryPolicy;
import org.novabridge.driver.storage.CacheAging;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.ExchangeFolder;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.lvm.BaseAging;
import org.novabridge.driver.storage.lvm.LvmBackend;
import org.novabridge.driver.storage.lvm.PoolForecast;
import org.novabridge.driver.storage.lvm.SuspendedDevices;
import org.novabridge.driver.storage.lvm.ThinPoolWatch;
import org.novabridge.driver.storage.lvm.VolumeCensus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The compute driver of this host: everything under the REST service, opened once and in the right
 * order. Opening takes the lock of the state path, reads journal and records (a newer version of
 * either stops it before anything is touched), connects to libvirt and settles what a crash left.
 */
public final class ComputeDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ComputeDriver.class);
    private static final Duration STOP_DELAY = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofSeconds(1);
    /** After the last caller of an interrupted operation may have come back. */
    private static final Duration FIRST_COMPARISON = Duration.ofMinutes(1);

    private static final Duration CONSOLE_SWEEP = Duration.ofSeconds(10);

    private final StateLock lock;
    private final Hypervisor hypervisor;
    private final Operations operations;
    private final EventFeed events;
    private final ComputeNode node;
    private final ArrivalNode arrivals;
    private final PolicyPlanner planner;
    private final Supplier<HostFacts> facts;
    private final ScheduledExecutorService timer;
    private final @Nullable ConsoleLogCap consoleCap;
    private final AgingSchedule aging;
    private final HostReconciliation reconciliation;
    private final RebuildCheck rebuilds;
    private final ImageCaching images;
    private final OutsideDevices outside;
    private final ResourceReport resources;
    private final NodeReport nodeReport;
    private final ThinPoolWatch poolWatch;
    private final PoolWatchSchedule watching;

    /** Where the crash run stands between the driver and the world. */
    record Wiring(
            CrashPoint crashPoint, UnaryOperator<Hypervisor> hypervisor, UnaryOperator<CommandExecutor> executor) {
        static final Wiring PLAIN = new Wiring(CrashPoint.NONE, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /**
     * Opens the driver.
     *
     * @throws BridgeException INVALID_CONFIGURATION when the state path is in use, holds newer files, or
     *     images_type cannot be served; HYPERVISOR_UNAVAILABLE when libvirt is not there
     */
    public static ComputeDriver open(ConfigHolder config, Clock clock) {
        return open(config, clock, Wiring.PLAIN);
    }

    static ComputeDriver open(ConfigHolder config, Clock clock, Wiring wiring) {
        ConfigSnapshot today = config.snapshot();
        Servable.check(today);
        Path statePath = Path.of(today.get(BridgeOptions.STATE_PATH));
        StateLock lock = StateLock.take(statePath);
        Hypervisor libvirt = null;
        try {
            Journal journal = new Journal(statePath, wiring.crashPoint());
            List<JournalEntry> entries = journal.load();
            ExchangeFolder.prepare(statePath, FileOwner.ofThisHost());
            InstanceRecords records = new InstanceRecords(statePath, wiring.crashPoint());
            records.load();
            OutsideRecords outside = new OutsideRecords(statePath, wiring.crashPoint());
            outside.load();
            InstancesFolder.make(today);
            HypervisorSite site = HypervisorSite.of(today);
            site.prepare();
            site.demand();
            libvirt = LibvirtHypervisor.open(LibvirtSettings.of(site.uri()), clock);
            return new ComputeDriver(config, clock, wiring, lock, journal, entries, records, outside, libvirt);
        } catch (RuntimeException e) {
            if (libvirt != null) {
                libvirt.close();
            }
            lock.close();
            throw e;
        }
    }

    private ComputeDriver(
            ConfigHolder config,
            Clock clock,
            Wiring wiring,
            StateLock lock,
            Journal journal,
            List<JournalEntry> entries,
            InstanceRecords records,
            OutsideRecords outside,
            Hypervisor libvirt) {
        this.lock = lock;
        this.hypervisor = wiring.hypervisor().apply(libvirt);
        ConfigSnapshot today = config.snapshot();
        CommandExecutor processes = wiring.executor()
                .apply(new ProcessExecutor(
                        new ChildJournal(wiring.crashPoint()),
                        Path.of(today.get(BridgeOptions.STATE_PATH), "commands")));
        CommandExecutor executor =
                DiskOperations.limited(processes, () -> config.snapshot().get(ComputeOptions.MAX_CONCURRENT_DISK_OPS));
        FileOwner owner = FileOwner.ofThisHost();
        this.operations = new Operations(
                journal,
                clock,
                today.get(BridgeOptions.MAX_CONCURRENT_OPERATIONS),
                () -> OperationLimits.of(config.snapshot()));
        this.events = new EventFeed(clock);
        operations.onChange(new FailedWipes(operations, events::tell)::changed);
        this.timer = Timers.daemon("events");
        this.facts = new KnownFacts(config, hypervisor, executor);
        this.planner = new PolicyPlanner(config::inForce, facts, new DomainPolicy(clock), new SerialPorts(clock));
        TakenFiles files = new TakenFiles(config::inForce, executor, owner, clock);
        DiskKeys keys = new DiskKeys(clock);
        ConfiguredBackends backends = new ConfiguredBackends(config::inForce, executor, owner, keys);
        Supplier<Path> instances = () -> Path.of(config.inForce().get(DefaultOptions.INSTANCES_PATH));
        Parts parts = new Parts(
                hypervisor,
                planner,
                files,
                backends,
                new VolumePaths(
                        () -> Path.of(config.inForce().get(LibvirtOptions.NFS_MOUNT_POINT_BASE)),
                        () -> config.inForce().find(LibvirtOptions.IMAGES_VOLUME_GROUP)),
                new ConfiguredSnapshotImages(config::inForce, executor, owner),
                new InstanceFolders(instances, owner, wiring.crashPoint()),
                records,
                keys,
                new Locks(),
                operations,
                clock,
                () -> Patience.of(config.inForce()),
                POLL,
                new AioAdmission(AioRoom::ofThisHost));
        EventRelay relay = new EventRelay(operations::explains, STOP_DELAY, Timers.later(timer));
        relay.subscribe(events::tell);
        this.node = new ComputeNode(parts, events, new SshBridge(executor, config::inForce));
        this.arrivals =
                ArrivalNode.of(parts, () -> Duration.ofSeconds(config.inForce().get(BridgeOptions.TRANSFER_TIMEOUT)));
        hypervisor.subscribe(event -> heard(event, relay));
        this.consoleCap = HypervisorSite.of(today).qemuWritesConsoles()
                ? ConsoleLogCap.start(
                        instances.get(), () -> config.snapshot().get(BridgeOptions.CONSOLE_LOG_MAX_SIZE), CONSOLE_SWEEP)
                : null;
        new Settlement(
                        operations,
                        node::forward,
                        files::discard,
                        () -> SuspendedDevices.resume(today, executor),
                        () -> leftovers(files, backends),
                        Duration.ofSeconds(today.get(BridgeOptions.OPERATION_LEASE)))
                .settle(entries);
        this.aging = new AgingSchedule(
                config::snapshot,
                () -> new CacheAging(config.snapshot(), files.cache()),
                new UnusedBases(
                        operations,
                        () -> BaseAging.of(config.inForce(), executor),
                        id -> files.cache().baseOf(id),
                        clock)::remove,
                () -> imagesInUse(records),
                clock);
        aging.start();
        Supplier<Optional<VolumeCensus>> census = () -> VolumeCensus.of(config.inForce(), executor);
        this.reconciliation = new HostReconciliation(
                parts,
                new HostLook(
                        parts,
                        census,
                        () -> imagesInUse(records).stream()
                                .map(files.cache()::baseOf)
                                .collect(Collectors.toSet())),
                census,
                events::tell);
        this.outside = new OutsideDevices(outside, parts);
        this.rebuilds = new RebuildCheck(parts);
        this.images = new ImageCaching(
                parts,
                () -> InventoryPolicy.backend(config.inForce(), facts.get()),
                () -> files.cache().entries());
        this.resources = new ResourceReport(config::snapshot, facts, executor);
        this.nodeReport = new NodeReport(parts, config::snapshot, HostNumbers::look);
        this.poolWatch = new ThinPoolWatch(config::snapshot, executor, alarm -> {
            PoolWatchSchedule.log(alarm);
            events.tell(HostEvent.of(alarm, clock.instant()));
        });
        this.watching = new PoolWatchSchedule(
                config::snapshot, poolWatch, () -> node.stalled().look(poolWatch.room()), clock);
        hypervisor.subscribe(event -> {
            if (node.stalled().heard(event)) {
                watching.lookSoon();
            }
        });
        watching.start();
        Duration settled =
                Duration.ofSeconds(today.get(BridgeOptions.OPERATION_LEASE)).plus(FIRST_COMPARISON);
        Timers.later(timer)
                .run(
                        settled,
                        () -> Timers.threads("reconcile")
                                .newThread(reconciliation::lookOnce)
                                .start());
        var unused = timer.scheduleWithFixedDelay(this::removeForgotten, 0, 60, TimeUnit.SECONDS);
        unused = timer.scheduleWithFixedDelay(keys::forgetOld, 60, 60, TimeUnit.SECONDS);
    }

    private void removeForgotten() {
        try {
            arrivals.removeForgotten();
        } catch (RuntimeException e) {
            LOG.warn("what other hosts have forgotten here could not be looked for", e);
        }
    }

    private static List<String> unfinished(LvmBackend lvm) {
        lvm.tidyBases();
        return lvm.interruptedWipes();
    }

    private Set<String> imagesInUse(InstanceRecords records) {
        return records.list().stream()
                .map(made -> planner.read(made.spec()))
                .flatMap(spec -> Stream.of(
                        spec.imageMeta().id(),
                        spec.rescue() == null ? null : spec.rescue().imageMeta().id(),
                        spec.instance().imageRef(),
                        spec.instance().kernelId(),
                        spec.instance().ramdiskId()))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    private void heard(GuestEvent event, EventRelay relay) {
        if (event.kind() == GuestEvent.Kind.RESYNC) {
            operations.retryLeft();
        }
        relay.accept(event);
    }

    /** Half-written cache files go at once; wipes take long and go on beside the answering of requests. */
    private void leftovers(TakenFiles files, Backends backends) {
        files.recover();
        backends.find(LvmBackend.NAME).ifPresent(backend -> {
            if (backend instanceof LvmBackend lvm) {
                new InterruptedWipes(operations, () -> unfinished(lvm), lvm::finishWipe).begin();
            }
        });
    }

    /** The guests of this host. */
    public InstanceService instances() {
        return node;
    }

    /** This host as the destination of migrations. */
    public TransferService transfers() {
        return arrivals;
    }

    public Operations operations() {
        return operations;
    }

    /** What happens on this host. */
    public EventFeed events() {
        return events;
    }

    public Hypervisor hypervisor() {
        return hypervisor;
    }

    /** The facts of this host as they were last probed. */
    public HostFacts hostFacts() {
        return facts.get();
    }

    /**
     * What this host has for guests' disks now.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE, STORAGE_FAILED
     */
    public HostResources resources() {
        return resources.look();
    }

    /**
     * This host as Nova's scheduler sees it, but for its disks.
     *
     * @throws BridgeException INVALID_CONFIGURATION, HYPERVISOR_UNAVAILABLE, HYPERVISOR_FAILED
     */
    public HostNode hostNode() {
        return nodeReport.look();
    }

    /** What the caller has plugged and connected for instances of this host. */
    public OutsideDevices outside() {
        return outside;
    }

    /** The images of the cache. */
    public ImageCaching images() {
        return images;
    }

    /** Compares this host with what is known of it, and settles what does not fit. */
    public HostReconciliation reconciliation() {
        return reconciliation;
    }

    /** How full the thin pool is, and when it will be; empty where there is none. Asks nobody. */
    public Optional<PoolForecast> poolForecast() {
        return poolWatch.latest();
    }

    /** The domain of a spec as today's configuration gives it, for explanations; a known instance keeps its disks. */
    public DomainPlan plan(InstanceSpec spec) {
        return planner.domain(spec, node.recorded(spec.instance().uuid()));
    }

    /**
     * Whether the instance could be made anew so once it is gone, as far as that can be known; see {@link RebuildCheck}.
     * Changes nothing.
     *
     * @throws BridgeException as {@link RebuildCheck#demand}
     */
    public void demandRebuildable(InstanceSpec spec) {
        rebuilds.demand(spec);
    }

    /** One run of the image cache's aging before its time; what it removes from the volume group is an operation. */
    void ageImageCache() {
        aging.run();
    }

    /** Lets running work end for a short while and lets go of libvirt; guests go on. */
    @Override
    public void close() {
        aging.close();
        watching.close();
        if (consoleCap != null) {
            consoleCap.close();
        }
        timer.shutdownNow();
        operations.close();
        hypervisor.close();
        lock.close();
    }
}
