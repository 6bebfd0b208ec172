package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Answers in the form of QEMU's schema (GuestDeviceInfo since 5.2), and what a hostile guest may say instead. */
class GuestDevicesAnswerTest {
    private static final String SCSI = "{\"driver-date\": 1563321600000000000, \"driver-name\": \"Red Hat VirtIO SCSI"
            + " controller\", \"driver-version\": \"100.77.104.17100\","
            + " \"id\": {\"type\": \"pci\", \"device-id\": 4162, \"vendor-id\": 6900}}";

    private static List<GuestDriver> drivers(String answer) {
        return GuestDevicesAnswer.drivers("u", answer);
    }

    private static List<GuestDriver> of(String device) {
        return drivers("{\"return\": [" + device + "]}");
    }

    @Test
    void anAnswerOfTheSchemaIsRead() {
        assertThat(of(SCSI))
                .containsExactly(new GuestDriver(
                        GuestDriver.VIRTIO,
                        0x1042,
                        "Red Hat VirtIO SCSI controller",
                        Instant.parse("2019-07-17T00:00:00Z"),
                        "100.77.104.17100"));
    }

    @Test
    void dateVersionAndIdMayBeMissing() {
        assertThat(of("{\"driver-name\": \"x\"}, {\"driver-name\": \"net\", \"id\": {\"type\": \"pci\","
                        + " \"device-id\": 4096, \"vendor-id\": 6900}}"))
                .containsExactly(new GuestDriver(GuestDriver.VIRTIO, 0x1000, "net", null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "0", "1e40", "99999999999999999999999", "\"2019-07-17\"", "null", "[]", "1.5"})
    void aDateThatIsNoneIsUnknown(String date) {
        assertThat(of(SCSI.replace("1563321600000000000", date)))
                .singleElement()
                .extracting(GuestDriver::released)
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "4294974196", "\"6900\"", "1e3000", "{}"})
    void aDeviceThatCannotBeIsLeftOut(String vendor) {
        assertThat(of(SCSI.replace("6900", vendor))).isEmpty();
    }

    @Test
    void textsAreMadeFitForATerminal() {
        GuestDriver driver = of(SCSI.replace("Red Hat", "\\u001b[31m\\n".repeat(99))
                        .replace("100.77", "1;reboot"))
                .get(0);
        assertThat(driver.name()).hasSize(80).matches("[ -~]+").startsWith("?[31m?");
        assertThat(driver.version()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{}", "{\"return\": {}}", "{\"return\": 1}", "null", "{\"return\": [}", "\u0000"})
    void anotherAnswerIsRefused(String answer) {
        refused(answer);
    }

    @Test
    void aLongAnswerADeepOneAndManyDevicesAreRefused() {
        refused("{\"return\": \"" + "x".repeat(300_000) + "\"}");
        refused("[".repeat(100_000));
        refused("{\"return\": [" + "1,".repeat(256) + "1]}");
        refused("{\"return\": " + "9".repeat(100_000) + "}");
    }

    @Test
    void whatTheGuestSaysIsNotInTheError() {
        assertThatThrownBy(() -> drivers("{secret-of-the-guest"))
                .hasMessage("the answer of the agent of guest u is not JSON")
                .hasNoCause();
    }

    /** Nothing but a refusal comes of any text. */
    @Property(tries = 300)
    void everyTextIsReadOrRefused(@ForAll String text) {
        try {
            assertThat(drivers("{\"return\": [" + text + "]}")).isNotNull();
        } catch (BridgeException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
        }
    }

    private static void refused(String answer) {
        assertThatThrownBy(() -> drivers(answer))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED));
    }
}
