package org.novabridge.driver.storage.lvm;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How fast a number of bytes grows: the median of the slopes between each two points (Theil and Sen). A burst, or an
 * image that is written once, moves it little as long as it spans less than a quarter of the points.
 */
final class Trend {
    /** With fewer, the next one may say the opposite. */
    private static final int FEWEST = 5;

    private final List<Point> points;
    private final OptionalDouble bytesPerSecond;

    /** @param points in the order of time */
    Trend(List<Point> points) {
        this.points = List.copyOf(points);
        this.bytesPerSecond = slope(points);
    }

    /** So many bytes at that time. */
    record Point(Instant at, long bytes) {}

    /** Negative when it shrinks; empty with less than five points. */
    OptionalDouble bytesPerSecond() {
        return bytesPerSecond;
    }

    private static OptionalDouble slope(List<Point> points) {
        if (points.size() < FEWEST) {
            return OptionalDouble.empty();
        }
        double[] slopes = new double[points.size() * (points.size() - 1) / 2];
        int count = 0;
        for (int i = 0; i < points.size(); i++) {
            for (int j = i + 1; j < points.size(); j++) {
                double seconds =
                        (points.get(j).at().toEpochMilli() - points.get(i).at().toEpochMilli()) / 1000.0;
                if (seconds > 0) {
                    slopes[count++] = (points.get(j).bytes() - points.get(i).bytes()) / seconds;
                }
            }
        }
        if (count == 0) {
            return OptionalDouble.empty();
        }
        Arrays.sort(slopes, 0, count);
        double upper = slopes[count / 2];
        return OptionalDouble.of(count % 2 == 1 ? upper : (slopes[count / 2 - 1] + upper) / 2);
    }

    /**
     * Seconds from the last point until that many bytes are reached; empty when it does not grow.
     *
     * @param limit bytes
     */
    OptionalLong secondsUntil(long limit) {
        if (bytesPerSecond.isEmpty()) {
            return OptionalLong.empty();
        }
        long left = limit - points.get(points.size() - 1).bytes();
        if (left <= 0) {
            return OptionalLong.of(0);
        }
        double slope = bytesPerSecond.getAsDouble();
        return slope > 0 ? OptionalLong.of((long) Math.ceil(left / slope)) : OptionalLong.empty();
    }
}
