package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class TrustedPathTest {
    private static final int NOBODY = 65534;

    @TempDir
    Path top;

    private Path between;
    private Path state;

    @BeforeEach
    void folders() throws IOException {
        between = Files.createDirectory(top.resolve("between"));
        state = Files.createDirectory(between.resolve("state"));
        mode(top, 0700);
        mode(between, 0755);
        mode(state, 0700);
    }

    private static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private void refusedFor(Path folder, String why) {
        assertThatThrownBy(() -> StateLock.take(state)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
            assertThat(e).hasMessageContaining(folder.getFileName() + " " + why);
            assertThat(e.remedy()).contains("/var/lib/nova-bridge");
        });
    }

    @Test
    void aFolderOfOursBelowOnesOfOursIsTrusted() {
        assertThatCode(() -> StateLock.take(state).close()).doesNotThrowAnyException();
    }

    @Test
    void aFolderThatOthersWriteToIsNamed() throws IOException {
        mode(between, 0777);
        refusedFor(between, "can be written to by others");
        mode(between, 0775);
        refusedFor(between, "can be written to by others");
        mode(between, 01777);
        assertThatCode(() -> StateLock.take(state).close()).doesNotThrowAnyException();
    }

    @Test
    void aFolderOfAnotherUserIsNamed() throws IOException {
        assumeTrue((int) Files.getAttribute(top, "unix:uid") == 0, "only root can give a folder away");
        Files.setAttribute(between, "unix:uid", NOBODY);
        refusedFor(between, "belongs to user " + NOBODY);
        Files.setAttribute(between, "unix:uid", 0);
        Files.setAttribute(state, "unix:uid", NOBODY);
        refusedFor(state, "belongs to user " + NOBODY);
    }

    /** What counts is where a link leads. */
    @Test
    void aLinkIsFollowedBeforeItIsJudged() throws IOException {
        mode(between, 0777);
        Path link = Files.createSymbolicLink(top.resolve("link"), state);
        assertThatThrownBy(() -> TrustedPath.demand(link, "state_path")).hasMessageContaining("between can be written");
    }
}
