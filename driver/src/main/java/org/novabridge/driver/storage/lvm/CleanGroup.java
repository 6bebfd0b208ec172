package org.novabridge.driver.storage.lvm;

import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.driver.model.BridgeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps it true that a volume group which is tagged clean and remembered has nothing but zeroes in its free extents
 * ({@link ExtentsRule}). Each change of ours is followed by a look at the group's new revision; one that anybody else
 * made, or that a crash kept us from following, leaves an old revision in the {@link CleanMemory}, and the group is
 * believed no more. To be used under the lock of the group only.
 *
 * <p>A group that was never wiped is asked nothing more than before.
 */
final class CleanGroup {
    private static final Logger LOG = LoggerFactory.getLogger(CleanGroup.class);

    private final String name;
    private final LvmSettings settings;
    private final LvmReport report;
    private final CleanMemory memory;

    CleanGroup(LvmSettings settings, LvmReport report) {
        this.name = settings.group();
        this.settings = settings;
        this.report = report;
        this.memory = new CleanMemory(settings);
    }

    /** Whether there may be anything to lose. */
    boolean remembered() {
        return memory.read().isPresent();
    }

    /** Whether the group is, as it is now, the one that is remembered. */
    boolean holds() {
        return remembered() && report.group(name).filter(this::holds).isPresent();
    }

    boolean holds(VolumeGroup now) {
        return now.taggedClean() && memory.read().equals(Optional.of(now.revision()));
    }

    /**
     * Does one change of ours, which frees no extent that may hold anything, or begins to.
     *
     * @param held whether the group was the remembered one just before
     */
    <T> T keep(boolean held, Supplier<T> change) {
        try {
            return change.get();
        } finally {
            if (held) {
                follow();
            }
        }
    }

    private void follow() {
        try {
            report.group(name).filter(VolumeGroup::taggedClean).ifPresent(now -> memory.write(now.revision()));
        } catch (BridgeException e) {
            // What was changed stays changed; the group is only not known to be clean any more.
            LOG.warn("volume group {} is no longer known to be clean: {}", name, e.getMessage());
        }
    }

    /** Remembers the group as it is now: its free extents have just been wiped, and it is tagged. */
    void begin() {
        follow();
    }

    Extents decide(VolumeGroup now) {
        return ExtentsRule.decide(settings, now, memory.read());
    }

    /** Whether the group says that it is clean, though it is not and will not be. */
    boolean lost(VolumeGroup now) {
        return ExtentsRule.lost(now, memory.read());
    }

    /**
     * Believes in it no more; before the act that makes it untrue.
     *
     * @return whether the tag is still on the group
     */
    boolean forget(String why) {
        LOG.warn("volume group {} is no longer clean, so new disks are zeroed: {}", name, why);
        memory.forget();
        return report.group(name).filter(VolumeGroup::taggedClean).isPresent();
    }
}
