package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * A port or a volume that the caller has plugged or connected for an instance, or was about to.
 *
 * @param id Neutron's of the port, Cinder's of the volume
 * @param what Nova's VIF dictionary, or Cinder's connection_info without passwords and keys
 * @param since when the caller said so first; ISO-8601, UTC
 */
public record OutsideDevice(Kind kind, String id, Map<String, Object> what, String since) {
    private static final int MAX_ID = 255;

    public OutsideDevice {
        what = Collections.unmodifiableMap(new LinkedHashMap<>(what));
    }

    /** What is done with it: a port is plugged, a volume connected. */
    public enum Kind {
        PORT,
        VOLUME;

        /** {@code port}: the word in answers and paths. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws BridgeException INVALID_REQUEST when nothing is called so */
        public static Kind of(String word) {
            return Arrays.stream(values())
                    .filter(kind -> kind.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> invalid("only a port or a volume can be outside"));
        }
    }

    /** @throws BridgeException INVALID_REQUEST when the port has no id */
    static OutsideDevice port(Map<String, Object> vif, String since) {
        return new OutsideDevice(Kind.PORT, id(vif.get("id"), "network_info"), vif, since);
    }

    /** @throws BridgeException INVALID_REQUEST when nobody names the volume */
    static OutsideDevice volume(BlockDevice volume, String since) {
        Object id = volume.volumeId().orElse(null);
        return new OutsideDevice(Kind.VOLUME, id(id, "block_device_mapping"), volume.connectionInfo(), since);
    }

    private static String id(@Nullable Object id, String where) {
        if (!(id instanceof String text) || text.isEmpty() || text.length() > MAX_ID) {
            throw invalid(where + ": an entry has no id, by which it could be found again");
        }
        return text;
    }

    private static BridgeException invalid(String what) {
        return new BridgeException(ErrorCode.INVALID_REQUEST, what, "See the reference of the REST interface.");
    }

    boolean same(OutsideDevice other) {
        return kind == other.kind && id.equals(other.id);
    }
}
