package org.novabridge.driver.storage.lvm;

import org.jspecify.annotations.Nullable;

/**
 * How full a thin pool is and when it will be, as the running bridge has watched it.
 *
 * @param pool its name
 * @param at when it was last looked at (ISO 8601)
 */
public record PoolForecast(String pool, String at, Part data, Part metadata) {

    /**
     * Data or metadata.
     *
     * @param size bytes
     * @param used bytes
     * @param percent of the size that is used
     * @param bytesPerHour how fast it grows; null until there are five looks
     * @param secondsToFull until there is no more, growth by dmeventd into the free part of the volume group included;
     *     null when it does not grow
     */
    public record Part(
            long size,
            long used,
            double percent,
            @Nullable Long bytesPerHour,
            @Nullable Long secondsToFull,
            PoolAlarm.Level alarm) {}
}
