package org.novabridge.driver.compute;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageCache;

/**
 * What can be known of a rebuild while the instance is still there. Nova's default way is a delete and a build of the same
 * flavor (nova/compute/manager.py 26.2.2, {@code _rebuild_default_impl}), so all disks but the root's have their room in
 * what the old ones give back, and the root's needs what its new image brings with it.
 *
 * <p>Nothing is said of the root disk's image when it is not in the cache; a kernel and a ramdisk must be there, where a build
 * takes them from. Where the flavor says no size (root_gb = 0), a larger image's disk may find no room later; so may a thick
 * disk when others take the room first.
 */
final class RebuildCheck {
    private final Parts parts;

    RebuildCheck(Parts parts) {
        this.parts = parts;
    }

    /**
     * Changes nothing.
     *
     * @param spec of the instance as it is to be
     * @throws BridgeException FLAVOR_DISK_SMALLER_THAN_IMAGE, STORAGE_FULL, VOLUME_GROUP_UNUSABLE; IMAGE_NOT_FOUND,
     *     IMAGE_UNACCEPTABLE of a kernel or ramdisk; what a create refuses
     */
    void demand(InstanceSpec spec) {
        List<PlannedDisk> disks = parts.planner().plan(spec, null).disks();
        for (PlannedDisk disk : disks) {
            if (disk.filling() instanceof Filling.Boot boot) {
                demandThere(disk.role(), boot.imageId());
            }
        }
        String id = spec.imageMeta().id();
        Optional<CachedImage> image =
                id == null ? Optional.empty() : parts.files().cached(id);
        if (image.isEmpty()) {
            return;
        }
        for (PlannedDisk disk : disks) {
            if (disk.filling() instanceof Filling.Image) {
                demandFits(image.get(), disk.sizeBytes());
                ImageBackend backend = parts.backends().get(disk.backend());
                backend.demandReplaceable(spec.instance().uuid(), image.get());
            }
        }
    }

    /** Looked at as a build does, which takes no link, nothing empty and nothing that holds another format. */
    private void demandThere(String role, String imageId) {
        if (parts.files().cached(imageId).isEmpty()) {
            throw new BridgeException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    role + " " + imageId + " of the new image is not in the cache of this host",
                    "bring it (POST /v1/images with disk_format aki or ari), then ask again");
        }
    }

    private static void demandFits(CachedImage image, @Nullable Long root) {
        if (root != null && image.virtualSize() > root) {
            throw ImageCache.tooLarge(image.imageId(), image.virtualSize(), root);
        }
    }
}
