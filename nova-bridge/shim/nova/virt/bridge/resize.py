"""Another flavor, another host, or both: the bridge changes or brings the disks, keeps what they were, and confirms or reverts.

On another host the bridge there has the disks when ``migrate`` is done, and the guest waits for Nova's compute service
there, which connects its volumes and plugs its ports. Until the end both hosts have it, and the bridges see to it that one
runs. Whatever the bridge refuses with ``resize-refused`` Nova takes on as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import os
import tempfile
from typing import Any

from oslo_config import cfg
from oslo_serialization import jsonutils
from oslo_utils import fileutils

from nova import exception
from nova.virt.bridge import client
from nova.virt.bridge import images
from nova.virt.bridge import spec
from nova.virt.bridge import volumes

CONF = cfg.CONF

@contextlib.contextmanager
def as_it_was() -> Iterator[None]:
    """A refusal at the bridge's door leaves the instance as it is: with this exception Nova does so, too, where else it
    would put it in error (manager._error_out_instance_on_exception)."""
    try:
        yield
    except Exception as refused:
        if client.untouched(refused):
            raise exception.InstanceFaultRollback(refused)
        raise


@contextlib.contextmanager
def too_late() -> Iterator[None]:
    """The end of a resize or migration is no time for that: the guest is stopped, or on the other host, and Nova would call
    it active (manager.finish_resize, confirm_resize, finish_revert_resize)."""
    try:
        yield
    except exception.InstanceFaultRollback as refused:
        raise refused.inner_exception


class Resize:
    """The methods of resize, cold migration and evacuation. Needs ``_bridge``, ``_change``, ``_host``, ``_keys``,
    ``_let_run``, ``_let_run_with_network``, ``_ports`` and ``_volumes`` of the driver."""

    def migrate_disk_and_power_off(self, context: Any, instance: Any, dest: str, flavor: Any, network_info: Any,
                                   block_device_info: Any = None, timeout: int = 0,
                                   retry_interval: int = 0) -> str:
        """Refuses what cannot be done while the instance is untouched; then stops it, and has its disks brought."""
        volumes.demand(block_device_info)
        elsewhere = dest != self.get_host_ip_addr()
        if elsewhere and not self._bridge.speaks(3):
            raise exception.InstanceFaultRollback(exception.MigrationError(
                reason='the nova-bridge service of this host brings no servers to others; upgrade it'))
        with as_it_was():
            self._keys.bring(context, instance)
            if not elsewhere:
                self._change(instance, 'resize', {'flavor': spec.flavor(flavor), 'dry_run': True})
                self.power_off(instance, timeout, retry_interval)
            else:
                # Ports and volumes stay until the disks are there: when that fails, the guest runs here again at once.
                self._change(instance, 'migrate', {
                    'host': dest, 'flavor': spec.flavor(flavor), 'held': True,
                    **spec.patience(timeout, retry_interval)})
        self._ports.unplug(instance, network_info)
        self._volumes.disconnect(context, instance, block_device_info)
        return jsonutils.dumps([])

    @too_late()
    def finish_migration(self, context: Any, migration: Any, instance: Any, disk_info: str, network_info: Any,
                         image_meta: Any, resize_instance: bool, allocations: Any, block_device_info: Any = None,
                         power_on: bool = True) -> None:
        """Makes the disks what the new flavor wants, and starts the instance if it ran. Disks from another host are that
        already; what no bridge has brought is left alone."""
        if _between_hosts(migration) and not self.instance_exists(instance):
            raise exception.MigrationError(
                reason='instance %s was not brought by nova-bridge: %s has another driver, and there its disks are whole, '
                       'in %s_resize' % (instance.uuid, migration.source_compute, _folder(instance)))
        if not _between_hosts(migration):
            self._volumes.connect(context, instance, block_device_info)
            self._keys.bring(context, instance)
            self._change(instance, 'resize', {'flavor': spec.flavor(instance.flavor)})
        elif not power_on:
            self._volumes.connect(context, instance, block_device_info)
            self._ports.plug(instance, network_info)
            self._change(instance, 'redefine', {
                'spec': spec.spec(instance, image_meta, network_info, block_device_info)})
        if power_on:
            self._let_run(context, instance, image_meta, network_info, block_device_info)

    @too_late()
    def confirm_migration(self, context: Any, migration: Any, instance: Any, network_info: Any) -> None:
        """Removes what the instance was, or all of it when it is on another host now: then none is success."""
        if not _between_hosts(migration):
            self._change(instance, 'resize-confirm')
            return
        try:
            self._change(instance, 'migrate-confirm')
        except exception.InstanceNotFound:
            # The bridge of the other host says this, too, of one that is not there: then it is still here.
            if self.instance_exists(instance):
                raise
        images.discard(instance)

    @too_late()
    def finish_revert_migration(self, context: Any, instance: Any, network_info: Any, migration: Any,
                                block_device_info: Any = None, power_on: bool = True) -> None:
        """Also after a crash of nova-compute in the middle of ``migrate_disk_and_power_off``, wherever that was."""
        if _between_hosts(migration):
            self._change(instance, 'migrate-revert', {'held': True})
            self._volumes.connect(context, instance, block_device_info)
        else:
            self._volumes.connect(context, instance, block_device_info)
            self._keys.bring(context, instance)
            if self._bridge.get('/v1/instances/%s/state' % instance.uuid).get('resize'):
                self._change(instance, 'resize-revert')
        if power_on and _between_hosts(migration):
            self._let_run_with_network(context, instance, network_info, block_device_info)
        elif power_on:
            # A protocol before 3 starts no guest that stands still.
            self._let_run(context, instance, instance.image_meta, network_info, block_device_info)

    def instance_on_disk(self, instance: Any) -> bool:
        """Whether its files are here though it ran elsewhere: of an evacuation from shared ``instances_path``."""
        return os.access(_folder(instance), os.W_OK)

    def check_instance_shared_storage_local(self, context: Any, instance: Any) -> dict[str, str]:
        """Who asks, and a file by which the other host sees whether the disks of the instance are its own, too. A revert on
        the same host must not delete what it goes back to (manager.revert_resize); of another host the disks must stay when
        the files are the same (manager._destroy_evacuated_instances). Volumes of a volume group are never another host's."""
        data = {'host': self._host, 'filename': ''}
        folder = _folder(instance)
        if os.path.isdir(folder) and not any(
                one['source_type'] == 'block' for one in self._bridge.get('/v1/instances/%s/disks' % instance.uuid)):
            made, data['filename'] = tempfile.mkstemp(dir=folder)
            os.close(made)
        return data

    def check_instance_shared_storage_remote(self, context: Any, data: dict[str, str]) -> bool:
        """Nova's own driver asks with the file alone."""
        return data.get('host') == self._host or os.path.exists(data.get('filename') or '')

    def check_instance_shared_storage_cleanup(self, context: Any, data: dict[str, str]) -> None:
        if data['filename']:
            fileutils.delete_if_exists(data['filename'])


def _between_hosts(migration: Any) -> bool:
    return migration is not None and migration.source_compute != migration.dest_compute


def _folder(instance: Any) -> str:
    return os.path.join(CONF.instances_path, instance.uuid)
