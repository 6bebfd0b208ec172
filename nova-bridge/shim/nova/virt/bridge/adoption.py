"""Guests that Nova's own driver has made on this host: the bridge takes them over, with the spec that Nova has of each.

When nova-compute starts each of them comes by (``plug_vifs``, manager._init_instance), running or not; those that did not come
by, or could not be taken over then, are taken over before the first request that needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oslo_log import log as logging

from nova import context as nova_context
from nova import objects
from nova.virt.bridge import spec
from nova.virt import driver

LOG = logging.getLogger(__name__)

# What the bridge does without knowing more of a guest than libvirt does, and what makes a guest.
_NEEDS_NOTHING = frozenset(('prepare', 'stop', 'release', 'power-off', 'pause', 'unpause'))


class Adoption:
    """The guests of this host that the bridge knows nothing of.

    :param bridge: gives the client
    :param mark: has the bridge know who decrypts volumes
    """

    def __init__(self, bridge: Callable[[], Any], mark: Callable[[Any, Any], None]) -> None:
        self._bridge = bridge
        self._mark = mark
        self._left: set[str] | None = None

    def before(self, instance: Any, action: str) -> None:
        """Takes the guest over when the action needs it."""
        if action not in _NEEDS_NOTHING:
            self.adopt(instance)

    def adopt(self, instance: Any) -> None:
        """Takes the guest over, if nobody has done so. Never fails: what needs it and has it not the bridge refuses by itself,
        in the way that leaves the server as it is, and all else goes on."""
        try:
            if self._left is None:
                self._left = {one['uuid'] for one in self._bridge().get('/v1/instances') if not one.get('owner')}
            if instance.uuid not in self._left:
                return
            made = self._bridge().change('/v1/instances/%s/adopt' % instance.uuid, {'spec': self._spec(instance)})
            self._left.discard(instance.uuid)
        except Exception as failure:
            LOG.warning('the guest of another driver was not taken over, and can only be paused, stopped and deleted: %s',
                        failure, instance=instance)
            return
        LOG.info('took over a guest that another driver has made; its disks: %s',
                 ', '.join('%s (%s)' % (one['name'], one['format']) for one in made.get('disks') or []), instance=instance)

    def _spec(self, of: Any) -> dict[str, Any]:
        """What Nova knows of it now: the caller's object may hold a part of it, or another flavor already."""
        admin = nova_context.get_admin_context()
        instance = objects.Instance.get_by_uuid(
            admin, of.uuid, expected_attrs=['flavor', 'info_cache', 'metadata', 'system_metadata'])
        known = objects.BlockDeviceMappingList.get_by_instance_uuid(admin, of.uuid)
        devices = driver.get_block_device_info(instance, known)
        # As manager._get_instance_block_device_info: one without a connection is not attached yet.
        devices['block_device_mapping'] = [one for one in devices['block_device_mapping'] if one.get('connection_info')]
        self._mark(of._context, devices)
        return spec.spec(instance, instance.image_meta, instance.get_network_info(), devices)
