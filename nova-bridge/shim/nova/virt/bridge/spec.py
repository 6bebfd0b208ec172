"""Nova's objects as the bridge's SPEC.json: the arguments of ``spawn``, in Nova's own names.

Secrets do not travel in it: keys and passwords of volumes are left out by the same names that the service drops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Of the system metadata, what the rules of the service read: frozen image properties and the names of the owner.
_SYSTEM_METADATA = ('image_', 'owner_')


def spec(instance: Any, image_meta: Any, network_info: Any, block_device_info: Mapping[str, Any] | None,
         power_on: bool = True, image_file: str | None = None, config_drive_file: str | None = None,
         kernel_file: str | None = None, ramdisk_file: str | None = None) -> dict[str, Any]:
    """The document.

    :param image_file: name of a file in the instance's exchange folder, for an image that the bridge has not cached
    :param config_drive_file: the same of the config drive
    :param kernel_file: the same of the guest's kernel
    :param ramdisk_file: the same of its ramdisk
    """
    document = {
        'instance': _instance(instance),
        'image_meta': image(image_meta),
        'block_device_info': _block_devices(block_device_info),
        'network_info': [plain(vif) for vif in network_info or []],
        'power_on': power_on,
    }
    files = {'image_file': image_file, 'config_drive_file': config_drive_file, 'kernel_file': kernel_file,
             'ramdisk_file': ramdisk_file}
    return {**document, **{key: name for key, name in files.items() if name is not None}}


def patience(timeout: int, retry_interval: int) -> dict[str, int]:
    """Seconds that a guest has to shut down, and between two requests, as the image says (``os_shutdown_timeout``); the bridge
    has bounds for both."""
    return {'timeout': timeout, 'retry_interval': retry_interval}


def flavor(of: Any) -> dict[str, Any]:
    """A flavor with what the bridge reads of it."""
    return {
        'name': of.name,
        'vcpus': of.vcpus,
        'memory_mb': of.memory_mb,
        'root_gb': of.root_gb,
        'ephemeral_gb': of.ephemeral_gb,
        'swap': of.swap or 0,
        'extra_specs': dict(given(of, 'extra_specs') or {}),
    }


def _instance(instance: Any) -> dict[str, Any]:
    return {
        'uuid': instance.uuid,
        'name': instance.name,
        'display_name': instance.display_name or '',
        'project_id': instance.project_id,
        'user_id': instance.user_id,
        'vcpus': instance.flavor.vcpus,
        'memory_mb': instance.flavor.memory_mb,
        'root_gb': instance.flavor.root_gb,
        'ephemeral_gb': instance.flavor.ephemeral_gb,
        'flavor': flavor(instance.flavor),
        'image_ref': instance.image_ref,
        'kernel_id': instance.kernel_id,
        'ramdisk_id': instance.ramdisk_id,
        'os_type': instance.os_type,
        'root_device_name': instance.root_device_name,
        'config_drive': instance.config_drive or '',
        'launched_at': str(instance.launched_at) if given(instance, 'launched_at') else None,
        'ephemeral_key_uuid': given(instance, 'ephemeral_key_uuid'),
        'metadata': dict(given(instance, 'metadata') or {}),
        'system_metadata': {key: value for key, value in (given(instance, 'system_metadata') or {}).items()
                            if key.startswith(_SYSTEM_METADATA)},
    }


def image(meta: Any) -> dict[str, Any]:
    """An image with what the bridge reads of it; without an id when there is none."""
    document = {name: given(meta, name)
                for name in ('id', 'name', 'disk_format', 'container_format', 'size', 'min_disk', 'min_ram')}
    document['properties'] = _properties(given(meta, 'properties'))
    return document


def _properties(properties: Any) -> dict[str, Any]:
    """Only what the image says: ``ImageMetaProps`` knows hundreds, and most are not set."""
    if properties is None:
        return {}
    return {name: plain(getattr(properties, name))
            for name in properties.fields
            if properties.obj_attr_is_set(name) and getattr(properties, name) is not None}


def _block_devices(info: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        'root_device_name': info.get('root_device_name'),
        'image': [plain(one) for one in info.get('image') or []],
        'ephemerals': [plain(one) for one in info.get('ephemerals') or []],
        'swap': plain(info['swap']) if info.get('swap') else None,
        'block_device_mapping': [plain(one) for one in info.get('block_device_mapping') or []],
    }


def volume(of: Mapping[str, Any]) -> dict[str, Any]:
    """A volume as it stands in ``block_device_mapping``."""
    return plain(of)


def given(of: Any, name: str) -> Any:
    """The field, or None when the object was loaded without it: nothing is fetched for it."""
    if hasattr(of, 'obj_attr_is_set') and (name not in of.fields or not of.obj_attr_is_set(name)):
        return None
    return getattr(of, name, None)


def plain(value: Any) -> Any:
    """Dictionaries, lists and simple values, without secrets; Nova's own dictionaries are subclasses with methods."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items() if not _secret(str(key))}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def _secret(key: str) -> bool:
    """As the service decides (driver.model.ConnectionSecrets)."""
    small = key.lower()
    return (any(word in small for word in ('password', 'passphrase', 'keyring', 'credential', 'token'))
            or small.endswith(('secret', '_key')) or small == 'key')
