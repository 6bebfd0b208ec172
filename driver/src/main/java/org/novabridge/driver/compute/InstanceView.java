package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An instance as it is now.
 *
 * @param name libvirt's domain name
 * @param owner who created it; null when the domain was not made through the bridge
 * @param backend the {@code images_type} its disks were made with; null when not recorded
 * @param state running, paused, shutdown, crashed, suspended, nostate
 * @param novaPowerState the code of {@code nova.compute.power_state}
 * @param drift what a running guest still has from before; empty when it matches the configuration
 * @param resize a resize that is neither confirmed nor reverted; null when there is none
 * @param migration to another host that is neither confirmed nor reverted, or from one that has not decided yet; null when
 *     there is none
 * @param driftUnknown why the drift could not be computed; null when it was
 * @param rescuedSince when it was rescued, ISO-8601, UTC; null when it runs from its own disks
 * @param stalled why a disk has stopped the guest, and how it goes on; null when none has
 */
public record InstanceView(
        String uuid,
        String name,
        String displayName,
        @Nullable InstanceOwner owner,
        @Nullable String backend,
        String state,
        int novaPowerState,
        List<DiskView> disks,
        List<Drift> drift,
        @Nullable String driftUnknown,
        @Nullable Resize resize,
        @Nullable Migration migration,
        @Nullable String rescuedSince,
        @Nullable String stalled) {
    public InstanceView {
        disks = List.copyOf(disks);
        drift = List.copyOf(drift);
    }

    /**
     * A resize that waits.
     *
     * @param phase waiting; confirming or reverting once that has begun
     * @param from name of the flavor before
     * @param to name of the flavor now
     * @param since when it was resized; ISO-8601, UTC
     */
    public record Resize(String phase, String from, String to, String since) {}

    /**
     * A migration that waits.
     *
     * @param phase sent, confirming or confirmed on the host that it leaves; received or taken on the other
     * @param host where it goes; null there
     * @param since when the phase began; ISO-8601, UTC
     */
    public record Migration(String phase, @Nullable String host, String since) {}

    /**
     * One disk of an instance.
     *
     * @param name Nova's name on the storage ({@code disk}, {@code disk.local}) or the volume id
     * @param target device name in the guest ({@code vda})
     * @param sourceType file, block or network
     * @param source path or {@code pool/image}
     * @param format raw or qcow2, as recorded when the disk was made
     * @param exists false when the record names a disk that is not there
     */
    public record DiskView(
            String name,
            @Nullable String role,
            @Nullable String target,
            String sourceType,
            String source,
            String format,
            @Nullable Long sizeBytes,
            boolean exists) {}

    /**
     * One attribute that a running guest has otherwise than today's configuration would give it.
     *
     * @param disk target device ({@code vda})
     * @param attribute as in {@code disks explain}: cache, io, discard, bus …
     * @param running what the guest has; null when absent
     * @param configured what the next hard reboot would give; null when absent
     * @param needs what it takes until the guest has it
     */
    public record Drift(
            String disk,
            String attribute,
            @Nullable String running,
            @Nullable String configured,
            Remedy needs) {}

    /** What brings a configured value to a running guest. */
    public enum Remedy {
        /** Nothing is interrupted: {@code drift apply}. */
        LIVE,
        /** The volume is detached and attached again. */
        REPLUG,
        HARD_REBOOT;

        /** {@code hard-reboot}: the word in answers. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
