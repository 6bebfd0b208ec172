package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Problem;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

class InstanceCommandTest {
    private static final String UUID = TestBridge.UUID;

    private static TestBridge bridge;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws IOException {
        bridge = new TestBridge();
    }

    @AfterAll
    static void stop() {
        bridge.close();
    }

    @BeforeEach
    void forget() {
        bridge.calls.clear();
        bridge.kept.clear();
        bridge.answers.clear();
        bridge.failure = null;
        bridge.outcome = TestBridge.operation("op-1", Operation.State.DONE, null);
    }

    private int run(String... args) {
        return Typed.run(bridge, out, err, args);
    }

    private static InstanceView view(List<InstanceView.Drift> drift) {
        return view("running", drift, null);
    }

    private static InstanceView view(String state, List<InstanceView.Drift> drift, @Nullable String stalled) {
        return new InstanceView(
                UUID,
                "instance-0000002a",
                "web\u001b[31m",
                InstanceOwner.OPERATOR,
                "qcow2",
                state,
                1,
                List.of(new InstanceView.DiskView(
                        "disk", "root", "vda", "file", "/var/lib/nova/instances/x/disk", "qcow2", 10737418240L, true)),
                drift,
                null,
                null,
                null,
                null,
                stalled);
    }

    @Test
    void listIsATable() {
        bridge.answers.put("list", List.of(view(List.of())));
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).isEqualTo("""
                        UUID                                  NAME               DISPLAY NAME  OWNER     BACKEND  STATE
                        11111111-2222-3333-4444-555555555555  instance-0000002a  web?[31m      operator  qcow2    running
                        """);
    }

    @Test
    void anEmptyListSaysSoForPeopleAndIsAnEmptyArrayForPrograms() {
        bridge.answers.put("list", List.of());
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).isEqualTo("no instances\n");
        out.getBuffer().setLength(0);
        assertThat(run("--output", "json", "instance", "list")).isZero();
        assertThat(out.toString().trim()).isEqualTo("[ ]");
    }

    @Test
    void showNamesWhatARunningGuestStillHasFromBefore() {
        bridge.answers.put(
                "show",
                view(List.of(
                        new InstanceView.Drift("vda", "cache", "writeback", "none", InstanceView.Remedy.HARD_REBOOT))));
        assertThat(run("instance", "show", UUID)).isZero();
        assertThat(out.toString()).isEqualTo("""
                        uuid          11111111-2222-3333-4444-555555555555
                        name          instance-0000002a
                        display name  web?[31m
                        owner         operator
                        backend       qcow2
                        state         running

                        NAME  ROLE  TARGET  SIZE    FORMAT  TYPE  SOURCE
                        disk  root  vda     10 GiB  qcow2   file  /var/lib/nova/instances/x/disk

                        Still from before; "nova-bridge instance reboot --hard" brings the configured value:
                        DISK  ATTRIBUTE  RUNNING WITH  CONFIGURED  NEEDS
                        vda   cache      writeback     none        hard-reboot
                        """);
    }

    @Test
    void aGuestThatItsDiskHasStoppedIsSaidToBe() {
        InstanceView stopped = view("paused", List.of(), "stopped by a write to vda");
        bridge.answers.put("list", List.of(stopped));
        bridge.answers.put("show", stopped);
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).contains("  paused, stopped by its disk\n");
        assertThat(run("instance", "show", UUID)).isZero();
        assertThat(out.toString()).contains("stalled       stopped by a write to vda\n");
    }

    @Test
    void aBridgeThatIsStoppedDuringACreateIsSaidToSettleItAtItsNextStart(@TempDir Path folder) throws Exception {
        Path spec = Files.writeString(folder.resolve("spec.json"), "{\"instance\": {\"uuid\": \"" + UUID + "\"}}");
        TestBridge stopping = new TestBridge();
        stopping.outcome = TestBridge.operation("op-7", Operation.State.RUNNING, null);
        stopping.set(stopping.outcome);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> run(
                "instance",
                "create",
                "--spec",
                spec.toString(),
                "--socket",
                stopping.socket().toString()));
        while (stopping.calls.isEmpty()) {
            Thread.sleep(10);
        }
        Thread.sleep(500);
        stopping.close();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(err.toString())
                .contains("the bridge went away during the create of " + UUID)
                .contains("settles operation op-7")
                .contains("operation list", "instance list");
    }

    @Test
    void createSendsTheSpecWithAbsoluteFileNames(@TempDir Path folder) throws IOException {
        Path image = Files.writeString(folder.resolve("i.qcow2"), "x");
        Path spec = Files.writeString(folder.resolve("spec.json"), "{\"instance\": {\"uuid\": \"" + UUID + "\"}}");
        assertThat(run("instance", "create", "--spec", spec.toString(), "--image", image.toString()))
                .as(err.toString())
                .isZero();
        assertThat(bridge.lastSpec).contains("\"image_file\":\"" + image + "\"").doesNotContain("power_on");
        assertThat(out.toString()).matches("create " + UUID + ": done in \\d+\\.\\d s\n");
        assertThat(bridge.calls).anyMatch(call -> call.matches("create\\(OPERATOR, SPEC, key=[0-9a-f-]{36}\\)"));
    }

    @Test
    void aFileNamedInTheSpecIsLookedForBesideIt(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("i.qcow2"), "x");
        Path spec = Files.writeString(
                folder.resolve("spec.json"),
                "{\"instance\": {\"uuid\": \"" + UUID + "\"}, \"image_file\": \"i.qcow2\"}");
        assertThat(run("instance", "create", "--power-off", "--spec", spec.toString()))
                .isZero();
        assertThat(bridge.lastSpec)
                .contains("\"image_file\":\"" + folder.resolve("i.qcow2") + "\"", "\"power_on\":false");
    }

    @Test
    void badSpecsAreWrongUsageAndSendNothing(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\n  \"instance\": ,\n}");
        Path array = Files.writeString(folder.resolve("array.json"), "[]");
        Path large = Files.write(folder.resolve("large.json"), new byte[3 * 1024 * 1024]);
        assertThat(run("instance", "create", "--spec", broken.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("broken.json:2: ");
        assertThat(run("instance", "create", "--spec", array.toString())).isEqualTo(2);
        assertThat(run("instance", "create", "--spec", large.toString())).isEqualTo(2);
        assertThat(run("instance", "create", "--spec", folder.resolve("none").toString()))
                .isEqualTo(2);
        Path good = Files.writeString(folder.resolve("good.json"), "{}");
        assertThat(run("instance", "create", "--spec", good.toString(), "--image", "/no/such"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--image: /no/such does not exist");
        assertThat(run("instance", "create", "--spec", good.toString(), "--image", folder.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--image: " + folder + " is a folder");
        assertThat(run("instance", "create", "--spec", folder.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--spec: " + folder + " is no regular file");
        assertThat(run("instance", "create")).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("Exception");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void whatIsNoUuidIsWrongUsageAndSendsNothing() {
        for (String word : List.of("../../etc", "", "a\nb", UUID + "0")) {
            assertThat(run("instance", "show", word)).as(word).isEqualTo(2);
            assertThat(run("instance", "delete", word)).as(word).isEqualTo(2);
        }
        assertThat(err.toString()).contains("no UUID");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void whatIsNoSocketIsNamedSo(@TempDir Path folder) {
        assertThat(run("instance", "list", "--socket", folder.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(folder + " is no socket");
    }

    @Test
    void aBrokenSpecIsNotQuoted(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"auth_password\": s3cret}");
        assertThat(run("instance", "create", "--spec", broken.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("broken.json:1").doesNotContain("s3cret");
    }

    @Test
    void theClientIsMorePatientThanTheLongestWaitOfTheBridge() {
        try (BridgeClient client = new BridgeClient(bridge.socket())) {
            assertThat(client.idleMillis()).isGreaterThan(60_000);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            delete        | delete(OPERATOR, %s,
            reboot        | reboot(OPERATOR, %s, SOFT, null,
            reboot --soft | reboot(OPERATOR, %s, SOFT, null,
            reboot --hard | reboot(OPERATOR, %s, HARD, null,
            start         | powerOn(OPERATOR, %s,
            stop          | powerOff(OPERATOR, %s, null,
            stop --timeout 0 | powerOff(OPERATOR, %s, PT0S,
            pause         | pause(OPERATOR, %s,
            unpause       | unpause(OPERATOR, %s,
            suspend       | suspend(OPERATOR, %s,
            resume        | resume(OPERATOR, %s,
            quiesce       | quiesce(OPERATOR, %s,
            unquiesce     | unquiesce(OPERATOR, %s,
            crash-dump    | crashDump(OPERATOR, %s,
            adopt --dry-run | adopt(OPERATOR, %s, null, true,
            """)
    void everyChangeReachesItsCall(String words, String call) {
        List<String> line = new ArrayList<>(List.of("instance"));
        line.addAll(List.of(words.trim().split(" ")));
        line.add(UUID);
        assertThat(run(line.toArray(String[]::new))).as(err.toString()).isZero();
        assertThat(bridge.calls).hasSize(1).first().asString().startsWith(call.formatted(UUID));
    }

    @Test
    void anAdoptionSaysWhichDisksAndVolumesTheGuestHas() {
        Operation plain = TestBridge.operation("op-1", Operation.State.DONE, null);
        bridge.outcome = new Operation(
                plain.id(),
                Operation.Kind.ADOPT,
                UUID,
                plain.caller(),
                plain.state(),
                "done",
                -1,
                plain.created(),
                plain.updated(),
                Map.of(
                        "dry_run",
                        true,
                        "adopted",
                        false,
                        "backend",
                        "qcow2",
                        "disks",
                        List.of(Map.of("name", "disk", "backend", "qcow2", "format", "qcow2", "source", "/i/disk")),
                        "volumes",
                        List.of(Map.of("device", "vdb", "source", "/dev/sdx"))),
                null);
        assertThat(run("instance", "adopt", UUID, "--dry-run"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("nothing was written")
                .containsPattern("disk +qcow2 +qcow2 +/i/disk")
                .containsPattern("vdb +volume +.*/dev/sdx");
    }

    @Test
    void softAndHardExcludeEachOther() {
        assertThat(run("instance", "reboot", "--hard", "--soft", UUID)).isEqualTo(2);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void noWaitNamesTheOperation() {
        assertThat(run("instance", "delete", "--no-wait", UUID)).isZero();
        assertThat(out.toString()).contains("operation op-1 goes on");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void aFailedOperationEndsWithTheExitCodeOfItsProblem(ErrorCode code) {
        bridge.outcome =
                TestBridge.operation("op-1", Operation.State.FAILED, new Problem(code, "it went wrong", "do this"));
        assertThat(run("instance", "delete", UUID)).isEqualTo(code.exitCode());
        assertThat(err.toString()).isEqualTo("nova-bridge: it went wrong\n  remedy: do this\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aRefusedRequestIsTheSameAsAFailedOperation() {
        bridge.failure = new BridgeException(ErrorCode.OWNED_BY_NOVA, "owned by Nova", "openstack server reboot");
        assertThat(run("instance", "reboot", UUID)).isEqualTo(3);
        assertThat(err.toString()).isEqualTo("nova-bridge: owned by Nova\n  remedy: openstack server reboot\n");
    }

    @Test
    void aNameThatIsNoUuidIsWrongUsage() {
        assertThat(run("instance", "show", "../../etc/passwd")).isEqualTo(2);
        assertThat(run("instance", "show", "a?b#c d")).isEqualTo(2);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void theConsoleComesAsItIs() {
        // Also what is no UTF-8, and what acts on terminals.
        String written = "Linux version\r\n\u001b]0;title\u0007login: \u00e9\u009b";
        bridge.answers.put("consoleLog", written.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(run("instance", "console", "--tail", "50", UUID)).isZero();
        assertThat(out.toString()).isEqualTo(written);
        assertThat(bridge.calls).containsExactly("consoleLog(" + UUID + ", 50)");
    }

    /** Else a guest would steer the terminal of whoever looks at it. */
    @Test
    void aTerminalGetsTheConsoleWithoutWhatActsOnItUnlessItIsWantedSo() {
        String written = "Linux\r\n\tlogin: \u00e9\u001b[2Jx\r\u009b1m\u007f\u202e";
        bridge.answers.put("consoleLog", written.getBytes(StandardCharsets.UTF_8));
        System.setProperty(NovaBridge.OUT_PROPERTY, "true");
        try {
            assertThat(run("instance", "console", UUID)).isZero();
            assertThat(out.toString()).isEqualTo("Linux\r\n\tlogin: \u00e9^[[2Jx^M\\u009b1m^?\\u202e");
            out.getBuffer().setLength(0);
            assertThat(run("instance", "console", "--raw", UUID)).isZero();
            assertThat(out.toString().getBytes(StandardCharsets.ISO_8859_1))
                    .isEqualTo(written.getBytes(StandardCharsets.UTF_8));
        } finally {
            System.clearProperty(NovaBridge.OUT_PROPERTY);
        }
    }

    @Test
    void disksShowHowTheGuestHasThem() {
        assertThat(run("instance", "disks", UUID)).isZero();
        assertThat(out.toString()).isEqualTo("""
                        NAME  ROLE  TARGET  BUS     CACHE  IO      DISCARD  FORMAT  SIZE   SOURCE
                        disk  root  vda     virtio  none   native  -        qcow2   1 GiB  /i/disk
                        """);
    }

    @Test
    void explainTellsRuleAndOrigin() {
        bridge.answers.put("spec", Optional.of(org.mockito.Mockito.mock(InstanceSpec.class)));
        assertThat(run("instance", "explain", "--disk", "vdb", "--attribute", "io", UUID))
                .isZero();
        assertThat(out.toString()).isEqualTo("""
                        DISK  ATTRIBUTE  VALUE  RUNNING WITH  RULE           ORIGIN       WHY
                        vdb   io         none   writeback     CacheModeRule  nova.conf:4  written in disk_cachemodes
                        """);
    }

    @Test
    void operationsAreShownWithTheirProblem() {
        bridge.set(TestBridge.operation(
                "x", Operation.State.FAILED, new Problem(ErrorCode.STORAGE_FULL, "vg is full", "free some")));
        assertThat(run("operation", "show", "x")).isZero();
        assertThat(out.toString()).contains("failed", "convert image", "problem: vg is full", "remedy:  free some");
        assertThat(run("operation", "show", "--wait", "x")).isEqualTo(1);
        assertThat(run("operation", "list")).isZero();
        assertThat(run("operation", "cancel", "x")).isZero();
        assertThat(bridge.calls).contains("cancel(x)");
        assertThat(run("operation", "show", "none")).isEqualTo(1);
    }

    @Test
    void aMissingBridgeIsNamed(@TempDir Path folder) {
        assertThat(run("instance", "list", "--socket", folder.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no bridge: there is no socket", "nova-bridge serve");
    }

    @Test
    void aBridgeThatEndedIsNamed(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel ended = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            ended.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(run("instance", "list", "--socket", socket.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("no bridge listens on " + socket);
    }

    @Test
    void jsonIsTheAnswerOfTheBridge() throws IOException {
        bridge.answers.put("show", view(List.of()));
        assertThat(run("instance", "show", "--output=json", UUID)).isZero();
        assertThat(Json.mapper().readTree(out.toString()).path("state").asText())
                .isEqualTo("running");
    }

    private int keyFrom(byte[] stdin, String... args) {
        java.io.InputStream before = System.in;
        System.setIn(new java.io.ByteArrayInputStream(stdin));
        try {
            return run(args);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aKeyIsReadFromStandardInputOrAFileAndShownNowhere(@TempDir Path folder) throws IOException {
        byte[] key = new byte[32];
        java.util.Arrays.fill(key, (byte) 0xa7);
        String hex = "a7".repeat(32);
        assertThat(keyFrom(key, "instance", "key", UUID, "--stdin")).isZero();
        Path file = Files.writeString(folder.resolve("key"), hex + "\n");
        assertThat(run("instance", "key", UUID, "--file", file.toString(), "--encoding", "hex", "--disk", "disk.eph0"))
                .isZero();
        assertThat(keyFrom(
                        (java.util.Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII),
                        "instance",
                        "key",
                        UUID,
                        "--stdin",
                        "--encoding",
                        "base64"))
                .isZero();
        assertThat(bridge.calls)
                .containsExactly(
                        "bringKey(OPERATOR, " + UUID + ", null, KEY " + hex + ")",
                        "bringKey(OPERATOR, " + UUID + ", disk.eph0, KEY " + hex + ")",
                        "bringKey(OPERATOR, " + UUID + ", null, KEY " + hex + ")");
        assertThat(out.toString()).contains("the bridge has the key of " + UUID);
        assertThat(out.toString() + err).doesNotContain("a7a7", "p6en");
    }

    @Test
    void aPasswordIsReadFromStandardInputOrAFileAndShownNowhere(@TempDir Path folder) throws IOException {
        byte[] line = "geheim wort\r\n".getBytes(StandardCharsets.UTF_8);
        assertThat(keyFrom(line, "instance", "set-password", UUID, "--stdin")).isZero();
        Path file = Files.writeString(folder.resolve("password"), "geheim\n\n");
        assertThat(run("instance", "set-password", UUID, "--file", file.toString()))
                .isZero();
        assertThat(bridge.calls).hasSize(2);
        assertThat(bridge.calls.get(0)).startsWith("setPassword(OPERATOR, " + UUID + ", PASSWORD geheim wort, key=");
        assertThat(bridge.calls.get(1)).startsWith("setPassword(OPERATOR, " + UUID + ", PASSWORD geheim\n, key=");
        assertThat(out.toString() + err).contains("the password of").doesNotContain("geheim");
        bridge.calls.clear();
        assertThat(keyFrom(new byte[5000], "instance", "set-password", UUID, "--stdin"))
                .isEqualTo(2);
        assertThat(run("instance", "set-password", UUID)).isEqualTo(2);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void aLineOfTextIsNotTakenForAKey() {
        byte[] line = "a passphrase with its line end\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(keyFrom(line, "instance", "key", UUID, "--stdin")).isEqualTo(2);
        assertThat(keyFrom(line, "instance", "key", UUID, "--stdin", "--encoding", "hex"))
                .isEqualTo(2);
        assertThat(keyFrom(new byte[5000], "instance", "key", UUID, "--stdin")).isEqualTo(2);
        assertThat(keyFrom(line, "instance", "key", UUID)).isEqualTo(2);
        assertThat(keyFrom(new byte[8], "instance", "key", UUID, "--stdin")).isEqualTo(2);
        assertThat(err.toString())
                .contains("its line end would be a part of it")
                .doesNotContain("a passphrase");
        assertThat(bridge.calls).isEmpty();
    }
}
