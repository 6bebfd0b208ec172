package org.novabridge.driver.storage;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The keys of encrypted disks between the call that brings one and the moment that the disks are open: from then on
 * the kernel has it, and this is the only other place where it was. In memory alone. A key is forgotten when the disks
 * of its instance are open or gone, when another one is brought in its place, and an hour after it came. Safe for
 * use by many threads.
 */
public final class DiskKeys {
    /** An image may be fetched and written in between. */
    static final Duration LEASE = Duration.ofHours(1);

    /** More than a host has guests; a caller that only brings keys cannot fill the memory. */
    static final int MOST = 20_000;

    private final Clock clock;

    /** The oldest first: all live equally long, so whoever looks for old ones ends at the first that is not. */
    private final Map<Place, Kept> keys = new LinkedHashMap<>();

    /**
     * @param disk null for all disks of the instance that have no key of their own
     * @param volume Cinder's id of a volume, whose key no disk has; null for disks
     */
    private record Place(
            String instance,
            @Nullable String disk,
            @Nullable String volume) {}

    private record Kept(DiskKey key, Instant until) {}

    public DiskKeys(Clock clock) {
        this.clock = clock;
    }

    /**
     * Keeps a copy of the key, in the place of an earlier one.
     *
     * @param disk Nova's name of the disk; null for all disks of the instance that have no key of their own
     * @throws BridgeException INVALID_REQUEST for a bad name, TOO_MANY_OPERATIONS when there are too many keys
     */
    public synchronized void bring(String instance, @Nullable String disk, DiskKey key) {
        DiskNames.check(instance, disk == null ? "disk" : disk);
        keep(new Place(instance, disk, null), key);
    }

    /**
     * The same of a volume.
     *
     * @param volume Cinder's id
     * @throws BridgeException as {@link #bring}
     */
    public synchronized void bringOfVolume(String instance, String volume, DiskKey key) {
        DiskNames.check(instance, "disk");
        keep(new Place(instance, null, volume), key);
    }

    private void keep(Place place, DiskKey key) {
        sweep();
        if (!keys.containsKey(place) && keys.size() >= MOST) {
            throw new BridgeException(
                    ErrorCode.TOO_MANY_OPERATIONS,
                    MOST + " keys wait for their guests",
                    "ask again later; a key that is not used goes after an hour");
        }
        drop(keys.remove(place));
        keys.put(place, new Kept(key.copy(), clock.instant().plus(LEASE)));
    }

    /** A copy of the disk's key, for the caller to close. */
    public synchronized Optional<DiskKey> find(String instance, String disk) {
        sweep();
        Kept own = keys.get(new Place(instance, disk, null));
        return Optional.ofNullable(own == null ? keys.get(new Place(instance, null, null)) : own)
                .map(kept -> kept.key().copy());
    }

    /** A copy of the volume's key, for the caller to close. */
    public synchronized Optional<DiskKey> findOfVolume(String instance, String volume) {
        sweep();
        return Optional.ofNullable(keys.get(new Place(instance, null, volume)))
                .map(kept -> kept.key().copy());
    }

    /** Zeroes and forgets the key of one volume. */
    public synchronized void forgetOfVolume(String instance, String volume) {
        drop(keys.remove(new Place(instance, null, volume)));
    }

    /** Zeroes and forgets the keys of all disks of the instance; those of its volumes stay until libvirt has them. */
    public synchronized void forget(String instance) {
        forget(place -> place.instance().equals(instance) && place.volume() == null);
    }

    /** Zeroes and forgets all keys of the instance. */
    public synchronized void forgetAll(String instance) {
        forget(place -> place.instance().equals(instance));
    }

    private void forget(Predicate<Place> which) {
        keys.entrySet().removeIf(entry -> {
            boolean its = which.test(entry.getKey());
            if (its) {
                drop(entry.getValue());
            }
            return its;
        });
    }

    /** Zeroes and forgets what is too old. Asked for from time to time, a key is not kept because nobody brings another. */
    public synchronized void forgetOld() {
        sweep();
    }

    synchronized int count() {
        return keys.size();
    }

    private void sweep() {
        Instant now = clock.instant();
        for (Iterator<Kept> oldest = keys.values().iterator(); oldest.hasNext(); ) {
            Kept kept = oldest.next();
            if (now.isBefore(kept.until())) {
                return;
            }
            drop(kept);
            oldest.remove();
        }
    }

    private static void drop(@Nullable Kept old) {
        if (old != null) {
            old.key().close();
        }
    }

    @Override
    public String toString() {
        return "DiskKeys(***)";
    }
}
