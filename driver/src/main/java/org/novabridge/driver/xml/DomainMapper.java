package org.novabridge.driver.xml;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.CpuTune;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DomainDefinition;
import org.novabridge.driver.model.GuestClock;
import org.novabridge.driver.model.GuestCpu;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.GuestFeature;
import org.novabridge.driver.model.IoThreads;
import org.novabridge.driver.model.MemoryBacking;
import org.novabridge.driver.model.OsBoot;
import org.novabridge.driver.model.SystemInfo;

/** From the definition to the beans; with the beans the only code that knows libvirt's document. */
final class DomainMapper {
    private DomainMapper() {}

    static DomainBean toBean(DomainDefinition domain) {
        DomainBean bean = new DomainBean();
        bean.type = domain.virtType();
        bean.uuid = domain.uuid();
        bean.name = domain.name();
        bean.memory = new DomainBean.Sized();
        bean.memory.value = domain.memoryKib();
        bean.memoryBacking = memoryBacking(domain.memoryBacking());
        bean.vcpu = new DomainBean.Vcpu();
        bean.vcpu.count = domain.vcpus();
        bean.vcpu.cpuset = domain.cpuset();
        bean.iothreads =
                domain.ioThreads().count() == 0 ? null : domain.ioThreads().count();
        bean.metadata = new DomainBean.Metadata();
        bean.metadata.nova = MetadataMapper.toBean(domain.metadata());
        bean.sysinfo = systemInfo(domain.systemInfo());
        bean.os = os(domain.os());
        if (!domain.features().isEmpty()) {
            bean.features = new FeatureBeans.Features();
            domain.features().forEach(feature -> bean.features.list.add(feature(feature)));
        }
        bean.cputune = cpuTune(domain.cpuTune(), domain.ioThreads());
        bean.clock = clock(domain.clock());
        bean.cpu = cpu(domain.cpu());
        bean.devices = new DevicesBean();
        for (DiskDefinition disk : domain.disks()) {
            bean.devices.list.add(DiskMapper.toBean(disk));
        }
        for (GuestDevice device : domain.devices()) {
            bean.devices.list.add(DeviceMapper.toBean(device));
        }
        if (!domain.perfEvents().isEmpty()) {
            bean.perf =
                    domain.perfEvents().stream().map(DomainMapper::perfEvent).toList();
        }
        return bean;
    }

    private static DomainBean.PerfEvent perfEvent(String name) {
        DomainBean.PerfEvent event = new DomainBean.PerfEvent();
        event.name = name;
        event.enabled = "yes";
        return event;
    }

    private static @Nullable MemoryBackingBean memoryBacking(@Nullable MemoryBacking backing) {
        if (backing == null) {
            return null;
        }
        MemoryBackingBean bean = new MemoryBackingBean();
        bean.locked = Presence.of(backing.locked());
        if (backing.fileBacked()) {
            bean.source = new MemoryBackingBean.Source();
            bean.source.type = "file";
            bean.access = MemoryBackingBean.Mode.of("shared");
            bean.allocation = MemoryBackingBean.Mode.of("immediate");
            bean.discard = new Presence();
        }
        return bean;
    }

    private static @Nullable SysinfoBean systemInfo(@Nullable SystemInfo info) {
        if (info == null) {
            return null;
        }
        SysinfoBean bean = new SysinfoBean();
        bean.type = "smbios";
        bean.add("manufacturer", info.manufacturer());
        bean.add("product", info.product());
        bean.add("version", info.version());
        if (info.serial() != null) {
            bean.add("serial", info.serial());
        }
        bean.add("uuid", info.uuid());
        bean.add("family", info.family());
        return bean;
    }

    private static OsBean os(OsBoot os) {
        OsBean bean = new OsBean();
        bean.type = new OsBean.Type();
        bean.type.value = os.osType();
        bean.type.arch = os.arch();
        bean.type.machine = os.machine();
        bean.kernel = os.kernel();
        bean.initrd = os.initrd();
        bean.cmdline = os.cmdline();
        os.bootDevices().forEach(device -> bean.boot.add(OsBean.Boot.of(device)));
        if (os.smbios()) {
            bean.smbios = new OsBean.Smbios();
            bean.smbios.mode = "sysinfo";
        }
        if (os.bootMenu()) {
            bean.bootmenu = new OsBean.BootMenu();
            bean.bootmenu.enable = "yes";
        }
        return bean;
    }

    private static FeatureBeans.Feature feature(GuestFeature feature) {
        if (feature instanceof GuestFeature.Plain plain) {
            return switch (plain.name()) {
                case "acpi" -> new FeatureBeans.Acpi();
                case "apic" -> new FeatureBeans.Apic();
                case "vmcoreinfo" -> new FeatureBeans.VmCoreInfo();
                default -> throw new IllegalArgumentException("no such feature: " + plain.name());
            };
        }
        if (feature instanceof GuestFeature.HyperV hyperV) {
            return hyperV(hyperV);
        }
        if (feature instanceof GuestFeature.KvmHidden) {
            FeatureBeans.Kvm kvm = new FeatureBeans.Kvm();
            kvm.hidden = FeatureBeans.State.on();
            return kvm;
        }
        if (feature instanceof GuestFeature.Pmu pmu) {
            FeatureBeans.Pmu bean = new FeatureBeans.Pmu();
            bean.state = pmu.on() ? "on" : "off";
            return bean;
        }
        if (feature instanceof GuestFeature.IoApic ioApic) {
            FeatureBeans.IoApic bean = new FeatureBeans.IoApic();
            bean.driver = ioApic.driver();
            return bean;
        }
        throw new IllegalArgumentException("no such feature: " + feature);
    }

    private static FeatureBeans.HyperV hyperV(GuestFeature.HyperV hyperV) {
        FeatureBeans.HyperV bean = new FeatureBeans.HyperV();
        bean.relaxed = FeatureBeans.State.on();
        bean.vapic = FeatureBeans.State.on();
        bean.spinlocks = FeatureBeans.State.on();
        bean.spinlocks.retries = hyperV.spinlockRetries();
        if (hyperV.spoofVendor()) {
            bean.vendorId = FeatureBeans.State.on();
            bean.vendorId.value = "1234567890ab";
        }
        bean.vpindex = FeatureBeans.State.on();
        bean.runtime = FeatureBeans.State.on();
        bean.synic = FeatureBeans.State.on();
        bean.reset = FeatureBeans.State.on();
        bean.frequencies = FeatureBeans.State.on();
        bean.reenlightenment = FeatureBeans.State.on();
        bean.tlbflush = FeatureBeans.State.on();
        bean.ipi = FeatureBeans.State.on();
        bean.evmcs = FeatureBeans.State.on();
        return bean;
    }

    private static @Nullable CpuTuneBean cpuTune(@Nullable CpuTune tune, IoThreads ioThreads) {
        boolean pinned = ioThreads.count() > 0 && ioThreads.cpuset() != null;
        if (tune == null && !pinned) {
            return null;
        }
        CpuTuneBean bean = new CpuTuneBean();
        if (tune != null) {
            bean.shares = tune.shares();
            bean.quota = tune.quota();
            bean.period = tune.period();
        }
        for (int thread = 1; pinned && thread <= ioThreads.count(); thread++) {
            CpuTuneBean.IoThreadPin pin = new CpuTuneBean.IoThreadPin();
            pin.iothread = Integer.toString(thread);
            pin.cpuset = ioThreads.cpuset();
            bean.iothreadpin.add(pin);
        }
        return bean;
    }

    private static ClockBeans.Clock clock(GuestClock clock) {
        ClockBeans.Clock bean = new ClockBeans.Clock();
        bean.offset = clock.offset();
        for (GuestClock.ClockTimer timer : clock.timers()) {
            ClockBeans.Timer timerBean = new ClockBeans.Timer();
            timerBean.name = timer.name();
            timerBean.tickPolicy = timer.tickPolicy();
            Boolean present = timer.present();
            timerBean.present = present == null ? null : yesNo(present);
            bean.timer.add(timerBean);
        }
        return bean;
    }

    private static CpuBeans.@Nullable Cpu cpu(@Nullable GuestCpu cpu) {
        if (cpu == null) {
            return null;
        }
        CpuBeans.Cpu bean = new CpuBeans.Cpu();
        bean.mode = cpu.mode();
        bean.match = "exact";
        if (cpu.model() != null) {
            bean.model = new CpuBeans.Model();
            bean.model.name = cpu.model();
        }
        bean.topology = new CpuBeans.Topology();
        bean.topology.sockets = cpu.topology().sockets();
        bean.topology.cores = cpu.topology().cores();
        bean.topology.threads = cpu.topology().threads();
        for (GuestCpu.CpuFeature feature : cpu.features()) {
            CpuBeans.Feature featureBean = new CpuBeans.Feature();
            featureBean.policy = feature.policy();
            featureBean.name = feature.name();
            bean.feature.add(featureBean);
        }
        return bean;
    }

    static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }
}
