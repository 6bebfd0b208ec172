package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each base was last needed: the times of empty files {@code <state_path>/bases/<volume group>/<base>}. A tag of
 * LVM's would be one more command for each create. The files outlive a crash, and one that is lost costs nothing but
 * time: the base's age then begins anew.
 */
final class BaseTimes {
    private static final Logger LOG = LoggerFactory.getLogger(BaseTimes.class);

    private final Path folder;

    BaseTimes(Path folder) {
        this.folder = folder;
    }

    static BaseTimes of(ConfigSnapshot config, String group) {
        return new BaseTimes(Path.of(config.get(BridgeOptions.STATE_PATH), "bases", group));
    }

    /** Notes that the base is needed. A guest is made even where that cannot be written. */
    void needed(String base, Instant now) {
        Path file = folder.resolve(base);
        try {
            Files.createDirectories(folder);
            create(file);
            Files.setLastModifiedTime(file, FileTime.from(now));
        } catch (IOException e) {
            LOG.warn("cannot note in {} that base {} is in use: {}", folder, base, e.getMessage());
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            LOG.trace("{} is there already", file);
        }
    }

    /** When it was last needed; empty when nothing is known. */
    Optional<Instant> last(String base) throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(folder.resolve(base)).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Forgets those of bases that are no more, which somebody has removed by hand. */
    void forgetAllBut(Set<String> bases) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String base = String.valueOf(file.getFileName());
                if (!bases.contains(base)) {
                    forget(base);
                }
            }
        } catch (IOException e) {
            LOG.warn("times of bases that are no more stay behind in {}: {}", folder, e.getMessage());
        }
    }

    void forget(String base) {
        try {
            Files.deleteIfExists(folder.resolve(base));
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", folder.resolve(base), e.getMessage());
        }
    }
}
