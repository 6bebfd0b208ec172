"""Keys of encrypted disks: Nova's key manager has them for the owner of the instance, the bridge for as long as it takes to
open the disks. So each is brought before whatever may open one; the bridge decides whether it needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from castellan import key_manager
from oslo_log import log as logging

from nova.virt.bridge import conf
from nova.virt.bridge import spec

LOG = logging.getLogger(__name__)


class Keys:
    """The keys of this host's instances.

    :param bridge: gives the client
    """

    def __init__(self, bridge: Callable[[], Any]) -> None:
        self._bridge = bridge

    def bring(self, context: Any, instance: Any) -> None:
        """Brings the key of an instance that has one. A key that its manager does not give is logged: who starts the guests
        of a host has no right to any, and disks that are open need none. The bridge refuses what does (``disk-key-refused``).
        """
        key_id = spec.given(instance, 'ephemeral_key_uuid')
        if key_id is None:
            return
        try:
            key = key_manager.API(conf.CONF).get(context, key_id).get_encoded()
        except Exception:
            LOG.exception('the key of the encrypted disks cannot be had from the key manager', instance=instance)
            return
        self._bridge().put('/v1/instances/%s/keys' % instance.uuid, key)
