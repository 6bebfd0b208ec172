package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <cpu>} with model, topology and flags. */
final class CpuBeans {
    private CpuBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"model", "topology", "feature"})
    static final class Cpu {
        @XmlAttribute
        @Nullable
        String mode;

        @XmlAttribute
        @Nullable
        String match;

        @Nullable
        Model model;

        @Nullable
        Topology topology;

        List<Feature> feature = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "cpuModel")
    static final class Model {
        @XmlValue
        @Nullable
        String name;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Topology {
        @XmlAttribute
        int sockets;

        @XmlAttribute
        int cores;

        @XmlAttribute
        int threads;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "cpuFeature")
    static final class Feature {
        @XmlAttribute
        @Nullable
        String policy;

        @XmlAttribute
        @Nullable
        String name;
    }
}
