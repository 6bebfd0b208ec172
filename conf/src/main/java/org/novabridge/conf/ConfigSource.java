package org.novabridge.conf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /**
     * Where nova-compute looks when no place is given: the first {@code nova.conf}, then the first {@code
     * nova-compute.conf}, then the {@code .conf.d} folders of the same names, in {@code ~/.nova}, {@code ~}, {@code
     * /etc/nova}, {@code /etc}.
     */
    public static ConfigSource nova() {
        Path home = Path.of(System.getProperty("user.home", "/"));
        return new ConfigSource(
                defaultPlaces(List.of(home.resolve(".nova"), home, Path.of("/etc/nova"), Path.of("/etc"))),
                System.getenv());
    }

    static List<Place> defaultPlaces(List<Path> folders) {
        List<Place> places = new ArrayList<>();
        List<String> names = List.of("nova", "nova-compute");
        for (String name : names) {
            first(folders, name + ".conf").ifPresent(path -> places.add(new Place.File(path)));
        }
        for (String name : names) {
            first(folders, name + ".conf.d").ifPresent(path -> places.add(new Place.Dir(path)));
        }
        return places;
    }

    private static Optional<Path> first(List<Path> folders, String name) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::exists)
                .findFirst();
    }
}
