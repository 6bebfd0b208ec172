package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlType;
import org.jspecify.annotations.Nullable;

/** {@code <memoryBacking>}. */
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"locked", "source", "access", "allocation", "discard"})
final class MemoryBackingBean {
    @Nullable
    Presence locked;

    @Nullable
    Source source;

    @Nullable
    Mode access;

    @Nullable
    Mode allocation;

    @Nullable
    Presence discard;

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "memorySource")
    static final class Source {
        @XmlAttribute
        @Nullable
        String type;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "memoryMode")
    static final class Mode {
        @XmlAttribute
        @Nullable
        String mode;

        static Mode of(String value) {
            Mode mode = new Mode();
            mode.mode = value;
            return mode;
        }
    }
}
