package org.novabridge.driver.hypervisor;

import java.util.List;
import java.util.Map;

/**
 * What a running guest has used since it was started.
 *
 * @param memoryKib what it may have at most
 * @param memory KiB, counts and times of its balloon, by libvirt's names with underlines ({@code unused}, {@code swap_in},
 *     {@code last_update}; {@code current} is what it has now); which there are depends on the guest's driver
 */
public record GuestStatistics(
        long memoryKib,
        Map<String, Long> memory,
        List<ProcessorTime> processors,
        List<DiskTraffic> disks,
        List<PortTraffic> ports) {
    public GuestStatistics {
        memory = Map.copyOf(memory);
        processors = List.copyOf(processors);
        disks = List.copyOf(disks);
        ports = List.copyOf(ports);
    }

    /** @param nanoseconds that the host's processors have worked for it */
    public record ProcessorTime(int id, long nanoseconds) {}

    /** @param target the disk's name in the guest ({@code vda}) */
    public record DiskTraffic(String target, long readRequests, long readBytes, long writeRequests, long writeBytes) {}

    /**
     * As the guest sees it: {@code rx} is what came to it.
     *
     * @param target the host's device ({@code tap…})
     */
    public record PortTraffic(
            String target,
            long rxBytes,
            long rxPackets,
            long rxErrors,
            long rxDrop,
            long txBytes,
            long txPackets,
            long txErrors,
            long txDrop) {}
}
