package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlType;
import org.jspecify.annotations.Nullable;

/** {@code <cputune>}. */
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"shares", "quota", "period"})
final class CpuTuneBean {
    @Nullable
    Long shares;

    @Nullable
    Long quota;

    @Nullable
    Long period;
}
