package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Confinement;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;

/** What the private user can and can not do; needs root, as the service has it. */
@Tag("tools")
class ConfinedRunTest {
    private static final int UID = 61180;

    @TempDir
    Path folder;

    private final ProcessExecutor executor = new ProcessExecutor();
    private final QemuImg qemuImg = new QemuImg(
            executor,
            new QemuImgSettings(
                    UID,
                    Duration.ofSeconds(5),
                    2L << 30,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20)));

    @BeforeEach
    void onlyAsRoot() throws IOException {
        assumeThat(FileOwner.ofThisHost().root()).as("the tests run as root").isTrue();
        // Nova's own mode of the folder that holds the files; the one above it stays closed (0700).
        Files.setPosixFilePermissions(
                Files.createDirectory(folder.resolve("in")), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path source() throws IOException {
        Path file = folder.resolve("in/source.raw");
        Files.write(file, new byte[3 << 20]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void theProgramHasNoPrivilegesAtAll() {
        String status = executor.run(Command.ofProgram(Path.of("/bin/cat"), List.of("/proc/self/status"))
                        .confined(new Confinement(UID, UID, Duration.ofSeconds(5), 1L << 30)))
                .stdout();
        assertThat(status)
                .contains("Uid:\t61180\t61180\t61180\t61180")
                .contains("Gid:\t61180\t61180\t61180\t61180")
                .contains("CapEff:\t0000000000000000")
                .contains("CapBnd:\t0000000000000000")
                .contains("NoNewPrivs:\t1")
                .containsPattern("Groups:\t\\s*\n");
    }

    @Test
    void filesOfRootStayClosedToIt() throws IOException {
        Path secret = Files.writeString(folder.resolve("in/secret"), "s");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> executor.run(Command.ofProgram(Path.of("/bin/cat"), List.of("./secret"))
                        .in(folder.resolve("in"))
                        .confined(new Confinement(UID, UID, null, null))))
                .hasMessageContaining("Permission denied");
    }

    @Test
    void aConversionReadsAndWritesPrivateFilesBelowClosedFoldersAndGivesThemBack() throws IOException {
        Path source = source();
        Path target = folder.resolve("in/target.qcow2");
        FileOwner.ofThisHost().makePrivate(target, UID);
        List<Double> percents = new CopyOnWriteArrayList<>();
        qemuImg.convert(source, "raw", target, "qcow2", new Progress() {
            @Override
            public void report(String phase, double percent) {
                percents.add(percent);
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        });
        assertThat(percents).isNotEmpty().last().isEqualTo(100.0);
        assertThat(Files.getAttribute(source, "unix:uid")).isEqualTo(0);
        assertThat(qemuImg.info(target, "qcow2").virtualSize()).isEqualTo(3 << 20);
        FileOwner.ofThisHost().finish(target);
        assertThat(Files.getAttribute(target, "unix:uid")).isNotEqualTo(UID);
    }

    @Test
    void aFailedConversionGivesTheSourceBackToo() throws IOException {
        Path source = source();
        assertThatThrownBy(() -> qemuImg.convert(source, "qcow2", source, "raw", Progress.NONE))
                .isInstanceOf(BridgeException.class);
        assertThat(Files.getAttribute(source, "unix:uid")).isEqualTo(0);
    }

    @Test
    void anImageThatNamesAHostFileCanNotReadIt() throws IOException {
        Path secret = Files.writeString(folder.resolve("in/secret"), "s".repeat(512));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Path image = folder.resolve("in/image.qcow2");
        executor.run(Command.of(
                Tool.QEMU_IMG,
                "create",
                "-u",
                "-f",
                "qcow2",
                "-b",
                secret.toString(),
                "-F",
                "raw",
                image.toString(),
                "512"));
        Path target = folder.resolve("in/target");
        FileOwner.ofThisHost().makePrivate(target, UID);
        // The inspector refuses it long before; this is the second wall.
        assertThatThrownBy(() -> qemuImg.convert(image, "qcow2", target, "raw", Progress.NONE))
                .hasMessageContaining("Permission denied");
    }
}
