package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import org.jspecify.annotations.Nullable;

/** The devices that are neither disks nor interfaces. */
final class DeviceBeans {
    private DeviceBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Controller extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        Integer index;

        @XmlAttribute
        @Nullable
        String model;

        @Nullable
        ControllerDriver driver;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class ControllerDriver {
        @XmlAttribute
        @Nullable
        String queues;

        @XmlAttribute
        @Nullable
        String iothread;

        /** libvirt 11.2; instead of iothread. */
        DiskBeans.@Nullable IoThreads iothreads;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"source", "log", "target"})
    static final class Serial extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        CharSource source;

        @Nullable
        CharLog log;

        @Nullable
        CharTarget target;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"source", "target"})
    static final class Channel extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        CharSource source;

        @Nullable
        CharTarget target;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class CharSource {
        @XmlAttribute
        @Nullable
        String mode;

        @XmlAttribute
        @Nullable
        String host;

        @XmlAttribute
        @Nullable
        String service;

        @XmlAttribute
        @Nullable
        String path;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class CharLog {
        @XmlAttribute
        @Nullable
        String file;

        @XmlAttribute
        @Nullable
        String append;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class CharTarget {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String port;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Graphics extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        /** Written by libvirt for a running guest. */
        @XmlAttribute
        @Nullable
        String port;

        @XmlAttribute
        @Nullable
        String autoport;

        @XmlAttribute
        @Nullable
        String listen;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Video extends DevicesBean.Device {
        @Nullable
        VideoModel model;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class VideoModel {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        Integer vram;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Input extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String bus;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"rate", "backend"})
    static final class Rng extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String model;

        @Nullable
        Rate rate;

        @Nullable
        RngBackend backend;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Rate {
        @XmlAttribute
        @Nullable
        Integer period;

        @XmlAttribute
        @Nullable
        Integer bytes;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class RngBackend {
        @XmlAttribute
        @Nullable
        String model;

        @XmlValue
        @Nullable
        String path;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Watchdog extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String model;

        @XmlAttribute
        @Nullable
        String action;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Balloon extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String model;

        @Nullable
        Stats stats;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Stats {
        @XmlAttribute
        @Nullable
        Integer period;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Iommu extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String model;

        @Nullable
        IommuDriver driver;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IommuDriver {
        @XmlAttribute
        @Nullable
        String intremap;

        @XmlAttribute(name = "caching_mode")
        @Nullable
        String cachingMode;

        @XmlAttribute(name = "aw_bits")
        @Nullable
        Integer awBits;

        @XmlAttribute
        @Nullable
        String eim;

        @XmlAttribute
        @Nullable
        String iotlb;
    }

    /** {@code <x name="…"/>}: an element with nothing but a name. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Named {
        @XmlAttribute
        @Nullable
        String name;
    }
}
