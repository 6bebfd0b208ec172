package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.ChildObserver;
import org.novabridge.driver.exec.Effect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes each child of an operation into that operation's journal entry before the child acts. The
 * operation is the one whose thread started the child, or for whose thread another one did; a child outside any operation (a read, the
 * bootstrap of a volume group under its own lock) has nothing to be settled by.
 */
public final class ChildJournal implements ChildObserver {
    private static final Logger LOG = LoggerFactory.getLogger(ChildJournal.class);

    private final CrashPoint crashPoint;
    private final Supplier<@Nullable RunningOperation> whose;

    public ChildJournal() {
        this(CrashPoint.NONE);
    }

    ChildJournal(CrashPoint crashPoint) {
        this(crashPoint, RunningOperation::current);
    }

    private ChildJournal(CrashPoint crashPoint, Supplier<@Nullable RunningOperation> whose) {
        this.crashPoint = crashPoint;
        this.whose = whose;
    }

    @Override
    public ChildObserver ofThisThread() {
        RunningOperation mine = whose.get();
        return new ChildJournal(crashPoint, () -> mine);
    }

    @Override
    public void started(Child child) {
        RunningOperation operation = whose.get();
        if (operation == null) {
            LOG.debug("child {} outside any operation: {}", child.process().pid(), child.argv());
            return;
        }
        operation.childStarted(new JournalEntry.Child(
                child.process().pid(),
                child.process().startTime(),
                child.process().boot(),
                program(child),
                child.effect() != Effect.MUST_FINISH));
        crashPoint.reach("child before " + program(child));
    }

    @Override
    public void ended(Child child) {
        RunningOperation operation = whose.get();
        if (operation != null) {
            crashPoint.reach("child after " + program(child));
            operation.childEnded(child.process());
        }
    }

    @Override
    public void overdue(Child child, Duration elapsed) {
        RunningOperation operation = whose.get();
        if (operation != null) {
            operation.report("waiting for " + program(child) + ", which must not be ended", -1);
        }
    }

    private static String program(Child child) {
        return child.argv().isEmpty() ? "" : child.argv().get(0);
    }
}
