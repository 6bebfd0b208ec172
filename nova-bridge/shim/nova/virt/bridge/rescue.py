"""Rescue: the guest boots from a disk of another image until it is unrescued.

Which disks it has then the bridge decides.
"""

from __future__ import annotations

from typing import Any

from oslo_config import cfg

from nova.virt.bridge import images
from nova.virt.bridge import spec
from nova.virt import hardware

CONF = cfg.CONF


class Rescue:
    """The methods of a rescue. Needs ``_cached``, ``_change``, ``_keys``, ``_ports`` and ``_volumes`` of the driver."""

    def rescue(self, context: Any, instance: Any, network_info: Any, image_meta: Any, rescue_password: Any,
               block_device_info: Any, share_info: Any = None) -> None:
        """Nova has stopped the guest; it runs from the rescue disk at the end."""
        self._keys.bring(context, instance)
        # A stable rescue has them beside the rescue disk, and the host may have been restarted since the guest ran.
        self._volumes.connect(context, instance, block_device_info)
        self._ports.plug(instance, network_info)
        rescue_image = spec.image(image_meta)

        def ask(folder: str, files: dict[str, str]) -> dict[str, Any]:
            body = {'image_meta': rescue_image, **files}
            # In a stable rescue the guest keeps its own (nova/virt/libvirt/driver.py, rescue).
            if not hardware.check_hw_rescue_props(image_meta):
                drive = images.config_drive(instance, None, rescue_password, network_info, folder)
                if drive is not None:
                    body['config_drive_file'] = drive
            return self._change(instance, 'rescue', body)

        more = images.boot(CONF.libvirt.rescue_kernel_id or instance.kernel_id,
                           CONF.libvirt.rescue_ramdisk_id or instance.ramdisk_id)
        images.with_image(context, instance, rescue_image['id'] or CONF.libvirt.rescue_image_id or instance.image_ref,
                          ask, more, self._cached)

    def unrescue(self, context: Any, instance: Any) -> None:
        self._keys.bring(context, instance)
        self._change(instance, 'unrescue')
