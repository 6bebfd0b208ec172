"""What Nova is told of local disks, of real files."""

import json
import os
import subprocess

from tests import driver_case
from tests import guests

MIB = 1 << 20


class DiskInfoTest(driver_case.DriverCase):
    def file(self, name, *arguments):
        path = os.path.join(self.state.name, name)
        subprocess.run(['qemu-img', 'create', '-q', *arguments[:-1], path, arguments[-1]], check=True)
        return path

    def told(self, block_device_info, *disks):
        self.answers['/v1/instances/%s/disks' % guests.UUID] = [
            dict(zip(('source_type', 'source', 'format', 'size_bytes', 'exists'), one)) for one in disks]
        return json.loads(self.driver.get_instance_disk_info(self.instance, block_device_info))

    def test_files_are_told_of_with_what_they_take_and_what_they_read(self):
        raw = self.file('disk.local', '-f', 'raw', '1M')
        base = self.file('base', '-f', 'raw', '1M')
        root = self.file('disk', '-f', 'qcow2', '-b', base, '-F', 'raw', '3M')
        found = self.told(None, ('file', root, 'qcow2', None, True), ('file', raw, 'raw', None, True),
                          ('file', '/gone', 'raw', None, False), ('network', 'pool/image', 'raw', None, True))
        self.assertEqual(['qcow2', 'raw'], [one['type'] for one in found])
        self.assertEqual([3 * MIB, MIB], [one['virt_disk_size'] for one in found])
        self.assertEqual(['base', ''], [one['backing_file'] for one in found])
        for one in found:
            self.assertEqual(one['virt_disk_size'] - one['disk_size'], one['over_committed_disk_size'])
        self.assertEqual(os.stat(raw).st_blocks * 512, found[1]['disk_size'])

    def test_a_guest_that_writes_a_header_into_its_raw_disk_says_nothing_by_it(self):
        raw = self.file('disk', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', '5M')
        found, = self.told(None, ('file', raw, 'raw', None, True))
        self.assertEqual(('raw', ''), (found['type'], found['backing_file']))
        self.assertEqual(os.path.getsize(raw), found['virt_disk_size'])

    def test_block_devices_are_told_of_when_it_is_known_which_are_volumes(self):
        volume = ('block', '/dev/vg/%s_disk' % guests.UUID, 'raw', 7 * MIB, True)
        self.assertEqual([], self.told(None, volume))
        found, = self.told({'block_device_mapping': []}, volume)
        self.assertEqual((7 * MIB, 7 * MIB, 0), (
            found['virt_disk_size'], found['disk_size'], found['over_committed_disk_size']))

    def test_a_block_device_whose_size_nobody_tells_loses_no_other(self):
        volume = ('block', '/dev/vg/%s_disk' % guests.UUID, 'raw', 7 * MIB, True)
        sizeless = ('block', '/dev/vg/%s_disk.eph0' % guests.UUID, 'raw')
        self.answers['/v1/instances/%s/disks' % guests.UUID] = [
            dict(zip(('source_type', 'source', 'format', 'size_bytes', 'exists'), volume)),
            {**dict(zip(('source_type', 'source', 'format'), sizeless)), 'exists': True}]
        found, = json.loads(self.driver.get_instance_disk_info(self.instance, {'block_device_mapping': []}))
        self.assertEqual(volume[1], found['path'])
