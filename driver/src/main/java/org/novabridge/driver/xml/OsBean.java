package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <os>}. */
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"type", "kernel", "initrd", "cmdline", "boot", "smbios", "bootmenu"})
final class OsBean {
    @Nullable
    Type type;

    @Nullable
    String kernel;

    @Nullable
    String initrd;

    @Nullable
    String cmdline;

    List<Boot> boot = new ArrayList<>();

    @Nullable
    Smbios smbios;

    @Nullable
    BootMenu bootmenu;

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "osType")
    static final class Type {
        @XmlAttribute
        @Nullable
        String arch;

        @XmlAttribute
        @Nullable
        String machine;

        @XmlValue
        @Nullable
        String value;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "osBoot")
    static final class Boot {
        @XmlAttribute
        @Nullable
        String dev;

        static Boot of(String dev) {
            Boot boot = new Boot();
            boot.dev = dev;
            return boot;
        }
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Smbios {
        @XmlAttribute
        @Nullable
        String mode;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class BootMenu {
        @XmlAttribute
        @Nullable
        String enable;
    }
}
