package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.novabridge.driver.compute.JournalEntry.Child;
import org.novabridge.driver.exec.HostProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that a dead bridge left: ended with all that they started when what they write is worthless unless complete, waited for
 * when they must come to their own end (a killed LVM command can leave a suspended device and hang
 * every guest on it).
 */
final class LeftChildren {
    private static final Logger LOG = LoggerFactory.getLogger(LeftChildren.class);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration REMIND = Duration.ofSeconds(30);

    private LeftChildren() {}

    /** Returns when none of them runs any more. */
    static void settle(List<Child> children) {
        for (Child child : children) {
            HostProcess process = child.process();
            if (child.endable() && process.anythingRuns()) {
                LOG.warn("ending process {} ({}) of the bridge before this one", child.pid(), child.program());
                Set<HostProcess> killed = new HashSet<>();
                waitWhile(child, () -> {
                    // Again and again: what it starts between the look and the kill is found by the next look.
                    killed.addAll(process.kill());
                    return process.anythingRuns() || killed.stream().anyMatch(HostProcess::runs);
                });
            } else if (process.runs()) {
                LOG.warn("waiting for process {} ({}), which must not be ended", child.pid(), child.program());
                waitWhile(child, process::runs);
            }
        }
    }

    private static void waitWhile(Child child, BooleanSupplier runs) {
        long waited = 0;
        while (runs.getAsBoolean()) {
            try {
                Thread.sleep(LOOK.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            waited += LOOK.toMillis();
            if (waited % REMIND.toMillis() == 0) {
                LOG.warn("still waiting for process {} ({})", child.pid(), child.program());
            }
        }
    }
}
