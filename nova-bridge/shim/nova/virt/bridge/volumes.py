"""Cinder's volumes: connected to this host, and taken off it again, by Nova's own volume drivers and os-brick.

What a guest sees of a volume the bridge decides; which connection makes it a device or a file of this host is in
``nova/virt/libvirt/volume``, with the options of ``[libvirt]``.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import threading
import types
from typing import Any

from os_brick import exception as brick_exception
from oslo_log import log as logging
from oslo_utils import excutils
from oslo_utils import importutils

from nova import block_device
from nova import exception
from nova import objects
from nova.virt import block_device as driver_block_device
from nova.virt.bridge import encryption
from nova.virt.bridge import outside
from nova.virt import driver
from nova.volume import cinder

LOG = logging.getLogger(__name__)

_PLACE = 'nova.virt.libvirt.volume.'
# Of Nova's VOLUME_DRIVERS (nova/virt/libvirt/driver.py), those whose disks the bridge describes.
DRIVERS: dict[str, str] = {
    'iscsi': _PLACE + 'iscsi.LibvirtISCSIVolumeDriver',
    'iser': _PLACE + 'iser.LibvirtISERVolumeDriver',
    'local': _PLACE + 'volume.LibvirtVolumeDriver',
    'fibre_channel': _PLACE + 'fibrechannel.LibvirtFibreChannelVolumeDriver',
    'nvmeof': _PLACE + 'nvme.LibvirtNVMEVolumeDriver',
    'nfs': _PLACE + 'nfs.LibvirtNFSVolumeDriver',
    'rbd': _PLACE + 'net.LibvirtNetVolumeDriver',
}
# Those that mount a share once for all its volumes, and keep count themselves.
_MOUNTED = ('nfs',)


def of(block_device_info: Mapping[str, Any] | None) -> list[Any]:
    """The volumes of an instance."""
    return list(driver.block_device_info_get_mapping(block_device_info))


def demand(block_device_info: Mapping[str, Any] | None) -> None:
    """Refuses what cannot be connected, before anything is touched.

    :raises: NotImplementedError, so that another host can take the instance
    """
    for volume in of(block_device_info):
        demand_one(volume.get('connection_info') or {})


def demand_one(connection_info: Mapping[str, Any]) -> None:
    """The same of one volume."""
    kind = connection_info.get('driver_volume_type')
    if kind is not None and kind not in DRIVERS:
        raise NotImplementedError('nova-bridge does not connect volumes of driver_volume_type %s' % kind)


def names(updates: Mapping[str, Any]) -> list[str]:
    """The device names that the bridge has found for volumes, in their order."""
    return [device for key, device in (updates.get('device_names') or {}).items() if key.startswith('device:/dev/')]


def name(block_device_info: Mapping[str, Any] | None, updates: Mapping[str, Any]) -> None:
    """Gives the volumes that Nova has not named the names that the bridge has found for them."""
    for volume, device in zip(of(block_device_info), names(updates)):
        if not volume.get('mount_device'):
            volume['mount_device'] = device


class Volumes:
    """The volumes of this host.

    :param volumes_of_guests: tells of each guest its uuid and the volumes that it has now, as the bridge answers
    :param handed: remembers what is connected
    :param encryption: opens those that are encrypted
    """

    def __init__(self, volumes_of_guests: Callable[[], Iterator[tuple[str, list[dict[str, Any]]]]],
                 handed: outside.Outside, encrypted: encryption.Encryption) -> None:
        self._volumes_of_guests = volumes_of_guests
        self._outside = handed
        self._encryption = encrypted
        self._drivers: dict[str, Any] = {}
        self._lock = threading.Lock()

    def mark(self, context: Any, block_device_info: Mapping[str, Any] | None) -> None:
        """Has the bridge know who decrypts volumes before they are connected."""
        for volume in of(block_device_info):
            if encryption.encrypted(volume.get('connection_info') or {}):
                self._encryption.mark(context, volume['connection_info'])

    def bring_keys(self, context: Any, instance: Any, block_device_info: Mapping[str, Any] | None) -> None:
        """For a guest that comes back with the volumes that it had."""
        for volume in of(block_device_info):
            self._encryption.open(context, instance, volume.get('connection_info') or {})

    def connect(self, context: Any, instance: Any, block_device_info: Mapping[str, Any] | None,
                fresh: bool = False) -> None:
        """Connects all volumes of an instance and saves where they are; one that is connected is success.

        :param fresh: the instance is being made
        """
        demand(block_device_info)
        self._outside.hand(instance, volumes=[one['connection_info'] for one in of(block_device_info)])
        for volume in of(block_device_info):
            connection_info = volume['connection_info']
            self._driver(connection_info).connect_volume(connection_info, instance)
            self._encryption.open(context, instance, connection_info, fresh=fresh)
            # As nova/virt/libvirt/driver.py (_get_guest_storage_config): what is saved names the device.
            volume['connection_info'] = connection_info
            if hasattr(volume, 'save'):
                volume.save()

    def connect_one(self, context: Any, instance: Any, connection_info: dict[str, Any], encrypted: Any = None) -> None:
        """Connects a volume that comes to a guest; ``device_path`` of its connection says where it is then.

        :param encrypted: what Cinder says of its encryption
        """
        self._outside.hand(instance, volumes=[connection_info])
        self._driver(connection_info).connect_volume(connection_info, instance)
        try:
            self._encryption.open(context, instance, connection_info, encrypted, fresh=True)
        except Exception:
            with excutils.save_and_reraise_exception(logger=LOG):
                self.disconnect_one(context, instance, connection_info)

    def disconnect(self, context: Any, instance: Any, block_device_info: Mapping[str, Any] | None,
                   force: bool = False, ignore_errors: bool = False) -> None:
        """Takes all volumes of an instance off this host. Its guest must not run.

        :param ignore_errors: log them: what is deleted must not be kept by a volume
        """
        for volume in of(block_device_info):
            connection_info = volume.get('connection_info')
            if not connection_info:
                continue
            try:
                self.disconnect_one(context, instance, connection_info, force)
            except Exception:
                if not ignore_errors:
                    raise
                LOG.exception('a volume could not be disconnected', instance=instance)

    def disconnect_one(self, context: Any, instance: Any, connection_info: dict[str, Any],
                       force: bool = False) -> None:
        """Takes a volume off this host, unless another guest here has it too."""
        volume = driver_block_device.get_volume_id(connection_info)
        if self._shared_here(context, instance, connection_info):
            LOG.info('volume %s stays connected: another guest of this host has it', volume, instance=instance)
        else:
            self._encryption.close(context, connection_info)
            self._driver(connection_info).disconnect_volume(connection_info, instance, force=force)
        self._outside.undone(instance, 'volume', volume)

    def extend(self, context: Any, instance: Any, connection_info: dict[str, Any], requested_size: int) -> int:
        """Lets this host see that a volume has grown; gives the size in bytes that its guest is to be told.

        :raises: ExtendVolumeNotSupported, VolumeExtendFailed
        """
        try:
            size = self._driver(connection_info).extend_volume(connection_info, instance, requested_size)
        except NotImplementedError:
            raise exception.ExtendVolumeNotSupported()
        if size is None:
            # os-brick has logged why.
            raise exception.VolumeExtendFailed(
                volume_id=driver_block_device.get_volume_id(connection_info),
                reason='the device on this host did not grow')
        return self._encryption.extended(context, connection_info, size)

    def _shared_here(self, context: Any, instance: Any, connection_info: Mapping[str, Any]) -> bool:
        """As nova/virt/libvirt/driver.py, ``_should_disconnect_target``."""
        if not connection_info.get('multiattach') or connection_info.get('driver_volume_type') in _MOUNTED:
            return False
        volume = cinder.API().get(context, driver_block_device.get_volume_id(connection_info))
        attachments = volume.get('attachments') or {}
        if len(attachments) < 2:
            return False
        here = objects.InstanceList.get_uuids_by_host(context, instance.host)
        return len([server for server in attachments if server in here]) > 1

    def _driver(self, connection_info: Mapping[str, Any]) -> Any:
        kind = str(connection_info.get('driver_volume_type'))
        if kind not in DRIVERS:
            raise exception.VolumeDriverNotFound(driver_type=kind)
        with self._lock:
            if kind not in self._drivers:
                if kind in _MOUNTED:
                    self._know_mounts()
                try:
                    self._drivers[kind] = importutils.import_class(DRIVERS[kind])(None)
                except brick_exception.InvalidConnectorProtocol:
                    raise exception.VolumeDriverNotSupported(volume_driver=DRIVERS[kind])
            return self._drivers[kind]

    def _know_mounts(self) -> None:
        """Nova counts who uses a mounted share, and begins with the guests that are there already."""
        from nova.virt.libvirt.volume import mount
        mount.get_manager().host_up(_Guests(self._volumes_of_guests))


class _Guests:
    """As much of Nova's connection to libvirt as its count of mounts asks for."""

    def __init__(self, volumes_of_guests: Callable[[], Iterator[tuple[str, list[dict[str, Any]]]]]) -> None:
        self._volumes_of_guests = volumes_of_guests

    def list_guests(self, only_running: bool) -> list[Any]:
        return [types.SimpleNamespace(uuid=uuid, get_all_disks=lambda disks=disks: disks)
                for uuid, disks in self._disks()]

    def _disks(self) -> Iterator[tuple[str, list[Any]]]:
        for uuid, volumes in self._volumes_of_guests():
            # One that is not connected yet, as of a guest that is being built, is nowhere.
            yield uuid, [types.SimpleNamespace(source_type=volume['source_type'], source_path=volume['source'])
                         for volume in volumes if volume.get('source')]


def identified(connection_info: Mapping[str, Any]) -> dict[str, Any]:
    """Cinder's id of a volume, as the bridge is told; nothing where nobody has named it."""
    volume = driver_block_device.get_volume_id(connection_info)
    return {'volume': volume} if volume else {}


def planned(bdm: Any) -> dict[str, Any]:
    """A volume of which nothing is known but what Nova was asked for; the bridge names its device."""
    return {'mount_device': None, 'disk_bus': bdm.disk_bus, 'device_type': bdm.device_type,
            'boot_index': bdm.boot_index, 'connection_info': {}}


def device(mountpoint: str) -> str:
    """The device's name with ``/dev/``."""
    return block_device.prepend_dev(mountpoint)
