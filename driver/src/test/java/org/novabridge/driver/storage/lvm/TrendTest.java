package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrendTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    /** One point each minute. */
    private static List<Trend.Point> points(String bytes) {
        List<Trend.Point> points = new ArrayList<>();
        for (String one : bytes.strip().split("\\s+")) {
            points.add(new Trend.Point(START.plusSeconds(60L * points.size()), Long.parseLong(one)));
        }
        return points;
    }

    /** Bytes once a minute; bytes per second; seconds until 6000 bytes. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "0 60 120 180,                             -,    -",
                "0 60 120 180 240,                         1.0,  5760",
                "5000 5000 5000 5000 5000,                 0.0,  -",
                "5000 4940 4880 4820 4760,                -1.0,  -",
                "5760 5820 5880 5940 6000,                 1.0,  0",
                "6100 6000 6000 6000 6000,                 0.0,  0",
                // an image is written once, a guest deleted once
                "0 60 120 180 240 300 360 420 480 5000,    1.0,  1000",
                "5000 60 120 180 240 300 360 420 480 540,  1.0,  5460",
            })
    void slopeAndTimeToFull(String bytes, Double slope, Long seconds) {
        Trend trend = new Trend(points(bytes));
        if (slope == null) {
            assertThat(trend.bytesPerSecond()).isEmpty();
            assertThat(trend.secondsUntil(6000)).isEmpty();
            return;
        }
        assertThat(trend.bytesPerSecond().orElseThrow()).isCloseTo(slope, within(0.001));
        if (seconds == null) {
            assertThat(trend.secondsUntil(6000)).isEmpty();
        } else {
            assertThat(trend.secondsUntil(6000)).hasValue(seconds);
        }
    }

    /** Looks that were late, or of a host that slept, count with their own time. */
    @Test
    void theTimeBetweenPointsCounts() {
        List<Trend.Point> points = List.of(
                new Trend.Point(START, 0),
                new Trend.Point(START.plusSeconds(10), 100),
                new Trend.Point(START.plusSeconds(3610), 36_100),
                new Trend.Point(START.plusSeconds(3620), 36_200),
                new Trend.Point(START.plusSeconds(3700), 37_000));
        assertThat(new Trend(points).bytesPerSecond().orElseThrow()).isCloseTo(10, within(0.001));
    }

    @Test
    void aClockThatStandsGivesNoTrend() {
        Trend.Point point = new Trend.Point(START, 1);
        assertThat(new Trend(List.of(point, point, point, point, point)).bytesPerSecond())
                .isEmpty();
    }

    /** LVM gives a hundredth of a percent, which is 100 MiB of a TiB: steps, not a line. */
    @Test
    void coarsePercentagesStillGiveTheRate() {
        List<Trend.Point> points = new ArrayList<>();
        long size = 1L << 40;
        for (int i = 0; i < 60; i++) {
            long real = 300L * (1 << 20) / 10 * i;
            points.add(new Trend.Point(START.plusSeconds(60L * i), real / (size / 10_000) * (size / 10_000)));
        }
        assertThat(new Trend(points).bytesPerSecond().orElseThrow() * 60).isCloseTo(30 << 20, within(1.0 * (2 << 20)));
    }
}
