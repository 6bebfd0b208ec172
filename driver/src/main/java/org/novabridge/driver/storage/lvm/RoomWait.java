package org.novabridge.driver.storage.lvm;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/**
 * Takes space of a volume group, and waits for it while deleted disks are being wiped that will give back enough
 * ({@link RoomRule}). Who waits holds no lock, so the wipes and everybody else go on.
 */
final class RoomWait {
    private static final long LOOK_NANOS = 1_000_000_000L;

    /** So many names are told; the rest is a number. */
    private static final int NAMES = 3;

    private final LockedGroup group;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final Eraser.Pause pause;

    /** @param patience how long somebody waits at most; zero to fail at once */
    RoomWait(LockedGroup group, Duration patience) {
        this(group, patience, System::nanoTime, Eraser.SLEEP);
    }

    RoomWait(LockedGroup group, Duration patience, LongSupplier nanoTime, Eraser.Pause pause) {
        this.group = group;
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /**
     * Does the work under the lock of the group, once there is room for it.
     *
     * @param more bytes that the work takes, as whole extents; throws when it must not be done at all
     * @throws BridgeException STORAGE_FULL when there is no room and wipes bring none, at once or when the patience has
     *     ended; CANCELLED; VOLUME_GROUP_UNUSABLE
     */
    <T> T take(ToLongFunction<VolumeGroup> more, Progress progress, Function<VolumeGroup, T> work) {
        long begun = nanoTime.getAsLong();
        while (true) {
            Attempt<T> attempt = group.locked(() -> {
                VolumeGroup usable = group.usable();
                RoomRule.Room room = room(usable, more.applyAsLong(usable));
                return new Attempt<>(room, room.enough() ? Optional.of(work.apply(usable)) : Optional.empty());
            });
            if (attempt.done().isPresent()) {
                return attempt.done().get();
            }
            hold(attempt.room(), nanoTime.getAsLong() - begun, progress);
        }
    }

    private record Attempt<T>(RoomRule.Room room, Optional<T> done) {}

    private RoomRule.Room room(VolumeGroup usable, long more) {
        return more <= usable.free()
                ? RoomRule.decide(usable, more, List.of(), volume -> false)
                : RoomRule.decide(
                        usable,
                        more,
                        group.report().volumes(usable.name()),
                        volume -> WipeClaim.expected(usable.name(), volume.name()));
    }

    private void hold(RoomRule.Room room, long waited, Progress progress) {
        if (room.hopeless() || patience.isZero()) {
            throw room.full();
        }
        if (waited >= patience.toNanos()) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    room.sentence() + ", and " + patience.toSeconds()
                            + " s ([nova_bridge]wipe_wait_timeout) were not enough for that",
                    room.remedy());
        }
        progress.report(phase(room), -1);
        if (progress.cancelled()) {
            throw new BridgeException(ErrorCode.CANCELLED, "cancelled while waiting for the wipe of deleted disks");
        }
        try {
            pause.nanos(LOOK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while waiting for space", null, e);
        }
    }

    private static String phase(RoomRule.Room room) {
        int more = room.wipes().size() - NAMES;
        return "wait for the wipe of "
                + String.join(
                        ", ",
                        room.wipes().subList(0, Math.min(NAMES, room.wipes().size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
