package org.novabridge.driver.storage.lvm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * A thin pool has become fuller, or emptier, than an operator should let pass.
 *
 * @param part data or metadata
 * @param level the new one
 * @param percent how full that part is
 */
public record PoolAlarm(String pool, Part part, Level level, double percent) {
    /** How far below a mark it has to fall before its alarm ends: at the mark itself it would come and go. */
    private static final double HYSTERESIS = 5;

    /** A pool without metadata stops all its guests and has to be repaired, so its marks are lower. */
    public enum Part {
        DATA(80, 95),
        METADATA(70, 90);

        final double warning;
        final double critical;

        Part(double warning, double critical) {
            this.warning = warning;
            this.critical = critical;
        }

        /** {@code data} or {@code metadata}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** A pool that is grown at a mark is to worry about when it was not grown there. */
        double warning(PoolGrowth growth) {
            return growth.wanted()
                    ? Math.max(warning, Math.min(growth.threshold() + HYSTERESIS, critical - 1))
                    : warning;
        }

        /** The level at that percentage, after the given one. */
        Level level(Level before, double percent, PoolGrowth growth) {
            if (percent >= critical || before == Level.CRITICAL && percent > critical - HYSTERESIS) {
                return Level.CRITICAL;
            }
            double mark = warning(growth);
            if (percent >= mark || before != Level.OK && percent > mark - HYSTERESIS) {
                return Level.WARNING;
            }
            return Level.OK;
        }
    }

    /** How bad it is. */
    public enum Level {
        @JsonProperty("ok")
        OK,
        @JsonProperty("warning")
        WARNING,
        @JsonProperty("critical")
        CRITICAL;

        /** {@code ok}, {@code warning} or {@code critical}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** For the log. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "the %s of thin pool %s is %.1f %% full%s",
                part.word(),
                pool,
                percent,
                level == Level.OK ? " again" : "; nova-bridge vg check says what to do");
    }
}
