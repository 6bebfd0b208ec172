package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.HostProcess;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.LaterWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One operation with its journal entry. The entry is written before it takes effect in memory, by
 * the thread that works on it and those that run programs for it; pictures may be taken by any thread.
 */
final class RunningOperation implements Steps {
    private static final Logger LOG = LoggerFactory.getLogger(RunningOperation.class);
    private static final ThreadLocal<@Nullable RunningOperation> CURRENT = new ThreadLocal<>();

    private final Operations operations;

    /** Held from the look at the entry to its change, the write between them included: no change of another thread is lost. */
    private final Object writing = new Object();

    private JournalEntry entry;
    private String detail;
    private double percent = -1;
    private final Set<String> begun = ConcurrentHashMap.newKeySet();
    private volatile boolean cancelled;
    private volatile boolean takingBack;
    private @Nullable ConfigSnapshot config;

    RunningOperation(Operations operations, JournalEntry entry) {
        this.operations = operations;
        this.entry = entry;
        this.detail = entry.phase();
    }

    /** The operation this thread works on: the owner of the processes it starts. */
    static @Nullable RunningOperation current() {
        return CURRENT.get();
    }

    /** The configuration of this run: today's when it is first asked for, and then the same to its end. */
    ConfigSnapshot config(Supplier<ConfigSnapshot> today) {
        ConfigSnapshot mine = config;
        if (mine == null) {
            mine = today.get();
            config = mine;
        }
        return mine;
    }

    @Override
    public String id() {
        return entry.id();
    }

    @Override
    public String instance() {
        return entry.instance();
    }

    @Override
    public Caller caller() {
        return entry.caller();
    }

    @Nullable
    String requestHash() {
        return entry.requestHash();
    }

    synchronized Operation picture() {
        Operation picture = entry.operation(percent);
        if (picture.state() != Operation.State.RUNNING) {
            return picture;
        }
        return new Operation(
                picture.id(),
                picture.kind(),
                picture.instance(),
                picture.caller(),
                picture.state(),
                detail,
                percent,
                picture.created(),
                picture.updated(),
                picture.result(),
                picture.problem());
    }

    /** True when nothing is left to take back and no child may still run. */
    synchronized boolean settled() {
        return entry.state().ended()
                && entry.undo().isEmpty()
                && entry.children().isEmpty();
    }

    synchronized void save() {
        operations.journal().write(entry);
    }

    private void write(UnaryOperator<JournalEntry> change) {
        synchronized (writing) {
            JournalEntry next = change.apply(entry());
            operations.journal().write(next);
            synchronized (this) {
                entry = next;
                detail = next.phase();
                percent = -1;
            }
        }
        operations.changed(picture());
    }

    /** Written with what comes next. */
    private void keep(UnaryOperator<JournalEntry> change) {
        synchronized (writing) {
            synchronized (this) {
                entry = change.apply(entry);
            }
        }
    }

    @Override
    public void step(String phase) {
        stopIfCancelled();
        write(now -> now.phase(phase, operations.now()));
    }

    @Override
    public void step(String phase, Undo undo) {
        stopIfCancelled();
        write(now -> now.phase(phase, operations.now()).with(undo, operations.now()));
    }

    @Override
    public void instead(String phase, Undo undo) {
        stopIfCancelled();
        write(now -> now.phase(phase, operations.now()).undo(List.of(undo), operations.now()));
    }

    @Override
    public void over(Undo done) {
        forget(done::equals);
    }

    @Override
    public void known(Map<String, Object> result) {
        keep(now -> now.result(result, operations.now()));
    }

    @Override
    public void report(String phase, double nextPercent) {
        if (nextPercent > 0 && nextPercent < 100 && begun.add(phase)) {
            operations.journal().crashPoint().reach("during " + phase);
        }
        boolean news;
        synchronized (this) {
            news = !detail.equals(phase) || Math.floor(percent) != Math.floor(nextPercent);
            detail = phase;
            // Also less than a percent, which may take long: who looks is to see that it goes on.
            percent = nextPercent;
        }
        if (news) {
            operations.changed(picture());
        }
    }

    @Override
    public boolean cancelled() {
        return cancelled && !takingBack && !entry.kind().onlyForward();
    }

    /** A wipe is that operation itself; and who removes leftovers by name looks afterwards whether they are gone. */
    @Override
    public boolean leave(LaterWork work) {
        if (entry.kind() == Operation.Kind.WIPE || entry.kind() == Operation.Kind.RECONCILE) {
            return false;
        }
        operations.later(work);
        return true;
    }

    void cancel() {
        cancelled = true;
    }

    private void stopIfCancelled() {
        if (cancelled()) {
            throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
        }
    }

    /** Runs the work to its end; what an earlier try left is taken back first. */
    void run(Work work) {
        begin();
        try {
            if (!entry.kind().onlyForward() && !undoAll()) {
                return;
            }
            stopIfCancelled();
            write(now -> now.state(Operation.State.RUNNING, "starting", operations.now()));
            Map<String, Object> result = work.run(this);
            List<Undo> standing = entry().undo().stream()
                    .filter(undo -> undo.standsUntil() != null)
                    .toList();
            write(now ->
                    now.undo(standing, operations.now()).ended(Operation.State.DONE, result, null, operations.now()));
            standing.forEach(undo -> operations.takeBackAt(id(), Objects.requireNonNull(undo.standsUntil())));
        } catch (RuntimeException | Error e) {
            fail(e);
            if (e instanceof Error error && !(e instanceof LinkageError)) {
                throw error;
            }
        } finally {
            work.over();
            end();
        }
    }

    /** What this thread does and logs from now on belongs to this operation. */
    private void begin() {
        CURRENT.set(this);
        MDC.put("operation", id());
        MDC.put("instance", instance());
    }

    private void end() {
        config = null;
        CURRENT.remove();
        MDC.remove("operation");
        MDC.remove("instance");
    }

    private void fail(Throwable failure) {
        Problem problem = Problem.of(failure);
        if (problem.code() == ErrorCode.INTERNAL) {
            LOG.error("operation {} ({}) on {}", id(), entry.kind().word(), instance(), failure);
        } else {
            LOG.warn("operation {} ({}) on {}: {}", id(), entry.kind().word(), instance(), problem.detail());
        }
        try {
            undoAll();
            write(now -> now.ended(
                    problem.code() == ErrorCode.CANCELLED ? Operation.State.CANCELLED : Operation.State.FAILED,
                    now.result(),
                    problem,
                    operations.now()));
        } catch (RuntimeException e) {
            LOG.error("operation {} could not be written to the journal; the next start settles it", id(), e);
            keep(now -> now.ended(Operation.State.FAILED, now.result(), problem, operations.now()));
            operations.changed(picture());
        }
    }

    /** Takes back what a crash left; the operation stays interrupted, for its caller to see. */
    void takeBack() {
        begin();
        try {
            undoAll();
        } finally {
            end();
        }
    }

    /** Marks it as found in the journal after a crash. */
    void interrupted(Problem problem) {
        write(now -> now.children(List.of(), operations.now())
                .ended(Operation.State.INTERRUPTED, now.result(), problem, operations.now()));
    }

    /** Runs the undo list from its end; an action that fails stays in the journal for the next start. */
    private boolean undoAll() {
        takingBack = true;
        try {
            List<Undo> kept = new ArrayList<>();
            List<Undo> todo = new ArrayList<>(entry().undo());
            while (!todo.isEmpty()) {
                Undo action = todo.remove(todo.size() - 1);
                try {
                    operations.undoing().undo(action, this);
                } catch (RuntimeException e) {
                    LOG.error("operation {} on {}: cannot take back {}", id(), instance(), action, e);
                    kept.add(0, action);
                }
                List<Undo> left = new ArrayList<>(todo);
                left.addAll(kept);
                write(now -> now.undo(left, operations.now()));
            }
            return kept.isEmpty();
        } finally {
            takingBack = false;
        }
    }

    /** Only called from the queue of the same instance, so nobody runs these actions meanwhile. */
    void forget(Predicate<Undo> which) {
        List<Undo> left = entry().undo().stream().filter(Predicate.not(which)).toList();
        if (left.size() < entry().undo().size()) {
            write(now -> now.undo(left, operations.now()));
        }
    }

    synchronized JournalEntry entry() {
        return entry;
    }

    /**
     * A process was started for this operation; durable before the process acts.
     *
     * @throws BridgeException CANCELLED of one that a thread of it has started too late: nobody would settle the process before
     *     the next start. It waits at its gate, and is ended there
     */
    void childStarted(JournalEntry.Child child) {
        synchronized (writing) {
            if (entry().state().ended() && !takingBack) {
                throw new BridgeException(
                        ErrorCode.CANCELLED,
                        "operation " + id() + " has ended, so " + child.program() + " is not run for it");
            }
            List<JournalEntry.Child> next = new ArrayList<>(entry().children());
            next.add(child);
            JournalEntry changed = entry().children(next, operations.now());
            operations.journal().write(changed);
            synchronized (this) {
                entry = changed;
            }
        }
    }

    /** It was seen to end; the next write of the journal says so. */
    void childEnded(HostProcess process) {
        keep(now -> {
            List<JournalEntry.Child> next = new ArrayList<>(now.children());
            next.removeIf(child -> child.process().equals(process));
            return now.children(next, operations.now());
        });
    }
}
