package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.novabridge.driver.storage.lvm.PoolAlarm;

/**
 * What happened on this host, for {@code nova.virt.event} and for operators. Of a guest a stop that an operation caused is not
 * told; another stop is told late, so that a reboot from inside the guest is not taken for a stop (as Nova does).
 *
 * @param instance uuid; empty for what is the host's
 * @param detail what else there is to say, by kind; JSON values only
 */
public record HostEvent(Kind kind, String instance, Instant at, Map<String, Object> detail) {
    public HostEvent {
        detail = Collections.unmodifiableMap(new LinkedHashMap<>(detail));
    }

    /** The closed list of what is told. */
    public enum Kind {
        STARTED,
        STOPPED,
        PAUSED,
        RESUMED,
        SUSPENDED,
        /** A write of the guest found no space, and it stands still; when its pool has room again it goes on. */
        OUT_OF_SPACE,
        /** That alarm is over: the guest goes on, or does not run any more. */
        OUT_OF_SPACE_OVER,
        /** Data or metadata of the thin pool have reached another level of alarm, from or to {@code ok}. */
        THIN_POOL,
        /** A disk that nobody wants any more is still there: it could not be wiped and removed. */
        WIPE_FAILED,
        /** Something of ours was found that nothing knows; see {@link HostReconciliation}. */
        LEFTOVERS,
        /** Events may have been lost: ask for everything anew. */
        RESET;

        /** {@code out-of-space}: the word in answers. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The same, as command lines show it. */
        @Override
        public String toString() {
            return word();
        }
    }

    static HostEvent ofGuest(Kind kind, String uuid, Instant at) {
        return new HostEvent(kind, uuid, at, Map.of());
    }

    static HostEvent of(PoolAlarm alarm, Instant at) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("pool", alarm.pool());
        detail.put("part", alarm.part().word());
        detail.put("level", alarm.level().word());
        detail.put("percent", alarm.percent());
        detail.put("message", alarm.sentence());
        return new HostEvent(Kind.THIN_POOL, "", at, detail);
    }
}
