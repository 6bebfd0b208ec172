package org.novabridge.driver.compute;

import java.util.regex.Pattern;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Instance ids become file, folder and volume names, so nothing but a canonical uuid passes. */
final class Uuids {
    private static final Pattern CANONICAL =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private Uuids() {}

    /**
     * The same text.
     *
     * @throws BridgeException INVALID_REQUEST when it is no uuid in lower case with dashes
     */
    static String canonical(String text) {
        return canonical("instance", text);
    }

    /** @param whose id it is, for the refusal: {@code image} */
    static String canonical(String whose, String text) {
        if (!CANONICAL.matcher(text).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "the " + whose + " id is not a uuid in its canonical form",
                    "give it as nova shows it: lower case, with dashes");
        }
        return text;
    }
}
