"""Ports: plugged and unplugged by Nova's own code and os-vif, and Neutron's word that they are ready."""

from __future__ import annotations

import functools
from typing import Any

from oslo_log import log as logging

from nova import exception
from nova.network import model
from nova.virt.bridge import conf
from nova.virt.bridge import outside

LOG = logging.getLogger(__name__)
CONF = conf.CONF


def _timeouts() -> tuple[type[BaseException], ...]:
    """What ``wait_for_instance_event`` raises: eventlet's, and from 2025.2 on one of Nova's own."""
    kinds: list[type[BaseException]] = []
    own = getattr(exception, 'InstanceEventTimeout', None)
    if own is not None:
        kinds.append(own)
    try:
        import eventlet.timeout
        kinds.append(eventlet.timeout.Timeout)
    except ImportError:
        pass
    return tuple(kinds)


TIMEOUTS = _timeouts()


@functools.lru_cache(maxsize=None)
def _driver() -> Any:
    # Loaded with the first port: it brings Nova's whole libvirt driver with it.
    from nova.virt.libvirt import vif
    return vif.LibvirtGenericVIFDriver()


class Ports:
    """The ports of this host.

    :param handed: remembers what is plugged
    """

    def __init__(self, handed: outside.Outside) -> None:
        self._outside = handed

    def plug(self, instance: Any, network_info: Any) -> None:
        """Plugs all ports. One that is plugged is success."""
        self._outside.hand(instance, ports=network_info or [])
        for port in network_info or []:
            _driver().plug(instance, port)

    def unplug(self, instance: Any, network_info: Any, ignore_errors: bool = False) -> None:
        """Unplugs all ports.

        :param ignore_errors: log them: what is removed with its instance must not be kept by a port
        """
        for port in network_info or []:
            try:
                _driver().unplug(instance, port)
            except exception.NovaException:
                if not ignore_errors:
                    raise
                LOG.exception('a port could not be unplugged', instance=instance)
            else:
                self._outside.undone(instance, 'port', port['id'])


def events(network_info: Any, power_on: bool) -> list[tuple[str, str]]:
    """The ports that Neutron still has to report (nova/virt/libvirt/driver.py, ``_get_neutron_events``)."""
    if not power_on or not CONF.vif_plugging_timeout:
        return []
    return [('network-vif-plugged', port['id']) for port in network_info or []
            if port.get('active', True) is False and port.get('vnic_type') != model.VNIC_TYPE_REMOTE_MANAGED]


def failed(event_name: str, instance: Any) -> None:
    """Neutron says that a port failed."""
    LOG.error('Neutron reported failure on event %s', event_name, instance=instance)
    if CONF.vif_plugging_is_fatal:
        raise exception.VirtualInterfaceCreateException()
