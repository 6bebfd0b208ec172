package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlType;
import org.jspecify.annotations.Nullable;

/** {@code <interface>} and what is in it. */
final class InterfaceBeans {
    private InterfaceBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"mac", "model", "driver", "source", "mtu", "target", "virtualPort", "bandwidth", "address"})
    static final class Interface extends DevicesBean.Device {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        Mac mac;

        @Nullable
        Model model;

        @Nullable
        Driver driver;

        @Nullable
        Source source;

        @Nullable
        Mtu mtu;

        @Nullable
        Target target;

        @XmlElement(name = "virtualport")
        @Nullable
        VirtualPort virtualPort;

        @Nullable
        Bandwidth bandwidth;

        /** Written by libvirt. */
        DiskBeans.@Nullable Address address;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Mac {
        @XmlAttribute
        @Nullable
        String address;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "interfaceModel")
    static final class Model {
        @XmlAttribute
        @Nullable
        String type;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "interfaceDriver")
    static final class Driver {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        Integer queues;

        @XmlAttribute(name = "rx_queue_size")
        @Nullable
        Integer rxQueueSize;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "interfaceSource")
    static final class Source {
        @XmlAttribute
        @Nullable
        String bridge;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Mtu {
        @XmlAttribute
        @Nullable
        Integer size;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "interfaceTarget")
    static final class Target {
        @XmlAttribute
        @Nullable
        String dev;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class VirtualPort {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        Parameters parameters;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Parameters {
        @XmlAttribute(name = "interfaceid")
        @Nullable
        String interfaceId;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"inbound", "outbound"})
    static final class Bandwidth {
        @Nullable
        Limit inbound;

        @Nullable
        Limit outbound;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "bandwidthLimit")
    static final class Limit {
        @XmlAttribute
        @Nullable
        String average;

        @XmlAttribute
        @Nullable
        String peak;

        @XmlAttribute
        @Nullable
        String burst;
    }
}
