package org.novabridge.driver.model;

/**
 * The closed list of ways in which a request can fail. Each code has the problem type that the REST
 * answers carry, the one {@code nova.exception} class that the Python shim raises for it, the HTTP
 * status, and the exit code of the command line.
 *
 * <p>The Nova class decides what Nova does next (nova/compute/manager.py 26.2.2,
 * {@code _build_and_run_instance}): some end the build, others make the scheduler try another host.
 */
public enum ErrorCode {
    /** A field of the request is missing, of the wrong type, or hostile. */
    INVALID_REQUEST("invalid-request", "InvalidInput", 400, 2),
    /** The configuration does not allow the service or the request. */
    INVALID_CONFIGURATION("invalid-configuration", "InvalidConfiguration", 409, 3),
    /** The configuration does not allow it on this host; as in Nova another host may take the instance. */
    INVALID_CONFIGURATION_RETRY("invalid-configuration-retry", "InternalError", 409, 3),
    /** The guest, its domain, or its record is not here. */
    INSTANCE_NOT_FOUND("instance-not-found", "InstanceNotFound", 404, 1),
    INSTANCE_EXISTS("instance-exists", "InstanceExists", 409, 3),
    INSTANCE_NOT_RUNNING("instance-not-running", "InstanceNotRunning", 409, 3),
    /** The guest is in a state in which the request makes no sense (resume of a running guest). */
    INSTANCE_INVALID_STATE("instance-invalid-state", "InstanceInvalidState", 409, 3),
    /** The image names no agent in its guests ({@code hw_qemu_guest_agent}), which this needs. */
    GUEST_AGENT_NOT_ENABLED("guest-agent-not-enabled", "QemuGuestAgentNotEnabled", 409, 3),
    /** The hypervisor cannot send the guest what would make it dump its memory. */
    CRASH_DUMP_NOT_SUPPORTED("crash-dump-not-supported", "TriggerCrashDumpNotSupported", 501, 3),
    /** The guest would not stop. */
    POWER_OFF_FAILED("power-off-failed", "InstancePowerOffFailure", 500, 1),
    /** Owned by Nova, touched from our command line (design 4.6). */
    OWNED_BY_NOVA("owned-by-nova", "Forbidden", 403, 3),
    FORBIDDEN("forbidden", "Forbidden", 403, 3),
    /** The image breaks a safety rule: backing file, data file, unknown feature, wrong format. */
    IMAGE_UNACCEPTABLE("image-unacceptable", "ImageUnacceptable", 422, 3),
    /** An existing disk's header does not say what the record says. */
    INVALID_DISK_INFO("invalid-disk-info", "InvalidDiskInfo", 422, 3),
    INVALID_DISK_FORMAT("invalid-disk-format", "InvalidDiskFormat", 422, 3),
    IMAGE_NOT_FOUND("image-not-found", "ImageNotFound", 404, 1),
    /** The image's virtual size is more than the flavor's root disk. */
    FLAVOR_DISK_SMALLER_THAN_IMAGE("flavor-disk-smaller-than-image", "FlavorDiskSmallerThanImage", 422, 3),
    UNSUPPORTED_HARDWARE("unsupported-hardware", "UnsupportedHardware", 422, 3),
    TOO_MANY_DISK_DEVICES("too-many-disk-devices", "TooManyDiskDevices", 422, 3),
    /** A device name or bus from which nothing follows; Nova raises InternalError (virt/libvirt/blockinfo.py). */
    UNKNOWN_DEVICE_NAME("unknown-device-name", "InternalError", 422, 3),
    /** The connection_info of a volume is of a kind that no volume driver serves. */
    VOLUME_DRIVER_NOT_FOUND("volume-driver-not-found", "VolumeDriverNotFound", 422, 3),
    INVALID_VOLUME_ACCESS_MODE("invalid-volume-access-mode", "InvalidVolumeAccessMode", 422, 3),
    INVALID_HARDWARE_VALUE("invalid-hardware-value", "Invalid", 422, 3),
    /** A CPU model or flag that this host does not know. */
    INVALID_CPU("invalid-cpu", "InvalidCPUInfo", 409, 3),
    /** A port that cannot become an interface: not bound, or of a kind nobody knows. */
    PORT_UNUSABLE("port-unusable", "InternalError", 409, 3),
    /** No free TCP port for a serial console. */
    SERIAL_PORTS_EXHAUSTED("serial-ports-exhausted", "SocketPortRangeExhaustedException", 409, 3),
    RNG_DEVICE_NOT_EXIST("rng-device-not-exist", "RngDeviceNotExist", 409, 3),
    /** A disk that should exist does not; it is never made anew by a reboot. */
    DISK_NOT_FOUND("disk-not-found", "DiskNotFound", 409, 1),
    /**
     * A resize that is refused before anything of the guest was touched: a smaller disk, no room to keep what it was. The
     * shim puts a ResizeError with our text into it; by this class Nova leaves the instance as it was, and by any other
     * one it sets it to ERROR (nova/compute/manager.py 26.2.2, {@code _error_out_instance_on_exception}).
     */
    RESIZE_REFUSED("resize-refused", "InstanceFaultRollback", 409, 3),
    /** The guest cannot be rescued as it is. */
    INSTANCE_NOT_RESCUABLE("instance-not-rescuable", "InstanceNotRescuable", 409, 3),
    UNSUPPORTED_RESCUE_BUS("unsupported-rescue-bus", "UnsupportedRescueBus", 422, 3),
    UNSUPPORTED_RESCUE_DEVICE("unsupported-rescue-device", "UnsupportedRescueDevice", 422, 3),
    /** The guest did not let a device go: it is still attached. */
    DEVICE_DETACH_FAILED("device-detach-failed", "DeviceDetachFailed", 409, 1),
    /** The guest has no such volume. */
    VOLUME_NOT_FOUND("volume-not-found", "VolumeNotFound", 404, 1),
    /** An encrypted disk cannot be opened: nobody has brought its key, or it is another one's. */
    DISK_KEY_REFUSED("disk-key-refused", "InternalError", 409, 3),
    /** Not enough room in the volume group or file system: another host may have it. */
    STORAGE_FULL("storage-full", "ComputeResourcesUnavailable", 507, 1),
    /** A storage command failed. */
    STORAGE_FAILED("storage-failed", "InternalError", 500, 1),
    /** The volume group or one of its devices is missing, fails, or is not ours to use. */
    VOLUME_GROUP_UNUSABLE("volume-group-unusable", "ComputeResourcesUnavailable", 409, 3),
    /** Logical volumes of a deleted guest could not be removed. */
    VOLUMES_NOT_REMOVED("volumes-not-removed", "VolumesNotRemoved", 500, 1),
    /** libvirt is away. */
    HYPERVISOR_UNAVAILABLE("hypervisor-unavailable", "HypervisorUnavailable", 503, 1),
    /** libvirt or QEMU said no. */
    HYPERVISOR_FAILED("hypervisor-failed", "InternalError", 500, 1),
    NOT_SUPPORTED("not-supported", "NotImplementedError", 501, 3),
    /** The operation was cancelled by its caller. */
    CANCELLED("cancelled", "InternalError", 409, 1),
    /** The bridge was stopped in the middle and settled what was left. */
    INTERRUPTED("interrupted", "ComputeResourcesUnavailable", 409, 1),
    /** nova-compute's side and this bridge are more than one release apart. */
    PROTOCOL_NOT_SPOKEN("protocol-not-spoken", "InvalidConfiguration", 409, 3),
    /** The same key was used for a different request. */
    KEY_REUSED("key-reused", "InvalidInput", 409, 2),
    /** Too much waits to be done: later, or on another host. */
    TOO_MANY_OPERATIONS("too-many-operations", "ComputeResourcesUnavailable", 503, 1),
    /** As many clients follow the events as may. */
    TOO_MANY_LISTENERS("too-many-listeners", "InternalError", 503, 1),
    OPERATION_NOT_FOUND("operation-not-found", "InternalError", 404, 1),
    /** A defect of ours; the text says nothing about the host (OSSA-2019-003). */
    INTERNAL("internal", "InternalError", 500, 1);

    private final String type;
    private final String novaException;
    private final int httpStatus;
    private final int exitCode;

    ErrorCode(String type, String novaException, int httpStatus, int exitCode) {
        this.type = type;
        this.novaException = novaException;
        this.httpStatus = httpStatus;
        this.exitCode = exitCode;
    }

    /** The last part of the problem type URI, stable across releases. */
    public String type() {
        return type;
    }

    /** The code of that type; INTERNAL for one that this release does not know. */
    public static ErrorCode ofType(String type) {
        for (ErrorCode code : values()) {
            if (code.type.equals(type)) {
                return code;
            }
        }
        return INTERNAL;
    }

    /** Name of the class in {@code nova.exception} that the shim raises. */
    public String novaException() {
        return novaException;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Exit code of the command line: 1 failed, 2 wrong usage, 3 refused by a rule. */
    public int exitCode() {
        return exitCode;
    }
}
