package org.novabridge.driver.compute;

import java.util.List;
import org.novabridge.driver.host.HostCapabilities;

/**
 * This host in Nova's table of compute nodes, but for its disks ({@link HostResources}): the answer of {@code
 * get_available_resource}, in its names.
 *
 * @param hypervisorHostname libvirt's name of the host
 * @param hypervisorVersion major * 1,000,000 + minor * 1,000 + release
 * @param vcpus CPUs that guests may float on
 * @param vcpusUsed of running guests
 * @param memoryMb MiB
 * @param guestCpuFeatures that every guest has, in libvirt's names
 * @param vifModels of network cards that a guest may have
 * @param supportedInstances architecture, hypervisor and mode of each kind of guest
 */
public record HostNode(
        String hypervisorHostname,
        String hypervisorType,
        int hypervisorVersion,
        int vcpus,
        int vcpusUsed,
        long memoryMb,
        long memoryMbUsed,
        HostCapabilities.Cpu cpuInfo,
        List<String> guestCpuFeatures,
        List<String> vifModels,
        List<List<String>> supportedInstances) {
    public HostNode {
        guestCpuFeatures = List.copyOf(guestCpuFeatures);
        vifModels = List.copyOf(vifModels);
        supportedInstances = List.copyOf(supportedInstances);
    }
}
