package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a libvirt domain that nova-bridge decides, before it becomes XML. The order of fields
 * is the order of the document (nova/virt/libvirt/config.py 26.2.2, LibvirtConfigGuest).
 *
 * @param virtType kvm or qemu
 * @param memoryKib guest memory in KiB
 * @param cpuset host CPUs the guest may run on, in libvirt's list form; null when any
 * @param ioThreads those that disks and controllers name
 * @param cpu null leaves the element out
 * @param disks in the order of the document; the first is the root disk
 * @param devices all other devices, in the order of the document
 * @param perfEvents names of performance events to switch on
 */
public record DomainDefinition(
        String virtType,
        String uuid,
        String name,
        long memoryKib,
        @Nullable MemoryBacking memoryBacking,
        int vcpus,
        @Nullable String cpuset,
        IoThreads ioThreads,
        NovaMetadata metadata,
        @Nullable SystemInfo systemInfo,
        OsBoot os,
        List<GuestFeature> features,
        @Nullable CpuTune cpuTune,
        GuestClock clock,
        @Nullable GuestCpu cpu,
        List<DiskDefinition> disks,
        List<GuestDevice> devices,
        List<String> perfEvents) {
    public DomainDefinition {
        features = List.copyOf(features);
        disks = List.copyOf(disks);
        devices = List.copyOf(devices);
        perfEvents = List.copyOf(perfEvents);
    }
}
