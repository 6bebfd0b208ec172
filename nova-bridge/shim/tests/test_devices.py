"""Tagged devices: the bridge says where they are, Nova's objects tell guests."""

from unittest import mock

from nova import exception
from nova import objects
from nova.virt.bridge import images
from tests import driver_case
from tests import guests
from tests import test_volumes

MAC = 'fa:16:3e:00:00:07'
ANSWER = [
    {'kind': 'disk', 'name': 'vda', 'bus': 'pci', 'address': '0000:00:04.0'},
    {'kind': 'disk', 'name': 'vdb', 'serial': test_volumes.VOLUME, 'bus': 'pci', 'address': '0000:00:05.0'},
    {'kind': 'disk', 'name': 'sda', 'serial': 's', 'bus': 'scsi'},
    {'kind': 'disk', 'name': 'sdb'},
    {'kind': 'interface', 'name': MAC, 'bus': 'pci', 'address': '0000:00:03.0'},
]


class DevicesTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        self.answers['/v1/instances/%s/devices' % guests.UUID] = ANSWER
        self.instance.device_metadata = None

    def tag(self):
        self.tagged['ports'] = [objects.VirtualInterface(address=MAC.upper(), tag='net'),
                                objects.VirtualInterface(address='fa:16:3e:00:00:08', tag=None)]
        self.tagged['disks'] = [test_volumes.bdm(tag='database'), test_volumes.bdm(tag=None, device_name='/dev/vda'),
                                test_volumes.bdm(tag='slow', device_name='sda', volume_id='s'),
                                test_volumes.bdm(tag='other', device_name='/dev/sdb', volume_id=None)]

    def seen(self):
        return [(type(one).__name__, one.tags, type(one.bus).__name__ if 'bus' in one else None,
                 one.bus.address if 'bus' in one and 'address' in one.bus else None)
                for one in self.instance.device_metadata.devices]

    def test_a_guest_is_told_of_the_devices_that_have_a_tag(self):
        self.tag()
        self.spawn()
        self.assertEqual([
            ('DiskMetadata', ['database'], 'PCIDeviceBus', '0000:00:05.0'),
            ('DiskMetadata', ['slow'], 'SCSIDeviceBus', None),
            ('DiskMetadata', ['other'], None, None),
            ('NetworkInterfaceMetadata', ['net'], 'PCIDeviceBus', '0000:00:03.0')], self.seen())
        self.assertEqual([test_volumes.VOLUME, 's', None], [one.serial for one in self.instance.device_metadata.devices[:3]])
        port = self.instance.device_metadata.devices[3]
        self.assertEqual((MAC, False), (port.mac, port.vf_trusted))
        self.instance.save.assert_called()

    def test_without_a_tag_nothing_is_asked(self):
        del self.answers['/v1/instances/%s/devices' % guests.UUID]
        self.spawn()
        self.assertIsNone(self.instance.device_metadata)
        self.assertNotIn('spec', self.bodies['start'])

    def test_a_config_drive_is_made_once_more_when_the_places_are_known(self):
        self.tag()
        self.instance.config_drive = 'True'
        known = []
        with mock.patch.object(images, 'config_drive', side_effect=lambda *one: known.append(
                self.instance.device_metadata) or 'disk.config'):
            self.spawn()
        self.assertEqual(['prepare', 'redefine', 'wait for 0', 'start', 'events came'], self.calls)
        self.assertIsNone(known[0])
        self.assertEqual(4, len(known[1].devices))
        self.assertEqual('disk.config', self.bodies['start']['spec']['config_drive_file'])
        self.assertNotIn('config_drive_file', self.bodies['redefine']['spec'])

    def test_what_is_attached_is_told_at_once(self):
        self.tag()
        port = {'id': 'p1', 'type': 'bridge', 'address': MAC, 'vnic_type': 'normal'}
        self.driver.attach_interface(guests.admin(), self.instance, guests.image(), port)
        self.assertEqual(4, len(self.seen()))
        self.instance.device_metadata = None
        with mock.patch.object(self.driver._volumes, 'connect_one'):
            self.driver.attach_volume(guests.admin(), test_volumes.iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(4, len(self.seen()))

    def test_a_device_that_came_stays_though_nobody_can_be_told(self):
        self.tag()
        self.answers['/v1/instances/%s/devices' % guests.UUID] = []
        self.instance.save.side_effect = exception.InstanceNotFound(instance_id=guests.UUID)
        with self.assertLogs('nova.virt.bridge.devices', 'ERROR'), \
                mock.patch.object(self.driver._volumes, 'connect_one'):
            self.driver.attach_volume(guests.admin(), test_volumes.iscsi(), self.instance, '/dev/vdb')
        self.assertEqual('attach-volume', self.calls[-1])

    def test_a_definition_made_anew_is_told_of_a_guest_that_was_told_before(self):
        self.tag()
        admin = guests.admin()
        self.driver.reboot(admin, self.instance, [], 'HARD')
        self.assertIsNone(self.instance.device_metadata)
        for start in (lambda: self.driver.reboot(admin, self.instance, [], 'HARD'),
                      lambda: self.driver.power_on(admin, self.instance, [])):
            self.instance.device_metadata = objects.InstanceDeviceMetadata(devices=[])
            start()
            self.assertEqual(4, len(self.seen()))
