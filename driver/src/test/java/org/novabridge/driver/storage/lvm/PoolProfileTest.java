package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.PoolProfile.State;

class PoolProfileTest {
    @TempDir
    Path folder;

    private PoolProfile profile(int threshold, int percent) {
        return new PoolProfile(folder, "nova", new PoolGrowth(threshold, percent));
    }

    @Test
    void saysWhoseItIsAndWhatTheOptionsSay() throws IOException {
        PoolProfile profile = profile(70, 20);
        assertThat(profile.state()).isEqualTo(State.MISSING);

        profile.write();

        assertThat(profile.state()).isEqualTo(State.AS_WANTED);
        assertThat(profile.file()).isEqualTo(folder.resolve("nova-bridge-nova.profile"));
        assertThat(Files.readString(profile.file()))
                .startsWith("# Made by nova-bridge vg init, for the thin pools of volume group nova.\n")
                .contains(
                        "\nactivation {\n\tthin_pool_autoextend_threshold=70\n\tthin_pool_autoextend_percent=20\n}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(profile.file())))
                .isEqualTo("rw-r--r--");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(profile.file());
        }
    }

    @Test
    void otherNumbersAreSeenAndWritten() {
        profile(100, 20).write();
        Optional<String> before = profile(70, 20).read();
        assertThat(profile(70, 20).state()).isEqualTo(State.CHANGED);

        profile(70, 20).write();
        assertThat(profile(70, 20).state()).isEqualTo(State.AS_WANTED);

        profile(70, 20).putBack(before);
        assertThat(profile(100, 20).state()).isEqualTo(State.AS_WANTED);
    }

    @Test
    void isTakenBackWhereNoneWas() {
        PoolProfile profile = profile(70, 20);
        Optional<String> before = profile.read();
        profile.write();
        profile.putBack(before);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileOfOthersIsNeverWrittenOver() throws IOException {
        PoolProfile profile = profile(70, 20);
        Files.writeString(profile.file(), "activation { }\n");
        assertThat(profile.state()).isEqualTo(State.FOREIGN);
        assertThatThrownBy(profile::write)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.remedy()).contains("move it away"))
                .hasMessageContaining(profile.file() + " was not made by nova-bridge");
        assertThat(Files.readString(profile.file())).isEqualTo("activation { }\n");
    }

    /** Its target may be anybody's, whatever is in it. */
    @Test
    void aLinkIsAFileOfOthers() throws IOException {
        PoolProfile profile = profile(70, 20);
        Path target = Files.writeString(folder.resolve("target"), profile.text());
        Files.createSymbolicLink(profile.file(), target);
        assertThat(profile.state()).isEqualTo(State.FOREIGN);
    }
}
