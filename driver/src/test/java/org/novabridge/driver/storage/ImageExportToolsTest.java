package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Images by the real qemu-img: their content, who may read them, and that a failed one leaves nothing. */
@Tag("tools")
class ImageExportToolsTest {
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final CommandExecutor EXECUTOR = new ProcessExecutor();
    private static final FileOwner OWNER = FileOwner.ofThisHost();

    @TempDir
    Path folder;

    private Path source = Path.of("");
    private byte[] content = {};
    private ConfigSnapshot config = ConfigSnapshot.builder().build();

    @BeforeEach
    void disk() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        content = new byte[4 << 20];
        new Random(5).nextBytes(content);
        Arrays.fill(content, 1 << 20, 3 << 20, (byte) 7);
        source = Files.write(folder.resolve("disk"), content);
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-------"));
        config = ConfigSnapshot.builder()
                .set(
                        LibvirtOptions.SNAPSHOTS_DIRECTORY,
                        folder.resolve("snapshots").toString())
                .build();
    }

    private ImageExport export() {
        return new ImageExport(config, EXECUTOR, OWNER);
    }

    private List<String> left() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(each -> folder.relativize(each).toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"raw,false", "qcow2,false", "qcow2,true", "vmdk,false", "vdi,false"})
    void theImageHoldsWhatTheDiskHeld(String format, boolean compress) throws IOException {
        ImageExport.Image image =
                export().make(source, "raw", new ImageExport.Target(ID, format, compress, null), Progress.NONE);

        assertThat(image.file()).isEqualTo(folder.resolve("snapshots/" + ID + "." + format));
        assertThat(image.bytes()).isEqualTo(Files.size(image.file()));
        if (compress) {
            assertThat(image.bytes()).isLessThan(3 << 20);
        }
        assertThat(Files.getPosixFilePermissions(image.file()))
                .as("nobody but nova reads it")
                .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        QemuImg qemuImg = new QemuImg(EXECUTOR, QemuImgSettings.of(config, OWNER));
        Path back = folder.resolve("back");
        OWNER.makePrivate(back, qemuImg.settings().privateUid());
        qemuImg.convert(image.file(), format, back, "raw", Progress.NONE);
        assertThat(Arrays.mismatch(Files.readAllBytes(back), content)).isEqualTo(-1);
    }

    @Test
    void theOperatorsNameIsTakenInOneStepAndNeverOverwritten() throws IOException {
        Path file = folder.resolve("mine.qcow2");
        ImageExport.Target target = new ImageExport.Target(ID, "qcow2", false, file);
        export().make(source, "raw", target, Progress.NONE);
        assertThat(left()).containsExactly("disk", "mine.qcow2");

        Files.writeString(file, "precious");
        assertThatThrownBy(() -> export().make(source, "raw", target, Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        export().remove(target);
        assertThat(file).hasContent("precious");
        assertThat(left()).containsExactly("disk", "mine.qcow2");
    }

    /** A guest that writes a qcow2 header into its raw disk gets a raw image of it (OSSA-2014-009, OSSA-2016-001). */
    @Test
    void whatTheGuestWroteIsNeverTakenForAFormat() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "x".repeat(4096));
        assertThat(new ProcessBuilder(
                                "qemu-img",
                                "create",
                                "-q",
                                "-f",
                                "qcow2",
                                "-F",
                                "raw",
                                "-b",
                                secret.toString(),
                                source.toString())
                        .start()
                        .onExit()
                        .join()
                        .exitValue())
                .isZero();
        byte[] header = Files.readAllBytes(source);
        ImageExport.Image image =
                export().make(source, "raw", new ImageExport.Target(ID, "raw", false, null), Progress.NONE);
        assertThat(Arrays.mismatch(Arrays.copyOf(Files.readAllBytes(image.file()), header.length), header))
                .isEqualTo(-1);
    }

    @Test
    void whatFailsIsRemovedAndWhatWasLentIsBack() throws IOException {
        Path file = folder.resolve("mine.raw");
        ImageExport.Target target = new ImageExport.Target(ID, "raw", false, file);
        assertThatThrownBy(() -> export().make(source, "qcow2", target, Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
        export().remove(target);
        export().remove(target);
        assertThat(left()).containsExactly("disk");
        assertThat(Files.getPosixFilePermissions(source))
                .as("what was lent is back")
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
