package org.novabridge.driver.compute;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Power of one guest: the steps that stop, pause, suspend and let run. Nothing else starts a guest. */
final class GuestPower {
    private static final Logger LOG = LoggerFactory.getLogger(GuestPower.class);

    private final Parts parts;
    private final GuestKeys keys;
    private final GuestQuiesce quiesce;
    private final VolumeKeys volumeKeys;

    GuestPower(Parts parts, GuestKeys keys, GuestQuiesce quiesce) {
        this.parts = parts;
        this.keys = keys;
        this.quiesce = quiesce;
        this.volumeKeys = new VolumeKeys(parts);
    }

    /** True when a QEMU process holds the guest's disks. */
    static boolean active(Guest guest) {
        return guest.id() >= 0 || guest.state().active();
    }

    /**
     * Nova's API resizes and migrates guests that run or are stopped; the memory of a suspended one belongs to its old
     * devices.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE
     */
    static void demandStoppable(Guest guest) {
        if (guest.state() == GuestState.PAUSED || (!active(guest) && guest.hasManagedSave())) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + guest.uuid() + " is paused or suspended: its memory would be lost",
                    "let it go on (instance unpause, instance resume), or stop it");
        }
    }

    /** True when a QEMU process holds its disks; one that is not there does not run. */
    boolean runs(String uuid) {
        return parts.hypervisor().find(uuid).filter(GuestPower::active).isPresent();
    }

    Guest guest(String uuid) {
        return parts.hypervisor()
                .find(uuid)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INSTANCE_NOT_FOUND, "there is no guest " + uuid + " on this host"));
    }

    /**
     * Drops what earlier operations could not take back of the guest's definition and disks. Their callers were told
     * of a failure then; this one wants the guest as it is, and a later settlement would undefine or
     * redefine it while it runs, or lose what it has written. Comes before the guest runs: a bridge that dies in between must not find them.
     */
    void keepDefinition(Steps steps) {
        parts.operations().forget(steps, Undo::overtakenByStart);
    }

    /**
     * Starts the defined guest, from its saved memory when there is one.
     *
     * @throws BridgeException DISK_KEY_REFUSED when a disk is closed and its key is not here
     */
    void start(Steps steps, String phase, boolean paused) {
        volumeKeys.openDefined(steps);
        keys.unlock(steps);
        if (paused) {
            steps.step(phase, new Undo.StopPaused());
        } else {
            steps.step(phase);
        }
        keepDefinition(steps);
        staysPaused(steps.instance(), false);
        boolean saved = parts.hypervisor()
                .find(steps.instance())
                .filter(Guest::hasManagedSave)
                .isPresent();
        startGuest(steps.instance(), paused);
        keys.forget(steps.instance());
        if (saved) {
            quiesce.retry(steps);
            setClock(steps);
        } else {
            quiesce.forget(steps);
        }
    }

    /** After a failure, also of an operation that was cancelled: the guest that was stopped for nothing runs again. */
    void startAgain(Steps steps) {
        if (!runs(steps.instance())) {
            keepDefinition(steps);
            startGuest(steps.instance(), false);
        }
    }

    private void startGuest(String uuid, boolean paused) {
        parts.aio().warn(parts.hypervisor(), uuid);
        try {
            parts.hypervisor().start(uuid, paused);
        } catch (BridgeException e) {
            throw parts.aio().explained(parts.hypervisor(), uuid, e);
        }
    }

    /** Lets the stopped CPUs of the guest run. */
    private void letRun(Steps steps) {
        steps.step("let the guest run");
        staysPaused(steps.instance(), false);
        parts.hypervisor().resume(steps.instance());
        quiesce.retry(steps);
        setClock(steps);
    }

    /**
     * It stood still with the guest. One without an agent, or whose agent does not, sets it by itself, as in Nova
     * (nova/virt/libvirt/guest.py 26.2.2, {@code sync_guest_time}).
     */
    private void setClock(Steps steps) {
        try {
            parts.hypervisor().setClock(steps.instance(), parts.clock().instant());
        } catch (BridgeException e) {
            LOG.debug("the clock of guest {} is not set: {}", steps.instance(), e.code());
        }
    }

    private void staysPaused(String uuid, boolean wanted) {
        parts.records()
                .find(uuid)
                .filter(made -> made.staysPaused() != wanted)
                .ifPresent(made -> parts.records().save(made.stayingPaused(wanted)));
    }

    /** Pulls the plug. A guest that is not there or not running is success. */
    void stop(Steps steps) {
        if (!runs(steps.instance())) {
            return;
        }
        steps.step("stop the guest");
        parts.hypervisor().destroy(steps.instance());
        if (runs(steps.instance())) {
            throw new BridgeException(
                    ErrorCode.POWER_OFF_FAILED,
                    "guest " + steps.instance() + " still runs after it was stopped",
                    "look at its QEMU process: one that waits for its disk cannot end");
        }
    }

    /** Asks the guest to shut down until it does or the time is over. One that cannot write could not. */
    boolean shutDown(Steps steps, Duration timeout, Duration retryInterval) {
        String uuid = steps.instance();
        quiesce.letGo(steps);
        steps.step("ask the guest to shut down");
        Instant end = parts.clock().instant().plus(timeout);
        Instant nextRequest = parts.clock().instant();
        Guest before = guest(uuid);
        while (true) {
            Optional<Guest> now = parts.hypervisor().find(uuid);
            // Another id is another QEMU process: the guest was down in between.
            if (now.isEmpty() || !active(now.get()) || now.get().id() != before.id()) {
                return true;
            }
            Instant instant = parts.clock().instant();
            if (!instant.isBefore(end)) {
                return false;
            }
            if (!instant.isBefore(nextRequest)) {
                parts.hypervisor().requestShutdown(uuid);
                nextRequest = retryInterval.isZero() ? end : instant.plus(retryInterval);
            }
            long left = Duration.between(instant, end).toSeconds();
            steps.report(
                    "wait for the guest to shut down, " + left + " s left",
                    100.0 * (timeout.toSeconds() - left) / Math.max(1, timeout.toSeconds()));
            if (steps.cancelled()) {
                throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
            }
            rest();
        }
    }

    /** For what the guest is stopped for, with the time that its image or the configuration gives it. */
    void powerOff(Steps steps, InstanceSpec spec) {
        Patience patience = parts.patience().get();
        powerOff(steps, ShutdownTimeout.of(Optional.of(spec), patience.shutdown()), patience.shutdownRetry());
    }

    /**
     * @param wanted how long it has to shut down; {@link ShutdownTimeout#bounded} holds for all who ask
     * @param retry how often it is asked, with the same bounds; zero asks once
     */
    void powerOff(Steps steps, Duration wanted, Duration retry) {
        Duration timeout = ShutdownTimeout.bounded(wanted);
        Guest guest = guest(steps.instance());
        if (!active(guest)) {
            return;
        }
        if (guest.state() == GuestState.RUNNING && !timeout.isZero()) {
            if (shutDown(steps, timeout, ShutdownTimeout.bounded(retry))) {
                return;
            }
        }
        stop(steps);
    }

    void pause(Steps steps) {
        Guest guest = guest(steps.instance());
        running(guest, "paused");
        keepDefinition(steps);
        if (guest.state() == GuestState.PAUSED) {
            if (guest.stoppedByDisk()) {
                // libvirt would not tell it from a guest that may go on when its disk has room again.
                staysPaused(steps.instance(), true);
            }
            return;
        }
        quiesce.letGo(steps);
        steps.step("pause the guest");
        parts.hypervisor().pause(steps.instance());
    }

    void unpause(Steps steps) {
        Guest guest = guest(steps.instance());
        if (!active(guest)) {
            throw invalid(guest, "unpaused");
        }
        keepDefinition(steps);
        if (guest.state() == GuestState.PAUSED) {
            letRun(steps);
        }
    }

    void suspend(Steps steps) {
        Guest guest = guest(steps.instance());
        if (!active(guest) && guest.hasManagedSave()) {
            keepDefinition(steps);
            return;
        }
        if (!active(guest)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RUNNING, "guest " + guest.uuid() + " does not run: nothing to suspend");
        }
        quiesce.letGo(steps);
        steps.step("save the memory of the guest and stop it");
        keepDefinition(steps);
        parts.hypervisor().managedSave(steps.instance());
    }

    /** Lets a paused guest run, or starts one from its saved memory. */
    void resume(Steps steps) {
        Guest guest = guest(steps.instance());
        if (active(guest)) {
            keepDefinition(steps);
            if (guest.state() == GuestState.PAUSED) {
                letRun(steps);
            }
        } else if (guest.hasManagedSave()) {
            start(steps, "start the guest from its saved memory", false);
        } else {
            throw invalid(guest, "resumed");
        }
    }

    /**
     * Sends the guest a non-maskable interrupt: one that is set up for it dumps its memory. Its state here stays what it is.
     *
     * @throws BridgeException CRASH_DUMP_NOT_SUPPORTED, INSTANCE_NOT_RUNNING
     */
    void crashDump(Steps steps) {
        running(guest(steps.instance()), "interrupted");
        steps.step("send the guest a non-maskable interrupt");
        try {
            parts.hypervisor().injectNmi(steps.instance());
        } catch (BridgeException e) {
            String said = String.valueOf(e.getMessage());
            throw switch (e.code()) {
                case NOT_SUPPORTED -> new BridgeException(ErrorCode.CRASH_DUMP_NOT_SUPPORTED, said, e.remedy(), e);
                case INSTANCE_INVALID_STATE ->
                    new BridgeException(ErrorCode.INSTANCE_NOT_RUNNING, said, "start it first", e);
                default -> e;
            };
        }
    }

    private static void running(Guest guest, String wanted) {
        if (!active(guest)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RUNNING,
                    "guest " + guest.uuid() + " does not run and cannot be " + wanted,
                    "start it first");
        }
    }

    private static BridgeException invalid(Guest guest, String wanted) {
        return new BridgeException(
                ErrorCode.INSTANCE_INVALID_STATE,
                "guest " + guest.uuid() + " is " + Words.lower(guest.state()) + " and cannot be " + wanted);
    }

    /** Until a guest that is waited for is looked at again. */
    void rest() {
        try {
            Thread.sleep(parts.poll().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "the bridge is being stopped", null, e);
        }
    }
}
