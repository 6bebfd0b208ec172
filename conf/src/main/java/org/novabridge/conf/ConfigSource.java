package org.novabridge.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a configuration is read from; the same source can be read again for a reload.
 *
 * @param places files and folders in the order of the command line: a later one wins
 * @param environment variables; those named {@code OS_<GROUP>__<OPTION>} beat the files
 */
public record ConfigSource(List<Place> places, Map<String, String> environment) {
    public ConfigSource {
        places = List.copyOf(places);
        environment = Map.copyOf(environment);
    }

    /** One {@code --config-file} or {@code --config-dir}. */
    public sealed interface Place {
        /** As it was given. */
        Path path();

        /** {@code --config-file}. */
        record File(Path path) implements Place {}

        /** {@code --config-dir}: its {@code *.conf}, sorted by name, stand at this place. */
        record Dir(Path path) implements Place {}
    }

    /** These places with the environment of this process. */
    public static ConfigSource of(List<Place> places) {
        return new ConfigSource(places, System.getenv());
    }

    /** One file and no environment. */
    public static ConfigSource ofFile(Path file) {
        return new ConfigSource(List.of(new Place.File(file)), Map.of());
    }
}
