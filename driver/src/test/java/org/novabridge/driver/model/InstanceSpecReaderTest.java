package org.novabridge.driver.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceSpecReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ObjectNode full() {
        try (InputStream in = InstanceSpecReaderTest.class.getResourceAsStream("/spec/full.json")) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InstanceSpec read(JsonNode document) {
        return InstanceSpecReader.read(document.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String refusal(byte[] document) {
        BridgeException refused = catchThrowableOfType(BridgeException.class, () -> InstanceSpecReader.read(document));
        assertThat(refused).as("must be refused").isNotNull();
        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        return Objects.requireNonNull(refused.getMessage());
    }

    @Test
    void everyFieldArrives() {
        InstanceSpec spec = read(full());
        Instance instance = spec.instance();
        assertThat(instance.uuid()).isEqualTo("b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01");
        assertThat(instance.displayName()).isEqualTo("web <1> & \"co\"");
        assertThat(instance.flavor().swapMb()).isEqualTo(64);
        assertThat(instance.flavor().extraSpecs()).containsEntry("hw:numa_nodes", "1");
        assertThat(instance.kernelId()).isNull();
        assertThat(instance.launched()).isFalse();
        assertThat(instance.configDrive()).isEqualTo("True");
        assertThat(spec.imageMeta().properties()).containsEntry("hw_qemu_guest_agent", "True");
        BlockDeviceInfo devices = spec.blockDeviceInfo();
        assertThat(devices.ephemerals().get(0).guestFormat()).isEqualTo("ext4");
        assertThat(Objects.requireNonNull(devices.swap()).size()).isEqualTo(64);
        assertThat(devices.volumes().get(0).deviceName()).isEqualTo("/dev/vdd");
        assertThat(devices.volumes().get(0).bootIndex()).isNull();
        assertThat(devices.volumes().get(0).connectionData()).containsEntry("device_path", "/dev/sdc");
        assertThat(spec.networkInfo()).hasSize(1);
        assertThat(spec.powerOn()).isFalse();
    }

    @Test
    void secretsOfAConnectionAreNotKept() {
        InstanceSpec spec = read(full());
        assertThat(spec.toString()).doesNotContain("hunter2").contains("secret_uuid=kept");
        assertThat(InstanceSpecWriter.write(spec).toString()).doesNotContain("hunter2");
    }

    @Test
    void whatIsWrittenReadsBackTheSame() {
        InstanceSpec spec = read(full());
        assertThat(read(InstanceSpecWriter.write(spec))).isEqualTo(spec);
    }

    @Test
    void noBlockDevicesIsNovasNone() {
        ObjectNode document = full();
        document.putNull("block_device_info");
        assertThat(read(document).blockDeviceInfo()).isEqualTo(BlockDeviceInfo.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /instance/uuid                                   | "B2B0D7C4-9C40-4F3E-8D44-6F6F2B1C0A01"
            /instance/uuid                                   | "../../../etc"
            /instance/uuid                                   | 7
            /instance/uuid                                   | null
            /instance/name                                   | "../x"
            /instance/name                                   | "-rf"
            /instance/name                                   | ".hidden"
            /instance/name                                   | "a/b"
            /instance/name                                   | "a\\u0000b"
            /instance/name                                   | "a\\nb"
            /instance/name                                   | ""
            /instance/name                                   | "a\\ud800"
            /instance/display_name                           | "a\\u001b[2J"
            /instance/display_name                           | ["x"]
            /instance/vcpus                                  | 0
            /instance/vcpus                                  | -1
            /instance/vcpus                                  | "2"
            /instance/vcpus                                  | 2.5
            /instance/memory_mb                              | 99999999999999999999
            /instance/root_gb                                | -1
            /instance/flavor                                 | "m1.small"
            /instance/flavor/swap                            | -5
            /instance/flavor/extra_specs                     | [1]
            /instance/metadata                               | "x"
            /instance/metadata                               | {"k": "\\u0000"}
            /instance/root_device_name                       | "/dev/../sda"
            /instance/root_device_name                       | "vda'/>"
            /image_meta                                      | []
            /image_meta/size                                 | -1
            /image_meta/size                                 | 99999999999999999999
            /image_meta/disk_format                          | "qcow2 -o x"
            /block_device_info                               | "none"
            /block_device_info/swap                          | []
            /block_device_info/swap/swap_size                | "64"
            /block_device_info/ephemerals                    | {}
            /block_device_info/ephemerals/0/size             | 0
            /block_device_info/block_device_mapping/0        | 5
            /block_device_info/block_device_mapping/0/connection_info                    | null
            /block_device_info/block_device_mapping/0/connection_info/driver_volume_type | null
            /block_device_info/block_device_mapping/0/connection_info/data/device_path   | "/dev/../etc/shadow"
            /block_device_info/block_device_mapping/0/connection_info/data/device_path   | "relative"
            /block_device_info/block_device_mapping/0/connection_info/data/name          | "../../x"
            /network_info                                    | {}
            /image_file                                      | "../image"
            /image_file                                      | "-o"
            /config_drive_file                               | "etc/shadow"
            /config_drive_file                               | "/etc/\\u0000shadow"
            /power_on                                        | "yes"
            """)
    void aBadFieldIsNamedByItsPointer(String pointer, String value) throws IOException {
        ObjectNode document = full();
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = document.at(pointer.substring(0, slash));
        JsonNode replacement = JSON.readTree(value.replace("\\\\", "\\"));
        if (parent instanceof ObjectNode object) {
            object.set(pointer.substring(slash + 1), replacement);
        } else {
            ((com.fasterxml.jackson.databind.node.ArrayNode) parent).set(0, replacement);
        }
        assertThat(refusal(JSON.writeValueAsBytes(document))).contains(pointer);
    }

    @Test
    void allProblemsAreToldAtOnce() {
        ObjectNode document = full();
        ((ObjectNode) document.get("instance")).put("uuid", "x").put("vcpus", -1);
        document.put("image_file", "../x").put("colour", "blue");
        assertThat(refusal(document.toString().getBytes(StandardCharsets.UTF_8)))
                .contains("4 problems", "/instance/uuid", "/instance/vcpus", "/image_file", "/colour is not known");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThat(refusal("{}".getBytes(StandardCharsets.UTF_8)))
                .contains("/instance is missing", "/image_meta is missing");
    }

    @Test
    void aMegabyteIsNotRepeated() {
        ObjectNode document = full();
        ((ObjectNode) document.get("instance")).put("display_name", "x".repeat(1 << 20));
        assertThat(refusal(document.toString().getBytes(StandardCharsets.UTF_8)))
                .contains("/instance/display_name", "1048576 characters")
                .hasSizeLessThan(1000);
    }

    @Test
    void aSecretIsNotRepeatedInAnyMessage() {
        String broken = full().toString().replace("\"hunter2\"", "hunter2");
        assertThat(refusal(broken.getBytes(StandardCharsets.UTF_8))).doesNotContain("hunter2");
        ObjectNode document = full();
        ((ObjectNode) document.at("/block_device_info/block_device_mapping/0/connection_info")).put("data", "hunter2");
        assertThat(refusal(document.toString().getBytes(StandardCharsets.UTF_8)))
                .contains("connection_info/data")
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "[]", "7", "{\"instance\": {}, \"instance\": {}}", "{} {}", "{\"a\":", "\u0000"})
    void whatIsNoDocumentIsRefused(String text) {
        assertThat(refusal(text.getBytes(StandardCharsets.UTF_8))).contains("SPEC.json");
    }

    @Test
    void depthIsBounded() {
        String deep = "{\"network_info\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThat(refusal(deep.getBytes(StandardCharsets.UTF_8))).contains("nesting");
    }

    @Test
    void sizeIsBounded() {
        assertThat(refusal(new byte[9 * 1024 * 1024])).contains("larger than");
    }

    @Property(tries = 300)
    void noBytesEndOtherwiseThanInARefusal(@ForAll byte[] bytes) {
        assertThatThrownBy(() -> InstanceSpecReader.read(bytes)).isInstanceOf(BridgeException.class);
    }

    @Test
    void hostFactsAreReadByKey() {
        HostFacts facts = HostFactsReader.read("""
                {"arch": "x86_64", "direct_io": true, "libvirt_version": 9000000,
                 "rbd_monitors": [{"host": "192.0.2.1", "port": "6789"}]}
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(facts.text(HostFact.ARCH)).isEqualTo("x86_64");
        assertThat(facts.is(HostFact.DIRECT_IO)).isTrue();
        assertThat(facts.hostPorts(HostFact.RBD_MONITORS))
                .containsExactly(new DiskSource.HostPort("192.0.2.1", "6789"));
        assertThat(facts.unknown()).contains(HostFact.QEMU_VERSION).doesNotContain(HostFact.ARCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"direct_oi\": true}", "{\"direct_io\": \"yes\"}", "{\"rbd_monitors\": [{}]}", "[]"})
    void badHostFactsAreRefused(String text) {
        assertThatThrownBy(() -> HostFactsReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(BridgeException.class);
    }

    @Test
    void unusedKeysOfADictionaryAreNoError() {
        assertThat(read(full()).networkInfo().get(0)).isEqualTo(Map.of("id", "p1", "type", "ovs", "meta", deep()));
    }

    private static Map<String, Object> deep() {
        java.util.Map<String, Object> inner = new java.util.HashMap<>();
        inner.put("x", null);
        return Map.of("deep", java.util.List.of(1, inner));
    }
}
