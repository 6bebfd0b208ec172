package org.novabridge.driver.storage.raw;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileBackendContract;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.Progress;

@Tag("tools")
@Tag("lab")
class RawBackendTest extends FileBackendContract {

    @Override
    protected ImageBackend backend() {
        return new RawBackend(config().build(), new ProcessExecutor(), FileOwner.ofThisHost());
    }

    @Test
    void preallocationTakesTheBlocksAtOnce() throws IOException {
        new RawBackend(
                        config().set(DefaultOptions.PREALLOCATE_IMAGES, "space").build(),
                        new ProcessExecutor(),
                        FileOwner.ofThisHost())
                .create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        backend().create(UUID, "disk.local", new DiskContent.Blank(8 * MIB), Progress.NONE);
        assertThat(blocks("disk")).isGreaterThanOrEqualTo(8 * MIB / 512);
        assertThat(blocks("disk.local")).isLessThan(100);
    }

    private long blocks(String name) throws IOException {
        return new ProcessExecutor()
                .run(org.novabridge.driver.exec.Command.ofProgram(
                        java.nio.file.Path.of("/usr/bin/stat"),
                        java.util.List.of("-c", "%b", path(name).toString())))
                .stdout()
                .lines()
                .mapToLong(Long::parseLong)
                .sum();
    }

    @Test
    void theCopyStaysSparse() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 64 * MIB), Progress.NONE);
        assertThat(Files.size(path("disk"))).isEqualTo(64 * MIB);
        assertThat(blocks("disk")).isLessThan(MIB / 512);
    }
}
