package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class InstancesFolderTest {
    @TempDir
    Path folder;

    private static ConfigSnapshot with(String path) {
        return ConfigSnapshot.builder().set(DefaultOptions.INSTANCES_PATH, path).build();
    }

    private static void refused(String path, String why) {
        BridgeException e = catchThrowableOfType(BridgeException.class, () -> InstancesFolder.make(with(path)));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        assertThat(e).hasMessageContaining("instances_path " + path).hasMessageContaining(why);
    }

    @Test
    void itIsMadeOrRefusedWithTheReason() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        refused(file.toString(), "no folder has its name");
        refused(file.resolve("below").toString(), "Not a directory");
        refused("relative/x", "not absolute");
        InstancesFolder.make(with(folder.resolve("a/b").toString()));
        assertThat(folder.resolve("a/b")).isDirectory();
    }
}
