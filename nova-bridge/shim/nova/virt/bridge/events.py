"""What guests do by themselves, told to Nova as it happens; without it Nova notices at its next look.

The bridge leaves out what Nova has asked for, and tells of a stop late, since a reboot looks like one first: what comes
from it is passed on as it is (nova/compute/manager.py, ``handle_lifecycle_event``).
"""

from __future__ import annotations

from collections.abc import Callable
import http.client
import json
import threading
import time
from typing import Any

from oslo_log import log as logging

from nova import exception
from nova.virt.bridge import client
from nova.virt import event as virtevent

LOG = logging.getLogger(__name__)

KINDS = {
    'started': virtevent.EVENT_LIFECYCLE_STARTED,
    'stopped': virtevent.EVENT_LIFECYCLE_STOPPED,
    'paused': virtevent.EVENT_LIFECYCLE_PAUSED,
    'resumed': virtevent.EVENT_LIFECYCLE_RESUMED,
    'suspended': virtevent.EVENT_LIFECYCLE_SUSPENDED,
}

PATH = '/v1/events?' + '&'.join('kind=' + kind for kind in KINDS)
# What a service that is away, or wants nobody more, looks like.
_AWAY = (OSError, http.client.HTTPException, exception.NovaException)
# Between two attempts to reach a service that is away.
PAUSE = 5


class Follower:
    """Passes events on, in a thread of its own (under eventlet a green one), for the life of nova-compute."""

    def __init__(self, bridge: client.Client, tell: Callable[[virtevent.LifecycleEvent], Any]) -> None:
        self._bridge = bridge
        self._tell = tell
        self._last: str | None = None
        self._id: str | None = None
        self._kind = ''
        self._stopped = False

    def start(self) -> None:
        threading.Thread(target=self.run, name='nova-bridge-events', daemon=True).start()

    def stop(self) -> None:
        """No event is passed on after it; the thread ends with the next one, or a sign of life."""
        self._stopped = True

    def run(self) -> None:
        away = False
        while not self._stopped:
            try:
                for line in self._bridge.lines(PATH, self._last):
                    if self._stopped:
                        return
                    away = False
                    self._take(line)
            except Exception as failure:
                # Whatever it is: nobody would start this thread again.
                if not isinstance(failure, _AWAY):
                    LOG.exception('events of guests cannot be read')
                elif not away:
                    LOG.warning('events of guests do not come from nova-bridge: %s; Nova sees by its own looks what '
                                'guests do meanwhile', failure)
                away = True
            if not self._stopped:
                time.sleep(PAUSE)

    def _take(self, line: str) -> None:
        """One line of a stream of server-sent events; each event of ours has id, event and data in this order."""
        field, _, value = line.partition(': ')
        if field == 'id':
            self._id = value
        elif field == 'event':
            self._kind = value
        elif field == 'data':
            # Named when the connection is made anew, so that nothing is missed; one that cannot be read is not asked for again.
            self._last = self._id
            self._pass_on(value)

    def _pass_on(self, value: str) -> None:
        if self._kind in KINDS:
            data = json.loads(value)
            LOG.debug('guest %s: %s', data['instance'], self._kind)
            self._tell(virtevent.LifecycleEvent(data['instance'], KINDS[self._kind]))
        else:
            # reset: some may be missing, which Nova's own looks bring.
            LOG.info('events of guests may be missing: nova-bridge or libvirt was away')
