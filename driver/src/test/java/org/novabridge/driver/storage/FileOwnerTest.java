package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOwnerTest {
    @TempDir
    Path folder;

    private final FileOwner owner = FileOwner.ofThisHost();

    @Test
    void aFinishedFileMayBeReadByEverybody() throws IOException {
        Path file = folder.resolve("disk");
        owner.makePrivate(file, null);
        assertThat(mode(file)).isEqualTo("rw-------");

        owner.finish(file);

        assertThat(mode(file)).isEqualTo("rw-r--r--");
    }

    @Test
    void aLinkInTheFilesPlaceOpensNoOtherFileToEverybody() throws IOException {
        Path secret = folder.resolve("secret");
        owner.makePrivate(secret, null);
        Path link = Files.createSymbolicLink(folder.resolve("disk"), secret);

        assertThatThrownBy(() -> owner.finish(link)).isInstanceOf(IOException.class);

        assertThat(mode(secret)).isEqualTo("rw-------");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
