package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    Path folder;

    @Test
    void theFolderIsClosedAndThoseAboveItAreAsMkdirMakesThem() throws IOException {
        Path asMkdir = Files.createDirectory(folder.resolve("plain"));
        Path state = folder.resolve("lib/nova/nova-bridge");

        DurableFile.folder(state);
        DurableFile.folder(state);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        Set<PosixFilePermission> usual = Files.getPosixFilePermissions(asMkdir);
        assertThat(Files.getPosixFilePermissions(folder.resolve("lib/nova"))).isEqualTo(usual);
        assertThat(Files.getPosixFilePermissions(folder.resolve("lib"))).isEqualTo(usual);
    }
}
