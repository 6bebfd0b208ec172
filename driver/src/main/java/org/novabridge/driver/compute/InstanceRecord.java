package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.ImageBackend;

/**
 * What the bridge remembers of an instance: {@code <state_path>/instances/<uuid>.json}, 0600.
 *
 * @param name libvirt's domain name
 * @param owner who created it
 * @param backend the {@code images_type} its disks were made with; wins over today's option
 * @param disks local disks, in the order of the domain
 * @param spec the last SPEC.json, without secrets
 * @param created ISO-8601, UTC
 * @param resize a resize that is neither confirmed nor reverted; null when there is none
 * @param staysPaused somebody asked to pause it when a full disk had stopped it already, which libvirt does not remember
 * @param migration between this host and another one; null when there was none
 * @param rescue that it is rescued, or that something of a rescue is left; null when there was none
 */
record InstanceRecord(
        int version,
        String uuid,
        String name,
        String displayName,
        InstanceOwner owner,
        String backend,
        List<RecordedDisk> disks,
        JsonNode spec,
        String created,
        @Nullable PendingResize resize,
        boolean staysPaused,
        @Nullable PendingMigration migration,
        @Nullable Rescue rescue) {

    /**
     * 2: a resize may wait for its confirmation; encrypted disks have a volume, an instance an ephemeralKeyUuid. 3: an
     * instance may be between two hosts, and a bridge that does not know this would start it on both. 4: an instance may
     * be rescued, and a bridge that does not know this could not bring it back. 5: a spec may name a kernel, and a
     * migration may be held by Nova.
     */
    static final int VERSION = 5;

    InstanceRecord {
        disks = List.copyOf(disks);
    }

    /**
     * A disk as it was made.
     *
     * @param name Nova's name on the storage
     * @param backend which backend made it; differs from the instance's for the config drive
     * @param sourceType file, block or network
     * @param source its path or {@code pool/image}
     * @param format fixed when it was made: never probed from what the guest wrote
     * @param volume of an encrypted disk, whose source is its mapping: what lies below; null for others
     */
    record RecordedDisk(
            String name,
            String backend,
            String sourceType,
            String source,
            String format,
            @Nullable String volume) {

        /** A disk that is found on its storage and in no record. */
        static RecordedDisk unrecorded(String name, String backend) {
            return new RecordedDisk(name, backend, "", "", "", null);
        }

        static RecordedDisk of(String uuid, PlannedDisk disk, ImageBackend backend) {
            return new RecordedDisk(
                    disk.name(),
                    disk.backend(),
                    disk.source().type(),
                    disk.source().place().orElse(""),
                    disk.format(),
                    volume(uuid, disk.name(), backend));
        }

        /** One that was made by another, and that the backend knows as its own. */
        static RecordedDisk found(String uuid, String name, String format, ImageBackend backend) {
            DiskSource source = backend.locate(uuid, name);
            return new RecordedDisk(
                    name,
                    backend.name(),
                    source.type(),
                    source.place().orElse(""),
                    format,
                    volume(uuid, name, backend));
        }

        private static @Nullable String volume(String uuid, String name, ImageBackend backend) {
            return backend.encryption()
                    .map(all -> all.volume(uuid, name).toString())
                    .orElse(null);
        }

        /**
         * With another volume group or instances_path than the disk was made in, its backend would look in the wrong
         * place and find nothing, or another disk.
         *
         * @throws BridgeException INVALID_CONFIGURATION
         */
        void demandSamePlace(String uuid, ImageBackend today) {
            String recorded = volume == null ? source : volume;
            String below = volume(uuid, name, today);
            String place = below == null ? today.locate(uuid, name).place().orElse("") : below;
            if (!recorded.isEmpty() && !recorded.equals(place)) {
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "it is recorded as " + recorded + ", and today's configuration looks for it at " + place,
                        "set instances_path or images_volume_group back to what it was, or move the disk");
            }
        }
    }

    InstanceRecord withSpec(JsonNode next) {
        return with(next, disks, resize, migration);
    }

    /** Running from a rescue disk. */
    InstanceRecord rescued(JsonNode next, Rescue with) {
        List<RecordedDisk> all = new ArrayList<>(with.own());
        all.addAll(with.added());
        return with(next, all, resize, migration, staysPaused, with);
    }

    /** With its own disks again; those of the rescue are to be removed. Itself when it is not rescued. */
    InstanceRecord unrescued() {
        return rescue == null
                ? this
                : with(rescue.spec(), rescue.own(), resize, migration, staysPaused, rescue.ended());
    }

    /** With nothing of a rescue. */
    InstanceRecord withoutRescue() {
        return rescue == null ? this : with(rescue.spec(), rescue.own(), resize, migration, staysPaused, null);
    }

    /** The rescue in which the guest runs; empty when it has its own disks. */
    Optional<Rescue> inRescue() {
        return Optional.ofNullable(rescue).filter(it -> !it.over());
    }

    /** All local disks of the instance that this bridge has made and not removed. */
    List<RecordedDisk> allDisks() {
        if (rescue == null || !rescue.over()) {
            return disks;
        }
        List<RecordedDisk> all = new ArrayList<>(disks);
        all.addAll(rescue.added());
        return all;
    }

    /** @throws BridgeException of the code when a resize of the instance waits for its end */
    void demandNotResized(ErrorCode code) {
        if (resize != null) {
            throw new BridgeException(
                    code,
                    "instance " + uuid + " has been resized and waits to be confirmed or reverted",
                    "nova-bridge instance resize-confirm " + uuid + ", or resize-revert " + uuid);
        }
    }

    /** @throws BridgeException INSTANCE_INVALID_STATE when the instance is rescued */
    void demandNotRescued() {
        if (inRescue().isPresent()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "instance " + uuid + " is rescued",
                    "end that first: nova-bridge instance unrescue " + uuid);
        }
    }

    InstanceRecord stayingPaused(boolean wanted) {
        return with(spec, disks, resize, migration, wanted, rescue);
    }

    /** With another flavor and its disks, as it is until the resize is confirmed. */
    InstanceRecord resized(JsonNode next, List<RecordedDisk> nextDisks, PendingResize waiting) {
        return with(next, nextDisks, waiting, migration);
    }

    /** With its resize in another phase. */
    InstanceRecord resizing(PendingResize.Phase phase) {
        return with(spec, disks, pending().in(phase), migration);
    }

    InstanceRecord confirmed() {
        return with(spec, disks, null, migration);
    }

    /** With its migration in another phase, or without one. */
    InstanceRecord migrating(@Nullable PendingMigration next) {
        return with(spec, disks, resize, next);
    }

    /** As it was before its resize. */
    InstanceRecord reverted() {
        return with(pending().spec(), pending().disks(), null, migration);
    }

    /**
     * The resize that waits.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when there is none
     */
    PendingResize pending() {
        PendingResize waiting = resize;
        if (waiting == null) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "no resize of instance " + uuid + " waits to be confirmed or reverted",
                    "see nova-bridge instance show " + uuid);
        }
        return waiting;
    }

    private InstanceRecord with(
            JsonNode nextSpec,
            List<RecordedDisk> nextDisks,
            @Nullable PendingResize nextResize,
            @Nullable PendingMigration nextMigration) {
        return with(nextSpec, nextDisks, nextResize, nextMigration, staysPaused, rescue);
    }

    private InstanceRecord with(
            JsonNode nextSpec,
            List<RecordedDisk> nextDisks,
            @Nullable PendingResize nextResize,
            @Nullable PendingMigration nextMigration,
            boolean nextStaysPaused,
            @Nullable Rescue nextRescue) {
        return new InstanceRecord(
                VERSION,
                uuid,
                name,
                displayName,
                owner,
                backend,
                nextDisks,
                nextSpec,
                created,
                nextResize,
                nextStaysPaused,
                nextMigration,
                nextRescue);
    }
}
