package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Whose instance it is: who created it through the bridge. */
public enum InstanceOwner {
    NOVA,
    OPERATOR;

    /** {@code nova} or {@code operator}: the word in records and answers. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
