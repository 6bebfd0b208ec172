"""Volumes that come and go while an instance is there, and the names of devices."""

from __future__ import annotations

import itertools
from typing import Any

from oslo_log import log as logging
from oslo_utils import excutils

from nova import exception
from nova.virt.bridge import client
from nova.virt.bridge import spec
from nova.virt.bridge import volumes
from nova.virt import driver
from nova.volume import cinder

LOG = logging.getLogger(__name__)


class VolumeActions:
    """The methods of volumes. Needs ``_bridge``, ``_change``, ``_devices`` and ``_volumes`` of the driver."""

    def attach_volume(self, context: Any, connection_info: dict[str, Any], instance: Any, mountpoint: str,
                      disk_bus: str | None = None, device_type: str | None = None, encryption: Any = None) -> None:
        """Connects a volume and gives it to the guest; it is disconnected when the guest does not get it. Whatever fails,
        Nova deletes the attachment (nova/virt/block_device.py, ``_volume_attach``), and another server may have the volume
        next: a guest that may have got it has it taken again. Where that fails too it stays connected, since a guest must not
        lose a volume that it has."""
        volumes.demand_one(connection_info)
        self._volumes.connect_one(context, instance, connection_info, encryption)
        try:
            self._change(instance, 'attach-volume', {'volume': spec.volume({
                'mount_device': volumes.device(mountpoint), 'disk_bus': disk_bus, 'device_type': device_type,
                'boot_index': None, 'connection_info': connection_info})})
        except Exception as failure:
            with excutils.save_and_reraise_exception():
                if self._has_not(instance, failure, 'volume %s' % connection_info.get('serial'), 'detach-volume',
                                 _named(mountpoint, connection_info)):
                    self._volumes.disconnect_one(context, instance, connection_info)
        self._devices.changed(context, instance)

    def _has_not(self, instance: Any, failure: Exception, what: str, action: str, body: dict[str, Any]) -> bool:
        """Whether the guest is without a device that it was to get: a service that went away may have given it, so it is
        asked to take it from the guest.

        :param failure: of the attach
        :param action: by which the device is taken, with its body
        """
        if not isinstance(failure, exception.HypervisorUnavailable) or client.untouched(failure):
            return True
        try:
            self._change(instance, action, body)
        except exception.InstanceNotFound:
            return True
        except Exception:
            LOG.warning('nobody can say whether the guest has %s, so it stays on this host', what, instance=instance,
                        exc_info=True)
            return False
        return True

    def detach_volume(self, context: Any, connection_info: dict[str, Any], instance: Any, mountpoint: str,
                      encryption: Any = None) -> None:
        """Takes a volume from the guest, then off this host. One that the guest has not is only disconnected.

        :raises: DeviceDetachFailed when the guest does not let it go: then it stays connected
        """
        try:
            self._change(instance, 'detach-volume', _named(mountpoint, connection_info))
        except exception.InstanceNotFound:
            LOG.warning('the guest is gone; its volume is only disconnected', instance=instance)
        self._volumes.disconnect_one(context, instance, connection_info)

    def extend_volume(self, context: Any, connection_info: dict[str, Any], instance: Any, requested_size: int) -> None:
        """Tells this host and a running guest of a volume's new size.

        :param requested_size: bytes
        """
        size = self._volumes.extend(context, instance, connection_info, requested_size)
        self._change(instance, 'extend-volume', {**volumes.identified(connection_info), 'size': size})

    def volume_snapshot_create(self, context: Any, instance: Any, volume_id: str, create_info: dict[str, Any]) -> None:
        """Not made here. Cinder, which waits for it, is told so at once.

        :raises: NotImplementedError
        """
        _refuse_snapshot(context, create_info['snapshot_id'], 'error')

    def volume_snapshot_delete(self, context: Any, instance: Any, volume_id: str, snapshot_id: str,
                               delete_info: dict[str, Any]) -> None:
        """As :meth:`volume_snapshot_create`."""
        _refuse_snapshot(context, snapshot_id, 'error_deleting')

    def default_root_device_name(self, instance: Any, image_meta: Any, root_bdm: Any) -> str:
        """What the bridge calls it: its bus decides."""
        devices = None
        if root_bdm.is_volume:
            devices = {'block_device_mapping': [
                {**volumes.planned(root_bdm), 'mount_device': root_bdm.device_name, 'boot_index': 0}]}
        return self._planned(instance, image_meta, devices)['root_device_name']

    def default_device_names_for_instance(self, instance: Any, root_device_name: str,
                                          *block_device_lists: Any) -> None:
        """Names all devices that Nova knows of; as in its own driver, names that a user has asked for do not count."""
        known = list(itertools.chain(*block_device_lists))
        for bdm in known:
            bdm.device_name = None
        devices = driver.get_block_device_info(instance, known)
        updates = self._planned(instance, instance.image_meta, devices)
        found = {key.split(':', 1)[1]: name for key, name in updates['device_names'].items()
                 if key.startswith('device:')}
        places = itertools.chain(
            zip(devices.get('image') or [], ['disk']),
            ((one, 'disk.eph%d' % index) for index, one in enumerate(devices['ephemerals'])),
            zip([devices['swap']] if devices['swap'] else [], ['disk.swap']),
            zip(devices['block_device_mapping'], [name for name in found if name.startswith('/dev/')]))
        for one, place in places:
            if place in found:
                one['mount_device' if 'mount_device' in one else 'device_name'] = found[place]
                one.save()

    def get_device_name_for_instance(self, instance: Any, bdms: Any, block_device_obj: Any) -> str:
        """The next free name on the bus of a volume that is to come; as in Nova's own driver, one that a user has asked
        for does not count."""
        devices = dict(driver.get_block_device_info(instance, bdms))
        devices['block_device_mapping'] = [*devices['block_device_mapping'], volumes.planned(block_device_obj)]
        return volumes.names(self._planned(instance, instance.image_meta, devices))[-1]

    def _planned(self, instance: Any, image_meta: Any, devices: Any) -> dict[str, Any]:
        return self._bridge.post('/v1/instances/%s/plan' % instance.uuid,
                                 spec.spec(instance, image_meta, [], devices))['updates']

    def _volumes_of_guests(self) -> Any:
        for one in self._bridge.get('/v1/instances'):
            try:
                yield one['uuid'], self._bridge.get('/v1/instances/%s/volumes' % one['uuid'])
            except exception.InstanceNotFound:
                LOG.debug('guest %s was deleted while volumes were counted', one['uuid'])


def _named(mountpoint: str, connection_info: dict[str, Any]) -> dict[str, Any]:
    """A volume of a guest, as the bridge is told which one."""
    return {'device': volumes.device(mountpoint), **volumes.identified(connection_info)}


def _refuse_snapshot(context: Any, snapshot_id: str, status: str) -> None:
    try:
        cinder.API().update_snapshot_status(context, snapshot_id, status)
    except Exception:
        LOG.exception('Cinder could not be told that snapshot %s is not made', snapshot_id)
    raise NotImplementedError('nova-bridge makes no snapshots inside the files of a share')
