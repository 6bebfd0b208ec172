package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostCapabilitiesTest {
    @Test
    void eachGuestHasItsArchitectureHypervisorsAndMode() {
        HostCapabilities found = HostCapabilities.of("""
                <capabilities>
                  <host>
                    <cpu><arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor>
                      <topology sockets='2' dies='1' cores='8' threads='2'/><feature name='ht'/><feature name='vme'/></cpu>
                    <topology><cells num='2'><cell id='0'/><cell id='1'/></cells></topology>
                  </host>
                  <guest><os_type>hvm</os_type><arch name='i686'><domain type='qemu'/><domain type='kvm'/></arch></guest>
                  <guest><os_type>hvm</os_type><arch name='x86_64'><domain type='qemu'/></arch></guest>
                </capabilities>
                """);
        assertThat(found.guests())
                .containsExactly(
                        List.of("i686", "qemu", "hvm"),
                        List.of("i686", "kvm", "hvm"),
                        List.of("x86_64", "qemu", "hvm"));
        assertThat(found.cpu())
                .isEqualTo(new HostCapabilities.Cpu(
                        "x86_64", "EPYC", "AMD", new HostCapabilities.Topology(2, 2, 8, 2), List.of("ht", "vme")));
    }

    @Test
    void aProcessorThatLibvirtDoesNotKnowHasNoModel() {
        HostCapabilities found =
                HostCapabilities.of("<capabilities><host><cpu><arch>riscv64</arch></cpu></host></capabilities>");
        assertThat(found.guests()).isEmpty();
        assertThat(found.cpu())
                .isEqualTo(new HostCapabilities.Cpu(
                        "riscv64", null, null, new HostCapabilities.Topology(1, 1, 1, 1), List.of()));
    }
}
