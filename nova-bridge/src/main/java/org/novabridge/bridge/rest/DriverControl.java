package org.novabridge.bridge.rest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.conf.Option;
import org.novabridge.conf.OptionRegistry;
import org.novabridge.conf.Problem;
import org.novabridge.conf.Resolved;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.ComputeDriver;
import org.novabridge.driver.compute.ConfigHolder;
import org.novabridge.driver.compute.HostNode;
import org.novabridge.driver.compute.HostReport;
import org.novabridge.driver.compute.HostResources;
import org.novabridge.driver.compute.InstanceView.DiskView;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.OutsideDevice;
import org.novabridge.driver.compute.OutsideDevices;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain.LiveDisplay;
import org.novabridge.driver.model.OutsideSpec;
import org.novabridge.driver.model.Provenance;
import org.novabridge.driver.model.ValueOrigin;
import org.novabridge.driver.storage.CacheEntry;
import org.novabridge.driver.storage.lvm.PoolForecast;
import org.novabridge.driver.xml.DomainXml;

/** {@link BridgeControl} of the compute driver that this process runs. */
public final class DriverControl implements BridgeControl {
    /** As in explanations. */
    private static final String NOT_SET = "(not set)";

    private final ConfigHolder config;
    private final ComputeDriver driver;

    public DriverControl(ConfigHolder config, ComputeDriver driver) {
        this.config = config;
        this.driver = driver;
    }

    @Override
    public List<Setting> configuration() {
        ConfigSnapshot today = config.snapshot();
        List<Setting> written = new ArrayList<>();
        for (Option<?> option : OptionRegistry.all()) {
            Resolved<?> resolved = today.resolve(option);
            if (resolved.written()) {
                written.add(new Setting(
                        option.display(),
                        option.secret() ? "***" : String.valueOf(resolved.value()),
                        resolved.origin().describe()));
            }
        }
        return written;
    }

    @Override
    public synchronized Reload reload() {
        ConfigSnapshot before = config.snapshot();
        LoadedConfig now = config.reload();
        List<String> changed = new ArrayList<>();
        List<String> needRestart = new ArrayList<>();
        for (Option<?> option : OptionRegistry.all()) {
            if (!Objects.equals(
                    before.resolve(option).value(),
                    now.snapshot().resolve(option).value())) {
                changed.add(option.display());
                if (!option.reloadable()) {
                    needRestart.add(option.display());
                }
            }
        }
        return new Reload(
                changed,
                needRestart,
                now.problems().warnings().stream().map(Problem::oneLine).toList());
    }

    @Override
    public Object hostFacts() {
        HostFacts facts = driver.hostFacts();
        Map<String, Object> answer = new LinkedHashMap<>();
        for (HostFact fact : HostFact.values()) {
            facts.find(fact).ifPresent(value -> answer.put(fact.key(), value));
        }
        answer.put("unknown", facts.unknown().stream().map(HostFact::key).toList());
        return answer;
    }

    @Override
    public HostResources resources() {
        return driver.resources();
    }

    @Override
    public HostNode node() {
        return driver.hostNode();
    }

    @Override
    public HostCpuTimes cpuTimes() {
        return driver.hypervisor().cpuTimes();
    }

    @Override
    public HostReport reconcileReport(List<String> remove) {
        return driver.reconciliation().report(remove);
    }

    @Override
    public void handed(String uuid, OutsideSpec spec) {
        driver.outside().handed(uuid, spec);
    }

    @Override
    public void undone(String uuid, OutsideDevice.Kind kind, String id) {
        driver.outside().undone(uuid, kind, id);
    }

    @Override
    public OutsideDevices.Report outside() {
        return driver.outside().left();
    }

    @Override
    public List<CacheEntry> images() {
        return driver.images().list();
    }

    @Override
    public Operation cacheImage(Caller caller, ImageSpec image, RequestKey key) {
        return driver.images().cache(caller, image, key);
    }

    @Override
    public Operation reconcile(Caller caller, List<String> remove, RequestKey key) {
        return driver.reconciliation().reconcile(caller, remove, key);
    }

    @Override
    public List<PoolForecast> pools() {
        return driver.poolForecast().stream().toList();
    }

    @Override
    public List<Explanation> explain(InstanceSpec spec, @Nullable String disk, @Nullable String attribute) {
        List<Explanation> lines = new ArrayList<>();
        Map<String, String> running = running(spec.instance().uuid());
        for (DiskDefinition one : driver.plan(spec).disks().disks()) {
            if (disk != null && !disk.equals(one.targetDev())) {
                continue;
            }
            for (Provenance why : one.provenance()) {
                if (attribute == null || attribute.equals(why.attribute().key())) {
                    lines.add(new Explanation(
                            one.targetDev(),
                            why.attribute().key(),
                            why.value(),
                            why.rule(),
                            String.join(
                                    ", ",
                                    why.origins().stream()
                                            .map(ValueOrigin::describe)
                                            .toList()),
                            why.sentence(),
                            running.get(one.targetDev() + "." + why.attribute().key())));
                }
            }
        }
        return lines;
    }

    /** What the running guest has otherwise, by {@code vda.cache}; several limits of a disk are one text. */
    private Map<String, String> running(String uuid) {
        Map<String, String> differs = new LinkedHashMap<>();
        for (Drift drift : driver.instances().show(uuid).drift()) {
            String[] attribute = drift.attribute().split("\\.", 2);
            String value = drift.running() == null ? NOT_SET : drift.running();
            differs.merge(
                    drift.disk() + "." + attribute[0],
                    attribute.length == 1 ? value : attribute[1] + "=" + value,
                    (one, other) -> one + " " + other);
        }
        return differs;
    }

    @Override
    public Map<String, Object> plannedUpdates(InstanceSpec spec, boolean rebuild) {
        Map<String, Object> updates = driver.plan(spec).updates();
        if (rebuild) {
            driver.demandRebuildable(spec);
        }
        return updates;
    }

    @Override
    public List<LiveDisplay> consoles(String uuid) {
        return DomainXml.read(driver.hypervisor().xml(uuid, false)).displays().stream()
                .filter(display -> display.port() != null)
                .toList();
    }

    @Override
    public List<VolumeAnswer> volumes(String uuid) {
        driver.instances().state(uuid);
        return driver.instances()
                .spec(uuid)
                .filter(spec -> !spec.blockDeviceInfo().volumes().isEmpty())
                .map(spec -> driver.plan(spec).disks().disks().stream()
                        .filter(disk -> disk.role() == DiskRole.VOLUME)
                        .map(DriverControl::volume)
                        .toList())
                .orElse(List.of());
    }

    private static VolumeAnswer volume(DiskDefinition disk) {
        return new VolumeAnswer(
                disk.serial(),
                "/dev/" + disk.targetDev(),
                disk.targetBus(),
                disk.source().type(),
                disk.source().place().orElse(null));
    }

    @Override
    public GuestStatistics statistics(String uuid) {
        return driver.hypervisor().statistics(uuid);
    }

    @Override
    public List<DiskAnswer> disks(String uuid) {
        List<DiskView> views = driver.instances().disks(uuid);
        Map<String, LiveDisk> live = live(uuid);
        return views.stream()
                .map(view -> answer(view, view.target() == null ? null : live.get(view.target())))
                .toList();
    }

    /** The disks of libvirt's document by target; none when there is no domain, as between prepare and start. */
    private Map<String, LiveDisk> live(String uuid) {
        Map<String, LiveDisk> disks = new LinkedHashMap<>();
        try {
            if (driver.hypervisor().find(uuid).isPresent()) {
                DomainXml.read(driver.hypervisor().xml(uuid, false))
                        .disks()
                        .forEach(disk -> disks.put(disk.target(), disk));
            }
        } catch (BridgeException e) {
            if (e.code() != ErrorCode.INSTANCE_NOT_FOUND) {
                throw e;
            }
            // Deleted in between: the storage's view stands alone.
            disks.clear();
        }
        return disks;
    }

    private static DiskAnswer answer(DiskView view, @Nullable LiveDisk live) {
        Optional<LiveDisk> guest = Optional.ofNullable(live);
        return new DiskAnswer(
                view.name(),
                view.role(),
                view.target(),
                guest.map(LiveDisk::bus).orElse(null),
                guest.map(LiveDisk::cache).orElse(null),
                guest.map(LiveDisk::io).orElse(null),
                guest.map(LiveDisk::discard).orElse(null),
                view.format(),
                view.sizeBytes(),
                view.sourceType(),
                view.source(),
                view.exists());
    }
}
