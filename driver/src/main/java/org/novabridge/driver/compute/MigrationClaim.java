package org.novabridge.driver.compute;

import java.nio.charset.StandardCharsets;

/**
 * By which right another host speaks of an instance that it has brought.
 *
 * @param token the secret of the migration
 */
public record MigrationClaim(String migration, String instance, String token) {

    /** The same, when its form is right. */
    MigrationClaim checked() {
        Uuids.canonical(String.valueOf(migration));
        Uuids.canonical(String.valueOf(instance));
        return token == null ? new MigrationClaim(migration, instance, "") : this;
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
