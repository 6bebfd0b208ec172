#!/usr/bin/python3
"""What would Nova itself write?  Runs Debian's LibvirtDriver over many cases and records its answers.

    nova-parity.py cases  [--count N] OUT.json       make the cases (always the same ones)
    nova-parity.py expect CASES.json OUT.json        let Nova answer each case
    nova-parity.py golden OUT.json                   both, for the few cases that are tracked
    nova-parity.py specs  [--count N] OUT.json       the different specs of the cases, under one configuration
    nova-parity.py turns  ANSWERS.json               for tools/bench: after "ready", each line of stdin lets Nova
                                                     write all documents once more; prints the seconds it took

A case is {name, conf, spec, host_facts}: the text of a nova-compute.conf, the arguments of spawn as
nova-bridge's SPEC.json has them, and what the host can do. An answer adds "xml" (the whole domain
document) or "error" ({class, message}). Nova runs on its own unit-test fixtures (fake libvirt), so no
libvirt, image or volume is touched. Everything the fake host is said to be goes into host_facts of the
answer, so that both sides work from the same inputs.
"""

import argparse
import contextlib
import copy
import gc
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
import unittest
import uuid
import warnings
from unittest import mock

UUID = 'b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01'
MACHINE_ID = 'ad4c7d32-1d26-4a3e-9e3b-6f1c1c2f7a11'
IMAGE = '155d900f-4e14-4e4c-a73d-069cbf4541e6'
RESCUE_IMAGE = '70a599e0-31e7-49b7-b260-868f441e862b'
# Constants VIR_PERF_PARAM_* of libvirt 9.0 that a test asks for.
PERF_EVENTS = ('cmt', 'mbmt', 'cache_misses', 'cache_references', 'instructions', 'cpu_clock', 'page_faults')
PROJECT = 'c6c3b0f1a2c94b0b9c5d5a3f1f2f3f4f'
USER = '838a72b00d5448278fd6fb1227633ceb'


# ---------------------------------------------------------------- cases

def base_spec():
    return {
        'instance': {
            'uuid': UUID, 'name': 'instance-0000002a', 'display_name': 'web-1',
            'project_id': PROJECT, 'user_id': USER,
            'vcpus': 2, 'memory_mb': 512, 'root_gb': 10, 'ephemeral_gb': 0,
            'flavor': {'name': 'm1.small', 'vcpus': 2, 'memory_mb': 512, 'root_gb': 10,
                       'ephemeral_gb': 0, 'swap': 0, 'extra_specs': {}},
            'image_ref': IMAGE, 'kernel_id': None, 'ramdisk_id': None, 'os_type': None,
            'root_device_name': None, 'config_drive': '', 'metadata': {}, 'system_metadata': {},
        },
        'image_meta': {'id': IMAGE, 'name': 'debian', 'disk_format': 'qcow2', 'container_format': 'bare',
                       'size': 1048576, 'min_disk': 0, 'min_ram': 0, 'properties': {}},
        'block_device_info': None,
        'network_info': [],
        'power_on': True,
    }


class Case:
    def __init__(self, name):
        self.name = name
        self.options = {'DEFAULT': {'instances_path': '/var/lib/nova/instances'},
                        'libvirt': {'virt_type': 'kvm'}}
        self.spec = base_spec()
        self.facts = {'direct_io': True}

    def conf(self, group, **options):
        self.options.setdefault(group, {}).update(options)
        return self

    def libvirt(self, **options):
        return self.conf('libvirt', **options)

    def props(self, **properties):
        self.spec['image_meta']['properties'].update(properties)
        return self

    def extra(self, **specs):
        self.spec['instance']['flavor']['extra_specs'].update(
            {k.replace('__', ':', 1): v for k, v in specs.items()})
        return self

    def specs(self, mapping):
        self.spec['instance']['flavor']['extra_specs'].update(mapping)
        return self

    def flavor(self, **values):
        self.spec['instance']['flavor'].update(values)
        for key in ('vcpus', 'memory_mb', 'root_gb', 'ephemeral_gb'):
            if key in values:
                self.spec['instance'][key] = values[key]
        return self

    def instance(self, **values):
        self.spec['instance'].update(values)
        return self

    def bdi(self, **parts):
        info = self.spec['block_device_info'] or {
            'root_device_name': None, 'image': [], 'ephemerals': [], 'swap': None, 'block_device_mapping': []}
        info.update(parts)
        self.spec['block_device_info'] = info
        return self

    def volume(self, connection_info, **bdm):
        info = self.bdi().spec['block_device_info']
        entry = {'boot_index': None, 'mount_device': None, 'disk_bus': None, 'device_type': None,
                 'guest_format': None, 'delete_on_termination': False, 'attachment_id': None,
                 'volume_type': None, 'connection_info': connection_info}
        entry.update(bdm)
        info['block_device_mapping'] = info['block_device_mapping'] + [entry]
        return self

    def ephemeral(self, **bdm):
        info = self.bdi().spec['block_device_info']
        entry = {'device_name': None, 'size': 1, 'disk_bus': None, 'device_type': None, 'guest_format': None}
        entry.update(bdm)
        info['ephemerals'] = info['ephemerals'] + [entry]
        return self

    def swap(self, size=512, **bdm):
        entry = {'device_name': None, 'swap_size': size, 'disk_bus': None, 'device_type': None}
        entry.update(bdm)
        return self.bdi(swap=entry)

    def vif(self, **vif):
        self.spec['network_info'] = self.spec['network_info'] + [vif]
        return self

    def rescue(self, **properties):
        self.spec['rescue'] = {'image_meta': {
            'id': RESCUE_IMAGE, 'name': 'rescue', 'disk_format': 'qcow2', 'container_format': 'bare',
            'size': 1048576, 'min_disk': 0, 'min_ram': 0, 'properties': properties}}
        return self

    def host(self, **facts):
        self.facts.update(facts)
        return self

    def boot_from_volume(self, connection_info, **bdm):
        self.spec['instance']['image_ref'] = ''
        self.spec['instance']['flavor']['root_gb'] = 0
        self.spec['instance']['root_gb'] = 0
        bdm.setdefault('boot_index', 0)
        return self.volume(connection_info, **bdm)

    def to_json(self):
        lines = []
        for group, options in self.options.items():
            lines.append('[%s]' % group)
            for key, value in options.items():
                lines.append('%s = %s' % (key, value))
        return {'name': self.name, 'conf': '\n'.join(lines) + '\n', 'spec': self.spec, 'host_facts': self.facts}


def iscsi(n, **data):
    values = {'target_iqn': 'iqn.2010-10.org.openstack:volume-%d' % n, 'target_portal': '192.0.2.9:3260',
              'target_lun': n, 'device_path': '/dev/sd%s' % 'abcdefgh'[n]}
    values.update(data)
    return {'driver_volume_type': 'iscsi', 'serial': '58a84f6d-3f0c-4e19-a0af-eb657b79060%d' % n, 'data': values}


def local(n, **data):
    values = {'device_path': '/dev/cinder-vg/volume-%d' % n}
    values.update(data)
    return {'driver_volume_type': 'local', 'serial': '11a84f6d-3f0c-4e19-a0af-eb657b79060%d' % n, 'data': values}


def nfs(n, **data):
    values = {'export': '192.0.2.7:/export', 'name': 'volume-%d' % n, 'options': None, 'format': 'raw',
              'device_path': '/var/lib/nova/mnt/0123abcd/volume-%d' % n}
    values.update(data)
    return {'driver_volume_type': 'nfs', 'serial': '22a84f6d-3f0c-4e19-a0af-eb657b79060%d' % n, 'data': values}


def rbd(n, **data):
    values = {'name': 'volumes/volume-%d' % n, 'hosts': ['192.0.2.21', '192.0.2.22'], 'ports': ['6789', '6789'],
              'auth_enabled': True, 'auth_username': 'cinder', 'secret_type': 'ceph',
              'secret_uuid': '457eb676-33da-42ec-9a8c-9293d545c337', 'cluster_name': 'ceph',
              'volume_id': '33a84f6d-3f0c-4e19-a0af-eb657b79060%d' % n, 'access_mode': 'rw'}
    values.update(data)
    return {'driver_volume_type': 'rbd', 'serial': '33a84f6d-3f0c-4e19-a0af-eb657b79060%d' % n, 'data': values}


def network(n=0, bridge='br-int', **meta):
    return {'id': '7d7a0ff7-4e2e-4b4e-9a55-6c2d1bb2a10%d' % n, 'bridge': bridge, 'label': 'private',
            'meta': meta,
            'subnets': [{'cidr': '10.0.0.0/24', 'dns': [], 'gateway': {'address': '10.0.0.1', 'type': 'gateway',
                                                                     'version': 4, 'meta': {}},
                         'routes': [], 'version': 4, 'meta': {},
                         'ips': [{'address': '10.0.0.%d' % (5 + n), 'type': 'fixed', 'version': 4, 'meta': {},
                                  'floating_ips': []}]}]}


def vif(kind, n=0, net=None, **values):
    entry = {'id': '0f1e2d3c-aaaa-4bbb-8ccc-00000000000%d' % n, 'address': 'fa:16:3e:00:00:0%d' % n,
             'type': kind, 'vnic_type': 'normal', 'devname': 'tap0f1e2d3c-a%d' % n, 'active': True,
             'details': {}, 'profile': {}, 'ovs_interfaceid': None, 'preserve_on_delete': False,
             'qbh_params': None, 'qbg_params': None, 'delegate_create': False, 'meta': {},
             'network': net if net is not None else network(n)}
    entry.update(values)
    return entry


PORT_OVS = dict(ovs_interfaceid='0f1e2d3c-aaaa-4bbb-8ccc-000000000000')


def systematic():
    """Each dimension by itself, on the plain guest."""
    out = []

    def case(name):
        c = Case(name)
        out.append(c)
        return c

    # the plain guests
    case('plain-kvm')
    case('plain-qemu').libvirt(virt_type='qemu')
    case('plain-qemu-thin-slice').libvirt(virt_type='qemu').conf('vnc', enabled='false')
    case('no-options').options = {'DEFAULT': {'instances_path': '/srv/nova'}}
    for t in ('raw', 'flat', 'qcow2', 'default', 'rbd', 'lvm'):
        c = case('images_type-%s' % t).libvirt(images_type=t)
        if t == 'lvm':
            c.libvirt(images_volume_group='nova-vg')
        if t == 'rbd':
            c.libvirt(images_rbd_pool='vms', rbd_user='nova',
                      rbd_secret_uuid='457eb676-33da-42ec-9a8c-9293d545c337')
        c.flavor(ephemeral_gb=2, swap=256).instance(config_drive='True')
    case('images_type-rbd-no-auth').libvirt(images_type='rbd', images_rbd_pool='vms')
    case('images_type-rbd-monitors').libvirt(images_type='rbd', images_rbd_pool='vms', rbd_user='nova',
                                             rbd_secret_uuid='457eb676-33da-42ec-9a8c-9293d545c337').host(
        rbd_monitors=[{'host': '192.0.2.31', 'port': '3300'}, {'host': '2001:db8::5', 'port': '6789'}])
    case('images_type-lvm-no-group').libvirt(images_type='lvm')
    case('images_type-lvm-sparse').libvirt(images_type='lvm', images_volume_group='vg', sparse_logical_volumes='true')
    case('images_type-lvm-buffered').libvirt(images_type='lvm', images_volume_group='vg').host(direct_io=False)
    case('use_cow-false').conf('DEFAULT', use_cow_images='false')
    case('use_cow-false-default').conf('DEFAULT', use_cow_images='false').libvirt(images_type='default')
    case('no-direct-io').host(direct_io=False)
    for p in ('none', 'space'):
        case('preallocate-%s' % p).conf('DEFAULT', preallocate_images=p)
        case('preallocate-%s-raw' % p).conf('DEFAULT', preallocate_images=p).libvirt(images_type='raw')
    case('preallocate-buffered').conf('DEFAULT', preallocate_images='space').host(direct_io=False)
    for mode in ('default', 'none', 'writethrough', 'writeback', 'directsync', 'unsafe'):
        case('cachemode-file-%s' % mode).libvirt(disk_cachemodes='file=%s' % mode)
        case('cachemode-file-%s-space' % mode).libvirt(disk_cachemodes='file=%s' % mode).conf(
            'DEFAULT', preallocate_images='space')
        case('cachemode-block-%s-lvm' % mode).libvirt(
            disk_cachemodes='"block=%s"' % mode, images_type='lvm', images_volume_group='vg')
        case('cachemode-network-%s-rbd' % mode).libvirt(
            disk_cachemodes='network=%s' % mode, images_type='rbd', images_rbd_pool='vms')
    case('cachemode-invalid').libvirt(disk_cachemodes='file=fast,block,file=writeback')
    case('cachemode-last-wins').libvirt(disk_cachemodes='file=writeback,file=unsafe')
    for discard in ('ignore', 'unmap'):
        case('discard-%s' % discard).libvirt(hw_disk_discard=discard)
        case('discard-%s-lvm' % discard).libvirt(hw_disk_discard=discard, images_type='lvm', images_volume_group='vg')
    case('disk_prefix').libvirt(disk_prefix='xvd').flavor(ephemeral_gb=1, swap=64)
    for bus in ('virtio', 'scsi', 'ide', 'usb', 'fdc', 'sata', 'lxc', 'xen', 'uml', 'nvme'):
        case('hw_disk_bus-%s' % bus).props(hw_disk_bus=bus).flavor(ephemeral_gb=2, swap=256).instance(
            config_drive='True')
    for bus in ('virtio', 'scsi', 'ide', 'usb', 'sata', 'xen'):
        case('hw_cdrom_bus-%s' % bus).props(hw_cdrom_bus=bus).instance(config_drive='True')
    for model in ('virtio-scsi', 'lsilogic', 'lsisas1068', 'lsilogicSAS', 'buslogic', 'vmpvscsi', 'ncr'):
        case('hw_scsi_model-%s' % model).props(hw_disk_bus='scsi', hw_scsi_model=model).flavor(
            ephemeral_gb=2, swap=256).instance(config_drive='True')
    case('scsi-model-virtio-bus').props(hw_scsi_model='virtio-scsi')
    case('scsi-unit-bfv').props(hw_disk_bus='scsi', hw_scsi_model='virtio-scsi').boot_from_volume(iscsi(0)).volume(
        iscsi(1)).flavor(ephemeral_gb=1)
    case('scsi-unit-mixed').props(hw_disk_bus='scsi', hw_scsi_model='virtio-scsi').volume(iscsi(1)).volume(
        local(2), disk_bus='virtio', device_type='disk')
    case('legacy-vmware-adapter').props(vmware_adaptertype='lsiLogicsas')
    case('legacy-vmware-ide').props(vmware_adaptertype='ide')

    # disks
    case('ephemeral-flavor').flavor(ephemeral_gb=3)
    case('ephemeral-bdm').flavor(ephemeral_gb=3).ephemeral(size=1).ephemeral(size=2, guest_format='xfs')
    case('ephemeral-bdm-bus').flavor(ephemeral_gb=3).ephemeral(size=1, disk_bus='scsi', device_type='disk')
    case('ephemeral-bdm-named').flavor(ephemeral_gb=3).ephemeral(size=1, device_name='/dev/vdc')
    case('swap-flavor').flavor(swap=512)
    case('swap-bdm').flavor(swap=512).swap(256)
    case('swap-bdm-zero').flavor(swap=512).swap(0)
    case('swap-bdm-bus').flavor(swap=512).swap(256, disk_bus='ide')
    case('config-drive-iso').instance(config_drive='True')
    case('config-drive-vfat').instance(config_drive='True').conf('DEFAULT', config_drive_format='vfat')
    case('config-drive-forced').conf('DEFAULT', force_config_drive='true')
    case('config-drive-mandatory').props(img_config_drive='mandatory')
    case('config-drive-optional').props(img_config_drive='optional')
    case('config-drive-iso-q35').instance(config_drive='True').props(hw_machine_type='q35')
    case('config-drive-rbd').instance(config_drive='True').libvirt(images_type='rbd', images_rbd_pool='vms')
    case('config-drive-lvm').instance(config_drive='True').libvirt(images_type='lvm', images_volume_group='vg')
    case('iso-image').spec['image_meta'].update(disk_format='iso')
    c = case('iso-image-q35').props(hw_machine_type='q35')
    c.spec['image_meta'].update(disk_format='iso')
    c = case('iso-image-bdm').bdi(image=[{'device_name': '/dev/vda', 'size': 10, 'disk_bus': None,
                                          'device_type': None, 'boot_index': 0}], root_device_name='/dev/vda')
    c.spec['image_meta'].update(disk_format='iso')
    case('image-bdm').bdi(image=[{'device_name': '/dev/vda', 'size': 10, 'disk_bus': 'virtio',
                                  'device_type': 'disk', 'boot_index': 0}], root_device_name='/dev/vda')
    case('root-device-name').bdi(root_device_name='/dev/vdc')
    case('root-device-name-sd').bdi(root_device_name='/dev/sda').props(hw_disk_bus='scsi')

    # volumes
    for make in (iscsi, local, nfs, rbd):
        n = make.__name__
        case('volume-%s' % n).volume(make(1))
        case('volume-%s-bus' % n).volume(make(1), disk_bus='scsi', device_type='disk')
        case('volume-%s-named' % n).volume(make(1), mount_device='/dev/vdd', disk_bus='virtio')
        case('volume-%s-named-nobus' % n).volume(make(1), mount_device='/dev/sdd')
        case('volume-%s-cdrom' % n).volume(make(1), disk_bus='ide', device_type='cdrom')
        case('volume-%s-discard' % n).volume(make(1, discard=True))
        case('volume-%s-ro' % n).volume(make(1, access_mode='ro'))
        case('volume-%s-badmode' % n).volume(make(1, access_mode='rx'))
        case('volume-%s-qos' % n).volume(make(1, qos_specs={
            'total_bytes_sec': '1048576', 'read_iops_sec': '100', 'write_iops_sec': '200',
            'write_iops_sec_max': '300', 'size_iops_sec': '4096', 'unknown': 'x'}))
        case('volume-%s-blocks' % n).volume(make(1, logical_block_size='4096', physical_block_size='4096'))
        case('volume-%s-bfv' % n).boot_from_volume(make(0))
        case('volume-%s-bfv-two' % n).boot_from_volume(make(0)).volume(make(1)).flavor(swap=64)
        shared = make(1)
        shared['multiattach'] = True
        case('volume-%s-multiattach' % n).volume(shared).libvirt(
            disk_cachemodes='file=writeback,block=writeback,network=writeback')
        case('volume-%s-cachemode' % n).volume(make(1)).libvirt(
            disk_cachemodes='file=writeback,block=writethrough,network=unsafe')
        case('volume-%s-directsync' % n).volume(make(1)).libvirt(
            disk_cachemodes='file=directsync,block=directsync,network=directsync')
    for kind, data in (('iser', {}), ('fibre_channel', {}), ('nvmeof', {}), ('gpfs', {}), ('storpool', {}),
                       ('lightos', {}), ('fake', {}), ('scaleio', {}), ('quobyte', {}), ('smbfs', {}),
                       ('vzstorage', {})):
        info = iscsi(1, export='host/export', name='volume-1', **data)
        info['driver_volume_type'] = kind
        case('volume-kind-%s' % kind).volume(info)
    case('volume-iscsi-no-serial').volume({**iscsi(1), 'serial': None})
    case('volume-hostile-serial').volume({**iscsi(1), 'serial': '"/><disk type=\'file\'>&'})
    case('volume-two-boot').volume(iscsi(1), boot_index=0).volume(iscsi(2), boot_index=1)
    case('volume-ten-boot').volume(iscsi(1), boot_index=9, device_type='cdrom', disk_bus='ide')
    case('ephemeral-encryption-qcow2').conf('ephemeral_storage_encryption', enabled='true')
    case('ephemeral-encryption-lvm').conf('ephemeral_storage_encryption', enabled='true').libvirt(
        images_type='lvm', images_volume_group='vg')
    case('image-unknown-property').props(my_property='x', hw_unknown='y')
    case('image-many-bad').props(hw_cpu_cores='many')
    case('image-osinfo').props(os_distro='debian11')
    case('volume-nfs-qcow2').volume(nfs(1, format='qcow2'))
    case('volume-rbd-conf-user').volume(rbd(1)).libvirt(rbd_user='nova',
                                                        rbd_secret_uuid='99999999-33da-42ec-9a8c-9293d545c337')
    case('volume-rbd-noauth').volume(rbd(1, auth_enabled=False, auth_username=None, secret_type=None,
                                         secret_uuid=None))
    case('volume-unknown').volume({'driver_volume_type': 'aoe', 'serial': None, 'data': {}})
    case('volume-lun').volume(iscsi(1), disk_bus='scsi', device_type='lun')
    case('volume-takes-eph-name').flavor(ephemeral_gb=1).volume(iscsi(1), mount_device='/dev/vdb', disk_bus='virtio')
    case('volume-takes-swap-name').flavor(swap=64).volume(iscsi(1), mount_device='/dev/vdb', disk_bus='virtio')
    case('volume-boot-second').volume(iscsi(1), boot_index=1)
    case('bfv-cdrom').boot_from_volume(iscsi(0), disk_bus='ide', device_type='cdrom').volume(iscsi(1), boot_index=1)
    case('ide-too-many').props(hw_disk_bus='ide').flavor(ephemeral_gb=1, swap=1).volume(
        iscsi(1), disk_bus='ide').volume(iscsi(2), disk_bus='ide')
    case('max-disk-devices').conf('compute', max_disk_devices_to_attach='2').flavor(ephemeral_gb=1).volume(iscsi(1))

    # disk quotas
    for key in ('read_bytes_sec', 'read_iops_sec', 'write_bytes_sec', 'write_iops_sec', 'total_bytes_sec',
                'total_iops_sec'):
        case('quota-disk-%s' % key).specs({'quota:disk_%s' % key: '10240'}).flavor(swap=64)
    case('quota-disk-several').specs({'quota:disk_read_bytes_sec': '1', 'quota:disk_write_iops_sec': '2',
                                      'quota:disk_io_limit': '7'})

    case('quota-disk-contradiction').specs({'quota:disk_read_bytes_sec': '1', 'quota:disk_total_bytes_sec': '2'})

    # memory, cpu
    case('memory-odd').flavor(memory_mb=1111)
    case('vcpus-7').flavor(vcpus=7)
    case('quota-cpu').specs({'quota:cpu_shares': '512', 'quota:cpu_period': '10000', 'quota:cpu_quota': '5000'})
    case('quota-cpu-shares').specs({'quota:cpu_shares': '512'})
    case('quota-cpu-quota').specs({'quota:cpu_quota': '-1'})
    case('quota-cpu-no-cgroup').specs({'quota:cpu_shares': '512'}).host(cpu_control=False)
    case('no-cgroup').host(cpu_control=False)
    for mode in ('none', 'host-model', 'host-passthrough', 'maximum'):
        case('cpu_mode-%s' % mode).libvirt(cpu_mode=mode)
        case('cpu_mode-%s-qemu' % mode).libvirt(cpu_mode=mode, virt_type='qemu')
    case('cpu_mode-custom').libvirt(cpu_mode='custom', cpu_models='Penryn')
    case('cpu_mode-custom-case').libvirt(cpu_mode='custom', cpu_models='ivybridge,Haswell')
    case('cpu_mode-custom-unknown').libvirt(cpu_mode='custom', cpu_models='ZX81')
    case('cpu_mode-flags').libvirt(cpu_model_extra_flags='pcid,+SSBD,-mtrr')
    case('cpu_mode-custom-flags').libvirt(cpu_mode='custom', cpu_models='IvyBridge',
                                          cpu_model_extra_flags='PDPE1GB, md-clear')
    for name, specs, props, vcpus in (
            ('sockets', {'hw:cpu_sockets': '2'}, {}, 4), ('cores', {'hw:cpu_cores': '4'}, {}, 8),
            ('threads', {'hw:cpu_threads': '2'}, {}, 8), ('max', {'hw:cpu_max_sockets': '2'}, {}, 8),
            ('max-cores', {'hw:cpu_max_sockets': '1', 'hw:cpu_max_cores': '4'}, {}, 8),
            ('image', {}, {'hw_cpu_cores': '2'}, 4),
            ('image-over-flavor', {'hw:cpu_sockets': '4'}, {'hw_cpu_threads': '2'}, 4),
            ('image-max', {'hw:cpu_max_sockets': '4'}, {'hw_cpu_max_sockets': '2'}, 8),
            ('image-max-refused', {'hw:cpu_max_sockets': '2'}, {'hw_cpu_max_sockets': '4'}, 8),
            ('image-refused', {'hw:cpu_max_sockets': '2'}, {'hw_cpu_sockets': '4'}, 8),
            ('impossible', {'hw:cpu_max_sockets': '1', 'hw:cpu_max_cores': '2', 'hw:cpu_max_threads': '1'}, {}, 8),
            ('not-a-number', {'hw:cpu_sockets': 'two'}, {}, 4),
            ('flavor-dropped', {'hw:cpu_sockets': '8', 'hw:cpu_max_sockets': '8'}, {'hw_cpu_max_sockets': '2'}, 8),
            ('prime', {'hw:cpu_cores': '3'}, {}, 7)):
        case('topology-' + name).specs(specs).props(**props).flavor(vcpus=vcpus)
    case('cpu_shared_set').conf('compute', cpu_shared_set='0-1')
    case('cpu_shared_set-holes').conf('compute', cpu_shared_set='0-1,^0')
    case('file-backed-memory').libvirt(file_backed_memory='1048576').conf('DEFAULT', ram_allocation_ratio='1.0')
    case('locked-memory-forbidden').specs({'hw:locked_memory': 'True'})
    case('locked-memory-image-forbidden').props(hw_locked_memory='True')
    case('locked-memory-conflict').specs({'hw:locked_memory': 'True'}).props(hw_locked_memory='no')
    case('locked-memory-false').specs({'hw:locked_memory': 'no'})

    # machine, firmware, boot
    for machine in ('pc', 'q35', 'pc-q35-2.11', 'pc-i440fx-2.11', 'isapc', 'vax'):
        case('machine-%s' % machine).props(hw_machine_type=machine)
    case('machine-conf').libvirt(hw_machine_type='x86_64=q35')
    case('machine-conf-other').libvirt(hw_machine_type='aarch64=virt,x86_64=')
    case('machine-conf-image').libvirt(hw_machine_type='x86_64=q35').props(hw_machine_type='pc')
    case('pcie-ports').libvirt(num_pcie_ports='4').props(hw_machine_type='q35')
    case('pcie-ports-pc').libvirt(num_pcie_ports='4')
    case('boot-menu-image').props(hw_boot_menu='yes')
    case('boot-menu-flavor').specs({'hw:boot_menu': 'true'})
    case('boot-menu-both').specs({'hw:boot_menu': 'true'}).props(hw_boot_menu='no')
    case('firmware-bios').props(hw_firmware_type='bios')
    case('firmware-uefi').props(hw_firmware_type='uefi')
    case('firmware-uefi-q35').props(hw_firmware_type='uefi', hw_machine_type='q35')
    case('firmware-bad').props(hw_firmware_type='coreboot')
    case('kernel').instance(kernel_id='aki-1')
    case('kernel-ramdisk').instance(kernel_id='aki-1', ramdisk_id='ari-1')
    case('kernel-qemu').instance(kernel_id='aki-1', ramdisk_id='ari-1').libvirt(virt_type='qemu')
    case('kernel-cmdline').instance(kernel_id='aki-1').props(os_command_line='root=/dev/vda1 quiet "x" <y>')
    case('cmdline-without-kernel').props(os_command_line='quiet')
    for serial in ('none', 'os', 'hardware', 'auto', 'unique'):
        case('sysinfo-%s' % serial).libvirt(sysinfo_serial=serial)
    case('arch-i686').props(hw_architecture='i686')
    case('arch-aarch64').props(hw_architecture='aarch64')
    case('arch-alias').props(architecture='x86_64')
    case('arch-bad').props(hw_architecture='z80')
    case('emulation-aarch64').props(hw_emulation_architecture='aarch64', hw_machine_type='virt')

    # features, clock
    case('windows').instance(os_type='windows').props(os_type='windows')
    case('windows-qemu').instance(os_type='windows').libvirt(virt_type='qemu')
    case('windows-hidden').instance(os_type='windows').props(img_hide_hypervisor_id='true')
    case('linux').instance(os_type='linux')
    case('hidden-flavor').specs({'hide_hypervisor_id': 'true'})
    case('hidden-flavor-scoped').specs({'hw:hide_hypervisor_id': '1'})
    case('hidden-image').props(img_hide_hypervisor_id='yes')
    case('no-apic').conf('workarounds', libvirt_disable_apic='true')
    for v in ('true', 'false'):
        case('pmu-flavor-%s' % v).specs({'hw:pmu': v})
        case('pmu-image-%s' % v).props(hw_pmu=v)
    case('pmu-conflict').specs({'hw:pmu': 'true'}).props(hw_pmu='false')
    case('hpet').props(hw_time_hpet='true')
    case('hpet-qemu').props(hw_time_hpet='true').libvirt(virt_type='qemu')

    # consoles, graphics, input
    case('no-vnc').conf('vnc', enabled='false')
    case('vnc-listen').conf('vnc', server_listen='0.0.0.0')
    case('spice').conf('vnc', enabled='false').conf('spice', enabled='true')
    case('spice-no-agent').conf('vnc', enabled='false').conf('spice', enabled='true', agent_enabled='false')
    case('spice-and-vnc').conf('spice', enabled='true', server_listen='192.0.2.1')
    case('serial-console').conf('serial_console', enabled='true')
    case('serial-console-3').conf('serial_console', enabled='true').specs({'hw:serial_port_count': '3'})
    case('serial-console-image').conf('serial_console', enabled='true').props(hw_serial_port_count='2')
    case('serial-console-lower').conf('serial_console', enabled='true').specs(
        {'hw:serial_port_count': '4'}).props(hw_serial_port_count='2')
    case('serial-console-exceed').conf('serial_console', enabled='true').specs(
        {'hw:serial_port_count': '2'}).props(hw_serial_port_count='4')
    case('serial-console-too-many').conf('serial_console', enabled='true').specs({'hw:serial_port_count': '5'})
    case('serial-console-nan').conf('serial_console', enabled='true').specs({'hw:serial_port_count': 'x'})
    case('serial-console-range').conf('serial_console', enabled='true', port_range='20000:20010',
                                      proxyclient_address='192.0.2.4')
    for model in ('cirrus', 'qxl', 'vga', 'vmvga', 'xen', 'virtio', 'gop', 'none', 'bochs', 'cga'):
        case('video-%s' % model).props(hw_video_model=model)
    case('video-ram').props(hw_video_ram='16').specs({'hw_video:ram_max_mb': '64'})
    case('video-ram-too-high').props(hw_video_ram='128').specs({'hw_video:ram_max_mb': '64'})
    case('video-ram-no-flavor').props(hw_video_ram='16')
    case('video-ram-flavor-only').specs({'hw_video:ram_max_mb': '64'})
    case('pointer-ps2').conf('DEFAULT', pointer_model='ps2mouse')
    case('pointer-none').conf('DEFAULT', pointer_model='')
    case('pointer-image').conf('DEFAULT', pointer_model='ps2mouse').props(hw_pointer_model='usbtablet')
    case('pointer-image-bad').props(hw_pointer_model='trackball')
    case('input-bus-virtio').props(hw_input_bus='virtio')
    case('input-bus-usb').props(hw_input_bus='usb')
    case('input-bus-bad').props(hw_input_bus='adb')
    case('usb-disk').props(hw_disk_bus='usb').conf('DEFAULT', pointer_model='ps2mouse')

    # other devices
    case('rng-off').specs({'hw_rng:allowed': 'False'})
    case('rng-rate').specs({'hw_rng:rate_bytes': '1024', 'hw_rng:rate_period': '60000'})
    case('rng-rate-no-period').specs({'hw_rng:rate_bytes': '1024'})
    case('rng-model').props(hw_rng_model='virtio')
    case('rng-model-bad').props(hw_rng_model='isaac')
    case('rng-path').libvirt(rng_dev_path='/dev/random')
    case('rng-path-missing').libvirt(rng_dev_path='/dev/no-such-rng').host(rng_device=False)
    case('rng-path-empty').libvirt(rng_dev_path='')
    case('qga').props(hw_qemu_guest_agent='yes')
    case('qga-no').props(hw_qemu_guest_agent='no')
    for action in ('none', 'pause', 'poweroff', 'reset', 'disabled', 'explode'):
        case('watchdog-flavor-%s' % action).specs({'hw:watchdog_action': action})
        case('watchdog-image-%s' % action).props(hw_watchdog_action=action)
    case('watchdog-both').specs({'hw:watchdog_action': 'reset'}).props(hw_watchdog_action='disabled')
    case('balloon-off').libvirt(mem_stats_period_seconds='0')
    case('balloon-60').libvirt(mem_stats_period_seconds='60')
    case('perf-events').libvirt(enabled_perf_events='cpu_clock,cmt,cache_misses,no_such_event')
    for model in ('intel', 'virtio', 'auto'):
        case('viommu-%s' % model).props(hw_viommu_model=model, hw_machine_type='q35')
    case('viommu-pc').props(hw_viommu_model='intel')
    case('viommu-flavor').specs({'hw:viommu_model': 'intel'}).props(hw_machine_type='q35')

    # interfaces
    case('vif-bridge').vif(**vif('bridge', net=network(bridge='brq1')))
    case('vif-bridge-mtu').vif(**vif('bridge', net=network(bridge='brq1', mtu=1450)))
    case('vif-bridge-no-devname').vif(**vif('bridge', devname=None))
    case('vif-ovs').vif(**vif('ovs', **PORT_OVS))
    case('vif-ovs-no-interfaceid').vif(**vif('ovs'))
    case('vif-ovs-mtu').vif(**vif('ovs', net=network(mtu=9000), **PORT_OVS))
    case('vif-ovs-hybrid').vif(**vif('ovs', details={'ovs_hybrid_plug': True, 'port_filter': True}, **PORT_OVS))
    case('vif-ovs-hybrid-no').vif(**vif('ovs', details={'ovs_hybrid_plug': False, 'port_filter': False}, **PORT_OVS))
    case('vif-ovs-delegate').vif(**vif('ovs', delegate_create=True, net=network(mtu=1500), **PORT_OVS))
    case('vif-tap').vif(**vif('tap'))
    case('vif-tap-mtu').vif(**vif('tap', net=network(mtu=1400)))
    case('vif-vhostuser').vif(**vif('vhostuser', details={'vhostuser_ovs_plug': True,
                                                          'vhostuser_socket': '/run/vhu1', 'vhostuser_mode': 'client'}))
    case('vif-binding-failed').vif(**vif('binding_failed'))
    case('vif-unbound').vif(**vif('unbound'))
    case('vif-unknown').vif(**vif('token-ring'))
    case('vif-none-type').vif(**vif(None))
    case('vif-two').vif(**vif('ovs', 0, **PORT_OVS)).vif(**vif('bridge', 1))
    for model in ('virtio', 'e1000', 'e1000e', 'rtl8139', 'ne2k_pci', 'pcnet', 'netfront', 'lan9118', 'vmxnet3',
                  'VirtualE1000', 'token'):
        case('vif-model-%s' % model).vif(**vif('bridge')).props(hw_vif_model=model)
        case('vif-model-%s-qemu' % model).vif(**vif('ovs', **PORT_OVS)).props(hw_vif_model=model).libvirt(
            virt_type='qemu')
    case('vif-no-virtio').vif(**vif('bridge')).libvirt(use_virtio_for_bridges='false')
    case('vif-multiqueue').vif(**vif('ovs', **PORT_OVS)).props(hw_vif_multiqueue_enabled='true').flavor(vcpus=4)
    case('vif-multiqueue-flavor').vif(**vif('ovs', **PORT_OVS)).specs(
        {'hw:vif_multiqueue_enabled': 'true'}).flavor(vcpus=4)
    case('vif-multiqueue-conflict').vif(**vif('ovs')).specs(
        {'hw:vif_multiqueue_enabled': 'true'}).props(hw_vif_multiqueue_enabled='no').flavor(vcpus=4)
    case('vif-multiqueue-max').vif(**vif('ovs')).props(hw_vif_multiqueue_enabled='true').flavor(
        vcpus=16).libvirt(max_queues='8')
    case('vif-multiqueue-one').vif(**vif('ovs')).props(hw_vif_multiqueue_enabled='true').flavor(vcpus=1)
    case('vif-multiqueue-qemu').vif(**vif('ovs')).props(hw_vif_multiqueue_enabled='true').flavor(
        vcpus=4).libvirt(virt_type='qemu')
    case('vif-rx-queue').vif(**vif('ovs')).libvirt(rx_queue_size='512')
    case('vif-tx-queue').vif(**vif('ovs')).libvirt(tx_queue_size='512')
    case('vif-quota').vif(**vif('bridge')).specs({
        'quota:vif_inbound_average': '1000', 'quota:vif_inbound_peak': '2000', 'quota:vif_inbound_burst': '3000',
        'quota:vif_outbound_average': '4000', 'quota:vif_outbound_peak': '5000', 'quota:vif_outbound_burst': '6000'})
    case('vif-quota-in').vif(**vif('ovs')).specs({'quota:vif_inbound_average': '1000'})
    case('vif-quota-peak-only').vif(**vif('ovs')).specs({'quota:vif_inbound_peak': '1000'})
    case('vif-quota-tap').vif(**vif('tap')).specs({'quota:vif_outbound_average': '1000'})

    # rescue
    case('rescue').rescue()
    case('rescue-qemu').rescue().libvirt(virt_type='qemu')
    for t in ('raw', 'qcow2', 'lvm', 'rbd'):
        c = case('rescue-%s' % t).rescue().libvirt(images_type=t).flavor(ephemeral_gb=1, swap=64).volume(
            iscsi(1)).instance(config_drive='True')
        d = case('rescue-stable-%s' % t).rescue(hw_rescue_device='disk').libvirt(images_type=t).flavor(
            ephemeral_gb=1, swap=64).volume(iscsi(1)).instance(config_drive='True')
        if t == 'lvm':
            c.libvirt(images_volume_group='nova-vg')
            d.libvirt(images_volume_group='nova-vg')
        if t == 'rbd':
            c.libvirt(images_rbd_pool='vms')
            d.libvirt(images_rbd_pool='vms')
    case('rescue-bus-of-rescue-image').rescue(hw_disk_bus='scsi', hw_scsi_model='virtio-scsi').props(
        hw_disk_bus='virtio').instance(config_drive='True')
    case('rescue-machine-of-rescue-image').rescue(hw_machine_type='q35').instance(config_drive='True')
    case('rescue-kernel').rescue().instance(kernel_id='aki-1', ramdisk_id='ari-1')
    case('rescue-kernel-conf').rescue().libvirt(rescue_kernel_id='aki-9', virt_type='qemu')
    case('rescue-ramdisk-conf').rescue().libvirt(rescue_ramdisk_id='ari-9')
    case('rescue-kernel-cmdline').rescue(os_command_line='quiet').libvirt(rescue_kernel_id='aki-9')
    case('rescue-quota').rescue().specs({'quota:disk_read_bytes_sec': '10240'})
    case('rescue-prefix').rescue().libvirt(disk_prefix='xvd')
    case('rescue-cachemode').rescue().libvirt(disk_cachemodes='file=writeback')
    for device in ('disk', 'cdrom', 'floppy', 'lun', 'fs', 'tape'):
        case('rescue-device-%s' % device).rescue(hw_rescue_device=device)
    for bus in ('virtio', 'scsi', 'ide', 'usb', 'sata', 'xen', 'nvme'):
        case('rescue-bus-%s' % bus).rescue(hw_rescue_bus=bus)
    case('rescue-stable-usb-cdrom').rescue(hw_rescue_device='cdrom', hw_rescue_bus='usb').vif(**vif('bridge'))
    case('rescue-stable-cdrom-q35').rescue(hw_rescue_device='cdrom', hw_machine_type='q35')
    case('rescue-stable-own-bus').rescue(hw_rescue_device='disk', hw_disk_bus='sata').props(hw_disk_bus='scsi')
    case('rescue-stable-scsi').rescue(hw_rescue_bus='scsi').props(
        hw_disk_bus='scsi', hw_scsi_model='virtio-scsi').volume(iscsi(1))
    case('rescue-stable-cachemode').rescue(hw_rescue_bus='virtio').libvirt(disk_cachemodes='file=writeback')
    case('rescue-stable-buffered').rescue(hw_rescue_bus='virtio').libvirt(
        images_type='lvm', images_volume_group='vg').host(direct_io=False)
    case('rescue-stable-bfv').rescue(hw_rescue_bus='virtio').boot_from_volume(iscsi(0))
    case('rescue-stable-kernel').rescue(hw_rescue_bus='virtio').libvirt(rescue_kernel_id='aki-9')
    case('rescue-bfv').rescue().boot_from_volume(iscsi(0))

    # metadata and hostile text
    case('metadata-owner').instance(system_metadata={'owner_user_name': 'alice', 'owner_project_name': 'blue & <b>'})
    case('hostile-display-name').instance(display_name='"></nova:name><x a=\'1\'>&amp; ]]> \u00e9\u4e2d')
    case('empty-display-name').instance(display_name='')
    case('no-image-ref').instance(image_ref='')
    c = case('image-other').instance(image_ref='ffffffff-4e14-4e4c-a73d-069cbf4541e6')
    case('hostile-flavor-name').flavor(name='m1."<tiny>&\'')

    # beyond what the bridge does for now: it must say so
    case('beyond-numa').specs({'hw:numa_nodes': '2'})
    case('beyond-pinning').specs({'hw:cpu_policy': 'dedicated'})
    case('beyond-hugepages').specs({'hw:mem_page_size': 'large'})
    case('beyond-sev').specs({'hw:mem_encryption': 'true'})
    case('beyond-vtpm').specs({'hw:tpm_version': '2.0'})
    case('beyond-vpmem').specs({'hw:pmem': '4GB'})
    case('beyond-pci').specs({'pci_passthrough:alias': 'gpu:1'})
    case('beyond-vgpu').specs({'resources:VGPU': '1'})
    case('beyond-traits').specs({'trait:HW_CPU_X86_AVX2': 'required'}).libvirt(cpu_mode='custom', cpu_models='Haswell')
    case('beyond-realtime').specs({'hw:cpu_realtime': 'yes'})
    return out


def combined(count, seed=26):
    """Many dimensions at once; the same ones for the same count and seed."""
    rnd = random.Random(seed)
    out = []
    for n in range(count):
        c = Case('mix-%03d' % n)
        pick = rnd.choice
        maybe = lambda p: rnd.random() < p  # noqa: E731
        c.libvirt(virt_type=pick(['kvm', 'qemu']))
        t = pick(['default', 'raw', 'flat', 'qcow2', 'lvm', 'rbd'])
        if t != 'default' or maybe(0.5):
            c.libvirt(images_type=t)
        if t == 'lvm':
            c.libvirt(images_volume_group='nova-vg')
            if maybe(0.3):
                c.libvirt(sparse_logical_volumes='true')
        if t == 'rbd':
            c.libvirt(images_rbd_pool='vms')
            if maybe(0.7):
                c.libvirt(rbd_user='nova', rbd_secret_uuid='457eb676-33da-42ec-9a8c-9293d545c337')
        if maybe(0.4):
            c.conf('DEFAULT', use_cow_images=pick(['true', 'false']))
        if maybe(0.4):
            c.conf('DEFAULT', preallocate_images=pick(['none', 'space']))
        if maybe(0.6):
            modes = ['%s=%s' % (kind, pick(['default', 'none', 'writethrough', 'writeback', 'directsync', 'unsafe']))
                     for kind in ('file', 'block', 'network', 'mount') if maybe(0.6)]
            c.libvirt(disk_cachemodes=','.join(modes))
        if maybe(0.4):
            c.libvirt(hw_disk_discard=pick(['ignore', 'unmap']))
        if maybe(0.1):
            c.libvirt(disk_prefix=pick(['xvd', 'sd']))
        if maybe(0.3):
            c.host(direct_io=False)
        if maybe(0.5):
            c.props(hw_disk_bus=pick(['virtio', 'scsi', 'ide', 'usb', 'sata']))
        if maybe(0.4):
            c.props(hw_scsi_model=pick(['virtio-scsi', 'virtio-scsi', 'lsilogic', 'lsisas1068']))
        if maybe(0.2):
            c.props(hw_cdrom_bus=pick(['ide', 'scsi', 'sata', 'virtio']))
        if maybe(0.3):
            c.props(hw_machine_type=pick(['q35', 'pc']))
        if maybe(0.15):
            c.libvirt(num_pcie_ports=pick(['2', '8']))
        if maybe(0.4):
            c.flavor(ephemeral_gb=pick([1, 5]))
        if maybe(0.4):
            c.flavor(swap=pick([64, 1024]))
        if maybe(0.4):
            c.instance(config_drive='True')
        if maybe(0.2):
            c.conf('DEFAULT', config_drive_format='vfat')
        if maybe(0.15):
            c.spec['image_meta']['disk_format'] = pick(['iso', 'raw'])
        makers = [iscsi, local, nfs, rbd]
        if maybe(0.2):
            c.boot_from_volume(pick(makers)(0))
        if maybe(0.25):
            c.ephemeral(size=1, guest_format=pick([None, 'ext4', 'xfs']))
            if maybe(0.5):
                c.ephemeral(size=1, disk_bus=pick([None, 'virtio', 'scsi']))
        if maybe(0.2):
            c.swap(pick([0, 128]))
        for i in range(pick([0, 0, 1, 2])):
            bdm = {}
            if maybe(0.4):
                bdm.update(disk_bus=pick(['virtio', 'scsi', 'sata', 'usb']), device_type='disk')
            if maybe(0.2):
                bdm.update(mount_device='/dev/vd%s' % 'mn'[i], disk_bus='virtio')
            data = {}
            if maybe(0.3):
                data['discard'] = True
            if maybe(0.2):
                data['qos_specs'] = {'read_bytes_sec': '1000', 'write_iops_sec': '20'}
            if maybe(0.2):
                data['access_mode'] = pick(['ro', 'rw'])
            info = pick(makers)(i + 1, **data)
            if maybe(0.15):
                info['multiattach'] = True
            c.volume(info, **bdm)
        # libvirt refuses a total beside a direction; Nova writes both, see quota-disk-contradiction.
        for key in pick([('total_bytes_sec', 'total_iops_sec'), ('read_bytes_sec', 'write_iops_sec')]):
            if maybe(0.2):
                c.specs({'quota:disk_%s' % key: str(rnd.randrange(1, 10**6))})
        if maybe(0.2):
            c.specs({'quota:cpu_shares': str(rnd.randrange(2, 2048))})
        if maybe(0.1):
            c.specs({'quota:cpu_quota': '5000', 'quota:cpu_period': '10000'})
        c.flavor(vcpus=pick([1, 2, 4, 6, 8]), memory_mb=pick([64, 512, 2048]))
        if maybe(0.2):
            c.specs({pick(['hw:cpu_sockets', 'hw:cpu_cores', 'hw:cpu_threads']): pick(['1', '2', '4'])})
        if maybe(0.1):
            c.specs({pick(['hw:cpu_max_sockets', 'hw:cpu_max_threads']): pick(['1', '2'])})
        if maybe(0.4):
            c.libvirt(cpu_mode=pick(['none', 'host-model', 'host-passthrough']))
        if maybe(0.2):
            c.libvirt(cpu_mode='custom', cpu_models='IvyBridge', cpu_model_extra_flags=pick(['pcid', 'ssbd,-vmx']))
        if maybe(0.2):
            c.props(hw_video_model=pick(['cirrus', 'vga', 'qxl', 'virtio', 'none']))
        if maybe(0.2):
            c.props(hw_qemu_guest_agent='yes')
        if maybe(0.2):
            c.props(hw_watchdog_action=pick(['reset', 'poweroff', 'disabled']))
        if maybe(0.15):
            c.specs({'hw_rng:allowed': 'false'})
        if maybe(0.2):
            c.instance(os_type=pick(['linux', 'windows']))
        if maybe(0.15):
            c.conf('DEFAULT', pointer_model='ps2mouse')
        if maybe(0.15):
            c.props(hw_input_bus=pick(['usb', 'virtio']))
        if maybe(0.2):
            c.conf('vnc', enabled='false')
        if maybe(0.2):
            c.conf('spice', enabled='true', agent_enabled=pick(['true', 'false']))
        if maybe(0.15):
            c.conf('serial_console', enabled='true')
        if maybe(0.15):
            c.libvirt(mem_stats_period_seconds=pick(['0', '30']))
        if maybe(0.1):
            c.instance(kernel_id='aki-1', ramdisk_id=pick([None, 'ari-1']))
        if maybe(0.1):
            c.props(hw_boot_menu='true')
        if maybe(0.1):
            c.specs({'hw:pmu': pick(['true', 'false'])})
        for i in range(pick([0, 0, 1, 2])):
            kind = pick(['bridge', 'ovs', 'ovs', 'tap'])
            details = {'ovs_hybrid_plug': maybe(0.5)} if kind == 'ovs' else {}
            meta = {'mtu': pick([1400, 1500])} if maybe(0.5) else {}
            c.vif(**vif(kind, i, net=network(i, **meta), details=details))
        if maybe(0.2):
            c.props(hw_vif_model=pick(['virtio', 'e1000', 'rtl8139']))
        if maybe(0.2):
            c.props(hw_vif_multiqueue_enabled='true')
        if maybe(0.1):
            c.specs({'quota:vif_outbound_average': '1024'})
        out.append(c)
    return out


def make_cases(count):
    cases = systematic()
    cases += combined(max(0, count - len(cases)))
    names = [c.name for c in cases]
    assert len(names) == len(set(names)), 'two cases have one name'
    return [c.to_json() for c in cases]


def make_specs(count):
    """Guests of all kinds, no two alike and each with a name of its own, on one host with one configuration."""
    cases, seen = [], set()
    for case in systematic() + combined(count):
        text = json.dumps(case.spec, sort_keys=True)
        if text in seen or len(cases) == count:
            continue
        seen.add(text)
        one = Case(case.name)
        one.spec = case.spec
        one.instance(uuid=str(uuid.UUID(int=len(seen), version=4)), name='instance-%08x' % len(seen))
        cases.append(one.to_json())
    return cases


# The cases that the fast tests hold, with Nova's answers, so that they need no Nova.
GOLDEN = (
    'plain-kvm plain-qemu plain-qemu-thin-slice images_type-raw images_type-qcow2 images_type-lvm images_type-rbd '
    'images_type-lvm-buffered images_type-lvm-no-group preallocate-space-raw cachemode-file-writeback-space '
    'cachemode-block-unsafe-lvm cachemode-invalid discard-unmap disk_prefix hw_disk_bus-scsi hw_disk_bus-xen '
    'hw_disk_bus-nvme hw_scsi_model-virtio-scsi scsi-unit-bfv ephemeral-bdm swap-bdm-bus config-drive-vfat '
    'iso-image-q35 volume-iscsi volume-local volume-nfs-qcow2 volume-rbd volume-iscsi-multiattach volume-iscsi-qos '
    'volume-local-badmode ide-too-many quota-disk-several quota-disk-contradiction quota-cpu cpu_mode-custom-case topology-image-max '
    'topology-impossible machine-q35 machine-vax kernel-ramdisk windows-hidden pmu-conflict spice serial-console-3 '
    'video-ram-too-high input-bus-virtio rng-rate rng-path-missing qga watchdog-image-reset viommu-auto '
    'file-backed-memory vif-two vif-ovs-hybrid vif-tap-mtu vif-multiqueue vif-quota vif-model-lan9118 '
    'hostile-display-name rescue-lvm rescue-stable-qcow2 rescue-device-fs rescue-kernel-conf beyond-pinning mix-000 mix-001 mix-002 mix-003 mix-004 mix-005').split()


# ---------------------------------------------------------------- Nova's answers

class Bdm(dict):
    """A driver block device mapping without a database."""

    def save(self):
        pass

    def copy(self):
        return Bdm(self)


def nova_block_device_info(info):
    if info is None:
        return None
    info = copy.deepcopy(info)
    for key in ('image', 'ephemerals', 'block_device_mapping'):
        info[key] = [Bdm(bdm) for bdm in info.get(key) or []]
    if info.get('swap'):
        info['swap'] = Bdm(info['swap'])
    return info


def answer_all(cases):
    return inside_nova(lambda nova: [nova.answer(case) for case in cases])


def undated(document):
    return re.sub('<nova:creationTime>[^<]*', '<nova:creationTime>', document)


def turns(cases):
    """Nova's time for all documents, again and again, in a process that has settled and with one driver, as in
    nova-compute. What Nova gets from elsewhere (instance, image, ports, volumes) is made anew before each turn, since
    Nova changes it, and that takes no time of Nova's."""
    def work(nova):
        confs = {case['conf'] for case in cases}
        facts = cases[0]['host_facts']
        if len(confs) != 1 or any(case['host_facts'] != facts for case in cases):
            raise RuntimeError('all documents want one configuration and one host')
        # Nova's fixtures format even what is not logged, and warn on stderr. A host does less, and here nothing is said.
        logging.disable(logging.CRITICAL)
        warnings.simplefilter('ignore')
        nova.configure(confs.pop())
        with nova.driver(facts) as driver:
            for case in cases:
                if undated(nova.document(driver, nova.guest(case['spec']))) != undated(case['xml']):
                    raise RuntimeError('%s: another document than before' % case['name'])
            print('ready', flush=True)
            for _line in sys.stdin:
                guests = [nova.guest(case['spec']) for case in cases]
                gc.collect()
                begin = time.perf_counter()
                for guest in guests:
                    nova.document(driver, guest)
                print(time.perf_counter() - begin, flush=True)
    inside_nova(work)


def inside_nova(work):
    """Gives the work one of Nova's own test cases to work in, and returns what it returns."""
    from oslo_config import cfg
    from nova import context, objects, test
    from nova.compute import power_state  # noqa: F401  (registers what the driver needs)
    import nova.conf
    from nova.network import model as network_model
    from nova.tests import fixtures as nova_fixtures
    from nova.tests.fixtures import libvirt as fakelibvirt
    from nova.virt import fake, hardware
    from nova.virt.libvirt import blockinfo, driver as libvirt_driver, imagebackend
    from nova.virt.libvirt import host as libvirt_host
    import os_vif

    CONF = nova.conf.CONF
    done = []

    class Parity(test.NoDBTestCase):
        REQUIRES_LOCKING = True

        def setUp(self):
            super().setUp()
            os_vif.initialize()
            self.libvirt = self.useFixture(nova_fixtures.LibvirtFixture())
            self.cgroups = self.useFixture(nova_fixtures.CGroupsFixture())
            self.stub_out('nova.virt.libvirt.imagebackend.Image.resolve_driver_format',
                          imagebackend.Image._get_driver_format)
            self.stub_out('nova.virt.libvirt.imagebackend.rbd_utils.RBDDriver', self.fake_rbd)
            self.stub_out('nova.virt.libvirt.driver.LibvirtDriver._get_host_sysinfo_serial_os',
                          lambda driver: MACHINE_ID)
            self.monitors = []
            self.scratch = tempfile.mkdtemp(prefix='nova-parity-')
            self.addCleanup(__import__('shutil').rmtree, self.scratch)

        def fake_rbd(self, pool=None, user=None, ceph_conf=None, connect_timeout=None):
            fake_driver = mock.Mock(spec=['get_mon_addrs', 'exists', 'pool', 'rbd_user', 'ceph_conf'])
            fake_driver.get_mon_addrs.side_effect = lambda: (
                [m['host'] for m in self.monitors], [m['port'] for m in self.monitors])
            fake_driver.exists.return_value = False
            fake_driver.pool = pool or CONF.libvirt.images_rbd_pool
            fake_driver.rbd_user = user or CONF.libvirt.rbd_user
            fake_driver.ceph_conf = ceph_conf or CONF.libvirt.images_rbd_ceph_conf
            return fake_driver

        def test_all(self):
            done.append(work(self))

        def configure(self, text):
            path = os.path.join(self.scratch, 'nova-compute.conf')
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
            lock_path = CONF.oslo_concurrency.lock_path
            CONF([], project='nova', default_config_files=[path], default_config_dirs=[])
            # What Nova's test fixture turned away from the shipped defaults is turned back.
            for name, group in (('use_cow_images', None), ('force_raw_images', None), ('host', None)):
                try:
                    CONF.clear_default(name, group)
                except cfg.NoSuchOptError:
                    pass
            CONF.set_override('lock_path', lock_path, 'oslo_concurrency')

        def facts(self, given, conn_caps):
            facts = {
                'arch': 'x86_64', 'direct_io': True, 'libvirt_version': 9000000, 'qemu_version': 7002022,
                'cpu_control': True, 'rbd_monitors': [{'host': '192.0.2.21', 'port': '6789'}],
                'host_uuid': conn_caps['host_uuid'], 'machine_id': conn_caps['machine_id'],
                'machine_types': conn_caps['machine_types'], 'cpu_models': conn_caps['cpu_models'],
                'rng_device': True, 'free_serial_ports': [str(p) for p in range(10000, 10004)],
            }
            facts.update(given)
            return facts

        def host_capabilities(self):
            from lxml import etree
            conn = fakelibvirt.Connection('qemu:///system')
            tree = etree.fromstring(conn.getCapabilities())
            machines = []
            for guest in tree.findall('guest'):
                machines += [m.text for m in guest.xpath('arch[@name="x86_64" or @name="i686"]//machine')]
            return {'host_uuid': tree.findtext('host/uuid'), 'machine_id': MACHINE_ID.replace('-', ''),
                    'machine_types': sorted(set(machines)),
                    'cpu_models': list(conn.getCPUModelNames('x86_64'))}

        def answer(self, case):
            case = copy.deepcopy(case)
            facts = self.facts(case['host_facts'], self.host_capabilities())
            case['host_facts'] = facts
            try:
                case['xml'] = self.domain(case, facts)
            except Exception as error:
                case['error'] = {'class': type(error).__name__, 'message': str(error)}
            return case

        def domain(self, case, facts):
            self.configure(case['conf'])
            guest = self.guest(case['spec'])
            with self.driver(facts) as drvr:
                return self.document(drvr, guest)

        def guest(self, spec):
            """What nova-compute would have got from elsewhere: arguments of spawn or rescue."""
            fields = spec['instance']
            image_meta = objects.ImageMeta.from_dict(copy.deepcopy(spec['image_meta']))
            rescue_image = spec.get('rescue') and objects.ImageMeta.from_dict(
                copy.deepcopy(spec['rescue']['image_meta']))
            flavor = fields['flavor']
            system_metadata = dict(fields['system_metadata'])
            for key, value in spec['image_meta']['properties'].items():
                system_metadata.setdefault('image_' + key, value)
            instance = objects.Instance(
                id=1, uuid=fields['uuid'], display_name=fields['display_name'], project_id=fields['project_id'],
                user_id=fields['user_id'], vcpus=fields['vcpus'], memory_mb=fields['memory_mb'],
                root_gb=fields['root_gb'], ephemeral_gb=fields['ephemeral_gb'], image_ref=fields['image_ref'],
                kernel_id=fields['kernel_id'], ramdisk_id=fields['ramdisk_id'], os_type=fields['os_type'],
                root_device_name=fields['root_device_name'], config_drive=fields['config_drive'],
                metadata=fields['metadata'], system_metadata=system_metadata,
                flavor=objects.Flavor(id=2, flavorid='1', name=flavor['name'], vcpus=flavor['vcpus'],
                                      memory_mb=flavor['memory_mb'], root_gb=flavor['root_gb'],
                                      ephemeral_gb=flavor['ephemeral_gb'], swap=flavor['swap'], rxtx_factor=1.0,
                                      vcpu_weight=None, extra_specs=flavor['extra_specs']),
                old_flavor=None, new_flavor=None, pci_devices=objects.PciDeviceList(), numa_topology=None,
                vm_mode=None, vm_state=None, task_state=None, launched_at=None, host='compute1', node='compute1',
                vcpu_model=None, resources=None, migration_context=None, trusted_certs=None,
                ephemeral_key_uuid=None, info_cache=None, default_ephemeral_device=None, default_swap_device=None)
            network_info = network_model.NetworkInfo.hydrate(json.dumps(spec['network_info']))
            info = nova_block_device_info(spec['block_device_info'])
            template = fields['name'].replace(fields['name'][-8:], '%08x')
            CONF.set_override('instance_name_template', 'instance-%08x' if template == 'instance-%08x' else template)
            instance.id = int(fields['name'][-8:], 16)
            return instance, network_info, image_meta, info, rescue_image

        @contextlib.contextmanager
        def driver(self, facts):
            """Nova's driver on a host that is played: whatever would leave the process answers at once."""
            self.monitors = facts['rbd_monitors']
            self.cgroups.version = 1 if facts['cpu_control'] else 0
            version, qemu = facts['libvirt_version'], facts['qemu_version']
            ports = iter(range(10000, 10100))
            with mock.patch.object(fakelibvirt, 'openAuth', lambda uri, auth, flags=0: fakelibvirt.Connection(
                    uri, version=version, hv_version=qemu)), \
                    mock.patch('nova.privsep.utils.supports_direct_io', lambda path: facts['direct_io']), \
                    mock.patch('nova.console.serial.acquire_port', lambda host: next(ports)), \
                    mock.patch.object(libvirt_driver.LibvirtDriver, '_connect_volume', lambda *a, **k: None), \
                    mock.patch.object(libvirt_host.Host, 'find_secret', lambda *a, **k: None):
                drvr = libvirt_driver.LibvirtDriver(fake.FakeVirtAPI(), False)
                # init_host would do this; the fake libvirt lacks the constants of the real one.
                for event in PERF_EVENTS:
                    setattr(fakelibvirt, 'VIR_PERF_PARAM_' + event.upper(), event)
                drvr._supported_perf_events = drvr._get_supported_perf_events()
                yield drvr

        def document(self, drvr, guest):
            instance, network_info, image_meta, info, rescue_image = guest
            rescue, rescue_image_meta = None, None
            if rescue_image:
                # What LibvirtDriver.rescue does before it makes the disks.
                rescue = {'kernel_id': CONF.libvirt.rescue_kernel_id or instance.kernel_id,
                          'ramdisk_id': CONF.libvirt.rescue_ramdisk_id or instance.ramdisk_id}
                if hardware.check_hw_rescue_props(rescue_image):
                    rescue_image_meta = rescue_image
                else:
                    image_meta, info = rescue_image, None
            disk_info = blockinfo.get_disk_info(CONF.libvirt.virt_type, instance, image_meta, info,
                                                rescue=rescue is not None, rescue_image_meta=rescue_image_meta)
            config = drvr._get_guest_config(instance, network_info, image_meta, disk_info, rescue=rescue,
                                            block_device_info=info, context=context.get_admin_context())
            return config.to_xml()

    warnings.simplefilter('ignore')
    result = unittest.TestResult()
    Parity('test_all').run(result)
    for _test, trace in result.errors + result.failures:
        sys.exit('nova-parity: Nova\'s fixtures failed:\n' + trace)
    return done[0]


def compact(case):
    """A case for tracking: without what changes from run to run, and without long facts it does not need."""
    if 'machine' not in case['name']:
        del case['host_facts']['machine_types']
    if 'cpu_models' not in case['conf']:
        del case['host_facts']['cpu_models']
    if 'xml' in case:
        case['xml'] = re.sub('(<nova:creationTime>)[^<]*', r'\g<1>2026-11-20 10:00:00', case['xml'])
    elif case['name'] == 'machine-vax':
        case['error']['message'] = case['error']['message'].split(',')[0]
    return case


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    make = commands.add_parser('cases')
    make.add_argument('--count', type=int, default=640)
    make.add_argument('out')
    expect = commands.add_parser('expect')
    expect.add_argument('cases')
    expect.add_argument('out')
    golden = commands.add_parser('golden')
    golden.add_argument('out')
    specs = commands.add_parser('specs')
    specs.add_argument('--count', type=int, default=1400)
    specs.add_argument('out')
    commands.add_parser('turns').add_argument('answers')
    arguments = parser.parse_args()
    if arguments.command == 'turns':
        warnings.simplefilter('ignore')
        with open(arguments.answers, encoding='utf-8') as source:
            turns(json.load(source))
        return
    if arguments.command == 'cases':
        result = make_cases(arguments.count)
    elif arguments.command == 'specs':
        result = make_specs(arguments.count)
    elif arguments.command == 'golden':
        by_name = {case['name']: case for case in make_cases(500)}
        result = [compact(case) for case in answer_all([by_name[name] for name in GOLDEN])]
    else:
        warnings.simplefilter('ignore')
        with open(arguments.cases, encoding='utf-8') as source:
            result = answer_all(json.load(source))
    with open(arguments.out, 'w', encoding='utf-8') as out:
        json.dump(result, out, indent=1)
        out.write('\n')
    errors = sum('error' in r for r in result)
    print('nova-parity: %d cases, %d refusals' % (len(result), errors), file=sys.stderr)


if __name__ == '__main__':
    main()
