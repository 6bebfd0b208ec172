"""What this side has plugged and connected, remembered by the bridge: it outlives nova-compute.

The bridge is told before a port is plugged or a volume connected, and after that was undone. Whoever dies in between
leaves an entry there, and at its start nova-compute undoes those that no guest has. Undoing twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import time
from typing import Any
import urllib.parse

from oslo_log import log as logging

from nova import context as nova_context
from nova import exception
from nova.network import model
from nova import objects
from nova.virt import block_device
from nova.virt.bridge import conf
from nova.virt.bridge import spec

LOG = logging.getLogger(__name__)
CONF = conf.CONF

# Seconds that a start waits for instances which are just getting or losing ports and volumes. Later than the start nothing
# is undone: Nova may be plugging the same port again.
PATIENCE = 5
PAUSE = 1


class Outside:
    """The list of what is plugged and connected.

    :param bridge: gives the client
    """

    def __init__(self, bridge: Callable[[], Any]) -> None:
        self._bridge = bridge

    def hand(self, instance: Any, ports: Iterable[Any] = (), volumes: Iterable[Any] = ()) -> None:
        """Has the bridge remember what is about to be plugged, or connected by its connection_info; but for a volume that
        nobody names, which could not be told from others."""
        body = {'network_info': [spec.plain(port) for port in ports],
                'block_device_mapping': [{'connection_info': spec.plain(one)} for one in volumes
                                         if block_device.get_volume_id(one)]}
        if not any(body.values()):
            return
        try:
            self._bridge().put('/v1/instances/%s/outside' % instance.uuid, body)
        except exception.InstanceNotFound:
            LOG.info('nova-bridge has no such instance and does not remember what is plugged for it', instance=instance)

    def undone(self, instance: Any, kind: str, device: str | None) -> None:
        """Has the bridge forget a port or a volume that is unplugged or disconnected now. What it could not be told is
        undone once more at the next start."""
        if not device:
            return
        try:
            self._bridge().delete('/v1/instances/%s/outside/%s/%s' % (
                instance.uuid, kind, urllib.parse.quote(device, safe='')))
        except Exception as failure:
            LOG.warning('nova-bridge was not told that %s %s is undone: %s', kind, device, failure, instance=instance)

    def undo_left(self, unplug: Callable[[Any, Any], None],
                  disconnect: Callable[[Any, Any, dict[str, Any]], None]) -> None:
        """Undoes what no guest of this host has. Failures are logged: the next start tries again.

        Instances of which nobody can say yet what they will have are waited for, a little; then the next start looks.

        :param unplug: takes the instance and its ports
        :param disconnect: takes a context, the instance and the connection_info
        """
        context = nova_context.get_admin_context(read_deleted='yes')
        tried: set[tuple[str, str, str]] = set()
        begin = time.monotonic()
        while True:
            try:
                report = self._bridge().get('/v1/outside')
            except Exception:
                LOG.exception('nova-bridge does not tell what is left to unplug and to disconnect; the next start asks '
                              'again')
                return
            for left in report['left']:
                device = left['device']
                key = (left['instance'], device['kind'], device['id'])
                if key not in tried:
                    tried.add(key)
                    self._undo(context, left['instance'], device, unplug, disconnect)
            if not report['unsettled']:
                return
            if time.monotonic() - begin > PATIENCE:
                LOG.warning('operations of instances %s are not settled after %d seconds; what is left of their ports and '
                            'volumes is looked for again at the next start', ', '.join(report['unsettled']), PATIENCE)
                return
            time.sleep(PAUSE)

    def _undo(self, context: Any, uuid: str, device: Mapping[str, Any], unplug: Callable[[Any, Any], None],
              disconnect: Callable[[Any, Any, dict[str, Any]], None]) -> None:
        instance = _instance(context, uuid)
        LOG.info('%s %s is left since %s, and no guest has it: undoing it', device['kind'], device['id'],
                 device['since'], instance=instance)
        try:
            if device['kind'] == 'port':
                unplug(instance, model.NetworkInfo.hydrate([device['what']]))
            else:
                disconnect(context, instance, device['what'])
        except Exception:
            LOG.exception('%s %s could not be undone; the next start tries again', device['kind'], device['id'],
                          instance=instance)


def _instance(context: Any, uuid: str) -> Any:
    """Nova's own, which may be deleted; of one that Nova does not know any more, as much as plugging asks for."""
    try:
        return objects.Instance.get_by_uuid(context, uuid)
    except Exception as failure:
        LOG.info('Nova does not know instance %s: %s', uuid, failure)
        return objects.Instance(context, id=0, uuid=uuid, project_id=None, host=CONF.host)
