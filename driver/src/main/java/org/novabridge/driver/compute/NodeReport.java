package org.novabridge.driver.compute;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.host.HostCapabilities;
import org.novabridge.driver.host.HostNumbers;
import org.novabridge.driver.host.LibvirtCpu;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.policy.CpuInventory;
import org.novabridge.driver.policy.GuestCpuFeatures;
import org.novabridge.driver.policy.VifModels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at processors, memory and hypervisor of this host, each time anew. Changes nothing. */
final class NodeReport {
    /** libvirt's word for the driver, whether it uses KVM or not. */
    private static final String TYPE = "QEMU";

    private static final Logger LOG = LoggerFactory.getLogger(NodeReport.class);

    private final Parts parts;
    private final Supplier<ConfigSnapshot> config;
    private final Supplier<HostNumbers> numbers;

    NodeReport(Parts parts, Supplier<ConfigSnapshot> config, Supplier<HostNumbers> numbers) {
        this.parts = parts;
        this.config = config;
        this.numbers = numbers;
    }

    /** @throws BridgeException INVALID_CONFIGURATION, HYPERVISOR_UNAVAILABLE, HYPERVISOR_FAILED */
    HostNode look() {
        ConfigSnapshot today = config.get();
        HostNumbers host = numbers.get();
        Hypervisor hypervisor = parts.hypervisor();
        HostCapabilities capabilities = HostCapabilities.of(hypervisor.capabilitiesXml());
        List<Optional<Instance>> running = running();
        int fileBacked = today.get(LibvirtOptions.FILE_BACKED_MEMORY);
        return new HostNode(
                hypervisor.hostname(),
                TYPE,
                hypervisor.versions().hypervisor(),
                CpuInventory.vcpus(today, host.onlineCpus()),
                running.stream()
                        .mapToInt(guest -> guest.map(Instance::vcpus).orElse(1))
                        .sum(),
                fileBacked > 0 ? fileBacked : host.memoryMb(),
                fileBacked > 0
                        ? running.stream()
                                .flatMap(Optional::stream)
                                .mapToLong(Instance::memoryMb)
                                .sum()
                        : host.memoryMbUsed(),
                capabilities.cpu(),
                guestFeatures(today, capabilities.cpu()),
                VifModels.of(today.get(LibvirtOptions.VIRT_TYPE)).stream()
                        .sorted()
                        .toList(),
                capabilities.guests());
    }

    private List<String> guestFeatures(ConfigSnapshot today, HostCapabilities.Cpu host) {
        String arch = Objects.toString(host.arch(), "");
        return List.copyOf(GuestCpuFeatures.of(
                today,
                arch,
                model -> model != null
                        ? expanded(new LibvirtCpu(arch, model, List.of()))
                        : expanded(new LibvirtCpu(arch, Objects.toString(host.model(), ""), host.features()))));
    }

    /** Those that it names, where libvirt does not know the model: a trait that is not told keeps no guest from starting. */
    private List<String> expanded(LibvirtCpu cpu) {
        if (cpu.model().isEmpty()) {
            return cpu.features();
        }
        try {
            return LibvirtCpu.features(parts.hypervisor().expandCpu(cpu.xml()));
        } catch (BridgeException e) {
            if (e.code() == ErrorCode.HYPERVISOR_UNAVAILABLE) {
                throw e;
            }
            LOG.debug("the features of processor {} are not known", cpu.model(), e);
            return cpu.features();
        }
    }

    /** Empty for one that no record knows: Nova counts such a guest as one CPU (driver.py 26.2.2, _get_vcpu_used). */
    private List<Optional<Instance>> running() {
        return parts.hypervisor().list().stream()
                .filter(GuestPower::active)
                .map(guest -> parts.records()
                        .find(guest.uuid())
                        .map(made -> parts.planner().read(made.spec()).instance()))
                .toList();
    }
}
