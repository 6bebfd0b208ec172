package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <nova:instance>}, in Nova's namespace. */
final class MetadataBeans {
    /** Namespace of Nova's metadata (nova/virt/libvirt/config.py 26.2.2, NOVA_NS). */
    static final String NAMESPACE = "http://openstack.org/xmlns/libvirt/nova/1.1";

    private MetadataBeans() {}

    @XmlRootElement(name = "instance", namespace = NAMESPACE)
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"novaPackage", "name", "creationTime", "flavor", "owner", "root", "ports"})
    static final class Instance {
        @XmlElement(name = "package", namespace = NAMESPACE)
        @Nullable
        NovaPackage novaPackage;

        @XmlElement(namespace = NAMESPACE)
        @Nullable
        String name;

        @XmlElement(namespace = NAMESPACE)
        @Nullable
        String creationTime;

        @XmlElement(namespace = NAMESPACE)
        @Nullable
        Flavor flavor;

        @XmlElement(namespace = NAMESPACE)
        @Nullable
        Owner owner;

        @XmlElement(namespace = NAMESPACE)
        @Nullable
        Root root;

        @XmlElementWrapper(name = "ports", namespace = NAMESPACE)
        @XmlElement(name = "port", namespace = NAMESPACE)
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

        @XmlElement(namespace = NAMESPACE)
        int memory;

        @XmlElement(namespace = NAMESPACE)
        int disk;

        @XmlElement(namespace = NAMESPACE)
        int swap;

        @XmlElement(namespace = NAMESPACE)
        int ephemeral;

        @XmlElement(namespace = NAMESPACE)
        int vcpus;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"user", "project"})
    static final class Owner {
        @XmlElement(namespace = NAMESPACE)
        @Nullable
        Named user;

        @XmlElement(namespace = NAMESPACE)
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

        @XmlElement(namespace = NAMESPACE)
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
