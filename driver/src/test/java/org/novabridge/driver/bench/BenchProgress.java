package org.novabridge.driver.bench;

/** Tells on stderr what was just measured and how far the run is. */
final class BenchProgress {
    private final int steps;
    private int done;

    BenchProgress(int steps) {
        this.steps = steps;
    }

    void say(String text) {
        System.err.printf("[%3d %%] %s%n", 100 * done / Math.max(1, steps), text);
    }

    /** Something was measured. */
    void step(String text) {
        done = Math.min(steps, done + 1);
        say(text);
    }

    void measured(Measured.Cell cell, Sample sample) {
        step("%s, %s, %s, %s: %.2f s, %s written"
                .formatted(
                        cell.work().part,
                        cell.disk(),
                        cell.size(),
                        cell.contender(),
                        sample.seconds(),
                        Quantities.size(sample.bytes())));
    }
}
