package org.novabridge.driver.xml;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.GuestDevice;

/** Devices that are not disks, to their beans. */
final class DeviceMapper {
    private DeviceMapper() {}

    static DevicesBean.Device toBean(GuestDevice device) {
        if (device instanceof GuestDevice.Controller controller) {
            DeviceBeans.Controller bean = new DeviceBeans.Controller();
            bean.type = controller.type();
            bean.index = controller.index();
            bean.model = controller.model();
            bean.driver = controllerDriver(controller.driver());
            return bean;
        }
        if (device instanceof GuestDevice.NetworkInterface network) {
            return network(network);
        }
        if (device instanceof GuestDevice.SerialPort serial) {
            return serial(serial);
        }
        if (device instanceof GuestDevice.Channel channel) {
            return channel(channel);
        }
        if (device instanceof GuestDevice.Graphics graphics) {
            DeviceBeans.Graphics bean = new DeviceBeans.Graphics();
            bean.type = graphics.type();
            bean.autoport = "yes";
            bean.listen = graphics.listen();
            return bean;
        }
        if (device instanceof GuestDevice.Video video) {
            DeviceBeans.Video bean = new DeviceBeans.Video();
            bean.model = new DeviceBeans.VideoModel();
            bean.model.type = video.model();
            bean.model.vram = video.vramKib();
            return bean;
        }
        if (device instanceof GuestDevice.Input input) {
            DeviceBeans.Input bean = new DeviceBeans.Input();
            bean.type = input.type();
            bean.bus = input.bus();
            return bean;
        }
        if (device instanceof GuestDevice.Rng rng) {
            return rng(rng);
        }
        if (device instanceof GuestDevice.Watchdog watchdog) {
            DeviceBeans.Watchdog bean = new DeviceBeans.Watchdog();
            bean.model = "i6300esb";
            bean.action = watchdog.action();
            return bean;
        }
        if (device instanceof GuestDevice.Balloon balloon) {
            DeviceBeans.Balloon bean = new DeviceBeans.Balloon();
            bean.model = "virtio";
            bean.stats = new DeviceBeans.Stats();
            bean.stats.period = balloon.statsPeriod();
            return bean;
        }
        if (device instanceof GuestDevice.Iommu iommu) {
            return iommu(iommu);
        }
        throw new IllegalArgumentException("no such device: " + device);
    }

    private static DeviceBeans.@Nullable ControllerDriver controllerDriver(
            GuestDevice.@Nullable ControllerDriver driver) {
        if (driver == null) {
            return null;
        }
        DeviceBeans.ControllerDriver bean = new DeviceBeans.ControllerDriver();
        bean.queues = DiskMapper.text(driver.queues());
        if (driver.ioThreads().size() == 1) {
            bean.iothread = DiskMapper.text(driver.ioThreads().get(0));
        } else if (!driver.ioThreads().isEmpty()) {
            bean.iothreads = DiskMapper.mapping(driver.ioThreads());
        }
        return bean;
    }

    private static InterfaceBeans.Interface network(GuestDevice.NetworkInterface network) {
        InterfaceBeans.Interface bean = new InterfaceBeans.Interface();
        bean.type = network.type();
        bean.mac = new InterfaceBeans.Mac();
        bean.mac.address = network.mac();
        if (network.model() != null) {
            bean.model = new InterfaceBeans.Model();
            bean.model.type = network.model();
        }
        GuestDevice.InterfaceDriver driver = network.driver();
        if (driver != null) {
            bean.driver = new InterfaceBeans.Driver();
            bean.driver.name = driver.name();
            bean.driver.queues = driver.queues();
            bean.driver.rxQueueSize = driver.rxQueueSize();
        }
        if (network.bridge() != null) {
            bean.source = new InterfaceBeans.Source();
            bean.source.bridge = network.bridge();
        }
        if (network.mtu() != null) {
            bean.mtu = new InterfaceBeans.Mtu();
            bean.mtu.size = network.mtu();
        }
        if (network.target() != null) {
            bean.target = new InterfaceBeans.Target();
            bean.target.dev = network.target();
        }
        if (network.portProfile() != null) {
            bean.virtualPort = new InterfaceBeans.VirtualPort();
            bean.virtualPort.type = "openvswitch";
            bean.virtualPort.parameters = new InterfaceBeans.Parameters();
            bean.virtualPort.parameters.interfaceId = network.portProfile();
        }
        GuestDevice.Bandwidth bandwidth = network.bandwidth();
        if (bandwidth != null) {
            bean.bandwidth = new InterfaceBeans.Bandwidth();
            bean.bandwidth.inbound = limit(bandwidth.inbound());
            bean.bandwidth.outbound = limit(bandwidth.outbound());
        }
        return bean;
    }

    private static InterfaceBeans.@Nullable Limit limit(Map<String, String> limits) {
        if (limits.isEmpty()) {
            return null;
        }
        InterfaceBeans.Limit bean = new InterfaceBeans.Limit();
        bean.average = limits.get("average");
        bean.peak = limits.get("peak");
        bean.burst = limits.get("burst");
        return bean;
    }

    private static DeviceBeans.Serial serial(GuestDevice.SerialPort serial) {
        DeviceBeans.Serial bean = new DeviceBeans.Serial();
        GuestDevice.Endpoint listen = serial.listen();
        bean.type = listen == null ? "pty" : "tcp";
        if (listen != null) {
            bean.source = new DeviceBeans.CharSource();
            bean.source.mode = "bind";
            bean.source.host = listen.host();
            bean.source.service = Integer.toString(listen.port());
        }
        if (serial.logFile() != null) {
            bean.log = new DeviceBeans.CharLog();
            bean.log.file = serial.logFile();
            bean.log.append = "off";
        }
        return bean;
    }

    private static DeviceBeans.Channel channel(GuestDevice.Channel channel) {
        DeviceBeans.Channel bean = new DeviceBeans.Channel();
        bean.type = channel.type();
        if (channel.path() != null) {
            bean.source = new DeviceBeans.CharSource();
            bean.source.mode = "bind";
            bean.source.path = channel.path();
        }
        bean.target = new DeviceBeans.CharTarget();
        bean.target.type = "virtio";
        bean.target.name = channel.targetName();
        return bean;
    }

    private static DeviceBeans.Rng rng(GuestDevice.Rng rng) {
        DeviceBeans.Rng bean = new DeviceBeans.Rng();
        bean.model = "virtio";
        GuestDevice.RngRate rate = rng.rate();
        if (rate != null) {
            bean.rate = new DeviceBeans.Rate();
            bean.rate.bytes = rate.bytes();
            bean.rate.period = rate.periodMs();
        }
        bean.backend = new DeviceBeans.RngBackend();
        bean.backend.model = "random";
        bean.backend.path = rng.path();
        return bean;
    }

    private static DeviceBeans.Iommu iommu(GuestDevice.Iommu iommu) {
        DeviceBeans.Iommu bean = new DeviceBeans.Iommu();
        bean.model = iommu.model();
        bean.driver = new DeviceBeans.IommuDriver();
        bean.driver.intremap = "on";
        bean.driver.cachingMode = "on";
        bean.driver.awBits = iommu.awBits();
        bean.driver.eim = iommu.eim() ? "on" : "off";
        bean.driver.iotlb = "on";
        return bean;
    }
}
