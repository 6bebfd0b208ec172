"""Instances for tests, made of Nova's own objects without a database."""

import datetime
from unittest import mock

from nova import context
from nova import objects

UUID = '11111111-2222-3333-4444-555555555555'
IMAGE = '155d900f-4e14-4e4c-a73d-069cbf4541e6'

objects.register_all()


def admin():
    return context.RequestContext('u', 'p', is_admin=True)


def flavor(**values):
    fields = {'name': 'm1.small', 'vcpus': 2, 'memory_mb': 512, 'root_gb': 10, 'ephemeral_gb': 1, 'swap': 64,
              'extra_specs': {'quota:disk_read_iops_sec': '500'}, **values}
    return objects.Flavor(**fields)


def instance(**values):
    fields = {
        'id': 42, 'uuid': UUID, 'display_name': 'web', 'project_id': 'p', 'user_id': 'u', 'flavor': flavor(),
        'image_ref': IMAGE, 'kernel_id': '', 'ramdisk_id': '', 'os_type': 'linux', 'root_device_name': None,
        'config_drive': '', 'launched_at': None, 'vm_state': 'active', 'task_state': None, 'host': 'here',
        'metadata': {'k': 'v'}, 'trusted_certs': None,
        'system_metadata': {'image_base_image_ref': IMAGE, 'image_hw_disk_bus': 'virtio', 'image_min_ram': '0',
                            'owner_user_name': 'me', 'password_0': 'geheim', 'boot_roles': 'admin'},
        **values}
    made = objects.Instance(admin(), **fields)
    made.save = mock.Mock()
    return made


def image(**properties):
    return objects.ImageMeta.from_dict({
        'id': IMAGE, 'name': 'debian', 'disk_format': 'qcow2', 'container_format': 'bare', 'size': 1048576,
        'min_disk': 0, 'min_ram': 0, 'created_at': datetime.datetime(2026, 1, 1), 'properties': properties})
