"""Guests that are there start, stop and stand still. What a started one is defined with the bridge decides from the spec."""

from __future__ import annotations

from typing import Any

from oslo_log import log as logging

from nova.compute import vm_states
from nova import exception
from nova.virt.bridge import resize
from nova.virt.bridge import spec

LOG = logging.getLogger(__name__)


class Power:
    """The methods of power. Needs ``_change``, ``_devices``, ``_keys``, ``_ports``, ``_run`` and ``_volumes`` of the driver."""

    def reboot(self, context: Any, instance: Any, network_info: Any, reboot_type: str, block_device_info: Any = None,
               bad_volumes_callback: Any = None, accel_info: Any = None, share_info: Any = None) -> None:
        self._keys.bring(context, instance)
        self._volumes.connect(context, instance, block_device_info)
        self._ports.plug(instance, network_info)
        self._change(instance, 'reboot', {'type': reboot_type, **_today(
            instance, instance.image_meta, network_info, block_device_info)})
        self._placed_anew(context, instance)

    def power_off(self, instance: Any, timeout: int = 0, retry_interval: int = 0) -> None:
        """What is not there is off: after a failed rebuild Nova powers off first, too."""
        try:
            self._change(instance, 'power-off', spec.patience(timeout, retry_interval))
        except exception.InstanceNotFound:
            LOG.info('there is no guest to power off', instance=instance)

    def power_on(self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None,
                 accel_info: Any = None, share_info: Any = None) -> None:
        self._let_run(context, instance, instance.image_meta, network_info, block_device_info)

    def resume_state_on_host_boot(self, context: Any, instance: Any, network_info: Any, *devices: Any,
                                  block_device_info: Any = None, share_info: Any = None) -> None:
        """A guest that runs is left alone. From 2025.1 on, share_info stands before block_device_info."""
        self._let_run(context, instance, instance.image_meta, network_info, devices[-1] if devices else block_device_info)

    def _let_run(self, context: Any, instance: Any, image_meta: Any, network_info: Any,
                 block_device_info: Any) -> None:
        """Starts a stopped guest with today's definition. Volumes that were connected before stay so when it fails, as
        in Nova's own driver: the guest may run."""
        self._keys.bring(context, instance)
        self._volumes.connect(context, instance, block_device_info)
        self._ports.plug(instance, network_info)
        self._change(instance, 'power-on', _today(instance, image_meta, network_info, block_device_info))
        self._placed_anew(context, instance)

    def _let_run_with_network(self, context: Any, instance: Any, network_info: Any, block_device_info: Any) -> None:
        """The same of a guest whose ports may not be ready here. It is stopped when they do not come, and keeps what it has
        here: stopped, not paused, is what Nova's users know of a server in error."""
        self._keys.bring(context, instance)
        self._volumes.connect(context, instance, block_device_info)
        try:
            self._run(instance, network_info, True,
                      _today(instance, instance.image_meta, network_info, block_device_info), 'power-on')
        except Exception:
            try:
                self._change(instance, 'stop')
            except Exception:
                LOG.exception('a guest that was not to run could not be stopped', instance=instance)
            raise
        self._placed_anew(context, instance)

    def _placed_anew(self, context: Any, instance: Any) -> None:
        """A definition that was made anew may have put devices elsewhere, which is told of those that were told before."""
        if spec.given(instance, 'device_metadata') is not None:
            self._devices.changed(context, instance)

    def pause(self, instance: Any) -> None:
        self._change(instance, 'pause')

    def unpause(self, instance: Any) -> None:
        self._change(instance, 'unpause')

    def suspend(self, context: Any, instance: Any) -> None:
        with resize.as_it_was():
            self._change(instance, 'suspend')

    def resume(self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None,
               share_info: Any = None) -> None:
        """The ports stay plugged while a guest is suspended, as in Nova's own driver."""
        with resize.as_it_was():
            self._keys.bring(context, instance)
            self._volumes.bring_keys(context, instance, block_device_info)
            self._change(instance, 'resume')

    def poll_rebooting_instances(self, timeout: int, instances: Any) -> None:
        """Nothing to do: an operation of the bridge ends by itself."""


def _today(instance: Any, image_meta: Any, network_info: Any, block_device_info: Any) -> dict[str, Any]:
    """What the guest is to be defined with; nothing for one that Nova takes for rescued: a spec of its own disks would
    end its rescue."""
    if instance.obj_attr_is_set('vm_state') and instance.vm_state == vm_states.RESCUED:
        return {}
    return {'spec': spec.spec(instance, image_meta, network_info, block_device_info)}
