package org.novabridge.driver.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The answer to {@code guest-get-devices} (QEMU 5.2, qga/qapi-schema.json: GuestDeviceInfo). The guest has written it, so
 * size, shape, numbers and texts are checked, and what is not as the schema has it is left out.
 */
final class GuestDevicesAnswer {
    /** A guest has some dozen devices of 200 characters each; libvirt reads up to 10 MiB. */
    private static final int LONGEST = 256 * 1024;

    private static final int MOST = 256;
    private static final int LONGEST_NAME = 80;
    private static final int PCI_IDS = 0xFFFF;
    private static final long NANOSECONDS = 1_000_000_000L;
    private static final Pattern VERSION = Pattern.compile("[0-9.]{1,40}");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private GuestDevicesAnswer() {}

    /** @throws BridgeException HYPERVISOR_FAILED when it is no such answer */
    static List<GuestDriver> drivers(String uuid, String answer) {
        if (answer.length() > LONGEST) {
            throw nonsense(uuid, "is longer than " + LONGEST + " characters");
        }
        JsonNode devices = read(uuid, answer).path("return");
        if (!devices.isArray()) {
            throw nonsense(uuid, "has no list of devices");
        }
        if (devices.size() > MOST) {
            throw nonsense(uuid, "has more than " + MOST + " devices");
        }
        List<GuestDriver> drivers = new ArrayList<>();
        for (JsonNode device : devices) {
            JsonNode id = device.path("id");
            int vendor = pci(id.path("vendor-id"));
            int product = pci(id.path("device-id"));
            if ("pci".equals(id.path("type").textValue()) && vendor >= 0 && product >= 0) {
                drivers.add(new GuestDriver(
                        vendor,
                        product,
                        printable(device.path("driver-name").asText()),
                        released(device.path("driver-date")),
                        version(device.path("driver-version").textValue())));
            }
        }
        return drivers;
    }

    /** Jackson's own bounds hold for depth and for the length of numbers. */
    private static JsonNode read(String uuid, String answer) {
        try {
            return MAPPER.readTree(answer);
        } catch (JsonProcessingException e) {
            // Without its words: they quote the answer.
            throw nonsense(uuid, "is not JSON");
        }
    }

    private static int pci(JsonNode id) {
        return id.canConvertToInt() && id.intValue() >= 0 && id.intValue() <= PCI_IDS ? id.intValue() : -1;
    }

    /** Nanoseconds since 1970, which is before any of them. */
    private static @Nullable Instant released(JsonNode date) {
        return date.isIntegralNumber() && date.canConvertToLong() && date.longValue() > 0
                ? Instant.ofEpochSecond(date.longValue() / NANOSECONDS)
                : null;
    }

    private static @Nullable String version(@Nullable String text) {
        return text != null && VERSION.matcher(text).matches() ? text : null;
    }

    private static String printable(String name) {
        StringBuilder out = new StringBuilder();
        name.codePoints().limit(LONGEST_NAME).forEach(c -> out.append(c >= 0x20 && c < 0x7F ? (char) c : '?'));
        return out.toString();
    }

    private static BridgeException nonsense(String uuid, String what) {
        return new BridgeException(
                ErrorCode.HYPERVISOR_FAILED,
                "the answer of the agent of guest " + uuid + " " + what,
                "see what runs as qemu-guest-agent in it");
    }
}
