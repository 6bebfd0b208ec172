"""Encrypted volumes of Cinder's, as Nova's own driver opens them (nova/virt/libvirt/driver.py, ``_attach_encryptor``).

LUKS of version 1 QEMU decrypts: the bridge gives libvirt the key, which goes to it by a call of its own. All else os-brick
opens on this host with dm-crypt, and the guest gets what is decrypted. Who does it stands in the connection, which Nova
keeps: the bridge reads it there, and so does a nova-compute that has no right to the key.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
import urllib.parse

from castellan import key_manager
from os_brick import encryptors
from os_brick.encryptors import luks
from oslo_log import log as logging

from nova import exception
from nova import utils
from nova.virt import block_device as driver_block_device
from nova.virt.bridge import conf
from nova.virt import images
from nova.volume import cinder

LOG = logging.getLogger(__name__)

# In the data of the connection: driver.model.VolumeEncryption of the service.
MARK = 'nova_bridge_encryption'
QEMU = 'luks'
HOST = 'host'
# Closes any mapping of dm-crypt, whatever has opened it.
_ANY = {'control_location': 'front-end', 'provider': encryptors.LUKS}


class Encryption:
    """Opens and closes the encrypted volumes of this host; of others every method does nothing.

    :param bridge: gives the client
    """

    def __init__(self, bridge: Callable[[], Any]) -> None:
        self._bridge = bridge

    def mark(self, context: Any, connection_info: dict[str, Any], encryption: Any = None) -> Mapping[str, Any]:
        """Writes into the connection who decrypts the volume; gives what Cinder says of its encryption.

        :param encryption: that, from a caller who has asked already
        """
        data = connection_info.get('data') or {}
        if not encryption:
            volume = driver_block_device.get_volume_id(connection_info)
            encryption = encryptors.get_encryption_metadata(context, cinder.API(), volume, connection_info) if volume else {}
        if encryption:
            data['encrypted'] = True
            data[MARK] = QEMU if _native(encryption) else HOST
        return encryption or {}

    def open(self, context: Any, instance: Any, connection_info: dict[str, Any], encryption: Any = None,
             fresh: bool = False) -> None:
        """Opens a connected volume, or brings the bridge its key.

        Who starts a guest again may have no right to the key (an administrator, a start of this host): then the bridge
        decides whether libvirt has it still, and refuses the start when not (``disk-key-refused``).

        :param fresh: the volume comes to its guest. One that nobody has used is formatted then, since Cinder does not
        """
        if not encrypted(connection_info) and not encryption:
            return
        try:
            encryption = self.mark(context, connection_info, encryption)
        except Exception:
            if fresh or connection_info['data'].get(MARK) != QEMU:
                raise
            LOG.exception('what encrypts a volume cannot be had from Cinder', instance=instance)
            return
        if not encryption:
            raise exception.VolumeEncryptionNotSupported(
                volume_type=connection_info.get('driver_volume_type'),
                volume_id=driver_block_device.get_volume_id(connection_info))
        if _native(encryption):
            self._bring(context, instance, connection_info, encryption, fresh)
        else:
            _open_here(context, connection_info, encryption)

    def _bring(self, context: Any, instance: Any, connection_info: dict[str, Any], encryption: Mapping[str, Any],
               fresh: bool) -> None:
        try:
            key = key_manager.API(conf.CONF).get(context, encryption['encryption_key_id']).get_encoded()
        except Exception:
            if fresh:
                raise
            LOG.exception('the key of an encrypted volume cannot be had from the key manager', instance=instance)
            return
        path = connection_info['data'].get('device_path')
        if fresh and path and not _within_qcow2(connection_info) and not luks.is_luks(utils.get_root_helper(), path):
            _encryptor(connection_info, encryption)._format_volume(
                binascii.hexlify(key).decode('utf-8'), **encryption)
        self._bridge().put('/v1/instances/%s/volume-keys/%s' % (instance.uuid, urllib.parse.quote(
            driver_block_device.get_volume_id(connection_info), safe='')), key)

    def close(self, context: Any, connection_info: Mapping[str, Any], encryption: Any = None) -> None:
        """Closes a volume before it is disconnected. Keys that libvirt has go with the volume: the bridge sees to it."""
        data = connection_info.get('data') or {}
        if not encrypted(connection_info) or data.get(MARK) == QEMU or data.get('device_path') is None:
            return
        if data.get(MARK) == HOST:
            # Nothing is asked of Cinder: who deletes a guest, or cleans up at a start, may have no right to.
            encryption = _ANY
        elif not encryption:
            encryption = self.mark(context, dict(connection_info, data=dict(data)))
        if encryption and (encryption is _ANY or not _native(encryption)):
            _encryptor(connection_info, encryption).detach_volume(**encryption)

    def extended(self, context: Any, connection_info: dict[str, Any], size: int) -> int:
        """What of a volume that has grown its guest sees, in bytes (nova/virt/libvirt/driver.py,
        ``_resize_attached_encrypted_volume``).

        :param size: of all of it
        """
        if not encrypted(connection_info):
            return size
        encryption = self.mark(context, connection_info)
        if _within_qcow2(connection_info):
            return size
        if _native(encryption):
            info = images.privileged_qemu_img_info(_path(connection_info))
            return size - info.format_specific['data']['payload-offset']
        inside = _encryptor(connection_info, encryption).extend_volume(context, **encryption)
        if inside is None:
            raise exception.VolumeExtendFailed(
                volume_id=driver_block_device.get_volume_id(connection_info),
                reason='its mapping on this host did not grow')
        return inside


def encrypted(connection_info: Mapping[str, Any]) -> bool:
    return bool((connection_info.get('data') or {}).get('encrypted'))


def _native(encryption: Mapping[str, Any]) -> bool:
    provider = encryption.get('provider')
    return encryptors.LEGACY_PROVIDER_CLASS_TO_FORMAT_MAP.get(provider, provider) == encryptors.LUKS


def _within_qcow2(connection_info: Mapping[str, Any]) -> bool:
    """True when the LUKS header lies in a qcow2 file, which Cinder has made with it (its
    volume/drivers/remotefs.py 21.3, ``_create_encrypted_volume_file``): such a file is LUKS to QEMU alone."""
    return connection_info['data'].get('format') == 'qcow2'


def _encryptor(connection_info: Mapping[str, Any], encryption: Mapping[str, Any]) -> Any:
    return encryptors.get_volume_encryptor(
        root_helper=utils.get_root_helper(), keymgr=key_manager.API(conf.CONF), connection_info=connection_info,
        **encryption)


def _open_here(context: Any, connection_info: Mapping[str, Any], encryption: Mapping[str, Any]) -> None:
    encryptor = _encryptor(connection_info, encryption)
    name = getattr(encryptor, 'dev_name', None)
    if name and encryptor._is_crypt_device_available(name):
        # It is open since the guest ran; connecting has pointed its link at the encrypted blocks again.
        encryptor._execute('ln', '--symbolic', '--force', '/dev/mapper/%s' % name, encryptor.symlink_path,
                           root_helper=utils.get_root_helper(), run_as_root=True, check_exit_code=True)
    else:
        encryptor.attach_volume(context, **encryption)


def _path(connection_info: Mapping[str, Any]) -> str:
    """Where qemu-img finds the volume."""
    data = connection_info['data']
    if data.get('device_path'):
        return data['device_path']
    if connection_info.get('driver_volume_type') != 'rbd':
        raise exception.DiskNotFound(location='unknown')
    user = ':id=%s' % data['auth_username'] if data.get('auth_enabled') else ''
    return 'rbd:%s%s' % (data['name'], user)
