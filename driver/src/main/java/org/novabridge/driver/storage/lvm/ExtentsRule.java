package org.novabridge.driver.storage.lvm;

import java.util.Optional;

/**
 * Whether the free extents of a volume group hold nothing but zeroes. Pure: reports and configuration in, decision
 * out.
 *
 * <p>They do when {@code vg init --wipe} has written zeroes to all of them, each disk that was deleted since was wiped
 * whole with zeroes, and nobody else has changed the group since. LVM's revision of the group proves the last: another's
 * volume, which may be made and removed between two looks of ours, a device that was added, data that was moved away
 * from one, a removal by hand or by stock Nova, each counts as a change.
 */
final class ExtentsRule {
    private ExtentsRule() {}

    /** @param remembered the last revision that is known to be clean; empty when none is */
    static Extents decide(LvmSettings settings, VolumeGroup group, Optional<VolumeGroup.Revision> remembered) {
        if (settings.singleTenant()) {
            return new Extents(
                    Extents.State.SHARED, "images_lvm_single_tenant: all guests of this host are one tenant's");
        }
        if (!group.taggedClean()) {
            return dirty("nothing says that its free extents were wiped (vg init --wipe)");
        }
        if (remembered.isEmpty()) {
            return dirty("it is tagged clean, and the state folder does not know of that");
        }
        if (!remembered.get().equals(group.revision())) {
            return dirty("it was changed by somebody else, or a crash hid what changed it: its revision is "
                    + group.revision().number() + ", the last clean one "
                    + remembered.get().number());
        }
        if (!settings.wipesWhole()) {
            return dirty("volume_clear and volume_clear_size leave data of deleted disks");
        }
        return new Extents(
                Extents.State.CLEAN, "wiped by vg init, and each disk that was deleted since was wiped with zeroes");
    }

    private static Extents dirty(String why) {
        return new Extents(Extents.State.DIRTY, why);
    }

    /** Whether a group still says that it is clean though it never will be again. */
    static boolean lost(VolumeGroup group, Optional<VolumeGroup.Revision> remembered) {
        return group.taggedClean() && !remembered.equals(Optional.of(group.revision()));
    }
}
