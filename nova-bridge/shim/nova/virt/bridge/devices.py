"""Where the devices that a user has tagged are in a guest, as Nova tells it (nova/virt/libvirt/driver.py,
``_build_device_metadata``): by the metadata service, and on its config drive.

The bridge reads their places in the guest's document; which are tagged is in Nova's database.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from oslo_log import log as logging

from nova import block_device
from nova import objects

LOG = logging.getLogger(__name__)

# Of nova.objects, which has them when they are registered.
_BUSES = {'pci': 'PCIDeviceBus', 'scsi': 'SCSIDeviceBus', 'ide': 'IDEDeviceBus', 'usb': 'USBDeviceBus'}


class Devices:
    """The tagged devices of this host's instances.

    :param bridge: gives the client
    """

    def __init__(self, bridge: Callable[[], Any]) -> None:
        self._bridge = bridge

    def remember(self, instance: Any, tagged: Mapping[str, Any]) -> None:
        """Writes into the instance where its devices are now; the caller saves it.

        :param tagged: of :func:`tagged`
        """
        bridge = self._bridge()
        instance.device_metadata = None if not tagged or not bridge.speaks(3) else metadata(
            bridge.get('/v1/instances/%s/devices' % instance.uuid), tagged)

    def changed(self, context: Any, instance: Any) -> None:
        """After a device came to a guest, or all of them were placed anew. A guest has its devices whatever becomes of this."""
        try:
            self.remember(instance, tagged(context, instance))
            instance.save()
        except Exception:
            LOG.exception('where the tagged devices are was not saved', instance=instance)


def tagged(context: Any, instance: Any) -> dict[str, Any]:
    """The ports, by their addresses, and the disks, by their names, that have a tag."""
    ports = objects.VirtualInterfaceList.get_by_instance_uuid(context, instance.uuid)
    disks = objects.BlockDeviceMappingList.get_by_instance_uuid(context, instance.uuid)
    return {**{port.address.lower(): port for port in ports if 'tag' in port and port.tag},
            **{block_device.strip_dev(disk.device_name): disk for disk in disks if disk.tag and disk.device_name}}


def metadata(devices: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> Any:
    """Nova's objects of those that have a tag; None when there is none.

    :param devices: as the bridge answers
    """
    made = [_object(device, known[device['name']]) for device in devices if device['name'] in known]
    return objects.InstanceDeviceMetadata(devices=made) if made else None


def _object(device: Mapping[str, Any], of: Any) -> Any:
    if device['kind'] == 'interface':
        made = objects.NetworkInterfaceMetadata(mac=of.address, tags=[of.tag], vf_trusted=False)
    else:
        # By the serial Nova finds it again when the volume goes.
        made = objects.DiskMetadata(tags=[of.tag], serial=of.volume_id)
    if device.get('bus'):
        made.bus = getattr(objects, _BUSES[device['bus']])()
        if device.get('address'):
            made.bus.address = device['address']
    return made
