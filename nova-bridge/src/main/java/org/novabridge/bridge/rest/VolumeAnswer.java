package org.novabridge.bridge.rest;

import org.jspecify.annotations.Nullable;

/**
 * One volume of an instance, as the guest has it or would have it today.
 *
 * @param volume Cinder's id; null when its connection names none
 * @param device its name in the guest: {@code /dev/vdb}
 * @param sourceType file, block, network
 * @param source path, or name of a network volume; null while it is not connected
 */
public record VolumeAnswer(
        @Nullable String volume,
        String device,
        String bus,
        String sourceType,
        @Nullable String source) {}
