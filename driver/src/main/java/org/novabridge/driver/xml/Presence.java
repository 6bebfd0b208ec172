package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import org.jspecify.annotations.Nullable;

/** An empty element whose presence is the message ({@code <readonly/>}). */
@XmlAccessorType(XmlAccessType.FIELD)
final class Presence {
    static @Nullable Presence of(boolean present) {
        return present ? new Presence() : null;
    }
}
