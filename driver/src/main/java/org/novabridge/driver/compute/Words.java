package org.novabridge.driver.compute;

import java.util.Locale;

/** Constants as words in answers. */
final class Words {
    private Words() {}

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
