package org.novabridge.driver.xml;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.ErrorCode;

/** A disk to its bean. */
final class DiskMapper {
    private DiskMapper() {}

    static DiskBeans.Disk toBean(DiskDefinition disk) {
        DiskBeans.Disk bean = new DiskBeans.Disk();
        bean.type = disk.source().type();
        bean.device = disk.device();
        bean.driver = driver(disk);
        bean.source = source(disk.source());
        bean.auth = auth(disk.auth());
        bean.target = new DiskBeans.Target();
        bean.target.dev = disk.targetDev();
        bean.target.bus = disk.targetBus();
        bean.target.rotationRate = text(disk.tuning().rotationRate());
        bean.serial = disk.serial();
        bean.iotune = ioTune(disk.ioTune());
        if (disk.logicalBlockSize() != null || disk.physicalBlockSize() != null) {
            bean.blockio = new DiskBeans.BlockIo();
            bean.blockio.logical = disk.logicalBlockSize();
            bean.blockio.physical = disk.physicalBlockSize();
        }
        bean.readonly = Presence.of(disk.readOnly());
        bean.shareable = Presence.of(disk.shareable());
        if (disk.role() == DiskRole.RESCUE && disk.bootIndex() != null) {
            // Beside it libvirt takes no <boot dev> in <os>, and a rescued guest has none.
            bean.boot = new DiskBeans.Boot();
            bean.boot.order = Integer.toString(disk.bootIndex());
        }
        DiskDefinition.DriveAddress address = disk.address();
        if (address != null) {
            bean.address = new DiskBeans.Address();
            bean.address.type = "drive";
            bean.address.controller = Integer.toString(address.controller());
            bean.address.unit = Integer.toString(address.unit());
        }
        bean.encryption = encryption(disk.secret());
        return bean;
    }

    private static DiskBeans.@Nullable Encryption encryption(@Nullable String secret) {
        if (secret == null) {
            return null;
        }
        DiskBeans.Encryption bean = new DiskBeans.Encryption();
        bean.format = "luks";
        bean.secret = new DiskBeans.Secret();
        bean.secret.type = "passphrase";
        bean.secret.uuid = secret;
        return bean;
    }

    /** Nova leaves the element out when only io would stand in it. */
    private static DiskBeans.@Nullable Driver driver(DiskDefinition disk) {
        DiskTuning tuning = disk.tuning();
        if (disk.driverName() == null
                && disk.format() == null
                && disk.cache() == null
                && disk.discard() == null
                && tuning.equals(DiskTuning.NONE)) {
            return null;
        }
        DiskBeans.Driver bean = new DiskBeans.Driver();
        bean.name = disk.driverName();
        bean.type = disk.format();
        bean.cache = disk.cache();
        bean.discard = disk.discard();
        bean.io = disk.io();
        if (tuning.ioThreads().size() == 1) {
            bean.iothread = text(tuning.ioThreads().get(0));
        } else if (!tuning.ioThreads().isEmpty()) {
            bean.iothreads = mapping(tuning.ioThreads());
        }
        bean.queues = text(tuning.queues());
        bean.queueSize = text(tuning.queueSize());
        bean.detectZeroes = tuning.detectZeroes();
        bean.errorPolicy = tuning.errorPolicy();
        Boolean noUnref = tuning.discardNoUnref();
        bean.discardNoUnref = noUnref == null ? null : noUnref ? "on" : "off";
        if (tuning.metadataCacheBytes() != null) {
            bean.metadataCache = new DiskBeans.MetadataCache();
            bean.metadataCache.maxSize = new DiskBeans.MaxSize();
            bean.metadataCache.maxSize.unit = "bytes";
            bean.metadataCache.maxSize.value = tuning.metadataCacheBytes();
        }
        return bean;
    }

    static @Nullable String text(@Nullable Integer number) {
        return number == null ? null : Integer.toString(number);
    }

    private static DiskBeans.Source source(DiskSource source) {
        DiskBeans.Source bean = new DiskBeans.Source();
        if (source instanceof DiskSource.FileSource file) {
            bean.file = file.path().toString();
        } else if (source instanceof DiskSource.BlockSource block) {
            bean.dev = block.device().toString();
        } else if (source instanceof DiskSource.NetworkSource network) {
            bean.protocol = network.protocol();
            bean.name = network.name();
            for (DiskSource.HostPort server : network.hosts()) {
                DiskBeans.Host host = new DiskBeans.Host();
                host.name = server.host();
                host.port = server.port();
                bean.host.add(host);
            }
        } else if (source instanceof DiskSource.NotConnected) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "a volume of the guest is not connected to this host: its connection_info.data has no device_path",
                    "connect it, then send the spec with its device_path");
        }
        return bean;
    }

    private static DiskBeans.@Nullable Auth auth(DiskDefinition.@Nullable Auth auth) {
        if (auth == null) {
            return null;
        }
        DiskBeans.Auth bean = new DiskBeans.Auth();
        bean.username = auth.username();
        bean.secret = new DiskBeans.Secret();
        bean.secret.type = auth.type();
        bean.secret.uuid = auth.secretUuid();
        return bean;
    }

    private static DiskBeans.@Nullable IoTune ioTune(Map<String, String> limits) {
        if (limits.isEmpty()) {
            return null;
        }
        DiskBeans.IoTune bean = new DiskBeans.IoTune();
        bean.readBytesSec = limits.get("read_bytes_sec");
        bean.readIopsSec = limits.get("read_iops_sec");
        bean.writeBytesSec = limits.get("write_bytes_sec");
        bean.writeIopsSec = limits.get("write_iops_sec");
        bean.totalBytesSec = limits.get("total_bytes_sec");
        bean.totalIopsSec = limits.get("total_iops_sec");
        bean.readBytesSecMax = limits.get("read_bytes_sec_max");
        bean.writeBytesSecMax = limits.get("write_bytes_sec_max");
        bean.totalBytesSecMax = limits.get("total_bytes_sec_max");
        bean.readIopsSecMax = limits.get("read_iops_sec_max");
        bean.writeIopsSecMax = limits.get("write_iops_sec_max");
        bean.totalIopsSecMax = limits.get("total_iops_sec_max");
        bean.sizeIopsSec = limits.get("size_iops_sec");
        bean.groupName = limits.get("group_name");
        bean.readBytesSecMaxLength = limits.get("read_bytes_sec_max_length");
        bean.writeBytesSecMaxLength = limits.get("write_bytes_sec_max_length");
        bean.totalBytesSecMaxLength = limits.get("total_bytes_sec_max_length");
        bean.readIopsSecMaxLength = limits.get("read_iops_sec_max_length");
        bean.writeIopsSecMaxLength = limits.get("write_iops_sec_max_length");
        bean.totalIopsSecMaxLength = limits.get("total_iops_sec_max_length");
        return bean;
    }

    /** The threads that serve the queues of one device together. */
    static DiskBeans.IoThreads mapping(List<Integer> threads) {
        DiskBeans.IoThreads bean = new DiskBeans.IoThreads();
        for (Integer thread : threads) {
            DiskBeans.IoThread one = new DiskBeans.IoThread();
            one.id = text(thread);
            bean.iothread.add(one);
        }
        return bean;
    }
}
