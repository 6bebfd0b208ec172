package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many domains, on libvirt's own test driver with a state of its own. */
@Tag("embed")
@Timeout(120)
class TestDriverTest {

    @Test
    void hundredsOfDomainsAreListedWithTheirStates(@TempDir Path folder) throws Exception {
        Path node = folder.resolve("node.xml");
        Files.writeString(
                node,
                "<node><cpu><mhz>6000</mhz><model>x</model><active>8</active><nodes>1</nodes><sockets>1</sockets>"
                        + "<cores>8</cores><threads>1</threads></cpu><memory>80000000</memory></node>");
        try (Hypervisor hypervisor = LibvirtHypervisor.open(LibvirtSettings.of("test://" + node), Clock.systemUTC())) {
            for (int i = 0; i < 250; i++) {
                String uuid = uuid(i);
                hypervisor.define("<domain type='test'><uuid>" + uuid + "</uuid><name>many-" + i
                        + "</name><memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>");
                if (i % 2 == 0) {
                    hypervisor.start(uuid, false);
                }
                if (i % 4 == 0) {
                    hypervisor.pause(uuid);
                }
            }
            assertThat(hypervisor.list()).hasSize(250);
            assertThat(hypervisor.list().stream().filter(guest -> guest.state() == GuestState.RUNNING))
                    .hasSize(62);
            assertThat(hypervisor.list().stream().filter(guest -> guest.state() == GuestState.PAUSED))
                    .hasSize(63);
            assertThat(hypervisor.find(uuid(249)).orElseThrow().state()).isEqualTo(GuestState.SHUTDOWN);
            for (Guest guest : hypervisor.list()) {
                hypervisor.destroy(guest.uuid());
                hypervisor.undefine(guest.uuid());
            }
            assertThat(hypervisor.list()).isEmpty();
        }
    }

    private static String uuid(int number) {
        return "00000000-0000-4000-8000-%012d".formatted(number);
    }
}
