"""What this host has, as the scheduler and placement want to know it. The numbers are the bridge's."""

from __future__ import annotations

from typing import Any

import os_resource_classes as orc
from oslo_serialization import jsonutils

from nova.objects import fields
from nova.virt.bridge import conf

CONF = conf.CONF

_GIB = 1 << 30


def resources(node: dict[str, Any], disks: dict[str, Any]) -> dict[str, Any]:
    """The answer of ``get_available_resource``.

    :param node: ``GET /v1/host/node``
    :param disks: ``GET /v1/host/resources``
    """
    disk = disks.get('disk_gb') or {'total': 0, 'used_bytes': 0, 'free_bytes': 0}
    return {
        'vcpus': node['vcpus'],
        'vcpus_used': node['vcpus_used'],
        'memory_mb': node['memory_mb'],
        'memory_mb_used': node['memory_mb_used'],
        'local_gb': disk['total'],
        'local_gb_used': disk['used_bytes'] // _GIB,
        'disk_available_least': disk['free_bytes'] // _GIB,
        'hypervisor_type': node['hypervisor_type'],
        'hypervisor_version': node['hypervisor_version'],
        'hypervisor_hostname': node['hypervisor_hostname'],
        'cpu_info': jsonutils.dumps(node['cpu_info']),
        'supported_instances': [tuple(kind) for kind in node['supported_instances'] if _known(kind)],
        'numa_topology': None,
        'pci_passthrough_devices': jsonutils.dumps([]),
    }


def _known(kind: list[str]) -> bool:
    """libvirt names architectures that Nova has no word for; as in its driver, they are left out."""
    arch, hypervisor, mode = kind
    return (fields.Architecture.is_valid(arch) and fields.HVType.is_valid(hypervisor)
            and fields.VMMode.is_valid(mode))


def inventories(node: dict[str, Any], disks: dict[str, Any], ratios: dict[str, float]) -> dict[str, Any]:
    """The inventories of the compute node's provider; a class without anything is left out, as placement wants.

    :param ratios: Nova's allocation ratios (nova/virt/driver.py, ``_get_allocation_ratios``). The one of disks is
        the bridge's: it promises no more than it will make.
    """
    found = {}
    if node['memory_mb']:
        found[orc.MEMORY_MB] = _inventory(
            node['memory_mb'], CONF.reserved_host_memory_mb, ratios[orc.MEMORY_MB])
    if node['vcpus']:
        found[orc.VCPU] = _inventory(node['vcpus'], CONF.reserved_host_cpus, ratios[orc.VCPU])
    disk = disks.get('disk_gb')
    if disk:
        found[orc.DISK_GB] = {name: disk[name] for name in
                              ('total', 'reserved', 'allocation_ratio', 'min_unit', 'max_unit', 'step_size')}
    return found


def _inventory(total: int, reserved: int, ratio: float) -> dict[str, Any]:
    return {'total': total, 'reserved': reserved, 'allocation_ratio': ratio, 'min_unit': 1, 'max_unit': total,
            'step_size': 1}
