package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.SerialConsoleOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestCpu.CpuTopology;
import org.novabridge.driver.model.GuestDevice.NetworkInterface;
import org.novabridge.driver.model.HostFact;

/** What parity with Nova cannot show: our own refusals, their words, and hostile input. */
class DomainRulesTest {

    @ParameterizedTest
    @CsvSource({
        "hw:numa_nodes, 2",
        "hw:numa_cpus.0, '0,1'",
        "hw:cpu_policy, dedicated",
        "hw:cpu_policy, mixed",
        "hw:cpu_dedicated_mask, ^0",
        "hw:cpu_realtime, yes",
        "hw:emulator_threads_policy, share",
        "hw:mem_page_size, large",
        "hw:mem_encryption, true",
        "hw:tpm_version, 2.0",
        "hw:pmem, 4GB",
        "hw:ephemeral_encryption, true",
        "hw:pci_numa_affinity_policy, required",
        "os:secure_boot, required",
        "pci_passthrough:alias, gpu:1",
        "accel:device_profile, fpga",
        "resources:VGPU, 1",
        "resources1:PCPU, 2",
        "resources:CUSTOM_PMEM_NAMESPACE_4GB, 1"
    })
    void whatTheFlavorAsksBeyondScopeIsRefusedByName(String key, String value) {
        GuestContext guest = Guests.guest(Map.of(key, value), Map.of());

        assertThatThrownBy(() -> BeyondScopeRule.check(guest))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
                .hasMessageContaining("extra spec " + key)
                .hasMessageContaining(value);
    }

    @ParameterizedTest
    @CsvSource({
        "hw:cpu_policy, shared",
        "hw:cpu_realtime, no",
        "hw:mem_encryption, false",
        "hw:cpu_threads, 2",
        "os:secure_boot, disabled",
        "resources:VCPU, 2",
        "trait:HW_CPU_X86_AVX2, required",
        "capabilities:cpu_info, x",
        "hw:numa, x"
    })
    void whatIsHarmlessPasses(String key, String value) {
        assertThatCode(() -> BeyondScopeRule.check(Guests.guest(Map.of(key, value), Map.of())))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "hw_firmware_type, uefi",
        "os_secure_boot, required",
        "hw_numa_nodes, 2",
        "hw_cpu_policy, dedicated",
        "hw_mem_page_size, any",
        "hw_mem_encryption, yes",
        "hw_tpm_model, tpm-tis",
        "hw_ephemeral_encryption, on",
        "hw_vm_mode, xen",
        "hw_architecture, aarch64",
        "hw_emulation_architecture, s390x"
    })
    void whatTheImageAsksBeyondScopeIsRefusedByName(String key, String value) {
        GuestContext guest = Guests.guest(Map.of(), Map.of(key, value));

        assertThatThrownBy(() -> BeyondScopeRule.check(guest))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
                .hasMessageContaining("image property " + key);
    }

    @Test
    void otherHypervisorsAreRefused() {
        ConfigSnapshot lxc =
                ConfigSnapshot.builder().set(LibvirtOptions.VIRT_TYPE, "lxc").build();
        GuestContext guest =
                Guests.guest(lxc, Map.of(), Map.of(), 1, Guests.facts().build());

        assertThatThrownBy(() -> BeyondScopeRule.check(guest)).hasMessageContaining("[libvirt]virt_type = lxc");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 7, 8, 12, 16, 24, 64, 97, 255})
    void everyTopologyHasAllCpusAndObeysTheLimits(int vcpus) {
        Map<String, String> limits = Map.of("hw:cpu_max_sockets", "2", "hw:cpu_cores", "3");

        CpuTopology topology = CpuTopologyRule.decide(Guests.guest(
                ConfigSnapshot.defaults(),
                limits,
                Map.of(),
                vcpus,
                Guests.facts().build()));

        assertThat(topology.sockets() * topology.cores() * topology.threads()).isEqualTo(vcpus);
        assertThat(topology.sockets()).isLessThanOrEqualTo(2);
    }

    @Test
    void aSerialConsoleNeedsFreePorts() {
        ConfigSnapshot config =
                ConfigSnapshot.builder().set(SerialConsoleOptions.ENABLED, true).build();
        GuestContext without =
                Guests.guest(config, Map.of(), Map.of(), 1, Guests.facts().build());
        GuestContext with = Guests.guest(
                config,
                Map.of(),
                Map.of(),
                1,
                Guests.facts().put(HostFact.FREE_SERIAL_PORTS, List.of("10007")).build());

        GuestContext few = Guests.guest(
                config,
                Map.of("hw:serial_port_count", "2"),
                Map.of(),
                1,
                Guests.facts().put(HostFact.FREE_SERIAL_PORTS, List.of("10007")).build());

        assertThatThrownBy(() -> ConsoleRule.decide(without)).hasMessageContaining("'free_serial_ports'");
        assertThatThrownBy(() -> ConsoleRule.decide(few))
                .hasMessage("[serial_console]enabled: the guest needs 2 TCP port(s) on 127.0.0.1, and of port_range"
                        + " 10000:20000 (default) 1 are free");
        assertThat(ConsoleRule.decide(with).toString()).contains("port=10007");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"4-12,^8,15|4-7,9-12,15", "0|0", "1,2,3|1-3", " 0 - 1 , 3 |0-1,3", "2,2,2|2"})
    void cpuSetsAreWrittenAsRanges(String text, String expected) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(ComputeOptions.CPU_SHARED_SET, text)
                .build();

        assertThat(CpuSetRule.decide(Guests.guest(
                        config, Map.of(), Map.of(), 1, Guests.facts().build())))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1-", "5-2", "0-99999999999", "0-999999", "--1"})
    void unreadableCpuSetsAreRefused(String text) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(ComputeOptions.CPU_SHARED_SET, text)
                .build();
        GuestContext guest =
                Guests.guest(config, Map.of(), Map.of(), 1, Guests.facts().build());

        assertThatThrownBy(() -> CpuSetRule.decide(guest))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("[compute]cpu_shared_set");
    }

    @Test
    void aPortOfOpenVSwitchBecomesABridgePortWithItsProfile() {
        NetworkInterface port = VifRule.decide(Guests.guest(Map.of(), Map.of()), new Vif(port(Map.of())));

        assertThat(port.bridge()).isEqualTo("br-int");
        assertThat(port.target()).isEqualTo("tap1");
        assertThat(port.portProfile()).isEqualTo("0f1e2d3c-aaaa-4bbb-8ccc-000000000000");
    }

    @ParameterizedTest
    @CsvSource({
        "address, not-a-mac",
        "address, 'fa:16:3e:00:00:01\"/>'",
        "devname, '../../dev/kvm'",
        "devname, 'tap 1'",
        "devname, ''"
    })
    void hostilePortsAreRefused(String key, String value) {
        GuestContext guest = Guests.guest(Map.of(), Map.of());

        assertThatThrownBy(() -> VifRule.decide(guest, new Vif(port(Map.of(key, value)))))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(key);
    }

    @Test
    void wrongTypesInAPortAreNotFollowed() {
        GuestContext guest = Guests.guest(Map.of(), Map.of());

        assertThatThrownBy(() -> VifRule.decide(guest, new Vif(port(Map.of("network", "br-int")))))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("network.bridge");
        assertThatThrownBy(() -> VifRule.decide(guest, new Vif(Map.of("id", 7, "type", "ovs"))))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("no id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cga\n<x/>", "", "VIRTIO"})
    void badPropertiesAreRefusedOnOneLine(String value) {
        assertThatThrownBy(() -> Guests.guest(Map.of(), Map.of("hw_video_model", value)))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_HARDWARE_VALUE))
                .hasMessageContaining("hw_video_model")
                .hasMessageNotContaining("\n");
    }

    private static Map<String, Object> port(Map<String, Object> more) {
        Map<String, Object> port = new HashMap<>(Map.of(
                "id",
                "0f1e2d3c-aaaa-4bbb-8ccc-000000000000",
                "type",
                "ovs",
                "address",
                "fa:16:3e:00:00:01",
                "devname",
                "tap1",
                "network",
                Map.of("bridge", "br-int")));
        port.putAll(more);
        return port;
    }
}
