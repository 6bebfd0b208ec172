package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Problem;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDevice;

class ResourcesTest {
    private static final String UUID = TestBridge.UUID;
    private static final String ONE = "/v1/instances/" + UUID;
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String SPEC = "{\"instance\": {\"uuid\": \"" + UUID + "\"}}";

    private static TestBridge bridge;

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
    }

    private static RawHttp.Answer get(String path) throws IOException {
        return RawHttp.get(bridge.socket(), path);
    }

    private static RawHttp.Answer post(String path, @Nullable String body) throws IOException {
        return body == null
                ? RawHttp.send(bridge.socket(), "POST", path, "Content-Length: 0\r\n", null)
                : RawHttp.send(bridge.socket(), "POST", path, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode problem(RawHttp.Answer answer) throws IOException {
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = Json.mapper().readTree(answer.body());
        assertThat(problem.path("status").asInt()).isEqualTo(answer.status());
        assertThat(problem.path("title").asText()).isNotEmpty();
        assertThat(problem.path("nova_exception").asText()).isNotEmpty();
        return problem;
    }

    @Test
    void aBridgeWithTooMuchToDoSaysWhenToAskAgain() throws IOException {
        bridge.failure = new BridgeException(ErrorCode.TOO_MANY_OPERATIONS, "1000 operations wait", "ask again later");
        RawHttp.Answer answer = post("/v1/instances", SPEC);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(problem(answer).path("nova_exception").asText()).isEqualTo("ComputeResourcesUnavailable");
    }

    private static RawHttp.Answer putKey(String path, byte[] key) throws IOException {
        return RawHttp.send(bridge.socket(), "PUT", path, "Content-Type: application/octet-stream\r\n", key);
    }

    @Test
    void aKeyIsBroughtAndReadByNobody() throws IOException {
        byte[] key = "0123456789abcdef\n".getBytes(StandardCharsets.US_ASCII);
        String hex = "303132333435363738396162636465660a";
        assertThat(putKey(ONE + "/keys", key).status()).isEqualTo(204);
        assertThat(putKey(ONE + "/keys/disk.eph0", key).status()).isEqualTo(204);
        assertThat(putKey(ONE + "/volume-keys/v-1", key).status()).isEqualTo(204);
        assertThat(bridge.calls)
                .containsExactly(
                        "bringKey(OPERATOR, " + UUID + ", null, KEY " + hex + ")",
                        "bringKey(OPERATOR, " + UUID + ", disk.eph0, KEY " + hex + ")",
                        "bringVolumeKey(OPERATOR, " + UUID + ", v-1, KEY " + hex + ")");
        assertThat(get(ONE + "/keys").status()).isEqualTo(405);
        assertThat(get(ONE + "/keys/disk").status()).isEqualTo(405);
        assertThat(get(ONE + "/volume-keys/v-1").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 513, 100_000})
    void whatIsNoKeyIsRefusedWithoutBeingQuoted(int length) throws IOException {
        RawHttp.Answer answer = putKey(ONE + "/keys", "z".repeat(length).getBytes(StandardCharsets.US_ASCII));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(problem(answer).toString()).doesNotContain("zzz");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void aKeyIsBytesAndNoJson() throws IOException {
        assertThat(RawHttp.send(
                                bridge.socket(),
                                "PUT",
                                ONE + "/keys",
                                JSON,
                                "{\"key\": \"0123456789abcdef\"}".getBytes(StandardCharsets.US_ASCII))
                        .status())
                .isEqualTo(415);
        assertThat(putKey("/v1/instances/NOT-A-UUID/keys", new byte[32]).status())
                .isEqualTo(400);
    }

    private static RawHttp.Answer putPassword(String path, String key, String password) throws IOException {
        return RawHttp.send(
                bridge.socket(),
                "PUT",
                path,
                "Content-Type: application/octet-stream\r\nIdempotency-Key: " + key + "\r\n",
                password.getBytes(StandardCharsets.UTF_8));
    }

    /** A hash of a password in the journal would be one to guess from. */
    @Test
    void aPasswordIsSetAsAnOperationWhoseKeyKnowsNothingOfIt() throws IOException {
        bridge.hashes.clear();
        assertThat(putPassword(ONE + "/password", "k1", "gehe\u00efm ").status())
                .isEqualTo(202);
        assertThat(putPassword(ONE + "/password", "k2", "").status()).isEqualTo(202);
        assertThat(bridge.calls)
                .containsExactly(
                        "setPassword(OPERATOR, " + UUID + ", PASSWORD gehe\u00efm , key=k1)",
                        "setPassword(OPERATOR, " + UUID + ", PASSWORD , key=k2)");
        assertThat(bridge.hashes.stream().distinct()).hasSize(1).doesNotContain("null");
        assertThat(get(ONE + "/password").status()).isEqualTo(405);
        assertThat(post(ONE + "/password", "{}").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\0zz", "z"})
    void whatIsNoPasswordIsRefusedWithoutBeingQuoted(String what) throws IOException {
        RawHttp.Answer answer = putPassword(ONE + "/password", "k", what.equals("z") ? "z".repeat(5000) : what);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(problem(answer).toString()).doesNotContain("zz");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void createIsAcceptedAsAnOperation() throws IOException {
        RawHttp.Answer answer = post("/v1/instances", SPEC);
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.header("Location")).isEqualTo("/v1/operations/op-1");
        JsonNode operation = Json.mapper().readTree(answer.body());
        assertThat(operation.path("id").asText()).isEqualTo("op-1");
        assertThat(operation.path("kind").asText()).isEqualTo("create");
        assertThat(operation.path("state").asText()).isEqualTo("pending");
        assertThat(operation.path("created").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(bridge.calls).contains("create(OPERATOR, SPEC, key=null)");
    }

    @Test
    void theIdempotencyKeyReachesTheOperation() throws IOException {
        RawHttp.send(
                bridge.socket(),
                "POST",
                "/v1/instances",
                JSON + "Idempotency-Key: abc\r\n",
                SPEC.getBytes(StandardCharsets.UTF_8));
        assertThat(bridge.calls).contains("create(OPERATOR, SPEC, key=abc)");
    }

    @Test
    void aVolumeComesAsNovaSendsIt() throws IOException {
        String volume =
                "{\"mount_device\": \"/dev/vdb\", \"disk_bus\": \"virtio\", \"device_type\": null, \"boot_index\": null,"
                        + " \"connection_info\": {\"driver_volume_type\": \"local\", \"serial\": \"v-1\", \"data\":"
                        + " {\"device_path\": \"/dev/x\", \"auth_password\": \"geheim\"}}}";
        post(ONE + "/attach-volume", "{\"volume\": " + volume + "}");
        assertThat(bridge.calls)
                .singleElement()
                .asString()
                .contains("attachVolume(OPERATOR", "deviceName=/dev/vdb", "diskBus=virtio", "device_path=/dev/x")
                .doesNotContain("geheim");
        bridge.calls.clear();
        for (String bad : List.of("{}", "{\"volume\": \"v-1\"}", "{\"volume\": {}}")) {
            assertThat(post(ONE + "/attach-volume", bad).status()).isEqualTo(400);
        }
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void anIdempotencyKeyWithBlanksIsRefused() throws IOException {
        RawHttp.Answer answer = RawHttp.send(bridge.socket(), "DELETE", ONE, "Idempotency-Key: a b\r\n", null);
        assertThat(problem(answer).path("detail").asText()).contains("Idempotency-Key");
        assertThat(bridge.calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            start     | -                          | start(OPERATOR, %s, false, null, key=null)
            start     | {"paused": true}           | start(OPERATOR, %s, true, null, key=null)
            resume    | -                          | resume(OPERATOR, %s, key=null)
            stop      | {}                         | stop(OPERATOR, %s, key=null)
            release   | -                          | release(OPERATOR, %s, key=null)
            reboot    | -                          | reboot(OPERATOR, %s, SOFT, null, key=null)
            reboot    | {"type": "HARD"}           | reboot(OPERATOR, %s, HARD, null, key=null)
            redefine  | -                          | redefine(OPERATOR, %s, null, key=null)
            power-off | -                          | powerOff(OPERATOR, %s, null, null, key=null)
            power-off | {"timeout": 0}             | powerOff(OPERATOR, %s, PT0S, null, key=null)
            power-off | {"timeout": -1, "retry_interval": 7200} | powerOff(OPERATOR, %s, PT-1S, PT2H, key=null)
            power-on  | -                          | powerOn(OPERATOR, %s, false, null, key=null)
            power-on  | {"paused": true}           | powerOn(OPERATOR, %s, true, null, key=null)
            pause     | -                          | pause(OPERATOR, %s, key=null)
            unpause   | -                          | unpause(OPERATOR, %s, key=null)
            resize    | {"flavor": {"name": "m", "vcpus": 1, "memory_mb": 64, "root_gb": 2}} | resize(OPERATOR, %s, ResizeRequest(flavor=Flavor(name=m, vcpus=1, memoryMb=64, rootGb=2, ephemeralGb=0, swapMb=0, extraSpecs={}), online=false, dryRun=false), key=null)
            resize    | {"flavor": {"vcpus": 1, "memory_mb": 64, "root_gb": 2}, "online": true, "dry_run": true} | resize(OPERATOR, %s, ResizeRequest(flavor=Flavor(name=, vcpus=1, memoryMb=64, rootGb=2, ephemeralGb=0, swapMb=0, extraSpecs={}), online=true, dryRun=true), key=null)
            detach-volume | {"device": "/dev/vdb"}   | detachVolume(OPERATOR, %s, /dev/vdb, null, key=null)
            detach-volume | {"device": "/dev/vdb", "volume": "v-1"} | detachVolume(OPERATOR, %s, /dev/vdb, v-1, key=null)
            extend-volume | {"volume": "v-1", "size": 2147483648} | extendVolume(OPERATOR, %s, v-1, 2147483648, key=null)
            apply-live | -                         | applyLive(OPERATOR, %s, key=null)
            replug-volume | {"volume": "v-1"} | replugVolume(OPERATOR, %s, v-1, false, key=null)
            replug-volume | {"volume": "vdb", "dry_run": true} | replugVolume(OPERATOR, %s, vdb, true, key=null)
            attach-interface | {"vif": {"id": "p-1", "address": "fa:16:3e:00:00:01"}} | attachInterface(OPERATOR, %s, {id=p-1, address=fa:16:3e:00:00:01}, key=null)
            detach-interface | {"mac": "fa:16:3e:00:00:01"} | detachInterface(OPERATOR, %s, fa:16:3e:00:00:01, key=null)
            resize-confirm | -                     | confirmResize(OPERATOR, %s, key=null)
            quiesce        | -                     | quiesce(OPERATOR, %s, key=null)
            unquiesce      | {}                    | unquiesce(OPERATOR, %s, key=null)
            crash-dump     | -                     | crashDump(OPERATOR, %s, key=null)
            unrescue       | -                     | unrescue(OPERATOR, %s, key=null)
            resize-revert | {}                     | revertResize(OPERATOR, %s, key=null)
            adopt     | {"dry_run": true}          | adopt(OPERATOR, %s, null, true, key=null)
            adopt     | -                          | adopt(OPERATOR, %s, null, false, key=null)
            migrate   | {"host": "b"}              | migrate(OPERATOR, %s, MigrationRequest(host=b, flavor=null, dryRun=false, held=null), key=null)
            migrate   | {"host": "b", "held": true} | migrate(OPERATOR, %s, MigrationRequest(host=b, flavor=null, dryRun=false, held=Held(timeout=null, retryInterval=null)), key=null)
            migrate   | {"host": "b", "held": true, "timeout": 60, "retry_interval": 10} | migrate(OPERATOR, %s, MigrationRequest(host=b, flavor=null, dryRun=false, held=Held(timeout=PT1M, retryInterval=PT10S)), key=null)
            migrate-revert | {"held": true}        | revertMigration(OPERATOR, %s, MigrationRevert(force=false, held=true, idle=false), key=null)
            migrate-revert | {"idle": true}        | revertMigration(OPERATOR, %s, MigrationRevert(force=false, held=false, idle=true), key=null)
            migrate-confirm | -                    | confirmMigration(OPERATOR, %s, false, key=null)
            migrate-confirm | {"running": true}    | confirmMigration(OPERATOR, %s, true, key=null)
            suspend   | -                          | suspend(OPERATOR, %s, key=null)
            snapshot  | -                          | snapshot(OPERATOR, %s, SnapshotRequest(format=null, compress=null, file=null), key=null)
            snapshot  | {"format": "qcow2", "compress": true, "file": "/a"} | snapshot(OPERATOR, %s, SnapshotRequest(format=qcow2, compress=true, file=/a), key=null)
            """)
    void everyActionReachesItsOperation(String action, @Nullable String body, String call) throws IOException {
        RawHttp.Answer answer = post(ONE + "/" + action, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(bridge.calls).containsExactly(call.formatted(UUID));
    }

    @Test
    void aPlanMakesNothing() throws IOException {
        RawHttp.Answer answer = post(ONE + "/plan", SPEC);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"updates\":{\"root_device_name\":\"/dev/vda\"}}");
        assertThat(bridge.calls).isEmpty();
        assertThat(post("/v1/instances/" + UUID.replace('1', '9') + "/plan", SPEC)
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aPlanOfARebuildAlsoAsksForItsRoom() throws IOException {
        RawHttp.Answer answer = post(ONE + "/plan?rebuild=true", SPEC);
        assertThat(answer.status()).isEqualTo(507);
        assertThat(answer.body()).contains("no room for the base of the new image");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void aKernelOfARebuildIsBroughtThenLookedAt() throws IOException {
        assertThat(post(
                                "/v1/images",
                                "{\"image_meta\":{\"id\":\"k-1\",\"disk_format\":\"aki\",\"container_format\":\"aki\"},"
                                        + "\"image_file\":\"image\"}")
                        .status())
                .isEqualTo(202);
        assertThat(bridge.calls.get(bridge.calls.size() - 1)).contains("cacheImage", "k-1", "image");
        String spec = SPEC.replace("}}", ", \"kernel_id\": \"k-2\"}}");
        RawHttp.Answer answer = post(ONE + "/plan?rebuild=true", spec);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(problem(answer).path("type").asText()).isEqualTo("/problems/image-not-found");
        assertThat(problem(answer).path("detail").asText()).contains("k-2");
        assertThat(post(ONE + "/plan", spec).status()).isEqualTo(200);
    }

    @Test
    void prepareAndFreshSpecsAreForTheInstanceOfThePath() throws IOException {
        assertThat(post(ONE + "/prepare", SPEC).status()).isEqualTo(202);
        assertThat(post(ONE + "/reboot", "{\"type\": \"HARD\", \"spec\": " + SPEC + "}")
                        .status())
                .isEqualTo(202);
        assertThat(bridge.calls)
                .contains("prepare(OPERATOR, SPEC, key=null)", "reboot(OPERATOR, " + UUID + ", HARD, SPEC, key=null)");
        assertThat(post(ONE + "/power-on", "{\"spec\": " + SPEC + "}").status()).isEqualTo(202);
        assertThat(bridge.calls).contains("powerOn(OPERATOR, " + UUID + ", false, SPEC, key=null)");
        RawHttp.Answer other = post("/v1/instances/" + UUID.replace('1', '9') + "/prepare", SPEC);
        assertThat(problem(other).path("detail").asText()).contains("not the instance of the path");
    }

    @Test
    void queriesAnswerWithWhatTheServiceSays() throws IOException {
        InstanceView view = new InstanceView(
                UUID,
                "instance-1",
                "web",
                InstanceOwner.OPERATOR,
                "qcow2",
                "running",
                1,
                List.of(),
                List.of(new InstanceView.Drift("vda", "cache", "writeback", "none", InstanceView.Remedy.HARD_REBOOT)),
                null,
                null,
                null,
                null,
                null);
        bridge.answers.put("list", List.of(view));
        bridge.answers.put("show", view);
        bridge.answers.put("state", view);
        bridge.answers.put("consoleLog", "hello\u0007".getBytes(StandardCharsets.UTF_8));
        assertThat(get("/v1/instances").body()).startsWith("[{\"uuid\":\"" + UUID + "\"");
        assertThat(get(ONE).body())
                .contains(
                        "\"owner\":\"operator\"",
                        "\"nova_power_state\":1",
                        "\"configured\":\"none\",\"needs\":\"hard-reboot\"")
                .doesNotContain("drift_unknown");
        assertThat(get(ONE + "/state").body()).contains("\"state\":\"running\"", "\"nova_power_state\":1");
        assertThat(get(ONE + "/consoles").body())
                .isEqualTo("[{\"type\":\"vnc\",\"port\":5900,\"listen\":\"127.0.0.1\"},"
                        + "{\"type\":\"serial\",\"port\":10000,\"listen\":\"127.0.0.1\"}]");
        assertThat(get(ONE + "/statistics").body())
                .isEqualTo("{\"memory_kib\":1024,\"memory\":{\"swap_in\":3},"
                        + "\"processors\":[{\"id\":0,\"nanoseconds\":17}],"
                        + "\"disks\":[{\"target\":\"vda\",\"read_requests\":1,\"read_bytes\":512,"
                        + "\"write_requests\":2,\"write_bytes\":1024}],"
                        + "\"ports\":[{\"target\":\"tap1\",\"rx_bytes\":1,\"rx_packets\":2,\"rx_errors\":3,"
                        + "\"rx_drop\":4,\"tx_bytes\":5,\"tx_packets\":6,\"tx_errors\":7,\"tx_drop\":8}]}");
        assertThat(get(ONE + "/disks").body()).contains("\"cache\":\"none\"", "\"size_bytes\":1073741824");
        RawHttp.Answer console = get(ONE + "/console?tail=10");
        assertThat(console.body()).isEqualTo("hello\u0007");
        assertThat(console.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(bridge.calls).contains("consoleLog(" + UUID + ", 10)");
        for (String tail : List.of("0", "x", "16777217", "99999999999")) {
            RawHttp.Answer refused = get(ONE + "/console?tail=" + tail);
            assertThat(refused.status()).as(tail).isEqualTo(400);
            assertThat(problem(refused).path("detail").asText()).contains("tail must be a number");
        }
    }

    @Test
    void thePlacesOfDevicesAreTold() throws IOException {
        bridge.answers.put(
                "devices",
                List.of(
                        new LiveDevice(LiveDevice.Kind.DISK, "vda", "v-1", "pci", "0000:00:04.0"),
                        new LiveDevice(LiveDevice.Kind.INTERFACE, "fa:16:3e:00:00:07", null, null, null)));
        assertThat(get(ONE + "/devices").body())
                .isEqualTo("[{\"kind\":\"disk\",\"name\":\"vda\",\"serial\":\"v-1\",\"bus\":\"pci\","
                        + "\"address\":\"0000:00:04.0\"},{\"kind\":\"interface\",\"name\":\"fa:16:3e:00:00:07\"}]");
    }

    @Test
    void anExplanationNeedsARecordedSpec() throws IOException {
        bridge.answers.put("spec", Optional.empty());
        assertThat(get(ONE + "/explanation").status()).isEqualTo(404);
        bridge.answers.put("spec", Optional.of(org.mockito.Mockito.mock(InstanceSpec.class)));
        assertThat(get(ONE + "/explanation?disk=vda&attribute=cache").body())
                .contains("\"disk\":\"vda\"", "\"attribute\":\"cache\"", "\"running\":\"writeback\"");
    }

    @Test
    void operationsAreListedShownAndCancelled() throws IOException {
        bridge.set(TestBridge.operation(
                "x", Operation.State.FAILED, new Problem(ErrorCode.STORAGE_FULL, "vg is full", "free some")));
        assertThat(get("/v1/operations").body()).startsWith("[{\"id\":\"x\"");
        JsonNode shown = Json.mapper().readTree(get("/v1/operations/x").body());
        assertThat(shown.path("problem").path("type").asText()).isEqualTo("/problems/storage-full");
        assertThat(shown.path("problem").path("remedy").asText()).isEqualTo("free some");
        assertThat(shown.path("result").path("updates").path("root_device_name").asText())
                .isEqualTo("/dev/vda");
        assertThat(RawHttp.send(bridge.socket(), "DELETE", "/v1/operations/x", "", null)
                        .status())
                .isEqualTo(202);
        assertThat(bridge.calls).containsExactly("cancel(x)");
        assertThat(problem(get("/v1/operations/none")).path("type").asText())
                .isEqualTo("/problems/operation-not-found");
    }

    @Test
    void aWaitEndsWithItsTimeOrAtOnceWhenAllIsOver() throws IOException {
        bridge.set(TestBridge.operation("x", Operation.State.RUNNING, null));
        assertThat(get("/v1/operations/x?wait=1").body()).contains("\"state\":\"running\"");
        bridge.set(TestBridge.operation("x", Operation.State.DONE, null));
        assertThat(get("/v1/operations/x?wait=60").body()).contains("\"state\":\"done\"");
        assertThat(get("/v1/operations/none?wait=1").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "61", "-1", "x", "1e9", ""})
    void aBadWaitIsRefused(String wait) throws IOException {
        bridge.set(TestBridge.operation("x", Operation.State.RUNNING, null));
        assertThat(problem(get("/v1/operations/x?wait=" + wait)).path("detail").asText())
                .contains("from 1 to 60");
    }

    @Test
    void configurationAndHostAnswer() throws IOException {
        assertThat(get("/v1/configuration").body())
                .isEqualTo("[{\"option\":\"[libvirt]virt_type\",\"value\":\"qemu\",\"origin\":\"nova.conf:3\"}]");
        assertThat(post("/v1/configuration/reload", null).body()).contains("[libvirt]disk_cachemodes", "need_restart");
        assertThat(get("/v1/host").body()).isEqualTo("{\"arch\":\"x86_64\"}");
        assertThat(get("/v1/host/pools").body())
                .isEqualTo(
                        "{\"pools\":[{\"pool\":\"nova-pool\",\"at\":\"2026-01-02T03:04:05Z\",\"data\":{\"size\":4096,"
                                + "\"used\":1024,\"percent\":25.0,\"bytes_per_hour\":512,\"seconds_to_full\":21600,"
                                + "\"alarm\":\"ok\"},\"metadata\":{\"size\":1024,\"used\":900,\"percent\":87.9,"
                                + "\"alarm\":\"warning\"}}]}");
    }

    /** The side of nova-compute compares them before it does anything, and says which side to upgrade. */
    @Test
    void healthNamesTheProtocolsThatAreSpoken() throws IOException {
        assertThat(get("/healthz").body()).isEqualTo("{\"status\":\"ok\",\"protocol\":3,\"oldest_protocol\":2}");
    }

    /** The release before and this one are served; a bridge may have been upgraded since its caller compared. */
    @ParameterizedTest
    @CsvSource({
        "0, 409, upgrade the shim",
        "1, 409, upgrade the shim",
        "2, 200, ''",
        "3, 200, ''",
        "4, 409, 'upgrade nova-bridge, the service'",
        "999999999, 400, ''",
        "two, 400, ''",
    })
    void theProtocolOfTheCallerIsHeldAgainstOurs(String said, int status, String remedy) throws IOException {
        bridge.answers.put("list", List.of());
        String header = ProtocolFilter.HEADER + ": " + said + "\r\n";
        RawHttp.Answer answer = RawHttp.send(bridge.socket(), "GET", "/v1/instances", header, null);
        assertThat(answer.status()).isEqualTo(status);
        if (status != 200) {
            assertThat(problem(answer).path("remedy").asText()).contains(remedy);
            assertThat(bridge.calls).isEmpty();
        }
        assertThat(RawHttp.send(bridge.socket(), "GET", "/healthz", header, null)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whatIsOutsideIsRememberedToldAndForgotten() throws IOException {
        RawHttp.Answer put = RawHttp.send(
                bridge.socket(),
                "PUT",
                ONE + "/outside",
                JSON,
                ("{\"network_info\": [{\"id\": \"p-1\"}], \"block_device_mapping\": [{\"connection_info\":"
                                + " {\"driver_volume_type\": \"iscsi\", \"serial\": \"v-1\", \"data\":"
                                + " {\"target_lun\": 1, \"auth_password\": \"geheim\"}}}]}")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(put.status()).isEqualTo(204);
        assertThat(bridge.calls)
                .singleElement()
                .asString()
                .startsWith("handed(" + UUID)
                .contains("id=p-1", "target_lun=1")
                .doesNotContain("geheim");
        bridge.calls.clear();
        assertThat(RawHttp.send(bridge.socket(), "DELETE", ONE + "/outside/volume/v-1", "", null)
                        .status())
                .isEqualTo(204);
        assertThat(bridge.calls).containsExactly("undone(" + UUID + ", VOLUME, v-1)");
        assertThat(RawHttp.send(bridge.socket(), "DELETE", ONE + "/outside/disk/v-1", "", null)
                        .status())
                .isEqualTo(400);
        assertThat(get("/v1/outside").body())
                .isEqualTo("{\"left\":[{\"instance\":\"" + UUID + "\",\"device\":{\"kind\":\"port\",\"id\":\"p-1\","
                        + "\"what\":{\"id\":\"p-1\"},\"since\":\"2026-01-02T03:04:05Z\"}}],"
                        + "\"unsettled\":[\"99999999-2222-3333-4444-555555555555\"]}");
    }

    @Test
    void theNodeIsInTheFormOfNovasComputeNodes() throws IOException {
        assertThat(get("/v1/host/node").body())
                .isEqualTo(
                        "{\"hypervisor_hostname\":\"host.example.org\",\"hypervisor_type\":\"QEMU\","
                                + "\"hypervisor_version\":7002022,\"vcpus\":4,\"vcpus_used\":3,\"memory_mb\":7890,"
                                + "\"memory_mb_used\":1234,\"cpu_info\":{\"arch\":\"x86_64\",\"model\":\"EPYC\","
                                + "\"vendor\":\"AMD\",\"topology\":{\"cells\":1,\"sockets\":1,\"cores\":2,\"threads\":2},"
                                + "\"features\":[\"ht\"]},\"guest_cpu_features\":[\"avx\",\"ht\"],\"vif_models\":[\"virtio\"],\"supported_instances\":[[\"x86_64\",\"kvm\",\"hvm\"]]}");
    }

    @Test
    void theTimesOfTheProcessorsAreTold() throws IOException {
        assertThat(get("/v1/host/cpu-times").body())
                .isEqualTo("{\"kernel\":11,\"user\":22,\"idle\":33,\"iowait\":44,\"mhz\":2400}");
    }

    @Test
    void imagesOfTheCacheAreListedAndMore() throws IOException {
        assertThat(get("/v1/images").body())
                .isEqualTo("[{\"image\":\"i-1\",\"format\":\"raw\",\"virtual_size\":1024,\"base\":\"/i/_base/abc\","
                        + "\"used\":\"2026-01-02T03:04:05Z\"}]");
        assertThat(post("/v1/images", "{\"image_meta\":{\"id\":\"i-2\"},\"image_file\":\"image\"}")
                        .status())
                .isEqualTo(202);
        assertThat(bridge.calls.get(bridge.calls.size() - 1)).contains("cacheImage", "i-2", "image");
        assertThat(post("/v1/images", "{\"image_meta\":{\"id\":\"i-2\"},\"image_file\":\"../image\"}")
                        .status())
                .isEqualTo(400);
        assertThat(post("/v1/images", "{\"image\":\"i-2\"}").status()).isEqualTo(400);
    }

    /** The inventory has placement's own names. */
    @Test
    void resourcesAreInTheFormOfPlacement() throws IOException {
        assertThat(get("/v1/host/resources").body())
                .isEqualTo("{\"backend\":\"lvm-thin\",\"disk_gb\":{\"total\":100,\"reserved\":4,"
                        + "\"allocation_ratio\":1.5,\"min_unit\":1,\"max_unit\":100,\"step_size\":1,"
                        + "\"used_bytes\":7,\"free_bytes\":93},\"storage\":[{\"kind\":\"thin-pool\","
                        + "\"name\":\"nova/nova-pool\",\"total\":107374182400,\"used\":7,\"free\":93,"
                        + "\"guests\":536870912,\"reserved\":0,\"over_subscription\":0.01},"
                        + "{\"kind\":\"file-system\",\"name\":\"/i\",\"total\":1024,\"used\":512,\"free\":500}]}");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeHasItsProblem(ErrorCode code) throws IOException {
        bridge.failure = new BridgeException(code, "what happened", "what to do");
        RawHttp.Answer answer = get("/v1/instances");
        assertThat(answer.status()).isEqualTo(code.httpStatus());
        JsonNode problem = problem(answer);
        assertThat(problem.path("type").asText()).isEqualTo("/problems/" + code.type());
        assertThat(problem.path("nova_exception").asText()).isEqualTo(code.novaException());
        if (code == ErrorCode.INTERNAL) {
            assertThat(problem.path("detail").asText()).contains("incident").doesNotContain("what happened");
        } else {
            assertThat(problem.path("detail").asText()).isEqualTo("what happened");
            assertThat(problem.path("remedy").asText()).isEqualTo("what to do");
        }
        ProblemBody read = Json.mapper().treeToValue(problem, ProblemBody.class);
        assertThat(read.toException().code()).isEqualTo(code);
    }

    @Test
    void anUnexpectedFailureSaysNothingAboutTheHost() throws IOException {
        bridge.failure = new IllegalStateException("/etc/secret of vg0");
        RawHttp.Answer answer = get("/v1/instances");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(problem(answer).path("detail").asText()).contains("incident");
        assertThat(answer.body()).doesNotContain("secret", "IllegalState");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, 404",
        "GET, /v1, 404",
        "GET, /application.wadl, 404",
        "GET, /v1/instances/../../etc/passwd, 400",
        "GET, /v1/instances/%2e%2e%2fetc, 400",
        "GET, /v1/instances/no-uuid, 400",
        "GET, /v1/instances/11111111-2222-3333-4444-55555555555G, 400",
        "DELETE, /v1/instances, 405",
        "PUT, /v1/instances, 405",
        "PUT, /v1/operations/x, 405",
        "GET, /v1/configuration/reload, 405",
        "BREW, /v1/instances, 405",
    })
    void wrongPathsAndMethodsAreProblems(String method, String path, int status) throws IOException {
        RawHttp.Answer answer = RawHttp.send(bridge.socket(), method, path, "", null);
        problem(answer);
        assertThat(answer.status()).isIn(status, 404);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void theHostIsComparedAndReconciled() throws IOException {
        RawHttp.Answer report = get("/v1/host/reconcile?remove=a&remove=b");
        assertThat(report.status()).isEqualTo(200);
        JsonNode found = Json.mapper().readTree(report.body()).path("found").get(0);
        assertThat(found.path("kind").asText()).isEqualTo("volume-unknown");
        assertThat(found.path("removable").asBoolean()).isTrue();
        assertThat(post("/v1/host/reconcile", null).status()).isEqualTo(202);
        RawHttp.Answer accepted = post("/v1/host/reconcile", "{\"remove\": [\"a\"]}");
        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.header("Location")).isEqualTo("/v1/operations/" + bridge.outcome.id());
        assertThat(bridge.calls)
                .containsExactly(
                        "reconcileReport[a, b]",
                        "reconcile(OPERATOR, (), key=null)",
                        "reconcile(OPERATOR, (a), key=null)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"remove\": \"a\"}", "{\"remove\": [null]}", "{\"removes\": []}", "[]", "{"})
    void aReconcileThatIsNotUnderstoodDoesNothing(String body) throws IOException {
        RawHttp.Answer answer = post("/v1/host/reconcile", body);
        assertThat(answer.status()).isEqualTo(400);
        problem(answer);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void anUnknownActionIsNotFound() throws IOException {
        assertThat(post(ONE + "/explode", null).status()).isEqualTo(404);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void anotherContentTypeIsRefused() throws IOException {
        for (String path : List.of("/v1/instances", ONE + "/reboot")) {
            RawHttp.Answer answer = RawHttp.send(
                    bridge.socket(), "POST", path, "Content-Type: text/xml\r\n", SPEC.getBytes(StandardCharsets.UTF_8));
            assertThat(answer.status()).isEqualTo(415);
            problem(answer);
        }
        assertThat(bridge.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "null",
                "42",
                "{\"type\": \"HARD\"} tail",
                "{\"type\": \"HARD\", \"type\": \"SOFT\"}",
                "{\"typ\": \"HARD\"}",
                "{\"type\": \"hard\"}",
                "{\"type\": ",
                "\u0000",
            })
    void badBodiesOfActionsAreInvalidRequests(String body) throws IOException {
        RawHttp.Answer answer = post(ONE + "/reboot", body);
        assertThat(problem(answer).path("type").asText()).isEqualTo("/problems/invalid-request");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void deepAndLongBodiesAreInvalidRequests() throws IOException {
        String deep = "{\"type\": " + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        String longString = "{\"type\": \"" + "x".repeat(1024 * 1024) + "\"}";
        String longName = "{\"" + "x".repeat(1024 * 1024) + "\": 1}";
        for (String body : List.of(deep, longString, longName)) {
            RawHttp.Answer answer = post(ONE + "/reboot", body);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(problem(answer).path("detail").asText())
                    .doesNotContain("xxxx")
                    .hasSizeLessThan(200);
        }
        assertThat(bridge.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"timeout\": 1.5}", "{\"timeout\": 1e3}", "{\"timeout\": \"5\"}", "{\"timeout\": null}"})
    void badTimesAreRefused(String body) throws IOException {
        assertThat(problem(post(ONE + "/power-off", body)).path("detail").asText())
                .contains("timeout");
    }

    /** Else it would be thought to count. */
    @Test
    void timesOfAMigrationThatIsNotHeldAreRefused() throws IOException {
        assertThat(problem(post(ONE + "/migrate", "{\"host\": \"b\", \"timeout\": 5}"))
                        .path("detail")
                        .asText())
                .contains("held");
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void aBodyLargerThanTheLimitIsRefusedAndNeverRead() throws IOException {
        byte[] large = new byte[BridgeServer.MAX_BODY + 1024 * 1024];
        java.util.Arrays.fill(large, (byte) ' ');
        RawHttp.Answer answer = RawHttp.send(bridge.socket(), "POST", "/v1/instances", JSON, large);
        assertThat(answer.status()).isEqualTo(413);
        problem(answer);
        assertThat(bridge.calls).isEmpty();
    }

    @Test
    void aSpecThatIsRefusedCreatesNothing() throws IOException {
        RawHttp.Answer answer = post("/v1/instances", "{}");
        assertThat(problem(answer).path("detail").asText()).isEqualTo("instance.uuid: missing");
        assertThat(bridge.calls).isEmpty();
    }
}
