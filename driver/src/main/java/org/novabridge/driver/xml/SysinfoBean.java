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

/** {@code <sysinfo>} with its system table. */
@XmlAccessorType(XmlAccessType.FIELD)
final class SysinfoBean {
    @XmlAttribute
    @Nullable
    String type;

    @XmlElementWrapper(name = "system")
    @XmlElement(name = "entry")
    List<Entry> entries = new ArrayList<>();

    void add(String name, String value) {
        Entry entry = new Entry();
        entry.name = name;
        entry.value = value;
        entries.add(entry);
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "sysinfoEntry")
    static final class Entry {
        @XmlAttribute
        @Nullable
        String name;

        @XmlValue
        @Nullable
        String value;
    }
}
