"""The bridge's problems as Nova's exceptions: each type is exactly one class.

The class decides what Nova does next (nova/compute/manager.py 26.2.2, ``_build_and_run_instance``): some end a
build, others make the scheduler try another host. The table equals the service's closed list of error codes;
a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nova import exception

TYPES: dict[str, str] = {
    'invalid-request': 'InvalidInput',
    'invalid-configuration': 'InvalidConfiguration',
    'invalid-configuration-retry': 'InternalError',
    'instance-not-found': 'InstanceNotFound',
    'instance-exists': 'InstanceExists',
    'instance-not-running': 'InstanceNotRunning',
    'instance-invalid-state': 'InstanceInvalidState',
    'guest-agent-not-enabled': 'QemuGuestAgentNotEnabled',
    'crash-dump-not-supported': 'TriggerCrashDumpNotSupported',
    'power-off-failed': 'InstancePowerOffFailure',
    'owned-by-nova': 'Forbidden',
    'forbidden': 'Forbidden',
    'image-unacceptable': 'ImageUnacceptable',
    'invalid-disk-info': 'InvalidDiskInfo',
    'invalid-disk-format': 'InvalidDiskFormat',
    'image-not-found': 'ImageNotFound',
    'flavor-disk-smaller-than-image': 'FlavorDiskSmallerThanImage',
    'unsupported-hardware': 'UnsupportedHardware',
    'too-many-disk-devices': 'TooManyDiskDevices',
    'unknown-device-name': 'InternalError',
    'volume-driver-not-found': 'VolumeDriverNotFound',
    'invalid-volume-access-mode': 'InvalidVolumeAccessMode',
    'invalid-hardware-value': 'Invalid',
    'invalid-cpu': 'InvalidCPUInfo',
    'port-unusable': 'InternalError',
    'serial-ports-exhausted': 'SocketPortRangeExhaustedException',
    'rng-device-not-exist': 'RngDeviceNotExist',
    'disk-not-found': 'DiskNotFound',
    'resize-refused': 'InstanceFaultRollback',
    'instance-not-rescuable': 'InstanceNotRescuable',
    'unsupported-rescue-bus': 'UnsupportedRescueBus',
    'unsupported-rescue-device': 'UnsupportedRescueDevice',
    'device-detach-failed': 'DeviceDetachFailed',
    'volume-not-found': 'VolumeNotFound',
    'disk-key-refused': 'InternalError',
    'storage-full': 'ComputeResourcesUnavailable',
    'storage-failed': 'InternalError',
    'volume-group-unusable': 'ComputeResourcesUnavailable',
    'volumes-not-removed': 'VolumesNotRemoved',
    'hypervisor-unavailable': 'HypervisorUnavailable',
    'hypervisor-failed': 'InternalError',
    'not-supported': 'NotImplementedError',
    'cancelled': 'InternalError',
    'interrupted': 'ComputeResourcesUnavailable',
    'protocol-not-spoken': 'InvalidConfiguration',
    'key-reused': 'InvalidInput',
    'too-many-operations': 'ComputeResourcesUnavailable',
    'too-many-listeners': 'InternalError',
    'operation-not-found': 'InternalError',
    'internal': 'InternalError',
}

# The one that is over by itself.
BUSY = 'too-many-operations'

_PREFIX = '/problems/'


def type_of(problem: Mapping[str, Any]) -> str:
    """The word of the problem: what stands behind ``/problems/``; empty when there is none."""
    kind = str(problem.get('type') or '')
    return kind[len(_PREFIX):] if kind.startswith(_PREFIX) else ''


def exception_of(problem: Mapping[str, Any]) -> Exception:
    """The exception of a problem, with its text and remedy.

    A type that this shim does not know comes from a newer bridge, which names the class itself.
    """
    name = TYPES.get(type_of(problem)) or str(problem.get('nova_exception') or '')
    text = _text(problem)
    if name == 'NotImplementedError':
        return NotImplementedError(text)
    if name == 'InstanceFaultRollback':
        # Nova leaves the instance as it was, and shows the inner one (manager._error_out_instance_on_exception).
        return exception.InstanceFaultRollback(exception.ResizeError(reason=text))
    found = getattr(exception, name, None)
    if not isinstance(found, type) or not issubclass(found, exception.NovaException):
        found = exception.InternalError
    return found(text)


def _text(problem: Mapping[str, Any]) -> str:
    said = problem.get('detail') or problem.get('title') or 'nova-bridge failed without a reason'
    remedy = problem.get('remedy')
    return f'{said} ({remedy})' if remedy else str(said)
