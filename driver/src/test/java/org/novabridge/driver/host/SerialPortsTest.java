package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.SerialConsoleOptions;

class SerialPortsTest {
    private final SerialPorts ports = new SerialPorts(Clock.systemUTC());

    private static ConfigSnapshot range(String range, String address) {
        return ConfigSnapshot.builder()
                .set(SerialConsoleOptions.PORT_RANGE, range)
                .set(SerialConsoleOptions.PROXYCLIENT_ADDRESS, address)
                .build();
    }

    /** An address of the loopback network that no other test listens on. */
    private static ConfigSnapshot own(String range) {
        return range(range, "127.83.11.7");
    }

    @Test
    void theLastPortOfTheRangeIsNotPartOfItAndOneThatIsListenedOnIsNotFree() throws Exception {
        assertThat(SerialPorts.free(own("21000:21002"))).containsExactly("21000", "21001");
        try (ServerSocket taken = new ServerSocket(21000, 1, InetAddress.getByName("127.83.11.7"))) {
            assertThat(taken.isBound()).isTrue();
            assertThat(SerialPorts.free(own("21000:21002"))).containsExactly("21001");
        }
    }

    @Test
    void aRangeThatIsNoneIsReplacedByTheUsualOneAndLargeNumbersEndWherePortsDo() {
        assertThat(SerialPorts.free(own("20:10"))).containsExactly("10000", "10001", "10002");
        assertThat(SerialPorts.free(own("65534:99999999999"))).containsExactly("65534", "65535");
    }

    @Test
    void anAddressThatIsNotOursHasNoPorts() {
        assertThat(SerialPorts.free(range("21000:21002", "192.0.2.1"))).isEmpty();
        assertThat(SerialPorts.free(range("21000:21002", "no address at all"))).isEmpty();
    }

    @Test
    void twoGuestsThatStartTogetherGetDifferentPortsAndASecondPlanTheSameOnes() {
        List<String> first = ports.choose("a", own("21010:21016"));
        List<String> second = ports.choose("b", own("21010:21016"));
        assertThat(first).containsExactly("21010", "21011", "21012");
        assertThat(second).containsExactly("21013", "21014", "21015");
        assertThat(ports.choose("a", own("21010:21016"))).isEqualTo(first);
        assertThat(ports.choose("c", own("21010:21016"))).isEmpty();
    }

    @Test
    void whoRebootsInAFullRangeKeepsThePortsItListensOn() throws Exception {
        ConfigSnapshot narrow = own("21020:21021");
        assertThat(ports.choose("a", narrow)).containsExactly("21020");
        try (ServerSocket guest = new ServerSocket(21020, 1, InetAddress.getByName("127.83.11.7"))) {
            assertThat(guest.isBound()).isTrue();
            assertThat(ports.choose("b", narrow)).isEmpty();
            assertThat(ports.choose("a", narrow)).containsExactly("21020");
        }
    }

    @Test
    void aChoiceThatNobodyUsedIsOpenAgainAfterAWhile() {
        Instant[] now = {Instant.EPOCH};
        SerialPorts early = new SerialPorts(new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0];
            }
        });
        assertThat(early.choose("a", own("21030:21031"))).containsExactly("21030");
        assertThat(early.choose("b", own("21030:21031"))).isEmpty();
        now[0] = now[0].plusSeconds(121);
        assertThat(early.choose("b", own("21030:21031"))).containsExactly("21030");
    }
}
