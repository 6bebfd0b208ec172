package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * By which right another host speaks of an instance that it has brought.
 *
 * @param token the secret of the migration
 * @param running what a guest that Nova starts must be doing for the word to be obeyed: true, it runs if it ran before; false,
 *     it does not run. Null: Nova decides, which knows what its users did with it. Never said of a guest that the bridges start:
 *     one of an earlier release knows no others, nor this word
 */
public record MigrationClaim(
        String migration,
        String instance,
        String token,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean running) {

    MigrationClaim(String migration, String instance, String token) {
        this(migration, instance, token, null);
    }

    /** For the same, once it is looked at what the guest does. */
    MigrationClaim when(@Nullable Boolean runs) {
        return new MigrationClaim(migration, instance, token, runs);
    }

    /** The same, when its form is right. */
    MigrationClaim checked() {
        Uuids.canonical(String.valueOf(migration));
        Uuids.canonical(String.valueOf(instance));
        return token == null ? new MigrationClaim(migration, instance, "", running) : this;
    }

    boolean of(PendingMigration pending) {
        return migration.equals(pending.migration())
                && !pending.fromHere()
                && MigrationToken.matches(token, pending.token());
    }

    /** As the other host reads it. */
    byte[] json() {
        return StateJson.MAPPER.valueToTree(this).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "MigrationClaim[" + migration + ", " + instance + "]";
    }
}
