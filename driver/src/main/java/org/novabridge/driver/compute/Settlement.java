package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a restarted bridge does before it answers anybody (design 4.6): children first, then
 * suspended devices, then each operation. It never starts or resumes a guest by itself, since Nova may
 * have moved the instance elsewhere meanwhile.
 */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    private final Operations operations;
    private final Forward forward;
    private final Consumer<String> discardFiles;
    private final Runnable devices;
    private final Runnable leftovers;
    private final Duration lease;

    /** Gives the work that brings an operation of the kind on an instance to its end, which it may have reached. */
    @FunctionalInterface
    interface Forward {
        Work of(Operation.Kind kind, String instance);
    }

    /**
     * @param forward for operations that are never taken back
     * @param discardFiles removes what was taken over for an instance from the exchange folder
     * @param devices resumes suspended devices of our volume group
     * @param leftovers half-written cache files, volumes that wait for their wipe; before the entries, which
     *     begin wipes of their own
     * @param lease how long a caller may come back with its key
     */
    Settlement(
            Operations operations,
            Forward forward,
            Consumer<String> discardFiles,
            Runnable devices,
            Runnable leftovers,
            Duration lease) {
        this.operations = operations;
        this.forward = forward;
        this.discardFiles = discardFiles;
        this.devices = devices;
        this.leftovers = leftovers;
        this.lease = lease;
    }

    /** Settles what the journal holds; rollbacks and removals go on in the queues of their instances. */
    void settle(List<JournalEntry> entries) {
        entries.forEach(operations::adopt);
        for (JournalEntry entry : entries) {
            LeftChildren.settle(entry.children());
        }
        devices.run();
        for (JournalEntry entry : entries) {
            if (!entry.state().ended()) {
                discardFiles.accept(entry.instance());
            }
        }
        leftovers.run();
        entries.forEach(this::settle);
    }

    private void settle(JournalEntry entry) {
        boolean interruptedBefore = entry.state() == Operation.State.INTERRUPTED;
        if (entry.state().ended()
                && entry.undo().isEmpty()
                && !(interruptedBefore && entry.kind().onlyForward())) {
            return;
        }
        LOG.warn(
                entry.state() == Operation.State.DONE
                        ? "operation {} ({}) on {} is {} and was left to its caller to end; it is ended"
                        : "operation {} ({}) on {} was {} when the bridge went away: {}",
                entry.id(),
                entry.kind().word(),
                entry.instance(),
                entry.state().word(),
                entry.phase());
        boolean fresh = !entry.state().ended();
        if (fresh) {
            operations.interrupted(entry.id(), problem(entry));
        }
        if (entry.kind().onlyForward()) {
            operations.goForward(entry.id(), forward.of(entry.kind(), entry.instance()));
        } else if (fresh
                && !entry.kind().settledAtOnce()
                && entry.key() != null
                && entry.caller().role() == Caller.Role.NOVA) {
            operations.lease(entry.id(), lease);
        } else {
            operations.takeBack(entry.id());
        }
    }

    private static Problem problem(JournalEntry entry) {
        String what = "the bridge stopped during '" + entry.phase() + "' of "
                + entry.kind().word();
        return switch (entry.kind()) {
            case CREATE, PREPARE, START, MIGRATE_RECEIVE ->
                new Problem(ErrorCode.INTERRUPTED, what + "; what it had made is taken back", "ask again");
            // At once, also for Nova: its guest may be held.
            case SNAPSHOT ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; what it had made is taken back, a guest that it held goes on, and one whose memory"
                                + " it had saved stays suspended",
                        "resume the guest if it is suspended, then ask again");
            case QUIESCE ->
                new Problem(ErrorCode.INTERRUPTED, what + "; the guest's file systems are thawed", "ask again");
            case UNQUIESCE ->
                new Problem(ErrorCode.INTERRUPTED, what + "; the guest's file systems are thawed all the same", null);
            case SET_PASSWORD ->
                new Problem(ErrorCode.INTERRUPTED, what + "; the password is the old one or the new one", "ask again");
            case CRASH_DUMP ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; nobody knows whether the guest has got it, and it is not sent again",
                        "look at the guest's console, then ask again if it has not");
            case DELETE, RELEASE, RESIZE_CONFIRM, MIGRATE_CONFIRM ->
                new Problem(ErrorCode.INTERRUPTED, what + "; it goes on", null);
            case RESIZE_REVERT ->
                new Problem(
                        ErrorCode.INTERRUPTED, what + "; it goes on, and the guest is not started", "start the guest");
            case RESIZE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; a guest that does not run with the new flavor yet becomes what it was, and is not"
                                + " started",
                        "look at the guest and start it, then ask again");
            case MIGRATE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; unless the record of the instance says that it waits to be confirmed or reverted, it"
                                + " is this host's as before, and is not started",
                        "look at the guest and start it, then ask again");
            case MIGRATE_REVERT ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; unless the record of the instance says that its migration still waits, it is this"
                                + " host's again, and is not started",
                        "ask again if it waits, else start the guest");
            case RESCUE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; a guest that does not run from its rescue disk yet becomes what it was, and is not"
                                + " started",
                        "look at the guest and start it, then ask again");
            case ATTACH_VOLUME, ATTACH_INTERFACE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; what the guest had of it already is taken from it",
                        "ask again");
            case DETACH_VOLUME, DETACH_INTERFACE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; the guest has it as before, or has let it go and nothing here knows it any more",
                        "ask again");
            case REPLUG_VOLUME ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; the guest has the volume, as before or as it is configured now",
                        "see with nova-bridge drift, then ask again");
            case UNRESCUE ->
                new Problem(
                        ErrorCode.INTERRUPTED, what + "; it goes on, and the guest is not started", "start the guest");
            case WIPE -> new Problem(ErrorCode.INTERRUPTED, what + "; it goes on as an operation of its own", null);
            case RECONCILE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; what it had begun to wipe is wiped on, and nothing else is removed",
                        "ask again");
            case CACHE_IMAGE ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; the image is in the cache or not, and never in part",
                        "ask again");
            case ADOPT ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; the guest is adopted or not, and was not touched",
                        "ask again");
            case REMOVE_UNUSED ->
                new Problem(ErrorCode.INTERRUPTED, what + "; the next run removes what is left", null);
            default ->
                new Problem(
                        ErrorCode.INTERRUPTED,
                        what + "; the guest was left as it was found, and was not started",
                        "look at the guest, then ask again");
        };
    }
}
