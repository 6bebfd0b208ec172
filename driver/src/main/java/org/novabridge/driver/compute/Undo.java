package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.storage.ImageExport;

/**
 * One action that takes back one step, written into the journal before the step is taken. It must
 * be right whether the step was taken, half taken, or not at all, and may be run any number of times.
 * The instance is the one of the operation.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "undo")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Undo.RemoveDisk.class, name = "remove-disk"),
    @JsonSubTypes.Type(value = Undo.RemoveInstanceDirectory.class, name = "remove-instance-directory"),
    @JsonSubTypes.Type(value = Undo.UndefineDomain.class, name = "undefine-domain"),
    @JsonSubTypes.Type(value = Undo.StopPaused.class, name = "stop-paused"),
    @JsonSubTypes.Type(value = Undo.RemoveFile.class, name = "remove-file"),
    @JsonSubTypes.Type(value = Undo.RemoveRecord.class, name = "remove-record"),
    @JsonSubTypes.Type(value = Undo.RestoreDefinition.class, name = "restore-definition"),
    @JsonSubTypes.Type(value = Undo.RemoveSnapshot.class, name = "remove-snapshot"),
    @JsonSubTypes.Type(value = Undo.RemoveImage.class, name = "remove-image"),
    @JsonSubTypes.Type(value = Undo.LetRun.class, name = "let-run"),
    @JsonSubTypes.Type(value = Undo.Thaw.class, name = "thaw"),
    @JsonSubTypes.Type(value = Undo.Unquiesce.class, name = "unquiesce"),
    @JsonSubTypes.Type(value = Undo.DiscardKept.class, name = "discard-kept"),
    @JsonSubTypes.Type(value = Undo.RestoreKept.class, name = "restore-kept"),
    @JsonSubTypes.Type(value = Undo.RemoveAdded.class, name = "remove-added"),
    @JsonSubTypes.Type(value = Undo.FinishGrowth.class, name = "finish-growth"),
    @JsonSubTypes.Type(value = Undo.ForgetResize.class, name = "forget-resize"),
    @JsonSubTypes.Type(value = Undo.RevertResize.class, name = "revert-resize"),
    @JsonSubTypes.Type(value = Undo.RemoveRescueDisk.class, name = "remove-rescue-disk"),
    @JsonSubTypes.Type(value = Undo.ForgetRescue.class, name = "forget-rescue"),
    @JsonSubTypes.Type(value = Undo.Unrescue.class, name = "unrescue"),
    @JsonSubTypes.Type(value = Undo.RemoveVolume.class, name = "remove-volume"),
    @JsonSubTypes.Type(value = Undo.FinishDetach.class, name = "finish-detach"),
    @JsonSubTypes.Type(value = Undo.PlugBack.class, name = "plug-back"),
    @JsonSubTypes.Type(value = Undo.RemovePort.class, name = "remove-port"),
    @JsonSubTypes.Type(value = Undo.FinishPort.class, name = "finish-port"),
    @JsonSubTypes.Type(value = Undo.LockDisk.class, name = "lock-disk"),
    @JsonSubTypes.Type(value = Undo.RemoveSecret.class, name = "remove-secret"),
    @JsonSubTypes.Type(value = Undo.ReleaseLook.class, name = "release-look"),
})
sealed interface Undo {

    /** Whether the removal of the instance has removed, or made meaningless, what this would take back. */
    default boolean goneWithInstance() {
        return true;
    }

    /**
     * Whether the guest has got beyond it when somebody starts the guest all the same, after it could not be run: a
     * later settlement would take disks or definition from under what the guest has done since.
     */
    default boolean overtakenByStart() {
        return false;
    }

    /**
     * Until when it stands to be taken back though its operation is done: another operation ends it, or this time does, or
     * the next start of the bridge. Null: it is over with its operation.
     */
    default @Nullable Instant standsUntil() {
        return null;
    }

    /** Whether it belongs to a resize; of one that is over it must never be run on the next one's disks. */
    default boolean ofResize() {
        return false;
    }

    /** What belongs to a resize. */
    sealed interface OfResize extends Undo {
        @Override
        default boolean ofResize() {
            return true;
        }
    }

    /**
     * Removes a disk.
     *
     * @param backend the {@code images_type} that makes such disks
     * @param disk Nova's name of it
     */
    record RemoveDisk(String backend, String disk) implements Undo {}

    /** Removes {@code <instances_path>/<uuid>} with all that is in it. */
    record RemoveInstanceDirectory() implements Undo {}

    /** Pulls the plug of the guest and removes its definition. */
    record UndefineDomain() implements Undo {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /**
     * Pulls the plug of a guest that was started with stopped processors and has not run yet; what it has here stays. One that
     * was let run is left alone.
     */
    record StopPaused() implements Undo {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /**
     * Removes a file of ours.
     *
     * @param name below the instance's folder, without a separator
     */
    record RemoveFile(String name) implements Undo {}

    /**
     * Removes the picture that the operation has taken of a disk.
     *
     * @param backend that took it
     */
    record RemoveSnapshot(String backend) implements Undo {
        @Override
        public boolean goneWithInstance() {
            return false;
        }
    }

    /** Removes the image that the operation was making. */
    record RemoveImage(ImageExport.Target image) implements Undo {
        @Override
        public boolean goneWithInstance() {
            return false;
        }
    }

    /**
     * Lets a guest run that the operation holds for a moment. It is not started: its processors stand still, its
     * memory and disks are here, so nobody can have begun it elsewhere without stopping it here first.
     *
     * @param domain libvirt's id: another one is another QEMU process, which somebody else has paused
     */
    record LetRun(int domain) implements Undo {}

    /** Ends the freezing of the guest's file systems; of journals of before {@link Unquiesce}, which tries again. */
    record Thaw() implements Undo {}

    /**
     * Ends the freezing that a quiesce leaves to its caller to end.
     *
     * @param end when it is ended at the latest: ISO-8601, UTC
     */
    record Unquiesce(String end) implements Undo {
        @Override
        public Instant standsUntil() {
            return Instant.parse(end);
        }
    }

    /**
     * Removes what a resize keeps of a disk, whole or half made.
     *
     * @param backend of the disk
     */
    record DiscardKept(String backend, String disk) implements OfResize {
        @Override
        public boolean goneWithInstance() {
            return false;
        }
    }

    /** Puts what a resize keeps of a disk back in its place; without it the disk stays. */
    record RestoreKept(String backend, String disk) implements OfResize {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /** Removes a disk that the instance did not have before its resize. */
    record RemoveAdded(String backend, String disk) implements OfResize {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /** Zeroes the rest of what a disk has gained: it is not made smaller, and nobody may read what was there. */
    record FinishGrowth(String backend, String disk) implements Undo {}

    /** Makes the record what it was before the resize. */
    record ForgetResize() implements OfResize {}

    /** Takes a finished resize back, unless the guest runs with it; the guest is not started. */
    record RevertResize() implements OfResize {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /** Whether it belongs to a rescue; of one that is over it must never be run on the next one's disks. */
    default boolean ofRescue() {
        return false;
    }

    /** What belongs to a rescue. */
    sealed interface OfRescue extends Undo {
        @Override
        default boolean ofRescue() {
            return true;
        }
    }

    /** Removes a disk that the instance has for its rescue only. */
    record RemoveRescueDisk(String backend, String disk) implements OfRescue {}

    /** Makes the record what it was before the rescue. */
    record ForgetRescue() implements OfRescue {}

    /** Ends a rescue, unless the guest runs in it; the guest is not started. */
    record Unrescue() implements OfRescue {
        @Override
        public boolean overtakenByStart() {
            return true;
        }
    }

    /**
     * What belongs to a volume that comes or goes. A start defines the guest anew, with the volumes that it has then; and
     * what a try has left must never be run on the next one's volume.
     */
    sealed interface OfVolume extends Undo {
        String target();

        @Override
        default boolean overtakenByStart() {
            return true;
        }
    }

    /**
     * Takes a volume that has come from guest, definition and record.
     *
     * @param target its name in the guest: vdb
     * @param volume Cinder's id; null when nobody has named it
     */
    record RemoveVolume(String target, @Nullable String volume) implements OfVolume {}

    /** Makes definition and record forget a volume that the guest has let go; one that it still has stays. */
    record FinishDetach(String target, @Nullable String volume) implements OfVolume {}

    /**
     * Gives a guest back a volume that it has let go, as it was; one that it still has, or has again, stays as it is.
     *
     * @param xml its element in the document of the running guest
     */
    record PlugBack(String target, @Nullable String volume, String xml) implements OfVolume {
        /** Without the document, as {@link RestoreDefinition}. */
        @Override
        public String toString() {
            return "PlugBack[target=" + target + ", volume=" + volume + "]";
        }
    }

    /** What belongs to a port that comes or goes, as {@link OfVolume}. */
    sealed interface OfPort extends Undo {
        String mac();

        @Override
        default boolean overtakenByStart() {
            return true;
        }
    }

    /** Takes a port that has come from guest, definition and record. */
    record RemovePort(String mac) implements OfPort {}

    /** Makes definition and record forget a port that the guest has let go; one that it still has stays. */
    record FinishPort(String mac) implements OfPort {}

    /**
     * Closes an encrypted disk that was opened for a start; not while the guest runs.
     *
     * @param backend that has it
     * @param disk Nova's name of it
     */
    record LockDisk(String backend, String disk) implements Undo {}

    /**
     * Has libvirt forget the key of a volume that it was given for a start, or with the volume; not while the guest runs with
     * it.
     *
     * @param volume Cinder's id
     */
    record RemoveSecret(String volume) implements Undo {}

    /**
     * Takes away what a look at the blocks of a disk has left in its storage.
     *
     * @param backend of the disk
     */
    record ReleaseLook(String backend) implements Undo {
        @Override
        public boolean goneWithInstance() {
            return false;
        }
    }

    /** Removes the instance's record. */
    record RemoveRecord() implements Undo {}

    /**
     * Puts the old definition back and leaves the guest stopped; a guest that runs is left alone, since
     * it either never stopped or already has the new definition.
     *
     * @param xml the persistent definition
     */
    record RestoreDefinition(String xml) implements Undo {
        @Override
        public boolean overtakenByStart() {
            return true;
        }

        /** Without the document: it is long, and what a tenant wrote into it has no place in the log. */
        @Override
        public String toString() {
            return "RestoreDefinition";
        }
    }
}
