"""Files between Nova's services and the bridge: images, config drives, snapshots.

What Nova's libraries own stays with them: the download with its signature and certificate checks, the contents of
a config drive, the upload. The bridge takes files over from ``<state_path>/exchange/<instance uuid>/`` and
inspects them itself.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import os
import shutil
from typing import Any

from oslo_concurrency import lockutils
from oslo_log import log as logging
from oslo_utils import fileutils

from nova.api.metadata import base as instance_metadata
from nova.compute import utils as compute_utils
from nova import exception
from nova.virt.bridge import conf
from nova.virt.bridge import spec
from nova.virt import configdrive
from nova.virt import images

LOG = logging.getLogger(__name__)
CONF = conf.CONF

IMAGE = 'image'
CONFIG_DRIVE = 'disk.config'
# Glance's formats of a kernel and its ramdisk.
_BOOTED = {'kernel_file': 'aki', 'ramdisk_file': 'ari'}


class Nobody:
    """For whom an image is fetched that no instance needs yet; files are handed over by the image's own id."""

    def __init__(self, image_id: str, trusted_certs: Any = None) -> None:
        self.uuid = image_id
        self.trusted_certs = trusted_certs


@contextlib.contextmanager
def exchange(instance: Any) -> Iterator[str]:
    """The instance's folder for files that the bridge is to take over; what it has not taken is removed."""
    folder = discard(instance)
    try:
        os.mkdir(folder, 0o700)
    except OSError as failure:
        raise exception.InternalError(
            'no file can be handed to nova-bridge: %s. Is [nova_bridge]state_path that of the service, which makes the '
            'folder exchange for the user nova?' % failure)
    try:
        yield folder
    finally:
        discard(instance)


def discard(instance: Any) -> str:
    """Removes the instance's folder for files, which a nova-compute that died has left; gives its name."""
    folder = os.path.join(CONF.nova_bridge.state_path, 'exchange', instance.uuid)
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def download(context: Any, instance: Any, image_id: str, folder: str, name: str = IMAGE) -> str:
    """Fetches an image from Glance; gives its name in the folder (nova/virt/images.py, ``fetch``). As in Nova's own driver,
    the certificates that a user trusts are for the image of the disk, not for kernel and ramdisk."""
    trusted = instance.trusted_certs if name == IMAGE else None
    images.fetch(context, image_id, os.path.join(folder, name), trusted_certs=trusted)
    return name


def boot(kernel_id: str | None, ramdisk_id: str | None) -> dict[str, str]:
    """The images that a guest boots beside that of its disk, by what the bridge calls their files."""
    return {key: image_id for key, image_id in (('kernel_file', kernel_id), ('ramdisk_file', ramdisk_id)) if image_id}


def boot_of(instance: Any) -> dict[str, str]:
    """Those of an instance. Nova gives no guest a ramdisk without a kernel."""
    return boot(instance.kernel_id, instance.kernel_id and instance.ramdisk_id)


def with_image(context: Any, instance: Any, image_id: str | None,
               ask: Callable[[str, dict[str, str]], dict[str, Any]], more: Mapping[str, str] | None = None,
               cached: Callable[[], set[str]] = set) -> dict[str, Any]:
    """Asks the bridge for something that needs images, which are fetched only when the bridge has not got one.

    :param ask: takes the folder for files, and the names of those that are there by the bridge's words for them
    :param more: images beside that of the disk, by the same words
    :param cached: tells which ones the bridge has
    """
    def ask_with_files() -> dict[str, Any]:
        wanted = {'image_file': image_id, **(more or {})}
        known = cached() if more else set()
        with exchange(instance) as folder:
            return ask(folder, {key: download(context, instance, one, folder, key[:-len('_file')])
                                for key, one in wanted.items() if one and one not in known})

    try:
        with exchange(instance) as folder:
            return ask(folder, {})
    except exception.ImageNotFound:
        try:
            return ask_with_files()
        except exception.ImageNotFound:
            # A service that has died had taken the file, and the image was not in its cache yet.
            return ask_with_files()


def bring(bridge: Any, context: Any, image_id: str, meta: Any, trusted_certs: Any = None) -> bool:
    """Brings an image into the cache of the host; whether it was not there before."""
    return _bring(bridge, context, image_id, spec.image(meta), trusted_certs)


def bring_boot(bridge: Any, context: Any, instance: Any) -> None:
    """Brings what an instance boots beside its disk into the cache of the host, as its build would."""
    for key, image_id in boot_of(instance).items():
        # What it is for, whatever Glance calls it: no disk is made from it.
        kind = _BOOTED[key]
        _bring(bridge, context, image_id, {'id': image_id, 'disk_format': kind, 'container_format': kind})


def _bring(bridge: Any, context: Any, image_id: str, image: dict[str, Any], trusted_certs: Any = None) -> bool:
    def ask(folder: str, files: dict[str, str]) -> dict[str, Any]:
        return bridge.change('/v1/images', {'image_meta': image, **files})

    # Asked twice at once, by two aggregates, both would have the same folder.
    with lockutils.lock('nova-bridge-image-' + image_id):
        return with_image(context, Nobody(image_id, trusted_certs), image_id, ask)['cached']


def config_drive(instance: Any, injected_files: Any, admin_password: Any, network_info: Any,
                 folder: str) -> str | None:
    """Makes the instance's config drive if it gets one (nova/virt/libvirt/driver.py, ``_create_configdrive``)."""
    if not configdrive.required_by(instance):
        return None
    extra = {'admin_pass': admin_password} if admin_password else {}
    contents = instance_metadata.InstanceMetadata(
        instance, content=injected_files, extra_md=extra, network_info=network_info)
    with configdrive.ConfigDriveBuilder(instance_md=contents) as builder:
        builder.make_drive(os.path.join(folder, CONFIG_DRIVE))
    return CONFIG_DRIVE


def upload(context: Any, image_api: Any, instance: Any, image_id: str, made: dict[str, Any]) -> None:
    """Gives a finished snapshot to Glance.

    :param made: the result of the bridge's snapshot: its ``file`` and ``format``
    """
    name = image_api.get(context, image_id)['name']
    metadata = _snapshot_metadata(instance, name, made['format'])
    with open(made['file'], 'rb') as content, compute_utils.disk_ops_semaphore:
        image_api.update(context, image_id, metadata, content, purge_props=False)


@contextlib.contextmanager
def removed_at_last(file: str) -> Iterator[None]:
    """A finished snapshot is this side's from the bridge's answer on, and nobody else removes it."""
    try:
        yield
    finally:
        fileutils.delete_if_exists(file)


def _snapshot_metadata(instance: Any, name: str, disk_format: str) -> dict[str, Any]:
    """As nova/virt/libvirt/driver.py, ``_create_snapshot_metadata``."""
    properties = {
        'kernel_id': instance.kernel_id,
        'image_location': 'snapshot',
        'image_state': 'available',
        'owner_id': instance.project_id,
        'ramdisk_id': instance.ramdisk_id,
    }
    if instance.os_type:
        properties['os_type'] = instance.os_type
    meta = instance.image_meta
    return {
        'status': 'active',
        'name': name,
        'properties': properties,
        'disk_format': 'ami' if meta.obj_attr_is_set('disk_format') and meta.disk_format == 'ami' else disk_format,
        'container_format': meta.container_format if meta.obj_attr_is_set('container_format') else 'bare',
    }
