package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * An instance between two hosts, in the record of each.
 *
 * @param migration uuid of the migration
 * @param host at the source where it goes; empty at the destination
 * @param token at the source the token itself, by which the other host lets it speak of this instance and of nothing
 *     else; at the destination its SHA-256
 * @param ran whether the guest ran before
 * @param held whether Nova's compute services start it, there and when it comes back, and not the bridges. A record of an
 *     earlier release has neither for such a guest
 * @param since when the phase began; ISO-8601, UTC
 */
record PendingMigration(
        Phase phase,
        String migration,
        String host,
        String token,
        boolean ran,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean held,
        String since) {

    /** Where it is. */
    enum Phase {
        /** At the source: the disks are on the other host too. Here the guest does not run. */
        SENT,
        /** At the source: the other host was asked to keep the instance, and may have done so. */
        CONFIRMING,
        /** At the source: the other host keeps the instance; what is left of it here goes. */
        CONFIRMED,
        /** At the destination: all disks are here. Without a word from the source they go again after a while. */
        RECEIVED,
        /** At the destination: the instance is this host's until the source takes it back. */
        TAKEN,
        /** At the destination: it stays. */
        KEPT;

        /** {@code sent}, {@code received} … */
        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    PendingMigration in(Phase next, String now) {
        return new PendingMigration(next, migration, host, token, ran, held, now);
    }

    /** Whether the bridge that has the instance in the end starts it. */
    boolean starts() {
        return ran && !held;
    }

    /** Whether the instance may run on the host whose record this is. */
    boolean runsHere() {
        return phase == Phase.TAKEN || phase == Phase.KEPT;
    }

    /** Whether the record is that of the host from which the instance has gone. */
    boolean fromHere() {
        return phase == Phase.SENT || phase == Phase.CONFIRMING || phase == Phase.CONFIRMED;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "PendingMigration[" + phase + ", " + migration + ", " + host + ", " + since + "]";
    }
}
