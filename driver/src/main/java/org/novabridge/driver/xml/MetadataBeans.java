package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code <nova:instance>} as it is written. JAXB would declare Nova's namespace on the domain, Nova does on this element and
 * on nothing else: so the prefix is part of the names, and the declaration an attribute.
 */
final class MetadataBeans {
    /** Namespace of Nova's metadata (nova/virt/libvirt/config.py 26.2.2, NOVA_NS). */
    static final String NAMESPACE = "http://openstack.org/xmlns/libvirt/nova/1.1";

    private MetadataBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"novaPackage", "name", "creationTime", "flavor", "owner", "root", "ports"})
    static final class Instance {
        @XmlAttribute(name = "xmlns:nova")
        String namespace = NAMESPACE;

        @XmlElement(name = "nova:package")
        @Nullable
        NovaPackage novaPackage;

        @XmlElement(name = "nova:name")
        @Nullable
        String name;

        @XmlElement(name = "nova:creationTime")
        @Nullable
        String creationTime;

        @XmlElement(name = "nova:flavor")
        @Nullable
        Flavor flavor;

        @XmlElement(name = "nova:owner")
        @Nullable
        Owner owner;

        @XmlElement(name = "nova:root")
        @Nullable
        Root root;

        @XmlElementWrapper(name = "nova:ports")
        @XmlElement(name = "nova:port")
        List<Port> ports = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class NovaPackage {
        @XmlAttribute
        @Nullable
        String version;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"memory", "disk", "swap", "ephemeral", "vcpus"})
    static final class Flavor {
        @XmlAttribute
        @Nullable
        String name;

        @XmlElement(name = "nova:memory")
        int memory;

        @XmlElement(name = "nova:disk")
        int disk;

        @XmlElement(name = "nova:swap")
        int swap;

        @XmlElement(name = "nova:ephemeral")
        int ephemeral;

        @XmlElement(name = "nova:vcpus")
        int vcpus;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"user", "project"})
    static final class Owner {
        @XmlElement(name = "nova:user")
        @Nullable
        Named user;

        @XmlElement(name = "nova:project")
        @Nullable
        Named project;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Named {
        @XmlAttribute
        @Nullable
        String uuid;

        @XmlValue
        @Nullable
        String name;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Root {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String uuid;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Port {
        @XmlAttribute
        @Nullable
        String uuid;

        @XmlElement(name = "nova:ip")
        List<Ip> ip = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Ip {
        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String address;

        @XmlAttribute
        @Nullable
        String ipVersion;
    }
}
