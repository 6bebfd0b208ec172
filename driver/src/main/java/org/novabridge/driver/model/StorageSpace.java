package org.novabridge.driver.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One place that guests' disks lie in, and how full it is. All sizes are in bytes.
 *
 * @param name {@code nova} of a volume group, {@code nova/nova-pool} of a thin pool, the folder of a file system
 * @param used what is taken: by volumes, by written blocks of a pool, by files
 * @param free what is left; of a file system what others than root can have
 * @param guests what the disks of guests may take when they are full; null where nobody counts them (files)
 * @param reserved what is taken or promised and is no guest's: base images, volumes that wait for their wipe, a pool in
 *     its group, volumes of others; null where nobody counts it
 */
public record StorageSpace(
        Kind kind,
        String name,
        long total,
        long used,
        long free,
        @Nullable Long guests,
        @Nullable Long reserved) {

    /** What kind of place it is. */
    public enum Kind {
        FILE_SYSTEM,
        VOLUME_GROUP,
        THIN_POOL;

        /** {@code file-system}: the word in answers. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Bytes promised or reserved for each byte there is, to a hundredth; null where nobody counts. */
    @JsonProperty("over_subscription")
    public @Nullable Double overSubscription() {
        if (guests == null || reserved == null || total == 0) {
            return null;
        }
        return Math.round(100.0 * (guests + reserved) / total) / 100.0;
    }
}
