package org.novabridge.driver.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A device of the guest that is not a disk. Null leaves an attribute or element out. */
public sealed interface GuestDevice {

    /**
     * A controller.
     *
     * @param type scsi, usb, pci
     * @param driver how QEMU serves a virtio-scsi controller; null leaves it out
     */
    record Controller(
            String type,
            @Nullable Integer index,
            @Nullable String model,
            @Nullable ControllerDriver driver) implements GuestDevice {
        public Controller(String type, @Nullable Integer index, @Nullable String model) {
            this(type, index, model, null);
        }
    }

    /**
     * How QEMU serves all disks of a controller.
     *
     * @param queues virtqueues
     * @param ioThreads the guest's I/O threads that serve the queues together, counted from 1; empty for none
     */
    record ControllerDriver(@Nullable Integer queues, List<Integer> ioThreads) {
        public ControllerDriver {
            ioThreads = List.copyOf(ioThreads);
        }
    }

    /**
     * A network interface.
     *
     * @param type bridge or ethernet
     * @param bridge name of the bridge, for type bridge
     * @param target name of the host's device
     * @param portProfile Open vSwitch interface id, which makes it a port of Open vSwitch
     * @param bandwidth inbound and outbound limits; null when not limited
     */
    record NetworkInterface(
            String type,
            String mac,
            @Nullable String model,
            @Nullable InterfaceDriver driver,
            @Nullable String bridge,
            @Nullable String target,
            @Nullable Integer mtu,
            @Nullable String portProfile,
            @Nullable Bandwidth bandwidth)
            implements GuestDevice {}

    /** The back end of an interface. */
    record InterfaceDriver(
            @Nullable String name,
            @Nullable Integer queues,
            @Nullable Integer rxQueueSize) {}

    /** Limits by direction; each maps average, peak, burst to libvirt's number. */
    record Bandwidth(Map<String, String> inbound, Map<String, String> outbound) {
        public Bandwidth {
            inbound = Map.copyOf(inbound);
            outbound = Map.copyOf(outbound);
        }
    }

    /**
     * A serial port.
     *
     * @param listen where a client connects to it; null makes it a pseudo terminal
     * @param logFile file that receives what the guest prints
     */
    record SerialPort(@Nullable Endpoint listen, @Nullable String logFile) implements GuestDevice {}

    /** A TCP endpoint on this host. */
    record Endpoint(String host, int port) {}

    /**
     * A channel between host and guest.
     *
     * @param type spicevmc or unix
     * @param path of the socket, for type unix
     */
    record Channel(String type, @Nullable String path, String targetName) implements GuestDevice {}

    /** A remote display on a port libvirt chooses. */
    record Graphics(String type, @Nullable String listen) implements GuestDevice {}

    /**
     * A video card.
     *
     * @param vramKib video memory; null leaves it to QEMU
     */
    record Video(String model, @Nullable Integer vramKib) implements GuestDevice {}

    /** Tablet or keyboard. */
    record Input(String type, String bus) implements GuestDevice {}

    /** A source of random numbers. */
    record Rng(@Nullable String path, @Nullable RngRate rate) implements GuestDevice {}

    /**
     * How fast a guest may draw random numbers.
     *
     * @param periodMs milliseconds
     */
    record RngRate(int bytes, int periodMs) {}

    /** A watchdog and what happens when it fires. */
    record Watchdog(String action) implements GuestDevice {}

    /**
     * The memory balloon.
     *
     * @param statsPeriod seconds between reports
     */
    record Balloon(int statsPeriod) implements GuestDevice {}

    /**
     * A virtual IOMMU.
     *
     * @param awBits width of addresses; null leaves it to QEMU
     */
    record Iommu(String model, @Nullable Integer awBits, boolean eim) implements GuestDevice {}

    /** The devices of one kind, in order. */
    static <T extends GuestDevice> List<T> select(List<GuestDevice> devices, Class<T> kind) {
        return devices.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
