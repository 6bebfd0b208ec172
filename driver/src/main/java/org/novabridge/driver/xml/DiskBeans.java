package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <disk>} and what is in it; element order is Nova's (config.py 26.2.2, LibvirtConfigGuestDisk). */
final class DiskBeans {
    private DiskBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(
            propOrder = {
                "driver",
                "source",
                "auth",
                "target",
                "serial",
                "iotune",
                "blockio",
                "readonly",
                "shareable",
                "boot",
                "alias",
                "address",
                "encryption"
            })
    static final class Disk extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String device;

        @Nullable
        Driver driver;

        @Nullable
        Source source;

        @Nullable
        Auth auth;

        @Nullable
        Target target;

        @Nullable
        String serial;

        @Nullable
        IoTune iotune;

        @Nullable
        BlockIo blockio;

        @Nullable
        Presence readonly;

        @Nullable
        Presence shareable;

        @Nullable
        Boot boot;

        /** Written by libvirt for a running guest. */
        @Nullable
        Alias alias;

        @Nullable
        Address address;

        @Nullable
        Encryption encryption;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Driver {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String cache;

        @XmlAttribute
        @Nullable
        String discard;

        @XmlAttribute
        @Nullable
        String io;

        @XmlAttribute
        @Nullable
        String queues;

        @XmlAttribute
        @Nullable
        String iothread;

        @XmlAttribute(name = "queue_size")
        @Nullable
        String queueSize;

        @XmlAttribute(name = "detect_zeroes")
        @Nullable
        String detectZeroes;

        @XmlAttribute(name = "error_policy")
        @Nullable
        String errorPolicy;

        /** libvirt 9.5. */
        @XmlAttribute(name = "discard_no_unref")
        @Nullable
        String discardNoUnref;

        /** libvirt 10.0; instead of iothread. */
        @Nullable
        IoThreads iothreads;

        @XmlElement(name = "metadata_cache")
        @Nullable
        MetadataCache metadataCache;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IoThreads {
        List<IoThread> iothread = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IoThread {
        @XmlAttribute
        @Nullable
        String id;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class MetadataCache {
        @XmlElement(name = "max_size")
        @Nullable
        MaxSize maxSize;
    }

    /** libvirt writes it back in bytes. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class MaxSize {
        @XmlAttribute
        @Nullable
        String unit;

        @XmlValue
        long value;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"host"})
    static final class Source {
        @XmlAttribute
        @Nullable
        String file;

        @XmlAttribute
        @Nullable
        String dev;

        @XmlAttribute
        @Nullable
        String protocol;

        @XmlAttribute
        @Nullable
        String name;

        List<Host> host = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Host {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String port;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Auth {
        @XmlAttribute
        @Nullable
        String username;

        @Nullable
        Secret secret;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Secret {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String uuid;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Target {
        @XmlAttribute
        @Nullable
        String dev;

        @XmlAttribute
        @Nullable
        String bus;

        @XmlAttribute(name = "rotation_rate")
        @Nullable
        String rotationRate;
    }

    /** The order of limits is Nova's. Values are text, since Nova passes the tenant-visible number on as it is. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(
            propOrder = {
                "readBytesSec",
                "readIopsSec",
                "writeBytesSec",
                "writeIopsSec",
                "totalBytesSec",
                "totalIopsSec",
                "readBytesSecMax",
                "writeBytesSecMax",
                "totalBytesSecMax",
                "readIopsSecMax",
                "writeIopsSecMax",
                "totalIopsSecMax",
                "sizeIopsSec",
                "groupName",
                "readBytesSecMaxLength",
                "writeBytesSecMaxLength",
                "totalBytesSecMaxLength",
                "readIopsSecMaxLength",
                "writeIopsSecMaxLength",
                "totalIopsSecMaxLength"
            })
    static final class IoTune {
        @XmlElement(name = "read_bytes_sec")
        @Nullable
        String readBytesSec;

        @XmlElement(name = "read_iops_sec")
        @Nullable
        String readIopsSec;

        @XmlElement(name = "write_bytes_sec")
        @Nullable
        String writeBytesSec;

        @XmlElement(name = "write_iops_sec")
        @Nullable
        String writeIopsSec;

        @XmlElement(name = "total_bytes_sec")
        @Nullable
        String totalBytesSec;

        @XmlElement(name = "total_iops_sec")
        @Nullable
        String totalIopsSec;

        @XmlElement(name = "read_bytes_sec_max")
        @Nullable
        String readBytesSecMax;

        @XmlElement(name = "write_bytes_sec_max")
        @Nullable
        String writeBytesSecMax;

        @XmlElement(name = "total_bytes_sec_max")
        @Nullable
        String totalBytesSecMax;

        @XmlElement(name = "read_iops_sec_max")
        @Nullable
        String readIopsSecMax;

        @XmlElement(name = "write_iops_sec_max")
        @Nullable
        String writeIopsSecMax;

        @XmlElement(name = "total_iops_sec_max")
        @Nullable
        String totalIopsSecMax;

        @XmlElement(name = "size_iops_sec")
        @Nullable
        String sizeIopsSec;

        @XmlElement(name = "group_name")
        @Nullable
        String groupName;

        @XmlElement(name = "read_bytes_sec_max_length")
        @Nullable
        String readBytesSecMaxLength;

        @XmlElement(name = "write_bytes_sec_max_length")
        @Nullable
        String writeBytesSecMaxLength;

        @XmlElement(name = "total_bytes_sec_max_length")
        @Nullable
        String totalBytesSecMaxLength;

        @XmlElement(name = "read_iops_sec_max_length")
        @Nullable
        String readIopsSecMaxLength;

        @XmlElement(name = "write_iops_sec_max_length")
        @Nullable
        String writeIopsSecMaxLength;

        @XmlElement(name = "total_iops_sec_max_length")
        @Nullable
        String totalIopsSecMaxLength;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class BlockIo {
        @XmlAttribute(name = "logical_block_size")
        @Nullable
        String logical;

        @XmlAttribute(name = "physical_block_size")
        @Nullable
        String physical;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "diskBoot")
    static final class Boot {
        @XmlAttribute
        @Nullable
        String order;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Alias {
        @XmlAttribute
        @Nullable
        String name;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Address {
        @XmlAttribute
        @Nullable
        String type;

        /** Of a PCI address. */
        @XmlAttribute
        @Nullable
        String domain;

        @XmlAttribute
        @Nullable
        String controller;

        @XmlAttribute
        @Nullable
        String bus;

        @XmlAttribute
        @Nullable
        String target;

        @XmlAttribute
        @Nullable
        String unit;

        /** Of a PCI address. */
        @XmlAttribute
        @Nullable
        String slot;

        @XmlAttribute
        @Nullable
        String function;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Encryption {
        @XmlAttribute
        @Nullable
        String format;

        @Nullable
        Secret secret;
    }
}
