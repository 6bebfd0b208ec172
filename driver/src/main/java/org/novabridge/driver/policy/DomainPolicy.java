package org.novabridge.driver.policy;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DomainDefinition;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.GuestFeature;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;

/**
 * Decides the whole domain: one rule per decision, in the order in which Nova 26.2.2 puts its parts into
 * the document (nova/virt/libvirt/driver.py, _get_guest_config). Pure but for the time in the metadata.
 */
public final class DomainPolicy {
    private final Clock clock;

    public DomainPolicy(Clock clock) {
        this.clock = clock;
    }

    /**
     * @throws BridgeException what Nova refuses is refused with the code of Nova's exception; what
     *     nova-bridge cannot give yet is refused as NOT_SUPPORTED, by name
     */
    public DomainPlan plan(ConfigSnapshot config, InstanceSpec spec, HostFacts facts) {
        return plan(config, spec, facts, DiskPolicy.plan(config, spec, facts));
    }

    /** As {@link #plan(ConfigSnapshot, InstanceSpec, HostFacts)}, around disks that are decided already. */
    public DomainPlan plan(ConfigSnapshot config, InstanceSpec spec, HostFacts facts, DiskPlan disks) {
        GuestContext guest = GuestContext.of(config, RescuedGuest.seen(spec), facts);
        BeyondScopeRule.check(guest);
        List<Vif> vifs = guest.spec().networkInfo().stream().map(Vif::new).toList();
        String machine = MachineRule.decide(guest);
        DomainDefinition definition = new DomainDefinition(
                guest.guestVirtType(),
                guest.instance().uuid(),
                guest.instance().name(),
                guest.flavor().memoryMb() * 1024L,
                MemoryBackingRule.decide(guest),
                guest.flavor().vcpus(),
                CpuSetRule.decide(guest),
                disks.ioThreads(),
                MetadataRule.decide(guest, vifs, clock.instant()),
                SysinfoRule.decide(guest),
                OsBootRule.decide(guest, machine, disks),
                features(guest, machine),
                CpuTuneRule.decide(guest),
                ClockRule.decide(guest),
                CpuRule.decide(guest),
                disks.disks(),
                devices(guest, vifs, machine, disks),
                PerfEventsRule.decide(config.get(LibvirtOptions.ENABLED_PERF_EVENTS)));
        return new DomainPlan(definition, disks, FrozenProperties.of(guest, machine, disks));
    }

    private static List<GuestFeature> features(GuestContext guest, String machine) {
        List<GuestFeature> features = new ArrayList<>(FeaturesRule.decide(guest));
        IommuRule.decide(guest, machine).ifPresent(iommu -> features.add(new GuestFeature.IoApic("qemu")));
        return features;
    }

    private static List<GuestDevice> devices(GuestContext guest, List<Vif> vifs, String machine, DiskPlan disks) {
        List<GuestDevice> devices = new ArrayList<>();
        ControllerRule.scsi(guest, disks).ifPresent(devices::add);
        vifs.forEach(vif -> devices.add(VifRule.decide(guest, vif)));
        devices.addAll(ConsoleRule.decide(guest));
        ChannelRule.spice(guest).ifPresent(devices::add);
        List<GuestDevice> display = VideoRule.decide(guest);
        devices.addAll(display);
        if (!display.isEmpty()) {
            devices.addAll(InputRule.decide(guest));
        }
        ChannelRule.guestAgent(guest).ifPresent(devices::add);
        RngRule.decide(guest).ifPresent(devices::add);
        devices.addAll(ControllerRule.pcie(guest, machine));
        devices.add(ControllerRule.usb(disks.disks(), devices));
        WatchdogRule.decide(guest).ifPresent(devices::add);
        BalloonRule.decide(guest).ifPresent(devices::add);
        IommuRule.decide(guest, machine).ifPresent(devices::add);
        return devices;
    }
}
