package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.compute.JournalEntry.Child;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that a dead bridge left: ended when what they write is worthless unless complete, waited for
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
            if (!runs(child)) {
                continue;
            }
            if (child.endable()) {
                LOG.warn("ending process {} ({}) of the bridge before this one", child.pid(), child.program());
                ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly);
            } else {
                LOG.warn("waiting for process {} ({}), which must not be ended", child.pid(), child.program());
            }
            waitFor(child);
        }
    }

    private static void waitFor(Child child) {
        long waited = 0;
        while (runs(child)) {
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

    /** Pid and kernel start time together name a process for good. */
    static boolean runs(Child child) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(child.pid()), "stat"));
            // The name in parentheses may hold anything; what follows the last one is plain.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean zombie = fields[0].equals("Z") || fields[0].equals("X");
            return !zombie && Long.parseLong(fields[19]) == child.startTime();
        } catch (IOException e) {
            return false;
        }
    }

    /** The start time of a process that runs, as {@link Child#startTime} wants it. */
    static Optional<Long> startTime(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return Optional.of(
                    Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
