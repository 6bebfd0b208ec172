package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.lvm.EncryptedBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removing a guest. Nova's order (nova/virt/libvirt/driver.py _cleanup 26.2.2): the plug, the disks,
 * the folder, the definition; the record goes last, so that after a crash everything needed to
 * go on is still known. It only goes forward, and what is missing is success.
 */
final class GuestRemoval {
    private static final Logger LOG = LoggerFactory.getLogger(GuestRemoval.class);

    private final Parts parts;
    private final GuestPower power;
    private final GuestKeys keys;
    private final VolumeKeys volumeKeys;

    GuestRemoval(Parts parts, GuestPower power, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.keys = keys;
        this.volumeKeys = new VolumeKeys(parts);
    }

    void release(Steps steps) {
        String uuid = steps.instance();
        power.stop(steps);
        keys.forgetAll(uuid);
        volumeKeys.of(uuid).forEach(secret -> volumeKeys.close(uuid, secret));
        List<String> left = removeDisks(steps, uuid);
        if (!left.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "disks of instance " + uuid + " could not be removed: " + String.join("; ", left),
                    "see who holds them open, or bring their volume group back (one that is gone for good is made anew:"
                            + " nova-bridge vg init), then delete the instance again; its definition was kept");
        }
        steps.step("remove the instance folder");
        parts.folders().remove(uuid);
        steps.step("remove the definition");
        parts.hypervisor().undefine(uuid);
        steps.step("forget the instance");
        parts.records().remove(uuid);
        parts.operations().forget(steps, Undo::goneWithInstance);
    }

    /** Tries all, so that one busy disk does not keep the others; tells which are left and why. */
    private List<String> removeDisks(Steps steps, String uuid) {
        Set<RecordedDisk> disks = new LinkedHashSet<>();
        Set<String> backends = new LinkedHashSet<>();
        Optional<InstanceRecord> made = parts.records().find(uuid);
        made.ifPresent(known -> {
            disks.addAll(known.allDisks());
            known.allDisks().forEach(disk -> backends.add(disk.backend()));
        });
        // Disks that no record knows: made by stock Nova, or before images_type was changed.
        for (ImageBackend backend : parts.backends().all()) {
            for (String name : backend.list(uuid)) {
                if (disks.stream().noneMatch(disk -> disk.name().equals(name) && sameStorage(disk, backend))) {
                    disks.add(RecordedDisk.unrecorded(name, backend.name()));
                }
            }
        }
        List<String> left = new ArrayList<>();
        for (RecordedDisk disk : disks) {
            steps.step("remove " + disk.name());
            try {
                ImageBackend backend = parts.backends().get(disk.backend());
                disk.demandSamePlace(uuid, backend);
                backend.remove(uuid, disk.name(), steps);
            } catch (BridgeException e) {
                LOG.warn("instance {}: cannot remove {}", uuid, disk.name(), e);
                left.add(disk.name() + ": " + e.getMessage());
            }
        }
        made.map(InstanceRecord::resize).ifPresent(waiting -> removeKept(steps, uuid, waiting, left));
        return left;
    }

    /** Nobody reverts the resize of an instance that is gone. */
    private void removeKept(Steps steps, String uuid, PendingResize waiting, List<String> left) {
        for (RecordedDisk disk : waiting.keptDisks()) {
            steps.step("remove what was kept of " + disk.name());
            try {
                disk.demandSamePlace(uuid, parts.backends().get(disk.backend()));
                parts.kept(disk.backend()).discard(uuid, disk.name(), steps);
            } catch (BridgeException e) {
                LOG.warn("instance {}: cannot remove what was kept of {}", uuid, disk.name(), e);
                left.add(disk.name() + " as it was before the resize: " + e.getMessage());
            }
        }
    }

    /**
     * raw and qcow2 share the instance's folder, so the same file is listed by both; volumes are listed with those that
     * are not encrypted.
     */
    private boolean sameStorage(RecordedDisk disk, ImageBackend backend) {
        if (disk.backend().equals(backend.name()) || disk.backend().equals(backend.name() + EncryptedBackend.SUFFIX)) {
            return true;
        }
        return !backend.capabilities().blockDevice()
                && parts.backends()
                        .find(disk.backend())
                        .filter(other -> !other.capabilities().blockDevice())
                        .isPresent();
    }
}
