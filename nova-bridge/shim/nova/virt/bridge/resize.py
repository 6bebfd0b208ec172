"""Another flavor on the same host: the bridge changes the disks, keeps what they were, and confirms or reverts.

A resize to another host comes with the cold migration between bridges; until then it is refused before anything is
touched, so that Nova leaves the instance as it was.
"""

from __future__ import annotations

from typing import Any

from oslo_config import cfg
from oslo_serialization import jsonutils

from nova import exception
from nova.virt.bridge import spec
from nova.virt.bridge import volumes

CONF = cfg.CONF


class SameHostResize:
    """The methods of a resize. Needs ``_change``, ``_let_run``, ``_ports`` and ``_volumes`` of the driver."""

    def migrate_disk_and_power_off(self, context: Any, instance: Any, dest: str, flavor: Any, network_info: Any,
                                   block_device_info: Any = None, timeout: int = 0,
                                   retry_interval: int = 0) -> str:
        """Refuses what cannot be done while the instance is untouched; then stops it."""
        if dest != self.get_host_ip_addr():
            raise exception.InstanceFaultRollback(exception.MigrationError(
                reason='nova-bridge does not bring instances to another host for Nova yet'))
        volumes.demand(block_device_info)
        self._change(instance, 'resize', {'flavor': spec.flavor(flavor), 'dry_run': True})
        self.power_off(instance, timeout, retry_interval)
        self._ports.unplug(instance, network_info)
        self._volumes.disconnect(context, instance, block_device_info)
        return jsonutils.dumps([])

    def finish_migration(self, context: Any, migration: Any, instance: Any, disk_info: str, network_info: Any,
                         image_meta: Any, resize_instance: bool, allocations: Any, block_device_info: Any = None,
                         power_on: bool = True) -> None:
        """Makes the disks what the new flavor wants, and starts the instance if it ran."""
        self._volumes.connect(instance, block_device_info)
        self._change(instance, 'resize', {'flavor': spec.flavor(instance.flavor)})
        if power_on:
            self._let_run(instance, image_meta, network_info, block_device_info)

    def confirm_migration(self, context: Any, migration: Any, instance: Any, network_info: Any) -> None:
        self._change(instance, 'resize-confirm')

    def finish_revert_migration(self, context: Any, instance: Any, network_info: Any, migration: Any,
                                block_device_info: Any = None, power_on: bool = True) -> None:
        self._volumes.connect(instance, block_device_info)
        self._change(instance, 'resize-revert')
        if power_on:
            self._let_run(instance, instance.image_meta, network_info, block_device_info)

    def check_instance_shared_storage_local(self, context: Any, instance: Any) -> dict[str, str]:
        """Who asks; a revert on the same host must not delete what it goes back to (manager.revert_resize)."""
        return {'host': CONF.host}

    def check_instance_shared_storage_remote(self, context: Any, data: dict[str, str]) -> bool:
        """Local disks are shared with the host itself only."""
        return data.get('host') == CONF.host

    def check_instance_shared_storage_cleanup(self, context: Any, data: dict[str, str]) -> None:
        """Nothing was left anywhere."""
