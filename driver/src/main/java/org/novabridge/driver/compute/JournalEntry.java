package org.novabridge.driver.compute;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.HostProcess;

/**
 * An operation as the journal keeps it.
 *
 * @param undo what takes back what was done so far, oldest first; run from the end
 * @param children processes that were started and not yet seen to end
 * @param created ISO-8601, UTC
 */
record JournalEntry(
        int version,
        String id,
        Operation.Kind kind,
        String instance,
        Caller caller,
        @Nullable String key,
        @Nullable String requestHash,
        Operation.State state,
        String phase,
        String created,
        String updated,
        List<Undo> undo,
        List<Child> children,
        Map<String, Object> result,
        @Nullable Problem problem) {

    /** 2: children have a boot id. 3: the key of a volume may have to be taken from libvirt. */
    static final int VERSION = 3;

    JournalEntry {
        undo = List.copyOf(undo);
        children = List.copyOf(children);
        result = Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    /**
     * A process of an operation.
     *
     * @param startTime with pid and boot as in {@link HostProcess}
     * @param boot null when a bridge of journal version 1 wrote the entry
     * @param endable false for LVM commands that change something: they are waited for, never killed
     */
    record Child(long pid, long startTime, @Nullable String boot, String program, boolean endable) {
        HostProcess process() {
            return new HostProcess(pid, startTime, boot);
        }
    }

    static JournalEntry pending(
            String id, Operation.Kind kind, String instance, Caller caller, RequestKey key, Instant now) {
        String stamp = now.toString();
        return new JournalEntry(
                VERSION,
                id,
                kind,
                instance,
                caller,
                key.key(),
                key.requestHash(),
                Operation.State.PENDING,
                "waiting",
                stamp,
                stamp,
                List.of(),
                List.of(),
                Map.of(),
                null);
    }

    JournalEntry state(Operation.State next, String nextPhase, Instant now) {
        return copy(next, nextPhase, now, undo, children, result, problem);
    }

    JournalEntry phase(String nextPhase, Instant now) {
        return copy(state, nextPhase, now, undo, children, result, problem);
    }

    JournalEntry undo(List<Undo> next, Instant now) {
        return copy(state, phase, now, next, children, result, problem);
    }

    JournalEntry with(Undo action, Instant now) {
        List<Undo> next = new ArrayList<>(undo);
        next.add(action);
        return undo(next, now);
    }

    JournalEntry children(List<Child> next, Instant now) {
        return copy(state, phase, now, undo, next, result, problem);
    }

    JournalEntry result(Map<String, Object> next, Instant now) {
        return copy(state, phase, now, undo, children, next, problem);
    }

    JournalEntry ended(
            Operation.State next, Map<String, Object> nextResult, @Nullable Problem nextProblem, Instant now) {
        return copy(next, next.word(), now, undo, children, nextResult, nextProblem);
    }

    private JournalEntry copy(
            Operation.State nextState,
            String nextPhase,
            Instant now,
            List<Undo> nextUndo,
            List<Child> nextChildren,
            Map<String, Object> nextResult,
            @Nullable Problem nextProblem) {
        return new JournalEntry(
                VERSION,
                id,
                kind,
                instance,
                caller,
                key,
                requestHash,
                nextState,
                nextPhase,
                created,
                now.toString(),
                nextUndo,
                nextChildren,
                nextResult,
                nextProblem);
    }

    /** Whether what it has done is to stay for now, though it is to be taken back one day. */
    boolean stands(Instant now) {
        return state == Operation.State.DONE
                && undo.stream().map(Undo::standsUntil).anyMatch(end -> end != null && end.isAfter(now));
    }

    /** The operation as callers see it. */
    Operation operation(double percent) {
        return new Operation(
                id,
                kind,
                instance,
                caller,
                state,
                phase,
                percent,
                Instant.parse(created),
                Instant.parse(updated),
                result,
                problem);
    }
}
