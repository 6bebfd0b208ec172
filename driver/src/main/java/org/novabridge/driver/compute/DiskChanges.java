package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.KeptDisks.Way;

/**
 * What a new flavor makes of the local disks of an instance, and of which of them the former state is kept.
 *
 * <p>No disk with data of the guest becomes smaller: such a flavor is refused (nova/virt/libvirt/driver.py 26.2.2,
 * migrate_disk_and_power_off). Swap is made anew in its new size, whichever that is, as Nova does it. When a disk grows,
 * all disks with data are kept, also those that stay as they are: a revert takes them back to the same moment, so that
 * nothing of the guest that spans two of them is torn. When none grows nothing is kept, and a revert loses nothing.
 */
final class DiskChanges {

    /** What happens to a disk. */
    enum Change {
        STAYS,
        GROWS,
        /** Made anew in another size. */
        RENEWED,
        ADDED,
        REMOVED;

        /** {@code stays}, {@code grows} …: the word in answers. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One disk.
     *
     * @param target device in the guest
     * @param from bytes, null when the image decided
     * @param to bytes; null when it keeps its size, or is removed
     * @param way how its former state is kept; null when it is not touched
     */
    record DiskChange(
            String name,
            String backend,
            @Nullable String target,
            Change change,
            @Nullable Long from,
            @Nullable Long to,
            @Nullable Way way) {}

    private final List<DiskChange> all;

    private DiskChanges(List<DiskChange> all) {
        this.all = all;
    }

    /**
     * Of an instance, by its plan before and after.
     *
     * @throws BridgeException RESIZE_REFUSED
     */
    static DiskChanges between(
            InstanceRecord made, InstanceSpec was, GuestPlan before, GuestPlan after, Flavor flavor) {
        demandNotSmaller(made, was, flavor);
        List<DiskChange> all = new ArrayList<>();
        for (RecordedDisk disk : made.disks()) {
            all.add(change(disk, before.disk(disk.name()), after.disk(disk.name())));
        }
        for (PlannedDisk disk : after.disks()) {
            if (made.disks().stream().noneMatch(known -> known.name().equals(disk.name()))) {
                all.add(new DiskChange(
                        disk.name(), disk.backend(), disk.target(), Change.ADDED, null, disk.sizeBytes(), Way.NEW));
            }
        }
        boolean grows = all.stream().anyMatch(disk -> disk.change() == Change.GROWS);
        return new DiskChanges(
                grows ? all.stream().map(disk -> kept(disk, after)).toList() : List.copyOf(all));
    }

    /** Nova's own rule, in its order. */
    private static void demandNotSmaller(InstanceRecord made, InstanceSpec was, Flavor flavor) {
        Flavor now = was.instance().flavor();
        boolean hasRoot = made.disks().stream().anyMatch(disk -> disk.name().equals("disk"));
        if (hasRoot && flavor.rootGb() < now.rootGb()) {
            throw smaller("root", now.rootGb(), flavor.rootGb());
        }
        int given = was.blockDeviceInfo().ephemerals().stream()
                .mapToInt(BlockDevice::size)
                .sum();
        int ephemeral = given == 0 ? now.ephemeralGb() : given;
        if (flavor.ephemeralGb() < ephemeral) {
            throw smaller("ephemeral", ephemeral, flavor.ephemeralGb());
        }
    }

    private static BridgeException smaller(String kind, int has, int wanted) {
        return new BridgeException(
                ErrorCode.RESIZE_REFUSED,
                "the " + kind + " disk of the instance has " + has + " GiB and the new flavor " + wanted
                        + ": no disk is made smaller",
                "choose a flavor whose " + kind + " disk is at least as large");
    }

    private static DiskChange change(RecordedDisk made, Optional<PlannedDisk> before, Optional<PlannedDisk> after) {
        Long from = before.map(PlannedDisk::sizeBytes).orElse(null);
        boolean swap = made.name().equals("disk.swap");
        if (after.isEmpty()) {
            if (!swap) {
                throw new BridgeException(
                        ErrorCode.RESIZE_REFUSED,
                        "the new flavor has no disk " + made.name() + ", and the instance has data on it",
                        "choose a flavor that has it");
            }
            return new DiskChange(made.name(), made.backend(), null, Change.REMOVED, from, null, Way.ASIDE);
        }
        PlannedDisk planned = after.get();
        Long to = planned.sizeBytes();
        if (planned.filling() instanceof Filling.ConfigDrive || to == null || Objects.equals(from, to)) {
            return new DiskChange(made.name(), made.backend(), planned.target(), Change.STAYS, from, null, null);
        }
        return swap
                ? new DiskChange(made.name(), made.backend(), planned.target(), Change.RENEWED, from, to, Way.ASIDE)
                : new DiskChange(made.name(), made.backend(), planned.target(), Change.GROWS, from, to, Way.BESIDE);
    }

    /** A disk that stays while another grows. */
    private static DiskChange kept(DiskChange disk, GuestPlan after) {
        boolean data = after.disk(disk.name())
                .filter(planned ->
                        planned.filling() instanceof Filling.Image || planned.filling() instanceof Filling.FileSystem)
                .isPresent();
        return disk.change() == Change.STAYS && data
                ? new DiskChange(
                        disk.name(), disk.backend(), disk.target(), disk.change(), disk.from(), disk.to(), Way.BESIDE)
                : disk;
    }

    List<DiskChange> all() {
        return all;
    }

    List<DiskChange> of(Change change) {
        return all.stream().filter(disk -> disk.change() == change).toList();
    }

    /** Those of which there is a former state to go back to. */
    List<DiskChange> kept() {
        return all.stream()
                .filter(disk -> disk.way() == Way.BESIDE || disk.way() == Way.ASIDE)
                .toList();
    }
}
