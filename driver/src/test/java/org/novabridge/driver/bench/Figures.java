package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What is said about the samples of one contender: medians, since a shared machine has outliers, and between
 * which values they lie.
 */
record Figures(List<Sample> samples) {
    Figures {
        samples = List.copyOf(samples);
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
    }

    double seconds() {
        return median(samples.stream().map(Sample::seconds).toList());
    }

    double fastest() {
        return samples.stream().mapToDouble(Sample::seconds).min().orElseThrow();
    }

    double slowest() {
        return samples.stream().mapToDouble(Sample::seconds).max().orElseThrow();
    }

    long bytes() {
        return Math.round(median(of(Sample::bytes)));
    }

    long mostBytes() {
        return samples.stream().mapToLong(Sample::bytes).max().orElseThrow();
    }

    /**
     * How often the other's time goes into this one's: the median over the repetitions of the ratio within the same
     * repetition, so that a slow minute of the machine, which meets both, does not count. Falls back to the ratio of
     * the medians when one has fewer repetitions.
     */
    double timesOf(Figures other) {
        if (samples.size() != other.samples.size()) {
            return seconds() / other.seconds();
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            ratios.add(samples.get(i).seconds() / other.samples.get(i).seconds());
        }
        return median(ratios);
    }

    private List<Double> of(ToDoubleFunction<Sample> value) {
        return samples.stream().map(value::applyAsDouble).toList();
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
