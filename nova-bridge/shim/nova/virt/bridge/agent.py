"""What the agent in a guest is asked for (nova/virt/libvirt/driver.py: ``set_admin_password``, ``quiesce``, ``unquiesce``),
and the interrupt by which a guest dumps its memory."""

from __future__ import annotations

from typing import Any

from oslo_log import log as logging
from oslo_serialization import base64

from nova.api.metadata import password
from nova import crypto

LOG = logging.getLogger(__name__)


class Agent:
    """The methods of the guest's agent. Needs ``_bridge`` and ``_change`` of the driver."""

    def set_admin_password(self, instance: Any, new_pass: str) -> None:
        """The password goes as bytes, which the service keeps nowhere.

        :raises: QemuGuestAgentNotEnabled; NotImplementedError when no agent answers
        """
        self._bridge.change('/v1/instances/%s/password' % instance.uuid, new_pass.encode('utf-8'), method='PUT')
        _keep_for_owner(instance, new_pass)

    def quiesce(self, context: Any, instance: Any, image_meta: Any) -> None:
        """Freezes the guest's file systems. The service thaws them when nobody else does."""
        self._change(instance, 'quiesce')

    def unquiesce(self, context: Any, instance: Any, image_meta: Any) -> None:
        if not self._change(instance, 'unquiesce').get('held', True):
            LOG.warning('the file systems were not frozen any more when the snapshots were said to be complete: '
                        '[nova_bridge]quiesce_timeout was over, or nova-bridge was started anew', instance=instance)

    def trigger_crash_dump(self, instance: Any) -> None:
        """:raises: TriggerCrashDumpNotSupported, InstanceNotRunning"""
        self._change(instance, 'crash-dump')


def _keep_for_owner(instance: Any, new_pass: str) -> None:
    """Who has the private key of an instance finds its password in the metadata; others find nothing."""
    key = instance.key_data if 'key_data' in instance else None
    if key and key.startswith('ssh-rsa'):
        sealed = base64.encode_as_text(crypto.ssh_encrypt_text(key, new_pass))
        instance.system_metadata.update(password.convert_password(None, sealed))
        instance.save()
