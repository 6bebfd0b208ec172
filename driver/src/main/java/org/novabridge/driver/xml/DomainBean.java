package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAnyElement;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/** {@code <domain>}: the order of elements is Nova's (config.py 26.2.2, LibvirtConfigGuest.format_dom). */
@XmlRootElement(name = "domain")
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(
        propOrder = {
            "uuid",
            "name",
            "memory",
            "memoryBacking",
            "vcpu",
            "iothreads",
            "metadata",
            "sysinfo",
            "os",
            "features",
            "cputune",
            "clock",
            "cpu",
            "devices",
            "perf"
        })
final class DomainBean {
    @XmlAttribute
    @Nullable
    String type;

    @Nullable
    String uuid;

    @Nullable
    String name;

    @Nullable
    Sized memory;

    @Nullable
    MemoryBackingBean memoryBacking;

    @Nullable
    Vcpu vcpu;

    @Nullable
    Integer iothreads;

    @Nullable
    Metadata metadata;

    @Nullable
    SysinfoBean sysinfo;

    @Nullable
    OsBean os;

    FeatureBeans.@Nullable Features features;

    @Nullable
    CpuTuneBean cputune;

    ClockBeans.@Nullable Clock clock;

    CpuBeans.@Nullable Cpu cpu;

    @Nullable
    DevicesBean devices;

    @XmlElementWrapper(name = "perf")
    @XmlElement(name = "event")
    @Nullable
    List<PerfEvent> perf;

    /** A number of KiB unless a unit is given; libvirt writes the unit, Nova does not. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Sized {
        @XmlAttribute
        @Nullable
        String unit;

        @XmlValue
        long value;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Vcpu {
        @XmlAttribute
        @Nullable
        String cpuset;

        @XmlValue
        int count;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Metadata {
        /** Written; what is read is among the foreign ones, since it has a namespace. */
        @XmlElement(name = "nova:instance")
        MetadataBeans.@Nullable Instance nova;

        /** Foreign elements as they are; never written. */
        @XmlAnyElement
        List<Element> content = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class PerfEvent {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String enabled;
    }
}
