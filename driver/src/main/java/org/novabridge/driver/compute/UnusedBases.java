package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.lvm.BaseAging;

/**
 * Removes base images in the volume group that are unused and old, all of one run as one operation: its commands are in
 * the journal, so that a start after a crash waits for them, and the operator sees what was removed. There is nothing
 * to take back: a base is there or it is not, and the next run finds what is left.
 */
final class UnusedBases {
    /** What the operations work on, in place of an instance: one after the other. */
    private static final String SUBJECT = "image-cache";

    private final Operations operations;
    private final Supplier<Optional<BaseAging>> aging;
    private final Function<String, Path> cached;
    private final Clock clock;

    /**
     * @param aging of the configuration in force; empty without a volume group
     * @param cached the place in the cache of an image's file
     */
    UnusedBases(
            Operations operations, Supplier<Optional<BaseAging>> aging, Function<String, Path> cached, Clock clock) {
        this.operations = operations;
        this.aging = aging;
        this.cached = cached;
        this.clock = clock;
    }

    /**
     * Begins an operation when there is something to remove.
     *
     * @param imagesInUse ids of the images of all instances of this host
     * @throws BridgeException when LVM cannot be asked; TOO_MANY_OPERATIONS
     */
    void remove(Set<String> imagesInUse) {
        Set<Path> files = imagesInUse.stream().map(cached).collect(Collectors.toSet());
        List<String> unused =
                aging.get().map(today -> today.unused(files, clock.instant())).orElse(List.of());
        if (!unused.isEmpty()) {
            operations.submit(
                    Operation.Kind.REMOVE_UNUSED,
                    SUBJECT,
                    Caller.BRIDGE,
                    RequestKey.NONE,
                    steps -> Map.of("removed", removeAll(unused, steps)));
        }
    }

    private List<String> removeAll(List<String> volumes, Steps steps) {
        List<String> removed = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (String volume : volumes) {
            steps.step("remove base " + volume);
            try {
                if (aging.get()
                        .filter(today -> today.remove(volume, clock.instant()))
                        .isPresent()) {
                    removed.add(volume);
                }
            } catch (BridgeException e) {
                left.add(e.getMessage());
            }
        }
        if (!left.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "unused base images could not be removed: " + String.join("; ", left),
                    "nothing is lost, and it is tried again at the next interval");
        }
        return removed;
    }
}
