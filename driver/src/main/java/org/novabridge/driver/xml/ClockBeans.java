package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <clock>} and its timers. */
final class ClockBeans {
    private ClockBeans() {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Clock {
        @XmlAttribute
        @Nullable
        String offset;

        List<Timer> timer = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Timer {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute(name = "tickpolicy")
        @Nullable
        String tickPolicy;

        @XmlAttribute
        @Nullable
        String present;
    }
}
