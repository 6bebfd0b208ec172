package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.ExchangeFolder.Role;

class ExchangeFolderTest {

    @TempDir
    Path state;

    private Path operation = Path.of("/nowhere");
    private ExchangeFolder exchange = folder("nobody-at-all");

    private ExchangeFolder folder(String owner) {
        return new ExchangeFolder(
                state == null ? Path.of("/nowhere") : state,
                new FileCopy(new ProcessExecutor(), Duration.ofSeconds(10)),
                Set.of(owner));
    }

    @BeforeEach
    void makeFolders() throws IOException {
        operation = Files.createDirectories(state.resolve("exchange/op-1"));
        exchange = folder(Files.getOwner(operation).getName());
    }

    @Test
    void novaPassesThroughTheStatePathToItsFolderAndSeesNothingElse() throws IOException {
        assumeTrue(FileOwner.ofThisHost().root(), "only root gives folders away");
        Path path = Files.createDirectory(state.resolve("s"));
        ExchangeFolder.prepare(path, FileOwner.handingTo("daemon"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwx--x---");
        assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(0);
        assertThat(Files.readAttributes(path, PosixFileAttributes.class).group().getName())
                .isEqualTo("daemon");
        assertThat(Files.getOwner(path.resolve("exchange")).getName()).isEqualTo("daemon");
        ExchangeFolder.prepare(path, FileOwner.handingTo("daemon"));
    }

    @Test
    void withoutAUserNovaTheFolderIsOurOwn() throws IOException {
        Path path = Files.createDirectory(
                state.resolve("s"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ExchangeFolder.prepare(path, FileOwner.handingTo("nobody-at-all"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwx------");
        assertThat(path.resolve("exchange")).isDirectory();
    }

    private Path file(String name) throws IOException {
        return Files.writeString(operation.resolve(name), "content");
    }

    private Path take(String name) {
        return exchange.take("op-1", name, Role.CONTROL_PLANE, "image_file", Progress.NONE);
    }

    private ErrorCode refusal(String name) {
        return refusal(() -> take(name));
    }

    private static ErrorCode refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        BridgeException e = catchThrowableOfType(BridgeException.class, call);
        assertThat(e).isNotNull();
        return e.code();
    }

    @Test
    void aFileIsRenamedAndMadePrivate() throws IOException {
        file("image.qcow2");
        Path taken = take("image.qcow2");
        assertThat(operation.resolve("image.qcow2")).doesNotExist();
        assertThat(taken).hasContent("content").hasParent(state.resolve("taken"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(taken)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(taken.getParent())))
                .isEqualTo("rwx------");
        exchange.discard("op");
        assertThat(taken).exists();
        exchange.discard("op-1");
        assertThat(taken).doesNotExist();
    }

    private Path takeCopy(String name) {
        return exchange.takeCopy("op-1", name, Role.CONTROL_PLANE, "config_drive_file", Progress.NONE);
    }

    @Test
    void aCopyIsPrivateAndWhatWasHandedOverStaysForWhoAsksAgain() throws IOException {
        Path file = file("disk.config");
        for (int times = 0; times < 2; times++) {
            Path taken = takeCopy("disk.config");
            assertThat(taken).hasContent("content").hasParent(state.resolve("taken"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(taken)))
                    .isEqualTo("rw-------");
            assertThat(file).hasContent("content");
        }
        exchange.discard("op-1");
        assertThat(state.resolve("taken")).isEmptyDirectory();
        assertThat(file).exists();
    }

    @Test
    void whoStillHasItOpenCanNotChangeWhatWasTaken() throws IOException {
        Path file = file("image");
        Path taken;
        try (OutputStream open = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
            taken = take("image");
            open.write("changed".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(taken).hasContent("content");
        try (Stream<Path> all = Files.list(state.resolve("taken"))) {
            assertThat(all).containsExactly(taken);
        }
    }

    @Test
    void linksFoldersAndOddNamesAreRefused() throws IOException {
        Path secret = Files.writeString(state.resolve("secret"), "secret");
        Files.createSymbolicLink(operation.resolve("link"), secret);
        Files.createLink(operation.resolve("hard"), secret);
        Files.createDirectory(operation.resolve("folder"));
        for (String name :
                List.of("link", "hard", "folder", "..", ".", "../op-1/x", "/etc/passwd", "", "a\0b", "a\nb")) {
            assertThat(refusal(name)).as(name).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(refusal(() -> takeCopy(name))).as(name).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
        assertThat(secret).hasContent("secret");
        // Whoever has fetched an image fetches it again, when a bridge that died had taken it.
        assertThat(refusal("missing")).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        assertThat(refusal(() -> takeCopy("missing"))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refusal("x".repeat(5000))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    /** Nobody who asks can mend that. */
    @Test
    void aFolderOfOursThatCannotBeOpenedIsNoFaultOfTheCaller() throws IOException {
        file("disk.config");
        Files.move(state.resolve("exchange"), state.resolve("away"));
        for (int times = 0; times < 2; times++) {
            assertThatThrownBy(() -> takeCopy("disk.config"))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED))
                    .hasMessageContaining("config_drive_file")
                    .hasCauseInstanceOf(IOException.class);
            // Then one that is no folder.
            if (times == 0) {
                Files.createFile(state.resolve("exchange"));
            }
        }
    }

    @Test
    void aNameThatNoFileSystemTakesIsRefused() {
        assertThat(refusal(() -> takeCopy("\u00e4".repeat(255)))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aLinkInPlaceOfTheOperationsFolderIsRefused() throws IOException {
        Files.createSymbolicLink(state.resolve("exchange/op-2"), state);
        Files.writeString(state.resolve("secret"), "secret");
        assertThat(refusal(() -> exchange.take("op-2", "secret", Role.CONTROL_PLANE, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refusal(() -> exchange.takeCopy("op-2", "secret", Role.CONTROL_PLANE, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refusal(() -> exchange.take("../x", "secret", Role.OPERATOR, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(state.resolve("secret")).exists();
    }

    @Test
    void aFileOfSomebodyElseIsRefused() throws IOException {
        file("image");
        ExchangeFolder strict = folder("somebody-else");
        assertThat(refusal(() -> strict.take("op-1", "image", Role.CONTROL_PLANE, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refusal(() -> strict.takeCopy("op-1", "image", Role.CONTROL_PLANE, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(operation.resolve("image")).exists();
    }

    @Test
    void theOperatorMayNameAPathWhichIsCopied() throws IOException {
        Path own = Files.writeString(state.resolve("own image.raw"), "content");
        Path taken = exchange.take("op-1", own.toString(), Role.OPERATOR, "image_file", Progress.NONE);
        assertThat(taken).hasContent("content").isNotEqualTo(own);
        assertThat(own).exists();
        assertThat(refusal(() -> exchange.take("op-1", state.toString(), Role.OPERATOR, "image_file", Progress.NONE)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refusal(() -> take(own.toString()))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
}
