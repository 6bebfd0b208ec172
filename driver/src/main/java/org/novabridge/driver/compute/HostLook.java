package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.VolumeCensus;

/**
 * Takes the picture that {@link HostComparison} looks at, under no lock and beside everything else that goes on: what is
 * there first, what is known of it then, and last the operations, so that whatever one of them has changed meanwhile is seen to
 * be its work.
 */
final class HostLook {
    private final Parts parts;
    private final Supplier<Optional<VolumeCensus>> census;
    private final Supplier<Set<Path>> imagesInUse;

    /**
     * @param census of the configuration in force; empty without a volume group
     * @param imagesInUse places in the cache of the images of all instances
     */
    HostLook(Parts parts, Supplier<Optional<VolumeCensus>> census, Supplier<Set<Path>> imagesInUse) {
        this.parts = parts;
        this.census = census;
        this.imagesInUse = imagesInUse;
    }

    /** @throws BridgeException when LVM or libvirt cannot be asked: a part of the picture would show leftovers that are none */
    HostPicture take() {
        Instant began = parts.clock().instant();
        Optional<VolumeCensus> group = census.get();
        List<VolumeCensus.Volume> volumes =
                group.map(all -> all.take(imagesInUse.get())).orElse(List.of());
        Set<String> folders = parts.folders().list();
        Set<String> domains =
                parts.hypervisor().list().stream().map(Guest::uuid).collect(Collectors.toSet());
        List<InstanceRecord> records = parts.records().list();
        return new HostPicture(
                group.map(VolumeCensus::group).orElse(""),
                records,
                domains,
                folders,
                volumes,
                parts.operations().unsettledSince(began),
                parts.operations().left());
    }
}
