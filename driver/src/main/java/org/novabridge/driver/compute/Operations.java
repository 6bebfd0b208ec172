package org.novabridge.driver.compute;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.LaterWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of this bridge: a bounded pool works on them, those of one instance one after the
 * other, and each is in the journal before it does anything. Ended ones are kept for a while so that
 * an {@code Idempotency-Key} repeats the answer, also across restarts. Safe for use by many threads.
 */
public final class Operations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    /** A look at ten thousand kept operations is not made for each request. */
    private static final Duration PRUNE_PAUSE = Duration.ofMinutes(1);

    /**
     * So many wipes take turns at writing; more of them wait to begin. Those two that write at a time are chosen by the group's
     * pace, so this is only a bound of threads that wait.
     */
    private static final int WIPES = 64;

    private static final Set<Operation.Kind> BUILDING = EnumSet.of(Operation.Kind.CREATE, Operation.Kind.PREPARE);
    private static final Set<Operation.Kind> COPYING = EnumSet.of(
            Operation.Kind.CREATE,
            Operation.Kind.PREPARE,
            Operation.Kind.SNAPSHOT,
            Operation.Kind.RESIZE,
            Operation.Kind.MIGRATE);

    private final Journal journal;
    private final Clock clock;
    private final Supplier<OperationLimits> limits;
    private final InstanceQueues queues;

    /** Wipes have threads of their own: a request never waits for one. */
    private final InstanceQueues wipes = new InstanceQueues(WIPES, "wiping");

    private final ScheduledExecutorService timer = Timers.daemon("lease");

    /** When what is left of an operation is taken back next, by its id. */
    private final Map<String, ScheduledFuture<?>> ends = new ConcurrentHashMap<>();

    private final Map<String, RunningOperation> byId = new ConcurrentHashMap<>();
    private final Map<String, RunningOperation> byKey = new HashMap<>();
    private final Map<String, ScheduledFuture<?>> leases = new HashMap<>();
    private final List<Consumer<Operation>> listeners = new CopyOnWriteArrayList<>();
    private Instant pruned = Instant.EPOCH;
    private volatile Undoing undoing = (action, steps) -> {
        throw new IllegalStateException("no undo actions set");
    };

    /** Runs one undo action. */
    @FunctionalInterface
    interface Undoing {
        void undo(Undo action, Steps steps);
    }

    /**
     * @param threads how many operations run at the same time
     * @param limits today's, asked for at each request
     */
    Operations(Journal journal, Clock clock, int threads, Supplier<OperationLimits> limits) {
        this.journal = journal;
        this.clock = clock;
        this.limits = limits;
        this.queues = new InstanceQueues(threads, "operation");
    }

    /** Set once, before the first operation: the actions need parts that need the operations. */
    void undoWith(Undoing actions) {
        this.undoing = actions;
    }

    /** An operation that was in the journal when the bridge started. */
    void adopt(JournalEntry entry) {
        RunningOperation operation = new RunningOperation(this, entry);
        synchronized (this) {
            byId.put(entry.id(), operation);
            if (entry.key() != null) {
                byKey.put(scope(entry.caller(), entry.key()), operation);
            }
        }
    }

    /**
     * Puts the work into the journal and the queue of its instance. A known key gives the operation it
     * named; while that is interrupted and its lease runs, the work is taken up again under the same id.
     *
     * @throws BridgeException KEY_REUSED when the key was used for something else; TOO_MANY_OPERATIONS
     */
    Operation submit(Operation.Kind kind, String instance, Caller caller, RequestKey key, Work work) {
        RunningOperation operation;
        synchronized (this) {
            prune();
            Optional<RunningOperation> known = known(caller, key);
            if (known.isPresent()) {
                operation = known.get();
                ScheduledFuture<?> lease = leases.remove(operation.id());
                if (lease == null || !lease.cancel(false)) {
                    work.over();
                    return operation.picture();
                }
            } else {
                if (kind != Operation.Kind.WIPE) {
                    refuseTooMany();
                }
                endLeases(instance);
                operation = new RunningOperation(
                        this, JournalEntry.pending(UUID.randomUUID().toString(), kind, instance, caller, key, now()));
                operation.save();
                byId.put(operation.id(), operation);
                if (key.key() != null) {
                    byKey.put(scope(caller, key.key()), operation);
                }
            }
        }
        changed(operation.picture());
        (kind == Operation.Kind.WIPE ? wipes : queues).add(instance, () -> operation.run(work));
        return operation.picture();
    }

    /**
     * Makes an operation of what another one leaves behind, on the threads of wipes. A process that dies before this has
     * written its journal loses nothing: the volume's name says that it is to be wiped, and the next start asks for those.
     */
    void later(LaterWork left) {
        Work work = Work.ending(
                Work.of(steps -> {
                    steps.step("wipe a deleted disk");
                    left.finish(steps);
                }),
                left::over);
        try {
            submit(Operation.Kind.WIPE, left.volume(), Caller.BRIDGE, RequestKey.NONE, work);
        } catch (RejectedExecutionException e) {
            LOG.info("{} is wiped after the next start: the bridge is ending", left.volume());
            work.over();
        }
    }

    private void refuseTooMany() {
        int most = limits.get().waiting();
        if (queues.waiting() >= most) {
            throw new BridgeException(
                    ErrorCode.TOO_MANY_OPERATIONS,
                    "the bridge has " + most + " operations waiting and takes no more",
                    "ask again later; " + BridgeOptions.MAX_WAITING_OPERATIONS.display() + " sets the limit");
        }
    }

    /** True when the key names an operation: the request was checked then and is not checked anew. */
    synchronized boolean knows(Caller caller, RequestKey key) {
        return known(caller, key).isPresent();
    }

    /** A new request for the instance: who waits for a returning caller is taken back before it. */
    private void endLeases(String instance) {
        for (String id : List.copyOf(leases.keySet())) {
            RunningOperation operation = Objects.requireNonNull(byId.get(id), id);
            ScheduledFuture<?> lease = leases.get(id);
            if (operation.instance().equals(instance) && lease != null && lease.cancel(false)) {
                leases.remove(id);
                takeBack(id);
            }
        }
    }

    /**
     * Drops undo actions that other operations on the instance could not run: what they would take back
     * is gone, or is no longer theirs.
     */
    void forget(Steps by, Predicate<Undo> which) {
        byId.values().stream()
                .filter(operation -> operation.instance().equals(by.instance()))
                .filter(operation -> !operation.id().equals(by.id()))
                .forEach(operation -> operation.forget(which));
    }

    private Optional<RunningOperation> known(Caller caller, RequestKey key) {
        if (key.key() == null) {
            return Optional.empty();
        }
        RunningOperation known = byKey.get(scope(caller, key.key()));
        if (known != null && !Objects.equals(known.requestHash(), key.requestHash())) {
            throw new BridgeException(
                    ErrorCode.KEY_REUSED,
                    "the idempotency key was used for another request (operation " + known.id() + ")",
                    "use a new key for a new request");
        }
        return Optional.ofNullable(known);
    }

    /**
     * The operation as it is now.
     *
     * @throws BridgeException OPERATION_NOT_FOUND
     */
    public Operation get(String id) {
        return find(id).orElseThrow(() -> new BridgeException(
                ErrorCode.OPERATION_NOT_FOUND,
                "there is no such operation",
                "ended operations are kept for " + limits.get().kept().toHours() + " hours"));
    }

    /** As {@link #get}, empty when there is none. */
    public Optional<Operation> find(String id) {
        return Optional.ofNullable(byId.get(id)).map(RunningOperation::picture);
    }

    /** All that are kept, newest first. */
    public List<Operation> list() {
        return byId.values().stream()
                .map(RunningOperation::picture)
                .sorted(Comparator.comparing(Operation::created).reversed())
                .toList();
    }

    /**
     * Asks an operation to stop; it then takes back what it did. One that only goes forward (a delete, the
     * end of a resize) or has ended stays as it is.
     *
     * @return the operation as it is now; follow it to see it end
     * @throws BridgeException OPERATION_NOT_FOUND; FORBIDDEN for an operation of the operator's when
     *     the control plane asks
     */
    public Operation cancel(Caller caller, String id) {
        RunningOperation operation = byId.get(id);
        if (operation == null) {
            return get(id);
        }
        Caller of = operation.picture().caller();
        if (caller.role() == Caller.Role.NOVA && of.role() == Caller.Role.OPERATOR) {
            throw new BridgeException(ErrorCode.FORBIDDEN, "the operation belongs to the operator of this host");
        }
        operation.cancel();
        return operation.picture();
    }

    /** Who builds the instance now, or waits to: the one that asked first. Empty when nobody does. */
    Optional<Caller> builder(String instance) {
        return going(instance, BUILDING)
                .map(RunningOperation::picture)
                .min(Comparator.comparing(Operation::created))
                .map(Operation::caller);
    }

    /** Cancels what copies disks of the instance for this role: a delete does not wait for what nobody wants. */
    void cancelCopies(Caller caller, String instance) {
        going(instance, COPYING)
                .filter(operation -> operation.caller().role() == caller.role())
                .forEach(RunningOperation::cancel);
    }

    private Stream<RunningOperation> going(String instance, Set<Operation.Kind> kinds) {
        return byId.values().stream()
                .filter(operation -> operation.instance().equals(instance))
                .filter(operation -> !operation.entry().state().ended())
                .filter(operation -> kinds.contains(operation.entry().kind()));
    }

    /**
     * Follows all operations. The listener is called after each change, on the thread that made it,
     * and must return at once; look at {@link #get} after subscribing to miss nothing.
     */
    public Subscription onChange(Consumer<Operation> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * True while an operation that gives or takes ports and volumes of the instance has not ended, is still to be taken back,
     * or waits for its caller with its key: nobody can say then what the instance will have. What stands for its time does
     * not count.
     */
    synchronized boolean unsettled(String instance) {
        return byId.values().stream()
                .filter(operation -> operation.instance().equals(instance))
                .filter(operation -> operation.entry().kind().movesDevices())
                .anyMatch(operation -> goesOn(operation)
                        || !operation.settled() && !operation.entry().stands(now()));
    }

    /** An interrupted one may have nothing to take back, and waits for its caller, or for its turn to go forward. */
    private boolean goesOn(RunningOperation operation) {
        return leases.containsKey(operation.id())
                || operation.entry().state() == Operation.State.INTERRUPTED && busy(operation.instance());
    }

    /** True while an operation works on the instance. */
    boolean busy(String instance) {
        return queues.busy(instance) || wipes.busy(instance);
    }

    /**
     * True while what happens to the instance is the work of an operation that somebody asked for, and needs not be told
     * of. Nobody asked for what the bridge does by itself.
     */
    boolean explains(String instance) {
        return busy(instance)
                && byId.values().stream()
                        .map(RunningOperation::picture)
                        .noneMatch(operation -> operation.instance().equals(instance)
                                && operation.state() == Operation.State.RUNNING
                                && operation.caller().equals(Caller.BRIDGE));
    }

    /** Takes an interrupted operation back when its lease is over; a returning key takes it up before. */
    synchronized void lease(String id, Duration lease) {
        RunningOperation operation = Objects.requireNonNull(byId.get(id), id);
        leases.put(
                id,
                timer.schedule(
                        () -> {
                            synchronized (this) {
                                leases.remove(id);
                            }
                            takeBack(id);
                        },
                        lease.toMillis(),
                        TimeUnit.MILLISECONDS));
        LOG.info(
                "operation {} ({}) waits {} for its caller",
                id,
                operation.picture().kind().word(),
                lease);
    }

    /** Runs the undo list of an interrupted operation, in the instance's queue. */
    void takeBack(String id) {
        RunningOperation operation = Objects.requireNonNull(byId.get(id), id);
        queues.add(operation.picture().instance(), operation::takeBack);
    }

    /** Takes back what an operation that is done has left to its caller to end, if nobody has ended it by then. */
    void takeBackAt(String id, Instant end) {
        Runnable work = () -> {
            ends.remove(id);
            find(id).ifPresent(known -> takeBack(id));
        };
        try {
            ScheduledFuture<?> before = ends.put(
                    id,
                    timer.schedule(
                            work, Math.max(0, Duration.between(now(), end).toMillis()), TimeUnit.MILLISECONDS));
            if (before != null) {
                before.cancel(false);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("operation {} is taken back by the next start", id, e);
        }
    }

    /** Tries again what could not be taken back: libvirt is back, or somebody asks for it. */
    synchronized void retryLeft() {
        left().forEach(entry -> takeBack(entry.id()));
    }

    /** The same of one instance, where something of this kind is left. */
    synchronized void retryLeft(String instance, Predicate<Undo> which) {
        left().stream()
                .filter(entry -> entry.instance().equals(instance))
                .filter(entry -> entry.undo().stream().anyMatch(which))
                .forEach(entry -> takeBack(entry.id()));
    }

    /** Whether somebody holds something of the instance that is to be ended later. */
    boolean holds(String instance, Predicate<Undo> which) {
        return leaving(instance, which).anyMatch(entry -> entry.stands(now()));
    }

    /** Whether ended operations on the instance have left something to be ended, now or later. */
    boolean owes(String instance, Predicate<Undo> which) {
        return leaving(instance, which).anyMatch(entry -> entry.state().ended());
    }

    private Stream<JournalEntry> leaving(String instance, Predicate<Undo> which) {
        return byId.values().stream()
                .map(RunningOperation::entry)
                .filter(entry -> entry.instance().equals(instance))
                .filter(entry -> entry.undo().stream().anyMatch(which));
    }

    /** The ended ones that have something left to take back now, and whose caller is not waited for. */
    synchronized List<JournalEntry> left() {
        return byId.values().stream()
                .map(RunningOperation::entry)
                .filter(entry -> entry.state().ended() && !entry.undo().isEmpty())
                .filter(entry -> !entry.stands(now()))
                .filter(entry -> !leases.containsKey(entry.id()))
                .toList();
    }

    /** Those that were going on at that time or are now, and those with something left to take back. */
    List<JournalEntry> unsettledSince(Instant began) {
        return byId.values().stream()
                .map(RunningOperation::entry)
                .filter(entry -> !entry.state().ended()
                        || !entry.undo().isEmpty()
                        || !Instant.parse(entry.updated()).isBefore(began))
                .toList();
    }

    /** Marks an operation that a dead bridge left in the middle. */
    void interrupted(String id, Problem problem) {
        Objects.requireNonNull(byId.get(id), id).interrupted(problem);
    }

    /** Runs an interrupted operation forward to its end, under its own id. */
    void goForward(String id, Work work) {
        RunningOperation operation = Objects.requireNonNull(byId.get(id), id);
        queues.add(operation.picture().instance(), () -> operation.run(work));
    }

    /** Forgets ended operations that are too old or too many, unless something of them is still to be settled. */
    private void prune() {
        OperationLimits today = limits.get();
        if (byId.size() <= today.keptCount() && now().isBefore(pruned.plus(PRUNE_PAUSE))) {
            return;
        }
        pruned = now();
        Instant oldest = pruned.minus(today.kept());
        List<Operation> ended =
                list().stream().filter(operation -> operation.state().ended()).toList();
        for (int i = 0; i < ended.size(); i++) {
            Operation operation = ended.get(i);
            RunningOperation kept = byId.get(operation.id());
            boolean old = operation.updated().isBefore(oldest) || i >= today.keptCount();
            if (old && kept != null && kept.settled()) {
                byId.remove(operation.id());
                byKey.values().remove(kept);
                journal.remove(operation.id());
            }
        }
    }

    Journal journal() {
        return journal;
    }

    Undoing undoing() {
        return undoing;
    }

    Instant now() {
        return clock.instant();
    }

    void changed(Operation picture) {
        for (Consumer<Operation> listener : listeners) {
            try {
                listener.accept(picture);
            } catch (RuntimeException e) {
                LOG.warn("a listener of operations failed", e);
            }
        }
    }

    private static String scope(Caller caller, @Nullable String key) {
        return caller.role() + " " + key;
    }

    /** Takes no new work and gives running work a short while; what remains is settled at the next start. */
    @Override
    public void close() {
        timer.shutdownNow();
        cancelWipes();
        queues.close();
        // Also those that a request has left behind meanwhile: each ends at its next slice, the rest before it begins.
        cancelWipes();
        wipes.finish();
    }

    private void cancelWipes() {
        byId.values().stream()
                .filter(operation -> operation.entry().kind() == Operation.Kind.WIPE)
                .filter(operation -> !operation.entry().state().ended())
                .forEach(RunningOperation::cancel);
    }
}
