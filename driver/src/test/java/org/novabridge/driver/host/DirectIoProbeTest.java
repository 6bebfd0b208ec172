package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectIoProbeTest {

    @Test
    void theFolderIsTriedAndLeftAsItWas(@TempDir Path folder) {
        // Which answer is right depends on the file system; that one comes, and nothing else, does not.
        assertThat(DirectIoProbe.supported(folder)).isPresent();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsNotThereSupportsNothingAsInNova(@TempDir Path folder) {
        assertThat(DirectIoProbe.supported(folder.resolve("none"))).contains(false);
    }

    @Test
    void aFileSystemWithoutNamelessFilesGivesNoAnswer() {
        assertThat(Files.isDirectory(Path.of("/proc"))).isTrue();
        assertThat(DirectIoProbe.supported(Path.of("/proc/self"))).isNotEqualTo(java.util.Optional.of(true));
    }
}
