"""What this host is good for, in placement's words: flavors and images may ask for it. What it is, the bridge says."""

from __future__ import annotations

from collections.abc import Iterable
import itertools
from typing import Any

import os_traits

from nova.objects import fields
from nova.virt.libvirt import blockinfo
from nova.virt.libvirt import utils
from nova.virt.libvirt import vif


def of(node: dict[str, Any], facts: dict[str, Any]) -> dict[str, bool]:
    """Traits that the compute node has, and those that it has not (nova/virt/libvirt/driver.py, ``static_traits``).

    :param node: ``GET /v1/host/node``
    :param facts: ``GET /v1/host``
    """
    found = dict(utils.cpu_features_to_traits(set(node['guest_cpu_features'])))
    found[os_traits.HW_CPU_HYPERTHREADING] = node['cpu_info']['topology']['threads'] > 1
    for prefix, all_of_them, here in (
            ('COMPUTE_STORAGE_BUS_', _names(blockinfo.SUPPORTED_DEVICE_BUSES), facts.get('disk_buses')),
            ('COMPUTE_GRAPHICS_MODEL_', fields.VideoModel.ALL, facts.get('video_models')),
            ('COMPUTE_NET_VIF_MODEL_', _names(vif.SUPPORTED_VIF_MODELS), node['vif_models'])):
        for one in all_of_them:
            found[prefix + one.replace('-', '_').upper()] = one in (here or ())
    return {name: found[name] for name in os_traits.check_traits(found)[0]}


def _names(by_virt_type: dict[str, Iterable[str]]) -> set[str]:
    return set(itertools.chain(*by_virt_type.values()))
