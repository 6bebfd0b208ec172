package org.novabridge.bridge.rest;

import org.jspecify.annotations.Nullable;

/**
 * One disk of an instance: what the storage has, and how the guest has it now.
 *
 * @param name Nova's name on the storage ({@code disk}, {@code disk.local})
 * @param target device name in the guest ({@code vda})
 * @param exists false when the record names a disk that is not there
 * @param bus, cache, io, discard as in libvirt's document of the guest; null when it does not say or there is none
 */
public record DiskAnswer(
        String name,
        @Nullable String role,
        @Nullable String target,
        @Nullable String bus,
        @Nullable String cache,
        @Nullable String io,
        @Nullable String discard,
        String format,
        @Nullable Long sizeBytes,
        String sourceType,
        String source,
        boolean exists) {}
