"""A rebuild is a delete and a build, as Nova does it by itself. Here is what must be known before the delete, and what Nova
must not take a failed build for."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from typing import Any

from oslo_log import log as logging

from nova.compute import task_states
from nova import exception
from nova.virt.bridge import images
from nova.virt.bridge import spec
from nova.virt.bridge import volumes

LOG = logging.getLogger(__name__)

_REBUILDING = (task_states.REBUILDING, task_states.REBUILD_BLOCK_DEVICE_MAPPING, task_states.REBUILD_SPAWNING)


class Rebuild:
    """Needs ``_bridge``, ``_cached`` and ``_volumes`` of the driver."""

    def rebuild(self, context: Any, instance: Any, image_meta: Any, injected_files: Any, admin_password: Any,
                allocations: Any, bdms: Any, detach_block_devices: Any, attach_block_devices: Any,
                network_info: Any = None, evacuate: bool = False, block_device_info: Any = None,
                preserve_ephemeral: bool = False, accel_uuids: Any = None, reimage_boot_volume: bool = False) -> None:
        """Asks whether the new instance could be, and brings its images, while the old one runs; then leaves it to Nova's
        default way.

        :raises: InstanceFaultRollback when it could not: the server stays as it was
        :raises: NotImplementedError, by which Nova deletes and builds
        """
        if not evacuate:
            try:
                volumes.demand(block_device_info)
                asked = spec.spec(instance, image_meta, network_info, block_device_info)
                # Of what Nova's own driver has connected nobody has said yet who decrypts it.
                self._volumes.mark(context, asked['block_device_info'])
                plan = '/v1/instances/%s/plan' % instance.uuid
                self._bridge.post(plan, asked)
                images.bring_boot(self._bridge, context, instance)
                if instance.image_ref:
                    self._bring(context, instance, image_meta)
                # Only now it is known how large the image is, and that all of them are here.
                self._bridge.post(plan + '?rebuild=true', asked)
            except Exception as refused:
                raise exception.InstanceFaultRollback(refused)
        raise NotImplementedError()

    def _bring(self, context: Any, instance: Any, image_meta: Any) -> None:
        """What is wrong with an image is found while it is fetched, inspected and converted. Where it is in the cache, and
        the storage of the disks has no room for what they are made from, the disks that go may bring that."""
        try:
            images.bring(self._bridge, context, instance.image_ref, image_meta, instance.trusted_certs)
        except exception.ComputeResourcesUnavailable as full:
            if instance.image_ref not in self._cached():
                raise
            LOG.info('What the disks are made from is made when those that are replaced have gone: %s', full,
                     instance=instance)


@contextlib.contextmanager
def on_no_other_host(instance: Any, host: str) -> Iterator[None]:
    """In a rebuild Nova takes these exceptions for the failed claim of an evacuation, or for a driver that has done nothing
    (manager.rebuild_instance, _error_out_instance_on_exception): it calls a server active whose disks are gone."""
    try:
        yield
    except (exception.ComputeResourcesUnavailable, NotImplementedError) as refused:
        if instance.task_state in _REBUILDING and instance.host == host:
            raise exception.InstanceDeployFailure(reason=str(refused))
        raise
