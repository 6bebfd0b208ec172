package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.compute.RemoteBridge.Word;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class SshBridgeTest {
    private static final String TOKEN = "5ec2e7".repeat(10) + "abcd";
    private static final RemoteBridge.Stream REQUEST =
            to -> to.write(("{\"token\":\"" + TOKEN + "\"}").getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path folder;

    private final RecordingExecutor executor = new RecordingExecutor();

    private static RemoteBridge bridge(CommandExecutor executor, ConfigSnapshot.Builder config) {
        ConfigSnapshot today = config.build();
        return new SshBridge(executor, () -> today);
    }

    private static ConfigSnapshot.Builder config() {
        return ConfigSnapshot.builder().set(BridgeOptions.TRANSFER_USER, "root");
    }

    private BridgeException refused(Word word) {
        return assertThrows(
                BridgeException.class,
                () -> bridge(executor, config()).call("other.example.org", word, REQUEST, () -> false));
    }

    @Test
    void whatIsAskedGoesThroughStandardInputAndNothingOfItIsAnArgument() throws IOException {
        executor.printing(
                "/usr/bin/ssh", "{\"protocol\":" + MigrationOffer.PROTOCOL + ",\"result\":{\"ready\":true}}\n");
        assertThat(bridge(executor, config())
                        .call("other.example.org", Word.OFFER, REQUEST, () -> false)
                        .path("ready")
                        .asBoolean())
                .isTrue();
        Command asked = executor.commands().get(0);
        assertThat(asked.argv())
                .startsWith("/usr/bin/ssh", "-T", "-o", "BatchMode=yes")
                .endsWith("-l", "root", "--", "other.example.org", "nova-bridge", "transfer", "offer");
        assertThat(asked.toString()).doesNotContain(TOKEN);
        assertThat(new String(RecordingExecutor.input(asked), StandardCharsets.US_ASCII))
                .contains(TOKEN);
    }

    @Test
    void aRefusalThereIsARefusalHere() {
        executor.printing(
                "/usr/bin/ssh",
                "{\"protocol\":" + MigrationOffer.PROTOCOL + ",\"problem\":{\"type\":\"/problems/"
                        + ErrorCode.STORAGE_FULL.type() + "\",\"detail\":\"no room\",\"remedy\":\"buy disks\"}}");
        BridgeException e = refused(Word.OFFER);
        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
        assertThat(e).hasMessage("other.example.org: no room");
        assertThat(e.remedy()).isEqualTo("buy disks");
    }

    @Test
    void whatAnswersOtherwiseIsNoBridgeOfThisProtocol() {
        executor.printing("/usr/bin/ssh", "Welcome to other.example.org");
        assertThat(refused(Word.OFFER).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
    }

    @Test
    void itSaysWhichWayItHasFailed() {
        executor.failing("/usr/bin/ssh", 255, "Host key verification failed.");
        BridgeException e = refused(Word.TAKE);
        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED);
        assertThat(e.getMessage()).contains("ssh does not come to other.example.org", "Host key", "255");
        assertThat(e.getMessage()).doesNotContain(TOKEN);
    }

    @Test
    void aHostThatIsAnOptionNeverReachesSsh() {
        assertThrows(
                BridgeException.class,
                () -> bridge(executor, config()).call("-oProxyCommand=x", Word.OFFER, REQUEST, () -> false));
        assertThat(executor.commands()).isEmpty();
    }

    @Test
    void withoutItsUserItDoesNotRunWithTheRightsOfTheBridge() throws IOException {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0);
        RemoteBridge bridge =
                bridge(executor, ConfigSnapshot.builder().set(BridgeOptions.TRANSFER_USER, "nobody-is-called-so"));
        BridgeException e = assertThrows(
                BridgeException.class, () -> bridge.call("other.example.org", Word.OFFER, REQUEST, () -> false));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        assertThat(executor.commands()).isEmpty();
    }

    /** With a patience of a second. */
    private RemoteBridge through(String script) throws IOException {
        Path ssh = Files.writeString(folder.resolve("ssh"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bridge(
                new ProcessExecutor(),
                config().set(BridgeOptions.TRANSFER_SSH, ssh.toString()).set(BridgeOptions.TRANSFER_TIMEOUT, 1));
    }

    /** The connection lives, and what it carries to keep itself alive is no sign of the bridge behind it. */
    @Test
    void aLiveSshToABridgeThatHangsIsEnded() throws IOException {
        RemoteBridge bridge = through("while :; do echo alive >/dev/null; sleep 0.1; done");
        byte[] much = new byte[1 << 20];
        BridgeException e = assertThrows(
                BridgeException.class,
                () -> bridge.call("other.example.org", Word.RECEIVE, to -> to.write(much), () -> false));
        assertThat(e.getMessage()).contains("the bridge of other.example.org gave no answer", "no sign of progress");
        assertThat(RemoteBridge.unanswered(e)).isTrue();
    }

    /** Zeroing a large volume takes long, and says how far it is. */
    @Test
    void aBridgeThatTellsOfItsProgressIsWaitedFor() throws IOException {
        RemoteBridge bridge =
                through("cat >/dev/null; for i in 1 2 3 4 5; do echo \"zero the disk: $i\" >&2; sleep 0.5;"
                        + " done; echo '{\"protocol\":" + MigrationOffer.PROTOCOL + ",\"result\":{\"ready\":true}}'");
        assertThat(bridge.call("other.example.org", Word.OFFER, REQUEST, () -> false)
                        .path("ready")
                        .asBoolean())
                .isTrue();
    }

    /** An ssh that asks, or stands still, is ended at the deadline. */
    @Test
    void anSshThatHangsIsEnded() throws IOException {
        RemoteBridge bridge = through("exec sleep 60");
        for (Word word : new Word[] {Word.TAKE, Word.RECEIVE}) {
            BridgeException e = assertThrows(
                    BridgeException.class, () -> bridge.call("other.example.org", word, REQUEST, () -> false));
            assertThat(e.getMessage()).contains("gave no answer").doesNotContain(TOKEN);
        }
    }
}
