"""What a running guest has used, in the two forms that Nova's API has (nova/virt/libvirt/driver.py,
``get_diagnostics`` and ``get_instance_diagnostics``)."""

from __future__ import annotations

import os
from typing import Any

from oslo_config import cfg
from oslo_log import log as logging
from oslo_serialization import jsonutils
from oslo_utils import timeutils

from nova import block_device
from nova.compute import power_state
from nova import exception
from nova.objects import diagnostics
from nova.virt import configdrive
from nova.virt import images

CONF = cfg.CONF
LOG = logging.getLogger(__name__)

# QEMU counts no errors of disks; libvirt says so by this number.
UNKNOWN = -1

PORT_WORDS = (('rx', 'rx_bytes'), ('rx_packets', 'rx_packets'), ('rx_errors', 'rx_errors'), ('rx_drop', 'rx_drop'),
              ('tx', 'tx_bytes'), ('tx_packets', 'tx_packets'), ('tx_errors', 'tx_errors'), ('tx_drop', 'tx_drop'))


class Statistics:
    """The methods of statistics. Needs ``_bridge`` of the driver."""

    def get_diagnostics(self, instance: Any) -> dict[str, Any]:
        used = self._used(instance)
        found = {'memory': used['memory_kib']}
        for one in used['processors']:
            found['cpu%d_time' % one['id']] = one['nanoseconds']
        for disk in used['disks']:
            for word, value in zip(('read_req', 'read', 'write_req', 'write', 'errors'), _five(disk)):
                found['%s_%s' % (disk['target'], word)] = value
        for port in used['ports']:
            for word, name in PORT_WORDS:
                found['%s_%s' % (port['target'], word)] = port[name]
        for name, value in used['memory'].items():
            found['memory-' + ('actual' if name == 'current' else name)] = value
        return found

    def get_instance_diagnostics(self, instance: Any) -> Any:
        used = self._used(instance)
        state = self._bridge.get('/v1/instances/%s/state' % instance.uuid)['nova_power_state']
        found = diagnostics.Diagnostics(
            state=power_state.STATE_MAP[state], driver='libvirt', config_drive=configdrive.required_by(instance),
            hypervisor=CONF.libvirt.virt_type, hypervisor_os='linux',
            uptime=timeutils.delta_seconds(timeutils.normalize_time(instance.launched_at), timeutils.utcnow()))
        found.memory_details = diagnostics.MemoryDiagnostics(
            maximum=used['memory_kib'] // 1024, used=used['memory'].get('current', used['memory_kib']) // 1024)
        for one in used['processors']:
            found.add_cpu(id=one['id'], time=one['nanoseconds'])
        for disk in used['disks']:
            read_requests, read_bytes, write_requests, write_bytes, errors = _five(disk)
            found.add_disk(read_bytes=read_bytes, read_requests=read_requests, write_bytes=write_bytes,
                           write_requests=write_requests, errors_count=errors)
        # Asked of Nova's database, so only where there are ports.
        known = instance.get_network_info() if used['ports'] else []
        addresses = {port.get('devname'): port.get('address') for port in known}
        for port in used['ports']:
            found.add_nic(mac_address=addresses.get(port['target']),
                          **{word + '_octets' if word in ('rx', 'tx') else word: port[name]
                             for word, name in PORT_WORDS})
        return found

    def block_stats(self, instance: Any, disk_id: str) -> list[int] | None:
        """Requests and bytes read, requests and bytes written, errors; None for a guest that does not run and a disk that is
        not there."""
        return next((_five(disk) for disk in self._disks(instance) if disk['target'] == disk_id), None)

    def get_all_volume_usage(self, context: Any, compute_host_bdms: Any) -> list[dict[str, Any]]:
        """The traffic of the volumes of guests that run, for Nova's accounts (``volume_usage_poll_interval``)."""
        found: list[dict[str, Any]] = []
        for one in compute_host_bdms:
            if not one['instance_bdms']:
                continue
            try:
                disks = {disk['target']: disk for disk in self._disks(one['instance'])}
            except exception.HypervisorUnavailable as failure:
                # Each of the others would wait for it as long.
                LOG.warning('the traffic of volumes is told without the rest of the guests: %s', failure)
                break
            except Exception as failure:
                LOG.warning('the traffic of volumes is not known: %s', failure, instance=one['instance'])
                continue
            for bdm in one['instance_bdms']:
                disk = disks.get(block_device.strip_dev(bdm['device_name']))
                if disk is not None:
                    found.append({'volume': bdm['volume_id'], 'instance': one['instance'],
                                  **dict(zip(('rd_req', 'rd_bytes', 'wr_req', 'wr_bytes'), _five(disk)))})
        return found

    def _disks(self, instance: Any) -> list[dict[str, Any]]:
        try:
            return self._used(instance)['disks']
        except (exception.InstanceNotFound, exception.InstanceInvalidState):
            return []

    def get_instance_disk_info(self, instance: Any, block_device_info: Any = None) -> str:
        """The local disks, as JSON (nova/virt/libvirt/driver.py, ``_get_instance_disk_info_from_config``). Their formats are
        those that they were made with: what a guest has written is not probed. As there, disks on block devices are told of
        only when it is known which of them are volumes; those of a network storage are not."""
        return jsonutils.dumps([
            _disk_info(one) for one in self._bridge.get('/v1/instances/%s/disks' % instance.uuid)
            if one['exists'] and (one['source_type'] == 'file' or one['source_type'] == 'block' and block_device_info
                                  # Not known where today's configuration has no such disk any more.
                                  and one.get('size_bytes') is not None)])

    def _used(self, instance: Any) -> dict[str, Any]:
        return self._bridge.get('/v1/instances/%s/statistics' % instance.uuid)


def _five(disk: dict[str, Any]) -> list[int]:
    return [disk['read_requests'], disk['read_bytes'], disk['write_requests'], disk['write_bytes'], UNKNOWN]


def _disk_info(disk: dict[str, Any]) -> dict[str, Any]:
    path, backing = disk['source'], ''
    if disk['source_type'] == 'block':
        size = taken = disk['size_bytes']
    elif disk['format'] == 'qcow2':
        # A format that is given is not probed; of a file in use the header alone is read.
        found = images.qemu_img_info(path, 'qcow2')
        size, taken, backing = found.virtual_size, found.disk_size, os.path.basename(found.backing_file or '')
    else:
        file = os.stat(path)
        size, taken = file.st_size, file.st_blocks * 512
    return {'type': disk['format'], 'path': path, 'virt_disk_size': size, 'backing_file': backing, 'disk_size': taken,
            'over_committed_disk_size': max(0, size - taken)}
