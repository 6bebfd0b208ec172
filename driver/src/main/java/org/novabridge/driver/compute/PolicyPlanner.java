package org.novabridge.driver.compute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.conf.SerialConsoleOptions;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.host.SerialPorts;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.OsBoot;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.policy.DomainPlan;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.policy.RescueImageRule;
import org.novabridge.driver.xml.DomainXml;

/** The rules on today's configuration and this host's facts; what a record holds wins over both. */
final class PolicyPlanner implements GuestPlanner {
    private final Supplier<ConfigSnapshot> config;
    private final Supplier<HostFacts> facts;
    private final DomainPolicy domains;
    private final SerialPorts serialPorts;

    PolicyPlanner(
            Supplier<ConfigSnapshot> config, Supplier<HostFacts> facts, DomainPolicy domains, SerialPorts serialPorts) {
        this.config = config;
        this.facts = facts;
        this.domains = domains;
        this.serialPorts = serialPorts;
    }

    @Override
    public GuestPlan plan(InstanceSpec spec, @Nullable InstanceRecord made) {
        ConfigSnapshot today = config.get();
        DomainPlan plan = domain(spec, made, today, withPorts(spec, today));
        List<PlannedDisk> disks = new ArrayList<>();
        List<PlannedVolume> volumes = new ArrayList<>();
        for (DiskDefinition disk : plan.disks().disks()) {
            if (disk.role() == DiskRole.VOLUME) {
                volumes.add(new PlannedVolume(disk.serial(), disk));
            } else {
                disks.add(planned(spec, disk));
            }
        }
        OsBoot os = plan.definition().os();
        boot(
                        spec,
                        today,
                        "kernel",
                        os.kernel(),
                        LibvirtOptions.RESCUE_KERNEL_ID,
                        spec.instance().kernelId())
                .ifPresent(disks::add);
        boot(
                        spec,
                        today,
                        "ramdisk",
                        os.initrd(),
                        LibvirtOptions.RESCUE_RAMDISK_ID,
                        spec.instance().ramdiskId())
                .ifPresent(disks::add);
        return new GuestPlan(
                volumes.stream().allMatch(PlannedVolume::connected) ? DomainXml.write(plan.definition()) : null,
                made == null ? DiskPolicy.backendOfNewDisks(today, facts.get()) : made.backend(),
                disks,
                volumes,
                plan.updates(),
                outside(spec));
    }

    /**
     * A file in the instance's folder, as in Nova on every backend (driver.py 26.2.2, _create_image).
     *
     * @param rescue whose image a rescued guest boots, instead of its own
     * @param own image of the guest
     */
    private static Optional<PlannedDisk> boot(
            InstanceSpec spec,
            ConfigSnapshot today,
            String word,
            @Nullable String path,
            Option<String> rescue,
            @Nullable String own) {
        if (path == null) {
            return Optional.empty();
        }
        boolean rescued = spec.rescue() != null;
        String image = rescued ? today.find(rescue).filter(id -> !id.isEmpty()).orElse(own) : own;
        return Optional.of(new PlannedDisk(
                rescued ? word + ".rescue" : word,
                word,
                null,
                GuestBuild.RAW,
                new DiskSource.FileSource(Path.of(path)),
                GuestBuild.RAW,
                null,
                new Filling.Boot(Objects.requireNonNull(image, word))));
    }

    @Override
    public RescueSpec rescue(InstanceSpec spec, RescueSpec asked) {
        return RescueImageRule.decide(config.get(), spec, asked);
    }

    /** The whole domain as today's configuration gives it. */
    DomainPlan domain(InstanceSpec spec, @Nullable InstanceRecord made) {
        return domain(spec, made, config.get(), facts.get());
    }

    /** Which ports are free is another answer each time, and a guest that is to start gets its own. */
    private HostFacts withPorts(InstanceSpec spec, ConfigSnapshot today) {
        HostFacts host = facts.get();
        return today.get(SerialConsoleOptions.ENABLED)
                ? host.toBuilder()
                        .put(
                                HostFact.FREE_SERIAL_PORTS,
                                serialPorts.choose(spec.instance().uuid(), today))
                        .build()
                : host;
    }

    private DomainPlan domain(InstanceSpec spec, @Nullable InstanceRecord made, ConfigSnapshot today, HostFacts host) {
        if (made == null) {
            return domains.plan(today, spec, host, DiskPolicy.plan(today, spec, host));
        }
        Map<String, org.novabridge.driver.policy.RecordedDisk> written = new HashMap<>();
        made.disks()
                .forEach(disk -> written.put(
                        disk.name(), new org.novabridge.driver.policy.RecordedDisk(disk.backend(), disk.format())));
        return domains.plan(today, spec, host, inPlace(DiskPolicy.plan(today, spec, host, written), made));
    }

    /** Where a disk lies was fixed when it was made: no option of today moves it. */
    private static DiskPlan inPlace(DiskPlan plan, InstanceRecord made) {
        List<DiskDefinition> disks = new ArrayList<>();
        for (DiskDefinition disk : plan.disks()) {
            Optional<RecordedDisk> known = made.disks().stream()
                    .filter(recorded -> recorded.name().equals(disk.name()))
                    .findFirst();
            disks.add(known.map(recorded -> inPlace(disk, recorded)).orElse(disk));
        }
        return plan.with(disks);
    }

    private static DiskDefinition inPlace(DiskDefinition disk, RecordedDisk recorded) {
        DiskSource source = switch (recorded.sourceType()) {
            case "file" -> new DiskSource.FileSource(Path.of(recorded.source()));
            case "block" -> new DiskSource.BlockSource(Path.of(recorded.source()));
            default -> disk.source();
        };
        return disk.on(source);
    }

    private static PlannedDisk planned(InstanceSpec spec, DiskDefinition disk) {
        Filling filling = switch (disk.role()) {
            case ROOT, RESCUE -> new Filling.Image();
            case EPHEMERAL ->
                new Filling.FileSystem(
                        disk.fileSystem(),
                        spec.instance().osType(),
                        Objects.requireNonNullElse(disk.label(), "ephemeral0"));
            case SWAP -> new Filling.Swap();
            case CONFIG_DRIVE -> new Filling.ConfigDrive();
            case VOLUME -> throw new IllegalArgumentException("a volume is not ours to make: " + disk.name());
        };
        return new PlannedDisk(
                disk.name(),
                disk.role().words(),
                disk.targetDev(),
                disk.backend(),
                disk.source(),
                Objects.requireNonNullElse(disk.format(), "raw"),
                disk.sizeBytes(),
                filling);
    }

    private static Map<String, Object> outside(InstanceSpec spec) {
        List<Object> volumes = new ArrayList<>();
        RescueSpec rescue = spec.rescue();
        boolean hasVolumes = rescue == null || rescue.stable();
        (hasVolumes ? spec.blockDeviceInfo().volumes() : List.<BlockDevice>of()).forEach(volume -> {
            Object id = volume.connectionInfo().get("serial");
            volumes.add(id == null ? Objects.requireNonNullElse(volume.deviceName(), "") : id);
        });
        List<Object> ports = new ArrayList<>();
        spec.networkInfo().forEach(vif -> {
            Object id = vif.get("id");
            if (id != null) {
                ports.add(id);
            }
        });
        Map<String, Object> outside = new LinkedHashMap<>();
        outside.put("volumes", volumes);
        outside.put("ports", ports);
        return outside;
    }

    @Override
    public List<Drift> drift(InstanceSpec spec, InstanceRecord made, String liveXml) {
        return DriftReport.of(DomainXml.read(liveXml), domain(spec, made).disks());
    }

    @Override
    public JsonNode write(InstanceSpec spec) {
        return SpecSecrets.without(StateJson.MAPPER.valueToTree(spec));
    }

    @Override
    public InstanceSpec read(JsonNode written) {
        try {
            return StateJson.MAPPER.treeToValue(written, InstanceSpec.class);
        } catch (JsonProcessingException e) {
            throw new BridgeException(ErrorCode.INTERNAL, "the recorded spec of the instance cannot be read", null, e);
        }
    }
}
