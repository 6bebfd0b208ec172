package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;

/** What the file backends promise beyond the common contract. */
public abstract class FileBackendContract extends ImageBackendContract {

    protected ConfigSnapshot.Builder config() {
        return ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, folder.toString())
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString());
    }

    protected List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(UUID))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    protected Path path(String name) {
        return ((DiskSource.FileSource) backend().locate(UUID, name)).path();
    }

    @Test
    void filesHaveNovasModesAndTheFormatIsRecorded() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(UUID))))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("disk"))))
                .isEqualTo("rw-r--r--");
        assertThat(Files.getAttribute(path("disk"), "unix:uid"))
                .isEqualTo(Files.getAttribute(folder.resolve(UUID), "unix:uid"));
        String format = backend().capabilities().driverFormat();
        assertThat(Files.readString(folder.resolve(UUID).resolve("disk.info")))
                .isEqualTo("{\"" + path("disk") + "\": \"" + format + "\"}\n");
        assertThat(files()).containsExactly("disk", "disk.info");
    }

    @Test
    void aConfigDriveIsTheRawFile() throws IOException {
        Path iso = Files.writeString(folder.resolve("drive.iso"), "config drive");
        backend().create(UUID, "disk.config", new DiskContent.FromFile(iso), Progress.NONE);
        assertThat(path("disk.config")).hasContent("config drive");
        assertThat(backend().format(UUID, "disk.config")).isEqualTo("raw");
    }

    @Test
    void aConfigDriveThatIsMadeAnewHasTheOldOnesPlaceAndTheOldOneStaysWhenThatFails() throws IOException {
        Path first = Files.writeString(folder.resolve("first.iso"), "the first");
        Path second = Files.writeString(folder.resolve("second.iso"), "the second");
        backend().create(UUID, "disk.config", new DiskContent.FromFile(first), Progress.NONE);
        DiskContent missing = new DiskContent.FromFile(folder.resolve("nowhere.iso"));
        assertThatThrownBy(() -> backend().renew(UUID, "disk.config", missing, Progress.NONE))
                .isInstanceOf(BridgeException.class);
        assertThat(path("disk.config")).hasContent("the first");
        assertThat(backend().format(UUID, "disk.config")).isEqualTo("raw");
        for (int times = 0; times < 2; times++) {
            backend().renew(UUID, "disk.config", new DiskContent.FromFile(second), Progress.NONE);
            assertThat(path("disk.config")).hasContent("the second");
        }
        assertThat(files()).containsExactly("disk.config", "disk.info");
        assertThat(folder.resolve(".nova-bridge/work")).isEmptyDirectory();
    }

    @Test
    void theRecordedFormatIsNotProbedFromTheGuestsData() throws IOException {
        backend().create(UUID, "disk.config", new DiskContent.FromFile(image().base()), Progress.NONE);
        Files.write(path("disk.config"), "QFI\u00fb\0\0\0\3".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(backend().format(UUID, "disk.config")).isEqualTo("raw");
    }

    @Test
    void whatACrashLeftIsOverwrittenByCreateAndFoundByRemove() throws IOException {
        Files.createDirectories(folder.resolve(UUID));
        try (WorkFolder work = WorkFolder.in(folder)) {
            Files.writeString(work.at(UUID + ".disk.part"), "half");
            Files.writeString(work.at(UUID + ".disk.swap.raw.part"), "half");
        }
        assertThat(backend().list(UUID)).isEmpty();
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        assertThat(read("disk")).startsWith("first bytes".getBytes(StandardCharsets.UTF_8));
        backend().remove(UUID, "disk.swap", Progress.NONE);
        backend().remove(UUID, "disk", Progress.NONE);
        assertThat(files()).isEmpty();
        assertThat(folder.resolve(".nova-bridge/work")).isEmptyDirectory();
    }

    /** Kept where Nova keeps it; each of the three ends leaves one copy, and the format stays the recorded one. */
    @Test
    void whatADiskWasBeforeAResizeIsKeptBesideIt() throws IOException {
        KeptDisks kept = backend().kept().orElseThrow();
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        String format = backend().format(UUID, "disk");
        byte[] then = Files.readAllBytes(path("disk"));
        kept.keep(UUID, "disk", Progress.NONE);
        backend().grow(UUID, "disk", 16 * MIB, Progress.NONE);
        assertThat(kept.list(UUID)).containsExactly("disk");
        assertThat(folder.resolve(UUID + "_resize/disk")).hasBinaryContent(then);
        assertThat(Files.readAllBytes(path("disk"))).isNotEqualTo(then);
        kept.restore(UUID, "disk", Progress.NONE);
        kept.restore(UUID, "disk", Progress.NONE);
        assertThat(path("disk")).hasBinaryContent(then);
        assertThat(backend().format(UUID, "disk")).isEqualTo(format);
        assertThat(folder.resolve(UUID + "_resize")).doesNotExist();

        kept.keep(UUID, "disk", Progress.NONE);
        kept.discard(UUID, "disk", Progress.NONE);
        kept.discard(UUID, "disk", Progress.NONE);
        assertThat(path("disk")).hasBinaryContent(then);
        assertThat(folder.resolve(UUID + "_resize")).doesNotExist();

        kept.setAside(UUID, "disk");
        kept.setAside(UUID, "disk");
        assertThat(backend().exists(UUID, "disk")).isFalse();
        backend().create(UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE);
        kept.restore(UUID, "disk", Progress.NONE);
        assertThat(path("disk")).hasBinaryContent(then);
        assertThat(folder.resolve(".nova-bridge/work")).isEmptyDirectory();
    }
}
