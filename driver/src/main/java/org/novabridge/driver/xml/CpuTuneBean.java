package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <cputune>}. */
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"shares", "quota", "period", "iothreadpin"})
final class CpuTuneBean {
    @Nullable
    Long shares;

    @Nullable
    Long quota;

    @Nullable
    Long period;

    List<IoThreadPin> iothreadpin = new ArrayList<>();

    /** Where one I/O thread runs. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IoThreadPin {
        @XmlAttribute
        @Nullable
        String iothread;

        @XmlAttribute
        @Nullable
        String cpuset;
    }
}
