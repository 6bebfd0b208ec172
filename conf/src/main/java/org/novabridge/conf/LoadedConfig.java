package org.novabridge.conf;

import java.util.List;

/**
 * The outcome of one reading.
 *
 * @param snapshot the values; where a value is bad, the default stands in, so only use it when there are no errors
 * @param problems all that was found
 * @param files the files that were read, in order
 */
public record LoadedConfig(ConfigSnapshot snapshot, Problems problems, List<String> files) {
    public LoadedConfig {
        files = List.copyOf(files);
    }
}
