"""Takes this host out of Nova's choice while the bridge or libvirt is away, and back when both answer.

As Nova's own driver does when its connection to libvirt breaks (nova/virt/libvirt/driver.py ``_set_host_enabled``, 26.2.2),
with its words, so that either driver takes back what the other has said. A restart of the service is no reason: who is
away for a minute is away.
"""

from __future__ import annotations

from collections.abc import Callable
import threading
import time
from typing import Any

from oslo_log import log as logging

from nova import context as nova_context
from nova import exception
from nova import objects
from nova.virt.bridge import conf

CONF = conf.CONF
LOG = logging.getLogger(__name__)

# Marks what was not an operator's decision, which alone is taken back.
PREFIX = 'AUTO: '
# Seconds between two looks, and how long none may have succeeded.
LOOK = 10
AWAY = 60


class Availability:
    """Looks, in a thread of its own (under eventlet a green one), for the life of nova-compute."""

    def __init__(self, look: Callable[[], Any], virtapi: Any) -> None:
        """:param look: asks the bridge for something that libvirt has to answer; raises when either does not"""
        self._look = look
        self._virtapi = virtapi
        self._stopped = threading.Event()
        self._answered = time.monotonic()
        # What Nova was told; nothing yet.
        self._enabled: bool | None = None

    def start(self) -> None:
        # The service has just answered, for which a start of this host may have waited longer than a minute.
        self._answered = time.monotonic()
        threading.Thread(target=self.run, name='nova-bridge-availability', daemon=True).start()

    def stop(self) -> None:
        """Nova is told nothing after it."""
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(LOOK)

    def look(self) -> None:
        """One look, and what follows from it."""
        try:
            self._look()
        except Exception as absent:
            # Whatever it is: a thread that ends here would leave the host as it was told last, for good.
            if not isinstance(absent, exception.NovaException):
                LOG.warning('whether nova-bridge and libvirt answer is not known', exc_info=True)
            if time.monotonic() - self._answered >= AWAY:
                self._tell(False, absent.format_message() if isinstance(absent, exception.NovaException) else str(absent))
            return
        self._answered = time.monotonic()
        self._tell(True, '')

    def _tell(self, enabled: bool, why: str) -> None:
        if self._stopped.is_set() or enabled == self._enabled:
            return
        try:
            context = nova_context.get_admin_context()
            service = objects.Service.get_by_compute_host(context, CONF.host)
            if service.disabled == enabled and _ours(service):
                service.disabled = not enabled
                service.disabled_reason = None if enabled else (PREFIX + why)[:255]
                service.save()
                LOG.info('this host is %s', 'back in the choice of the scheduler' if enabled else
                         'taken out of the choice of the scheduler: ' + why)
                self._virtapi.update_compute_provider_status(context, service.compute_node.uuid, enabled=enabled)
            self._enabled = enabled
        except exception.ComputeHostNotFound:
            # The first start of this host: Nova makes its record a moment later.
            LOG.debug('this host has no compute service yet')
        except Exception:
            LOG.warning('Nova could not be told that this host is %s; tried again in %d s',
                        'back' if enabled else 'away', LOOK, exc_info=True)


def _ours(service: Any) -> bool:
    """Nobody has disabled the host but a driver; what an operator has said stays."""
    return not service.disabled or (service.disabled_reason or '').startswith(PREFIX)
