package org.novabridge.driver.xml;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice.ControllerDriver;
import org.novabridge.driver.model.IoThreads;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.model.LiveDomain.LiveDisplay;
import org.novabridge.driver.model.NovaMetadata;

/** From the beans of an existing guest's document to what nova-bridge looks at. */
final class LiveDomainMapper {
    private LiveDomainMapper() {}

    static LiveDomain toLive(DomainBean bean) {
        DevicesBean devices = bean.devices == null ? new DevicesBean() : bean.devices;
        List<LiveDisk> disks = new ArrayList<>();
        Set<String> macs = new HashSet<>();
        List<LiveDisplay> displays = new ArrayList<>();
        for (DevicesBean.Device device : devices.list) {
            if (device instanceof DiskBeans.Disk disk) {
                disks.add(disk(disk));
            } else if (device instanceof InterfaceBeans.Interface port) {
                if (port.mac != null && port.mac.address != null) {
                    macs.add(port.mac.address.toLowerCase(Locale.ROOT));
                }
            } else if (device instanceof DeviceBeans.Graphics graphics) {
                displays.add(display(graphics));
            } else if (device instanceof DeviceBeans.Serial serial) {
                serialConsole(serial.source).ifPresent(displays::add);
            }
        }
        return new LiveDomain(
                needed(bean.uuid, "uuid"),
                needed(bean.name, "name"),
                bean.type,
                bean.memory == null ? 0 : bean.memory.value,
                bean.vcpu == null ? 0 : bean.vcpu.count,
                bean.os == null || bean.os.type == null ? null : bean.os.type.machine,
                consoleLog(devices),
                metadata(bean),
                ioThreads(bean),
                scsiDriver(devices),
                disks,
                macs,
                displays);
    }

    private static String needed(@Nullable String value, String element) {
        if (value == null || value.isBlank()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "The domain document has no <" + element + ">", null, null);
        }
        return value.strip();
    }

    private static @Nullable NovaMetadata metadata(DomainBean bean) {
        if (bean.metadata == null) {
            return null;
        }
        return bean.metadata.content.stream()
                .map(MetadataMapper::fromElement)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String consoleLog(DevicesBean devices) {
        for (DevicesBean.Device device : devices.list) {
            if (device instanceof DeviceBeans.Serial serial && serial.log != null && serial.log.file != null) {
                return serial.log.file;
            }
        }
        return null;
    }

    private static LiveDisplay display(DeviceBeans.Graphics graphics) {
        return new LiveDisplay(graphics.type == null ? "" : graphics.type, port(graphics.port), graphics.listen);
    }

    /** A serial port that QEMU listens for. */
    private static Optional<LiveDisplay> serialConsole(DeviceBeans.@Nullable CharSource source) {
        return source != null && "bind".equals(source.mode)
                ? Optional.of(new LiveDisplay("serial", port(source.service), source.host))
                : Optional.empty();
    }

    private static @Nullable Integer port(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,5}") ? Integer.valueOf(text) : null;
    }

    private static LiveDisk disk(DiskBeans.Disk disk) {
        DiskBeans.Driver driver = disk.driver == null ? new DiskBeans.Driver() : disk.driver;
        return new LiveDisk(
                disk.device == null ? "disk" : disk.device,
                disk.type == null ? "" : disk.type,
                source(disk.source),
                disk.target == null || disk.target.dev == null ? "" : disk.target.dev,
                disk.target == null ? null : disk.target.bus,
                driver.type,
                driver.cache,
                driver.io,
                driver.discard,
                disk.serial,
                disk.readonly != null,
                disk.shareable != null,
                disk.blockio == null ? null : disk.blockio.logical,
                disk.blockio == null ? null : disk.blockio.physical,
                ioTune(disk.iotune),
                tuning(disk, driver),
                scsiUnit(disk),
                disk.encryption == null || disk.encryption.secret == null ? null : disk.encryption.secret.uuid);
    }

    private static DiskTuning tuning(DiskBeans.Disk disk, DiskBeans.Driver driver) {
        return new DiskTuning(
                threads(driver.iothread, driver.iothreads),
                number(driver.queues),
                number(driver.queueSize),
                driver.detectZeroes,
                driver.errorPolicy,
                driver.discardNoUnref == null ? null : driver.discardNoUnref.equals("on"),
                driver.metadataCache == null || driver.metadataCache.maxSize == null
                        ? null
                        : driver.metadataCache.maxSize.value,
                disk.target == null ? null : number(disk.target.rotationRate));
    }

    private static List<Integer> threads(@Nullable String single, DiskBeans.@Nullable IoThreads several) {
        List<Integer> ids = new ArrayList<>();
        List<DiskBeans.IoThread> listed = several == null ? List.of() : several.iothread;
        listed.forEach(one -> add(ids, number(one.id)));
        add(ids, number(single));
        return ids;
    }

    private static void add(List<Integer> ids, @Nullable Integer id) {
        if (id != null) {
            ids.add(id);
        }
    }

    /** Threads that are not all pinned to the same processors count as not pinned: nova-bridge pins all alike. */
    private static IoThreads ioThreads(DomainBean bean) {
        int count = bean.iothreads == null ? 0 : bean.iothreads;
        List<CpuTuneBean.IoThreadPin> pins = bean.cputune == null ? List.of() : bean.cputune.iothreadpin;
        List<String> sets = pins.stream()
                .map(pin -> pin.cpuset)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return new IoThreads(count, count > 0 && pins.size() == count && sets.size() == 1 ? sets.get(0) : null);
    }

    private static @Nullable ControllerDriver scsiDriver(DevicesBean devices) {
        for (DevicesBean.Device device : devices.list) {
            if (device instanceof DeviceBeans.Controller controller && "scsi".equals(controller.type)) {
                DeviceBeans.ControllerDriver driver = controller.driver;
                if (driver == null) {
                    return null;
                }
                List<Integer> threads = threads(driver.iothread, driver.iothreads);
                return driver.queues == null && threads.isEmpty()
                        ? null
                        : new ControllerDriver(number(driver.queues), threads);
            }
        }
        return null;
    }

    private static @Nullable Integer number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : null;
    }

    private static @Nullable Integer scsiUnit(DiskBeans.Disk disk) {
        boolean scsi = disk.target != null && "scsi".equals(disk.target.bus);
        String unit = disk.address == null ? null : disk.address.unit;
        return scsi && unit != null && unit.matches("[0-9]{1,5}") ? Integer.valueOf(unit) : null;
    }

    private static @Nullable String source(DiskBeans.@Nullable Source source) {
        if (source == null) {
            return null;
        }
        if (source.file != null) {
            return source.file;
        }
        return source.dev != null ? source.dev : source.name;
    }

    private static Map<String, String> ioTune(DiskBeans.@Nullable IoTune tune) {
        Map<String, String> limits = new LinkedHashMap<>();
        if (tune != null) {
            put(limits, "read_bytes_sec", tune.readBytesSec);
            put(limits, "read_iops_sec", tune.readIopsSec);
            put(limits, "write_bytes_sec", tune.writeBytesSec);
            put(limits, "write_iops_sec", tune.writeIopsSec);
            put(limits, "total_bytes_sec", tune.totalBytesSec);
            put(limits, "total_iops_sec", tune.totalIopsSec);
            put(limits, "read_bytes_sec_max", tune.readBytesSecMax);
            put(limits, "write_bytes_sec_max", tune.writeBytesSecMax);
            put(limits, "total_bytes_sec_max", tune.totalBytesSecMax);
            put(limits, "read_iops_sec_max", tune.readIopsSecMax);
            put(limits, "write_iops_sec_max", tune.writeIopsSecMax);
            put(limits, "total_iops_sec_max", tune.totalIopsSecMax);
            put(limits, "size_iops_sec", tune.sizeIopsSec);
            put(limits, "group_name", tune.groupName);
            put(limits, "read_bytes_sec_max_length", tune.readBytesSecMaxLength);
            put(limits, "write_bytes_sec_max_length", tune.writeBytesSecMaxLength);
            put(limits, "total_bytes_sec_max_length", tune.totalBytesSecMaxLength);
            put(limits, "read_iops_sec_max_length", tune.readIopsSecMaxLength);
            put(limits, "write_iops_sec_max_length", tune.writeIopsSecMaxLength);
            put(limits, "total_iops_sec_max_length", tune.totalIopsSecMaxLength);
        }
        return limits;
    }

    private static void put(Map<String, String> limits, String name, @Nullable String value) {
        if (value != null) {
            limits.put(name, value.strip());
        }
    }
}
