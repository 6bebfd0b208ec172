package org.novabridge.driver.compute;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What image of a guest's root disk is wanted.
 *
 * @param format raw, qcow2, vmdk or vdi; null takes {@code [libvirt]snapshot_image_format}, else the disk's own
 * @param compress of qcow2 only; null takes {@code [libvirt]snapshot_compression}
 * @param file the operator's name for it, absolute; null leaves it in {@code [libvirt]snapshots_directory}
 */
public record SnapshotRequest(
        @Nullable String format,
        @Nullable Boolean compress,
        @Nullable Path file) {}
