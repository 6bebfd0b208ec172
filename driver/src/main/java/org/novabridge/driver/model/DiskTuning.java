package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How QEMU's device serves a disk, beyond its cache and io mode. Nova sets none of it: null leaves an attribute out.
 *
 * @param ioThreads the guest's I/O threads that serve the disk, counted from 1, its queues shared out among them; none
 *     for a disk on a controller, whose thread is the controller's
 * @param queues virtqueues of a virtio disk
 * @param queueSize entries of each virtqueue
 * @param detectZeroes off, on, unmap
 * @param errorPolicy stop, report, enospace
 * @param discardNoUnref keeps the clusters of a qcow2 file where they are when the guest discards them
 * @param metadataCacheBytes memory for the tables of a qcow2 file
 * @param rotationRate what the guest is told: 1 for a disk that does not rotate, else revolutions per minute
 */
public record DiskTuning(
        List<Integer> ioThreads,
        @Nullable Integer queues,
        @Nullable Integer queueSize,
        @Nullable String detectZeroes,
        @Nullable String errorPolicy,
        @Nullable Boolean discardNoUnref,
        @Nullable Long metadataCacheBytes,
        @Nullable Integer rotationRate) {
    /** As Nova has it. */
    public static final DiskTuning NONE = new DiskTuning(List.of(), null, null, null, null, null, null, null);

    public DiskTuning {
        ioThreads = List.copyOf(ioThreads);
    }

    /** The same on other I/O threads, or on none. */
    public DiskTuning onThreads(List<Integer> threads) {
        return new DiskTuning(
                threads,
                queues,
                queueSize,
                detectZeroes,
                errorPolicy,
                discardNoUnref,
                metadataCacheBytes,
                rotationRate);
    }
}
