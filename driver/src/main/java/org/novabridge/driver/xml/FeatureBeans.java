package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElements;
import jakarta.xml.bind.annotation.XmlTransient;
import jakarta.xml.bind.annotation.XmlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <features>} and what is in it; the order is the one in which the rules added them. */
final class FeatureBeans {
    private FeatureBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Features {
        @XmlElements({
            @XmlElement(name = "acpi", type = Acpi.class),
            @XmlElement(name = "apic", type = Apic.class),
            @XmlElement(name = "vmcoreinfo", type = VmCoreInfo.class),
            @XmlElement(name = "hyperv", type = HyperV.class),
            @XmlElement(name = "kvm", type = Kvm.class),
            @XmlElement(name = "pmu", type = Pmu.class),
            @XmlElement(name = "ioapic", type = IoApic.class)
        })
        List<Feature> list = new ArrayList<>();
    }

    @XmlTransient
    abstract static class Feature {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Acpi extends Feature {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Apic extends Feature {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class VmCoreInfo extends Feature {
        /** libvirt adds it when it reads our document. */
        @XmlAttribute
        @Nullable
        String state;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(
            propOrder = {
                "relaxed",
                "vapic",
                "spinlocks",
                "vendorId",
                "vpindex",
                "runtime",
                "synic",
                "reset",
                "frequencies",
                "reenlightenment",
                "tlbflush",
                "ipi",
                "evmcs"
            })
    static final class HyperV extends Feature {
        @Nullable
        State relaxed;

        @Nullable
        State vapic;

        @Nullable
        State spinlocks;

        @XmlElement(name = "vendor_id")
        @Nullable
        State vendorId;

        @Nullable
        State vpindex;

        @Nullable
        State runtime;

        @Nullable
        State synic;

        @Nullable
        State reset;

        @Nullable
        State frequencies;

        @Nullable
        State reenlightenment;

        @Nullable
        State tlbflush;

        @Nullable
        State ipi;

        @Nullable
        State evmcs;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Kvm extends Feature {
        @Nullable
        State hidden;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Pmu extends Feature {
        @XmlAttribute
        @Nullable
        String state;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IoApic extends Feature {
        @XmlAttribute
        @Nullable
        String driver;
    }

    /** A switch that is on or off, some with a number or a text. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "featureState")
    static final class State {
        @XmlAttribute
        @Nullable
        String state;

        @XmlAttribute
        @Nullable
        Integer retries;

        @XmlAttribute
        @Nullable
        String value;

        static State on() {
            State on = new State();
            on.state = "on";
            return on;
        }
    }
}
