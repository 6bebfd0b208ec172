package org.novabridge.driver.storage;

import java.util.List;

/**
 * What the header of an image says.
 *
 * @param format what the bytes are
 * @param virtualSize bytes a guest would see; 0 when the header does not tell or is at fault
 * @param subtype variant within the format ({@code monolithicSparse}, {@code gpt}), else empty
 * @param faults why the image must not be used, each one sentence; empty when it is acceptable
 */
public record Inspection(ImageFormat format, long virtualSize, String subtype, List<String> faults) {
    public Inspection {
        faults = List.copyOf(faults);
    }

    public boolean safe() {
        return faults.isEmpty();
    }
}
