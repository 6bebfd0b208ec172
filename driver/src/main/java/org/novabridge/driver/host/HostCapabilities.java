package org.novabridge.driver.host;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;

/**
 * What libvirt's capabilities document says of the host, in the form that Nova keeps it.
 *
 * @param cpu the host's processor
 * @param guests what kinds of guests can run here, each as architecture, hypervisor and mode: {@code x86_64, kvm, hvm}
 */
public record HostCapabilities(Cpu cpu, List<List<String>> guests) {
    public HostCapabilities {
        guests = List.copyOf(guests);
    }

    /**
     * Nova's {@code cpu_info} (nova/virt/libvirt/driver.py 26.2.2, {@code _get_cpu_info}).
     *
     * @param model in libvirt's naming; null when it does not know the processor
     */
    public record Cpu(
            @Nullable String arch,
            @Nullable String model,
            @Nullable String vendor,
            Topology topology,
            List<String> features) {
        public Cpu {
            features = List.copyOf(features);
        }
    }

    /** Numbers of NUMA cells, sockets of each, cores of each, threads of each. */
    public record Topology(int cells, int sockets, int cores, int threads) {}

    /** @throws BridgeException HYPERVISOR_FAILED when it is no such document */
    public static HostCapabilities of(String xml) {
        LibvirtDocument document = LibvirtDocument.parse(xml);
        String cpu = "/capabilities/host/cpu/";
        String topology = cpu + "topology/@";
        return new HostCapabilities(
                new Cpu(
                        document.text(cpu + "arch").orElse(null),
                        document.text(cpu + "model").orElse(null),
                        document.text(cpu + "vendor").orElse(null),
                        new Topology(
                                Math.max(
                                        1,
                                        document.texts("/capabilities/host/topology/cells/cell/@id")
                                                .size()),
                                number(document, topology + "sockets"),
                                number(document, topology + "cores"),
                                number(document, topology + "threads")),
                        document.texts(cpu + "feature/@name")),
                guests(document));
    }

    private static List<List<String>> guests(LibvirtDocument document) {
        List<List<String>> kinds = new ArrayList<>();
        int count = document.texts("/capabilities/guest").size();
        for (int i = 1; i <= count; i++) {
            String guest = "/capabilities/guest[" + i + "]/";
            String arch = document.text(guest + "arch/@name").orElse("");
            String mode = document.text(guest + "os_type").orElse("");
            for (String hypervisor : document.texts(guest + "arch/domain/@type")) {
                kinds.add(List.of(arch, hypervisor, mode));
            }
        }
        return kinds;
    }

    private static int number(LibvirtDocument document, String expression) {
        return document.text(expression)
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(Integer::valueOf)
                .orElse(1);
    }
}
