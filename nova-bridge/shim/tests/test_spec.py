"""SPEC.json of Nova's objects: everything the rules read, and no secrets."""

import json
import unittest

from nova.network import model
from nova import objects
from nova.virt import block_device as driver_block_device
from tests import guests
from nova.virt.bridge import spec


class SpecTest(unittest.TestCase):
    def spec(self, instance=None, image=None, network_info=None, block_device_info=None, **more):
        made = spec.spec(instance or guests.instance(), image or guests.image(), network_info, block_device_info,
                         **more)
        return json.loads(json.dumps(made))

    def test_an_instance_has_novas_names(self):
        made = self.spec()
        self.assertEqual({'instance', 'image_meta', 'block_device_info', 'network_info', 'power_on'}, set(made))
        instance = made['instance']
        self.assertEqual(guests.UUID, instance['uuid'])
        self.assertEqual('instance-0000002a', instance['name'])
        self.assertEqual({'name': 'm1.small', 'vcpus': 2, 'memory_mb': 512, 'root_gb': 10, 'ephemeral_gb': 1,
                          'swap': 64, 'extra_specs': {'quota:disk_read_iops_sec': '500'}}, instance['flavor'])
        self.assertEqual((2, 512, 10, 1), tuple(instance[key] for key in (
            'vcpus', 'memory_mb', 'root_gb', 'ephemeral_gb')))
        self.assertIsNone(instance['launched_at'])

    def test_of_the_system_metadata_the_rules_read_only_the_image_and_the_owner(self):
        self.assertEqual({'image_base_image_ref': guests.IMAGE, 'image_hw_disk_bus': 'virtio', 'image_min_ram': '0',
                          'owner_user_name': 'me'}, self.spec()['instance']['system_metadata'])
        self.assertNotIn('geheim', json.dumps(self.spec()))

    def test_an_image_has_the_properties_that_are_set(self):
        made = self.spec(image=guests.image(hw_disk_bus='virtio', hw_qemu_guest_agent='yes', hw_cpu_cores='2'))
        self.assertEqual({'hw_disk_bus': 'virtio', 'hw_qemu_guest_agent': True, 'hw_cpu_cores': 2},
                         made['image_meta']['properties'])
        self.assertEqual(('qcow2', 'bare', 1048576), tuple(made['image_meta'][key] for key in (
            'disk_format', 'container_format', 'size')))

    def test_an_instance_without_an_image_has_an_empty_one(self):
        made = self.spec(image=objects.ImageMeta.from_dict({}))
        self.assertIsNone(made['image_meta']['id'])
        self.assertEqual({}, made['image_meta']['properties'])

    def test_files_are_named_when_there_are_some(self):
        made = self.spec(image_file='image', config_drive_file='disk.config', power_on=False)
        self.assertEqual(('image', 'disk.config', False),
                         (made['image_file'], made['config_drive_file'], made['power_on']))

    def test_ports_are_whole(self):
        port = model.VIF(id='p1', address='de:ad:be:ef:ca:fe', type='bridge', details={'port_filter': True},
                         network=model.Network(id='n', bridge='br0', label='l', mtu=1450, subnets=[model.Subnet(
                             cidr='10.0.0.0/24', ips=[model.FixedIP(address='10.0.0.5')])]))
        made = self.spec(network_info=model.NetworkInfo([port]))['network_info'][0]
        self.assertEqual(('p1', 'bridge', 'br0', 1450), (
            made['id'], made['type'], made['network']['bridge'], made['network']['meta']['mtu']))
        self.assertEqual('10.0.0.5', made['network']['subnets'][0]['ips'][0]['address'])

    def test_passwords_and_keys_of_volumes_stay_here(self):
        volume = {'mount_device': '/dev/vdb', 'boot_index': None, 'connection_info': {
            'driver_volume_type': 'iscsi', 'serial': 's', 'data': {
                'auth_username': 'u', 'auth_password': 'geheim', 'secret_uuid': 'kept',
                'nested': [{'secret_key': 'geheim', 'Token': 'geheim'}], 'keyring': 'geheim', 'key': 'geheim'}}}
        made = self.spec(block_device_info={'root_device_name': None, 'image': [], 'ephemerals': [], 'swap': None,
                                            'block_device_mapping': [volume]})
        self.assertNotIn('geheim', json.dumps(made))
        data = made['block_device_info']['block_device_mapping'][0]['connection_info']['data']
        self.assertEqual({'auth_username': 'u', 'secret_uuid': 'kept', 'nested': [{}]}, data)

    def test_local_block_devices_of_nova_are_dictionaries(self):
        disks = driver_block_device.convert_ephemerals([objects.BlockDeviceMapping(
            guests.admin(), source_type='blank', destination_type='local', guest_format='ext4', device_name='/dev/vdb',
            volume_size=1, boot_index=-1, disk_bus='virtio', device_type='disk', delete_on_termination=True,
            volume_id=None, snapshot_id=None, image_id=None, no_device=False, volume_type=None,
            encrypted=False, encryption_secret_uuid=None, encryption_format=None, encryption_options=None)])
        made = self.spec(block_device_info={'root_device_name': '/dev/vda', 'ephemerals': disks, 'swap': None,
                                            'block_device_mapping': []})
        self.assertEqual({'device_name': '/dev/vdb', 'size': 1, 'guest_format': 'ext4', 'disk_bus': 'virtio',
                          'device_type': 'disk'}, {key: value for key, value in
                                                   made['block_device_info']['ephemerals'][0].items() if value})
