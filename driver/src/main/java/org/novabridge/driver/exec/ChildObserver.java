package org.novabridge.driver.exec;

import java.time.Duration;
import java.util.List;

/**
 * Is told of every child that changes something ({@link Effect#WRITES}, {@link Effect#MUST_FINISH}).
 * All calls come on the thread that called {@link CommandExecutor#run}, whose work the child is, or that of the thread for which
 * this is {@link #ofThisThread}.
 */
public interface ChildObserver {

    /** Nobody looks; children are then not held at the gate. */
    ChildObserver NONE = new ChildObserver() {
        @Override
        public void started(Child child) {
            // nobody looks
        }

        @Override
        public void ended(Child child) {
            // nobody looks
        }
    };

    /**
     * A child of ours.
     *
     * @param process the same before and after the gate, since each step is an exec
     * @param argv the program and its arguments, without launch prefix
     * @param effect tells the next start what to do with it: end it, or wait for it
     */
    record Child(HostProcess process, List<String> argv, Effect effect) {
        public Child {
            argv = List.copyOf(argv);
        }

        long pid() {
            return process.pid();
        }
    }

    /**
     * The child exists and is held at a gate: its program has not run and does not run until this
     * returns. An exception ends the child before it did anything.
     */
    void started(Child child);

    /** The child has ended. */
    void ended(Child child);

    /** To be told of children that other threads start for the work of this one. */
    default ChildObserver ofThisThread() {
        return this;
    }

    /** A child that must finish is past its deadline; called again at each further deadline. */
    default void overdue(Child child, Duration elapsed) {
        // the executor has logged it
    }
}
