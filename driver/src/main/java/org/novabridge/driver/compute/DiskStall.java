package org.novabridge.driver.compute;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.DiskError;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.EncryptedBackend;
import org.novabridge.driver.storage.lvm.ThinBackend;

/**
 * Why QEMU has stopped a guest. With QEMU's own setting for a failed write, {@code werror=enospc}, which libvirt and
 * Nova leave as it is, the reason is a write that found no space; it is sent again when the guest goes on.
 *
 * @param full the disks in thin pools that found no space
 * @param groups the volume groups of those pools
 * @param elsewhere the other disks with errors
 * @param staysPaused somebody has asked meanwhile that the guest be paused
 */
record DiskStall(String instance, List<String> full, Set<String> groups, List<String> elsewhere, boolean staysPaused) {
    private static final Set<String> THIN = Set.of(ThinBackend.NAME, ThinBackend.NAME + EncryptedBackend.SUFFIX);

    /**
     * Empty for a guest that runs, does not run, or was paused by somebody; and for one of which no disk says why.
     *
     * @throws BridgeException when libvirt cannot be asked
     */
    static Optional<DiskStall> of(Parts parts, Guest guest) {
        if (!guest.stoppedByDisk()) {
            return Optional.empty();
        }
        List<DiskError> errors = parts.hypervisor().diskErrors(guest.uuid());
        if (errors.isEmpty()) {
            return Optional.empty();
        }
        Optional<InstanceRecord> made = parts.records().find(guest.uuid());
        Set<String> thin = made.map(record -> thinTargets(parts, record)).orElse(Set.of());
        List<String> full = errors.stream()
                .filter(DiskError::noSpace)
                .map(DiskError::target)
                .filter(thin::contains)
                .toList();
        return Optional.of(new DiskStall(
                guest.uuid(),
                full,
                made.map(DiskStall::groups).orElse(Set.of()),
                errors.stream()
                        .map(DiskError::target)
                        .filter(target -> !full.contains(target))
                        .toList(),
                made.filter(InstanceRecord::staysPaused).isPresent()));
    }

    /** The names that its disks in thin pools have in the guest; none when today's configuration refuses the guest. */
    private static Set<String> thinTargets(Parts parts, InstanceRecord made) {
        try {
            return parts.planner().plan(parts.planner().read(made.spec()), made).disks().stream()
                    .filter(disk -> disk.target() != null && THIN.contains(disk.backend()))
                    .map(PlannedDisk::target)
                    .collect(Collectors.toSet());
        } catch (BridgeException e) {
            return Set.of();
        }
    }

    private static Set<String> groups(InstanceRecord made) {
        return made.disks().stream()
                .filter(disk -> THIN.contains(disk.backend()))
                .map(DiskStall::group)
                .collect(Collectors.toSet());
    }

    /** Of {@code /dev/<group>/<volume>}. */
    private static String group(RecordedDisk disk) {
        String volume = disk.volume();
        String[] parts = (volume == null ? disk.source() : volume).split("/", -1);
        return parts.length > 2 ? parts[parts.length - 2] : "";
    }

    /** True when nothing but space in thin pools of that group keeps it from going on. */
    boolean waitsForSpaceIn(String group) {
        return !staysPaused && elsewhere.isEmpty() && !full.isEmpty() && groups.equals(Set.of(group));
    }

    /** For operators. */
    String sentence() {
        if (!elsewhere.isEmpty()) {
            return "stopped by an error of " + String.join(", ", elsewhere)
                    + "; when that is mended: nova-bridge instance unpause " + instance;
        }
        return "stopped by a write to " + String.join(", ", full) + " that found its thin pool full; "
                + (staysPaused
                        ? "paused by request since, so it stays so when there is room"
                        : "goes on by itself when the pool has room again: nova-bridge vg check says how");
    }
}
