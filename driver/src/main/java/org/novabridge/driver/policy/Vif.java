package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.NovaMetadata.MetadataIp;
import org.novabridge.driver.model.NovaMetadata.MetadataPort;

/** One of Nova's VIF dictionaries (nova/network/model.py 26.2.2), read with care: it came from outside. */
final class Vif {
    /** Host device names are at most this long (network/model.py, NIC_NAME_LEN). */
    private static final int NAME_LENGTH = 14;

    private static final Pattern MAC = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private final Map<String, Object> values;

    Vif(Map<String, Object> values) {
        this.values = values;
    }

    String id() {
        return text(values, "id").orElseThrow(() -> missing("id"));
    }

    /** Null when the port was never bound. */
    @Nullable
    String type() {
        return text(values, "type").orElse(null);
    }

    String vnicType() {
        return text(values, "vnic_type").orElse("normal");
    }

    String mac() {
        String mac = text(values, "address").orElseThrow(() -> missing("address"));
        if (!MAC.matcher(mac).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "network_info: address '" + Quoted.text(mac) + "' is not a MAC address",
                    "Correct the port.");
        }
        return mac;
    }

    /** Name of the host's device, if the port has one. */
    Optional<String> deviceName() {
        return text(values, "devname").map(name -> device("devname", name));
    }

    /** Name of the host's device, made from the id when the port has none. */
    String deviceNameOrMade() {
        return deviceName().orElseGet(() -> made("nic"));
    }

    /** A device name from a prefix and the id. */
    String made(String prefix) {
        String name = prefix + id();
        return device("id", name.substring(0, Math.min(NAME_LENGTH, name.length())));
    }

    String openVSwitchInterfaceId() {
        return text(values, "ovs_interfaceid").filter(id -> !id.isEmpty()).orElseGet(this::id);
    }

    boolean delegateCreate() {
        return Boolean.TRUE.equals(values.get("delegate_create"));
    }

    boolean hybridPlug() {
        return Boolean.TRUE.equals(map(values, "details").get("ovs_hybrid_plug"));
    }

    Optional<String> bridge() {
        return text(map(values, "network"), "bridge").map(name -> device("network.bridge", name));
    }

    Optional<Integer> mtu() {
        return map(map(values, "network"), "meta").get("mtu") instanceof Number mtu
                ? Optional.of(mtu.intValue())
                : Optional.empty();
    }

    /** What Nova records about the port in its metadata. */
    MetadataPort metadata() {
        List<MetadataIp> ips = list(map(values, "network"), "subnets").stream()
                .flatMap(subnet -> list(subnet, "ips").stream())
                .map(ip -> new MetadataIp(word(ip, "type"), word(ip, "address"), word(ip, "version")))
                .toList();
        return new MetadataPort(id(), ips);
    }

    private static String device(String field, String name) {
        if (!DEVICE.matcher(name).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "network_info: " + field + " '" + Quoted.text(name) + "' is not a name of a network device",
                    "Correct the port.");
        }
        return name;
    }

    /** Python's word for nothing, since Nova writes it so. */
    private static String word(Map<String, Object> map, String key) {
        Object value = map.get(key);
        return value == null ? "None" : String.valueOf(value);
    }

    private static Optional<String> text(Map<String, Object> map, String key) {
        return map.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Map<String, Object> map, String key) {
        return map.get(key) instanceof Map<?, ?> inner ? (Map<String, Object>) inner : Map.of();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> map, String key) {
        return map.get(key) instanceof List<?> inner
                ? inner.stream()
                        .filter(Map.class::isInstance)
                        .map(entry -> (Map<String, Object>) entry)
                        .toList()
                : List.of();
    }

    private static BridgeException missing(String key) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST, "network_info: a port has no " + key, "Give Nova's VIF dictionaries whole.");
    }
}
