package org.novabridge.driver.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;

/** Small guests for the tests of rules. */
final class Guests {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Guests() {}

    static HostFacts.Builder facts() {
        return HostFacts.builder()
                .put(HostFact.ARCH, "x86_64")
                .put(HostFact.DIRECT_IO, true)
                .put(HostFact.LIBVIRT_VERSION, 9000000);
    }

    static GuestContext guest(Map<String, String> extraSpecs, Map<String, String> properties) {
        return guest(ConfigSnapshot.defaults(), extraSpecs, properties, 2, facts().build());
    }

    static GuestContext guest(
            ConfigSnapshot config,
            Map<String, String> extraSpecs,
            Map<String, String> properties,
            int vcpus,
            HostFacts facts) {
        return GuestContext.of(config, spec(extraSpecs, properties, vcpus, List.of()), facts);
    }

    static InstanceSpec spec(
            Map<String, String> extraSpecs,
            Map<String, String> properties,
            int vcpus,
            List<Map<String, Object>> networkInfo) {
        ObjectNode spec = MAPPER.createObjectNode();
        ObjectNode instance = spec.putObject("instance");
        instance.put("uuid", "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01").put("name", "instance-0000002a");
        instance.put("display_name", "web-1").put("project_id", "p").put("user_id", "u");
        instance.put("vcpus", vcpus).put("memory_mb", 64).put("root_gb", 1).put("ephemeral_gb", 0);
        instance.put("image_ref", "155d900f-4e14-4e4c-a73d-069cbf4541e6");
        ObjectNode flavor = instance.putObject("flavor");
        flavor.put("name", "tiny").put("vcpus", vcpus).put("memory_mb", 64);
        flavor.put("root_gb", 1).put("ephemeral_gb", 0).put("swap", 0);
        flavor.set("extra_specs", MAPPER.valueToTree(extraSpecs));
        ObjectNode image = spec.putObject("image_meta");
        image.put("id", "155d900f-4e14-4e4c-a73d-069cbf4541e6").put("disk_format", "qcow2");
        image.set("properties", MAPPER.valueToTree(properties));
        spec.set("network_info", MAPPER.valueToTree(networkInfo));
        return InstanceSpecReader.read(spec.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
