package org.novabridge.bridge.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The mixin {@code --config-file}, {@code --config-dir}: which files make the configuration, in the
 * order in which they stand on the command line, as oslo.config reads them. When neither is given,
 * the files that nova-compute itself would find are taken (oslo_config/cfg.py, {@code
 * find_config_files}: project {@code nova}, program {@code nova-compute}).
 */
final class ConfigFiles {

    /** One file, or one folder whose {@code *.conf} files are read in sorted order. */
    record Place(Path path, boolean folder) {}

    /** One option on the command line; a group of its own each time, which keeps their order. */
    static final class Given {
        @Option(
                names = "--config-file",
                required = true,
                paramLabel = "FILE",
                description =
                        "A configuration file, usually /etc/nova/nova.conf or nova-compute.conf. May be given several"
                                + " times: what stands later wins.")
        private @Nullable Path file;

        @Option(
                names = "--config-dir",
                required = true,
                paramLabel = "DIR",
                description = "A folder whose *.conf files are read in sorted order, at this place among the files."
                        + " May be given several times.")
        private @Nullable Path dir;

        private Place place() {
            Path asFile = file;
            Path asFolder = dir;
            return asFile != null
                    ? new Place(asFile, false)
                    : new Place(Objects.requireNonNull(asFolder, "picocli sets one of the two"), true);
        }
    }

    @ArgGroup(multiplicity = "0..*")
    private final List<Given> given = new ArrayList<>();

    /** What was given, else what nova-compute would find; empty when there is nothing at all. */
    List<Place> places() {
        return places(Path.of(NovaBridge.homeFolder()), Path.of("/etc"));
    }

    /** The same for {@link org.novabridge.conf.ConfigLoader}, with the environment of this process. */
    ConfigSource source() {
        return ConfigSource.of(places().stream()
                .<ConfigSource.Place>map(place -> place.folder()
                        ? new ConfigSource.Place.Dir(place.path())
                        : new ConfigSource.Place.File(place.path()))
                .toList());
    }

    /**
     * Reads the files, with all their problems.
     *
     * @throws ParameterException when there is no configuration file at all
     */
    LoadedConfig load(CommandSpec command) {
        if (places().isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "no configuration file: name one with --config-file, there is none in the places where Nova looks");
        }
        return new ConfigLoader().load(source());
    }

    List<Place> places(Path home, Path etc) {
        if (!given.isEmpty()) {
            return given.stream().map(Given::place).toList();
        }
        List<Path> folders = List.of(home.resolve(".nova"), home, etc.resolve("nova"), etc);
        List<Place> found = new ArrayList<>();
        for (String name : List.of("nova.conf", "nova-compute.conf")) {
            first(folders, name, false).ifPresent(found::add);
        }
        for (String name : List.of("nova.conf.d", "nova-compute.conf.d")) {
            first(folders, name, true).ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    private static Optional<Place> first(List<Path> folders, String name, boolean folder) {
        return folders.stream()
                .map(parent -> parent.resolve(name))
                .filter(path -> folder ? Files.isDirectory(path) : Files.isRegularFile(path))
                .findFirst()
                .map(path -> new Place(path, folder));
    }
}
