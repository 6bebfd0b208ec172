package org.novabridge.driver.parity;

import java.util.Map;
import java.util.Set;
import org.novabridge.driver.model.ErrorCode;

/**
 * Which code of ours stands for which exception of Nova's. Where Nova has one class per wish that cannot be
 * granted, all of them tell the manager the same: this guest, on this host, no; they share a code.
 */
final class Refusals {
    private static final Map<String, ErrorCode> CODES = Map.ofEntries(
            Map.entry("UnsupportedHardware", ErrorCode.UNSUPPORTED_HARDWARE),
            Map.entry("TooManyDiskDevices", ErrorCode.TOO_MANY_DISK_DEVICES),
            Map.entry("InvalidVolumeAccessMode", ErrorCode.INVALID_VOLUME_ACCESS_MODE),
            Map.entry("VolumeDriverNotFound", ErrorCode.VOLUME_DRIVER_NOT_FOUND),
            // hw_rescue_device=lun without a bus: blockinfo.py asks for a property hw_lun_bus, which does not exist.
            Map.entry("AttributeError", ErrorCode.UNSUPPORTED_HARDWARE),
            Map.entry("UnsupportedRescueBus", ErrorCode.UNSUPPORTED_RESCUE_BUS),
            Map.entry("UnsupportedRescueDevice", ErrorCode.UNSUPPORTED_RESCUE_DEVICE),
            Map.entry("RngDeviceNotExist", ErrorCode.RNG_DEVICE_NOT_EXIST),
            Map.entry("InvalidCPUInfo", ErrorCode.INVALID_CPU),
            Map.entry("ConfigFileValueError", ErrorCode.INVALID_CONFIGURATION),
            Map.entry("RuntimeError", ErrorCode.INVALID_CONFIGURATION),
            Map.entry("InternalError", ErrorCode.PORT_UNUSABLE),
            Map.entry("NovaException", ErrorCode.PORT_UNUSABLE));

    /** Values of a flavor, image or volume that make no sense. */
    private static final Set<String> INVALID = Set.of(
            "ValueError",
            "Invalid",
            "InvalidRequest",
            "InvalidMachineType",
            "InvalidWatchdogAction",
            "InvalidVIOMMUMachineType",
            "RequestedVRamTooHigh",
            "UnsupportedHostCPUControlPolicy",
            "FlavorImageConflict",
            "FlavorImageLockedMemoryConflict",
            "LockMemoryForbidden",
            "ImageSerialPortNumberExceedFlavorValue",
            "ImageSerialPortNumberInvalid",
            "SerialPortNumberLimitExceeded",
            "ImageVCPULimitsRangeExceeded",
            "ImageVCPULimitsRangeImpossible",
            "ImageVCPUTopologyRangeExceeded");

    private Refusals() {}

    static boolean same(String novaClass, ErrorCode ours) {
        return INVALID.contains(novaClass) ? ours == ErrorCode.INVALID_HARDWARE_VALUE : ours == CODES.get(novaClass);
    }
}
