package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;

/**
 * What an instance was before its resize, for as long as that can be reverted.
 *
 * @param spec the spec it had, without secrets
 * @param definition the persistent definition it had; null when it had none
 * @param ran whether the guest ran
 * @param disks the local disks it had
 * @param kept names of those of them whose state the storage keeps
 * @param since when it was resized; ISO-8601, UTC
 */
record PendingResize(
        Phase phase,
        JsonNode spec,
        @Nullable String definition,
        boolean ran,
        List<RecordedDisk> disks,
        List<String> kept,
        String since) {
    PendingResize {
        disks = List.copyOf(disks);
        kept = List.copyOf(kept);
    }

    /** How far it is. Written down before the first disk is touched, so that nobody turns round half-way. */
    enum Phase {
        /** It can be confirmed or reverted. */
        WAITING,
        /** What was kept is being removed, and some of it may be gone. */
        CONFIRMING,
        /** Disks are being put back, and some of them may be. The guest must not run. */
        REVERTING;

        /** {@code waiting}, {@code confirming}, {@code reverting}. */
        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Those of {@link #disks} whose state the storage keeps. */
    List<RecordedDisk> keptDisks() {
        return disks.stream().filter(disk -> kept.contains(disk.name())).toList();
    }

    PendingResize in(Phase next) {
        return new PendingResize(next, spec, definition, ran, disks, kept, since);
    }

    /** Without documents: they are long, and what a tenant wrote into them has no place in the log. */
    @Override
    public String toString() {
        return "PendingResize[" + phase + ", " + kept + ", " + since + "]";
    }
}
