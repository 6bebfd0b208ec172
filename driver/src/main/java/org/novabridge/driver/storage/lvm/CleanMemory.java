package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.driver.storage.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last revision of a volume group whose free extents are known to be zeroes: {@code
 * <state_path>/clean-groups/<volume group>}. LVM counts each change of a group; so whoever else has changed it, also
 * while no bridge ran, has made this revision an old one.
 *
 * <p>A file that is lost, cut off or not written any more only makes the group one that is not known to be clean.
 */
final class CleanMemory {
    private static final Logger LOG = LoggerFactory.getLogger(CleanMemory.class);

    private final Path folder;
    private final Path file;

    CleanMemory(LvmSettings settings) {
        this.folder = settings.cleanGroups();
        this.file = folder.resolve(settings.group());
    }

    Optional<VolumeGroup.Revision> read() {
        try {
            String[] words = Files.readString(file, StandardCharsets.US_ASCII).split("\\s+", -1);
            // The third is the empty one behind the end of the line: the file is whole.
            return words.length == 3 && words[1].matches("\\d{1,18}")
                    ? Optional.of(new VolumeGroup.Revision(words[0], Long.parseLong(words[1])))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** A state that cannot be remembered makes the group one that is not known to be clean. */
    void write(VolumeGroup.Revision revision) {
        try {
            Files.createDirectories(folder);
            String line = revision.uuid() + " " + revision.number() + "\n";
            AtomicFile.write(file, line.getBytes(StandardCharsets.US_ASCII), "rw-------");
        } catch (IOException e) {
            LOG.warn("cannot write {}, so the volume group is no longer taken for clean: {}", file, e.getMessage());
        }
    }

    void forget() {
        try {
            AtomicFile.remove(file);
        } catch (IOException e) {
            // Its revision is an old one as soon as the tag is gone, so nobody believes it.
            LOG.warn("{} stays behind: {}", file, e.getMessage());
        }
    }
}
