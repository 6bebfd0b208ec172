package org.novabridge.driver.storage.lvm;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.ImageData;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * Images as thin volumes that guests' disks are snapshots of: {@code nb-base-<sha1 of the image id>}, read-only
 * and without a device but while it is filled or checked. A base is filled once, under the name {@code nb-fill-…}, and gets its own
 * name when it is complete; so whoever finds the name finds the whole image. A fill that a crash has ended is
 * removed at the next start, a base that nobody needs any more by {@link BaseAging}.
 *
 * <p>LVM gives a snapshot the size of its origin, and to grow it and then activate it are two more commands, each of which
 * reads all of the group's metadata. So what disks of a larger size are snapshots of is a snapshot of the base that was
 * grown once, {@code nb-base-…-<bytes>}: it shares all blocks and takes none. A disk is one command then
 * (docs/how-to/bench.md).
 *
 * <p>A base may be removed at any time: thin snapshots share blocks with it and do not need it. Only who is just making
 * one of it does.
 */
final class BaseVolumes {
    /** One filler for each image; others wait for it, and nobody waits for another image. */
    private static final Map<String, ReentrantLock> FILLING = new ConcurrentHashMap<>();

    /** A base that was just made can only be missing when somebody has removed it by hand. */
    private static final int ATTEMPTS = 3;

    private final LockedGroup group;
    private final LvmCommands commands;
    private final VolumeContents contents;
    private final RetiredVolumes retired;
    private final Supplier<ThinPool> pool;
    private final ThinAdmission admission;
    private final BaseTimes times;
    private final Clock clock;

    BaseVolumes(
            LockedGroup group,
            LvmCommands commands,
            VolumeContents contents,
            RetiredVolumes retired,
            Supplier<ThinPool> pool,
            ThinAdmission admission,
            BaseTimes times,
            Clock clock) {
        this.group = group;
        this.commands = commands;
        this.contents = contents;
        this.retired = retired;
        this.pool = pool;
        this.admission = admission;
        this.times = times;
        this.clock = clock;
    }

    /**
     * Does the work with the name of the image's base of that size, under the lock of the group; it is made first when it
     * is not there. One question to LVM answers for the base and for the work; nobody removes the base meanwhile.
     *
     * @param bytes the size; the image's own, or more
     * @param admit throws when the work must not be done with the pool as it is and that many bytes of a base beside it;
     *     asked before a base is made, too, so that none is written for a disk that has no room beside it
     * @throws BridgeException STORAGE_FULL, STORAGE_FAILED, CANCELLED …; a begun fill is removed
     */
    <T> T with(
            CachedImage image,
            long bytes,
            Progress progress,
            ObjLongConsumer<ThinPool> admit,
            BiFunction<ThinPool, String, T> work) {
        String base = LvmNames.base(image.base());
        try (BaseClaim unused = BaseClaim.need(group.name(), base, progress)) {
            times.needed(base, clock.instant());
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Optional<T> done = group.locked(() -> {
                    ThinPool now = pool.get();
                    String origin = origin(base, image, bytes, now);
                    admit.accept(now, toCome(base, origin, image, now));
                    if (now.volume(origin).isEmpty()) {
                        return Optional.empty();
                    }
                    check(origin, bytes, image, now);
                    times.needed(origin, clock.instant());
                    return Optional.of(work.apply(now, origin));
                });
                if (done.isPresent()) {
                    return done.get();
                }
                ensure(base, image, bytes, progress);
            }
        }
        throw new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "base " + group.name() + "/" + base + " is taken away by somebody else each time it is made",
                "find who removes logical volumes of " + group.name());
    }

    /**
     * Whether the pool will take others, as large as these volumes, when they are gone, and the base of an image beside them.
     * What these have written does not count as free then: they may share it with the base that they came from, which
     * stays. Changes nothing.
     *
     * @throws BridgeException STORAGE_FULL, VOLUME_GROUP_UNUSABLE
     */
    void demandRoom(CachedImage image, Predicate<LogicalVolume> replaced) {
        ThinPool unused = group.locked(() -> {
            ThinPool now = pool.get();
            now.group().metadata().demand();
            String base = LvmNames.base(image.base());
            long least = toCome(base, base, image, now);
            // Of a pool that is promised in full they take what these give back.
            admission.demand(now, least);
            if (least > 0) {
                long given = now.promised(replaced);
                admission.demand(now, Math.max(least, now.group().roundUp(image.virtualSize()) - given));
                demandFree(now, image);
            }
            return now;
        });
    }

    /** What a disk of that size is a snapshot of. */
    private static String origin(String base, CachedImage image, long bytes, ThinPool now) {
        long size = now.group().roundUp(bytes);
        return size > now.group().roundUp(image.virtualSize()) ? LvmNames.sizedBase(base, size) : base;
    }

    /** What the base will take at least when it is yet to be made; one that is being filled the pool counts already. */
    private static long toCome(String base, String origin, CachedImage image, ThinPool now) {
        boolean counted = Stream.of(origin, base, LvmNames.fillOfBase(base))
                .anyMatch(name -> now.volume(name).isPresent());
        return counted ? 0 : now.group().roundUp(ImageData.least(image));
    }

    private void ensure(String base, CachedImage image, long bytes, Progress progress) {
        ReentrantLock filling = FILLING.computeIfAbsent(group.name() + "/" + base, unused -> new ReentrantLock());
        BaseClaim.await(filling, "wait for another guest to fill the base of this image", progress);
        try {
            ThinPool now = pool.get();
            String origin = origin(base, image, bytes, now);
            if (now.volume(origin).isPresent()) {
                return;
            }
            if (now.volume(base).isEmpty()) {
                fill(base, image, progress);
            }
            if (!origin.equals(base)) {
                derive(base, origin, image, now.group().roundUp(bytes), progress);
            }
        } finally {
            filling.unlock();
        }
    }

    private void check(String base, long bytes, CachedImage image, ThinPool now) {
        long size = now.volume(base).orElseThrow().size();
        long wanted = now.group().roundUp(bytes);
        if (size != wanted) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "base " + group.name() + "/" + base + " has " + size + " bytes, not the " + wanted
                            + " that it was made with of image " + image.imageId(),
                    "remove it, and it is made anew; no guest needs it: lvremove " + group.name() + "/" + base);
        }
    }

    private void fill(String base, CachedImage image, Progress progress) {
        String filling = LvmNames.fillOfBase(base);
        progress.report("make the base of the image", -1);
        group.locked(() -> {
            ThinPool now = pool.get();
            // Left by a removal that failed: nobody fills it, for the lock of the image is ours.
            now.volume(filling).ifPresent(stale -> retired.removeVolume(filling));
            long size = demandFill(now, image);
            group.change(
                    commands.createThin(group.name(), now.name(), filling, size),
                    said("cannot create", filling, image));
            return size;
        });
        try {
            group.settle();
            DiskContent whole = new DiskContent.FromImage(image, null);
            contents.write(whole, group.device(filling), QemuImg.Before.ZERO, progress);
            group.settle();
            long taken =
                    pool.get().volume(filling).map(LogicalVolume::allocated).orElse(image.virtualSize());
            List<String> tags = tags(
                    taken, Optional.of(contents.checksum(group.device(filling), ImageData.where(image), progress)));
            group.change(commands.seal(group.name(), filling, tags), said("cannot make read-only", filling, image));
            group.change(commands.deactivate(group.name(), filling), said("cannot deactivate", filling, image));
            group.change(commands.renameVolume(group.name(), filling, base), said("cannot rename", filling, image));
        } catch (RuntimeException | Error e) {
            removeFailed(filling, e);
            throw e;
        }
    }

    /** @return bytes of its volume */
    private long demandFill(ThinPool now, CachedImage image) {
        long size = now.group().roundUp(image.virtualSize());
        admission.demand(now, size);
        demandFree(now, image);
        return size;
    }

    private void demandFree(ThinPool now, CachedImage image) {
        admission.demandFree(now, ImageData.least(image), "the base of image " + image.imageId());
    }

    /** Makes the base of another size; nothing of it is activated, and nothing is written but metadata. */
    private void derive(String base, String sized, CachedImage image, long size, Progress progress) {
        String filling = LvmNames.fillOfBase(sized);
        progress.report("make the base of this size", -1);
        boolean there = group.locked(() -> {
            ThinPool now = pool.get();
            if (now.volume(base).isEmpty()) {
                return false;
            }
            check(base, image.virtualSize(), image, now);
            now.volume(filling).ifPresent(stale -> retired.removeVolume(filling));
            now.group().metadata().demand();
            List<String> tags = tags(0, now.volume(base).flatMap(LogicalVolume::checksum));
            group.change(commands.cloneBase(group.name(), base, filling, tags), said("cannot clone", base, image));
            return true;
        });
        if (!there) {
            return;
        }
        try {
            group.change(commands.extendVolume(group.name(), filling, size), said("cannot grow", filling, image));
            group.change(commands.renameVolume(group.name(), filling, sized), said("cannot rename", filling, image));
        } catch (RuntimeException | Error e) {
            removeFailed(filling, e);
            throw e;
        }
    }

    /** What a base says of itself: LVM knows nothing of an inactive volume, and of no volume what it held once. */
    private static List<String> tags(long allocated, Optional<String> checksum) {
        return Stream.concat(
                        Stream.of(LvmNames.ALLOCATED_TAG + allocated),
                        checksum.stream().map(known -> LvmNames.CHECKSUM_TAG + known))
                .toList();
    }

    private String said(String cannot, String volume, CachedImage image) {
        return cannot + " " + group.name() + "/" + volume + ", the base of image " + image.imageId();
    }

    private void removeFailed(String filling, Throwable why) {
        try {
            retired.removeVolume(filling);
        } catch (RuntimeException left) {
            why.addSuppressed(left);
        }
    }
}
