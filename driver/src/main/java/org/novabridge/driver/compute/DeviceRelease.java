package org.novabridge.driver.compute;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Taking a device from a guest, a disk or an interface. A running guest has to let it go first, and may refuse; its
 * definition follows, so that both say the same whatever happens. Nova's order is the definition first
 * (nova/virt/libvirt/driver.py 26.2.2, _detach_with_retry): a guest that refuses then runs with a device that its definition
 * has lost.
 */
final class DeviceRelease {
    private final Parts parts;
    private final GuestPower power;

    DeviceRelease(Parts parts, GuestPower power) {
        this.parts = parts;
        this.power = power;
    }

    /**
     * A device.
     *
     * @param name for messages: vdb, a MAC address
     * @param element finds its element in a domain document
     */
    record Device(String name, Function<String, Optional<String>> element) {}

    /**
     * The guest, when its devices may change.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND; INSTANCE_INVALID_STATE for a rescued one, and for a suspended one, whose
     *     memory belongs to its old devices
     */
    Guest changeable(String uuid) {
        parts.records().find(uuid).ifPresent(InstanceRecord::demandNotRescued);
        Guest guest = power.guest(uuid);
        if (!GuestPower.active(guest) && guest.hasManagedSave()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + uuid + " is suspended: its memory belongs to the devices that it has",
                    "resume it first");
        }
        return guest;
    }

    /** Its element in the running guest; empty when that does not run. */
    Optional<String> live(String uuid, Device device) {
        return power.runs(uuid) ? device.element().apply(parts.hypervisor().xml(uuid, false)) : Optional.empty();
    }

    /** Its element in the stored definition. */
    Optional<String> defined(String uuid, Device device) {
        return device.element().apply(parts.hypervisor().xml(uuid, true));
    }

    /** Whether a guest that is there has it, where it counts: what runs, else what would run. */
    boolean has(String uuid, Device device) {
        return power.runs(uuid)
                ? live(uuid, device).isPresent()
                : defined(uuid, device).isPresent();
    }

    /** From the running guest, then from the definition. A guest that is not there has none. */
    void release(Steps steps, Device device) {
        String uuid = steps.instance();
        if (parts.hypervisor().find(uuid).isPresent()) {
            letGo(steps, device);
            undefine(uuid, device);
        }
    }

    /** From the definition of a guest that runs without it. */
    void undefine(String uuid, Device device) {
        defined(uuid, device).ifPresent(element -> parts.hypervisor().detachDevice(uuid, element, false, true));
    }

    /**
     * Asks the running guest until it has let the device go. One that does not run has none.
     *
     * @throws BridgeException DEVICE_DETACH_FAILED
     */
    private void letGo(Steps steps, Device device) {
        String uuid = steps.instance();
        Patience patience = parts.patience().get();
        for (int attempt = 1; attempt <= patience.detachAttempts(); attempt++) {
            Optional<String> element = live(uuid, device);
            if (element.isEmpty()) {
                return;
            }
            parts.hypervisor().detachDevice(uuid, element.get(), true, false);
            Instant end = parts.clock().instant().plus(patience.detach());
            while (live(uuid, device).isPresent() && parts.clock().instant().isBefore(end)) {
                steps.report(
                        "wait for the guest to let " + device.name() + " go, attempt " + attempt + " of "
                                + patience.detachAttempts(),
                        100.0 * attempt / (patience.detachAttempts() + 1));
                if (steps.cancelled()) {
                    throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
                }
                power.rest();
            }
        }
        if (live(uuid, device).isPresent()) {
            throw new BridgeException(
                    ErrorCode.DEVICE_DETACH_FAILED,
                    "guest " + uuid + " was asked " + patience.detachAttempts() + " times for " + device.name()
                            + " and has not let it go; it is still attached",
                    "a guest without a running system, or one that uses the device, does not answer: free it there, or"
                            + " stop the guest, then detach it again");
        }
    }
}
