package org.novabridge.driver.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileBackendContract;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.Progress;

@Tag("tools")
@Tag("lab")
class Qcow2BackendTest extends FileBackendContract {

    @Override
    protected ImageBackend backend() {
        return new Qcow2Backend(config().build(), new ProcessExecutor(), FileOwner.ofThisHost());
    }

    private String info(String name) {
        return new ProcessExecutor()
                .run(Command.of(
                        Tool.QEMU_IMG,
                        "info",
                        "-f",
                        "qcow2",
                        "--output=json",
                        path(name).toString()))
                .stdout();
    }

    @Test
    void theRootDiskIsAnOverlayWithTheBasesFormatWrittenDown() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 1024 * MIB), Progress.NONE);
        assertThat(Files.size(path("disk"))).isLessThan(MIB);
        assertThat(info("disk"))
                .contains("\"backing-filename\": \"" + image().base() + "\"")
                .contains("\"backing-filename-format\": \"raw\"")
                .contains("\"virtual-size\": " + 1024 * MIB);
    }

    @Test
    void theOverlayOfAQcow2BaseTakesOverItsClusterSize() throws IOException {
        CachedImage raw = image();
        CachedImage base = new CachedImage("image-2", folder.resolve("_base/qcow2base"), "qcow2", 4 * MIB);
        new ProcessExecutor()
                .run(Command.of(
                        Tool.QEMU_IMG,
                        "convert",
                        "-f",
                        "raw",
                        "-O",
                        "qcow2",
                        "-o",
                        "cluster_size=262144",
                        raw.base().toString(),
                        base.base().toString()));
        backend().create(UUID, "disk", new DiskContent.FromImage(base, 8 * MIB), Progress.NONE);
        assertThat(info("disk"))
                .contains("\"cluster-size\": 262144")
                .contains("\"backing-filename-format\": \"qcow2\"");
        assertThat(read("disk")).startsWith("first bytes".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
