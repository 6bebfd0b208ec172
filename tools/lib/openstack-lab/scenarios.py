#!/usr/bin/python3
"""The life of servers in the lab, through the openstack command line only, and that nothing of them is left."""

import hashlib
import os
import re
import subprocess

import servers

POWER_BUTTON = 'NOVA-BRIDGE-GUEST power button'


class Life(servers.Case):
    """Everything that a user does with a server, one after the other."""

    def test_a_server_lives(self):
        """Create from qcow2, console, reboots, stop and start, pause, suspend, and delete."""
        server = self.server('lives', 'guest')
        self.assertIn('NOVA-BRIDGE-GUEST disks vda=%d' % (1 << 30), server.ready())
        servers.openstack('server', 'reboot', '--soft', server.id, parse=False)
        server.wait('ACTIVE')
        server.ready()
        server.act('reboot', 'ACTIVE', '--hard')
        server.ready()
        server.act('stop', 'SHUTOFF')
        self.assertIn(POWER_BUTTON, server.console())
        server.act('start', 'ACTIVE')
        server.act('pause', 'PAUSED')
        server.act('unpause', 'ACTIVE')
        server.act('suspend', 'SUSPENDED')
        server.act('resume', 'ACTIVE')
        server.delete()

    def test_a_raw_image_with_a_config_drive_is_rescued(self):
        raw = os.path.join(servers.LAB, 'state', 'guest.raw')
        subprocess.run(['qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', servers.IMAGE, raw], check=True)
        self.addCleanup(os.remove, raw)
        self.image('raw-guest', 'raw', raw)
        server = self.server('raw', 'raw-guest', '--config-drive', 'True')
        self.assertIn('sr0=', server.ready())
        server.act('rescue', 'RESCUE', '--image', 'guest')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        server.act('unrescue', 'ACTIVE')
        self.assertNotIn('vdb=', server.ready())

    def test_a_picture_of_a_server_boots(self):
        server = self.server('pictured', 'guest')
        server.ready()
        servers.openstack('server', 'image', 'create', '--name', 'picture', '--wait', server.id, parse=False)
        self.addCleanup(servers.openstack, 'image', 'delete', 'picture', parse=False)
        self.assertEqual('active', servers.openstack('image', 'show', 'picture')['status'])
        server.wait('ACTIVE')
        self.server('of-picture', 'picture').ready()

    def test_a_server_is_resized_and_rebuilt(self):
        server = self.server('grows', 'guest')
        server.ready()
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        self.assertIn('vda=%d' % (2 << 30), server.ready())
        server.act('resize revert', 'ACTIVE')
        self.assertIn('vda=%d' % (1 << 30), server.ready())
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        server.act('resize confirm', 'ACTIVE')
        self.assertIn('vda=%d' % (2 << 30), server.ready())
        server.act('rebuild', 'ACTIVE', '--image', 'guest-alt')
        server.ready()

    def test_a_server_is_shelved_and_comes_back(self):
        server = self.server('shelved', 'guest')
        server.ready()
        servers.openstack('server', 'shelve', server.id, parse=False)
        server.wait('SHELVED_OFFLOADED')
        self.assertEqual([], self.new_guests())
        servers.openstack('server', 'unshelve', server.id, parse=False)
        server.wait('ACTIVE')
        server.ready()

    def test_a_volume_comes_and_goes(self):
        server = self.server('has-volume', 'guest')
        server.ready()
        volume = self.volume()
        self.attach(server, volume)
        second = self.volume()
        self.attach(server, second)
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertRegex(server.ready(), r'vdb=%d vdc=%d' % (1 << 30, 1 << 30))
        self.detach(server, second)
        self.detach(server, volume)
        server.act('stop', 'SHUTOFF')
        self.attach(server, volume)
        server.act('start', 'ACTIVE')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        server.delete()
        self.until_volume(volume, 'available')

    def test_an_encrypted_volume_comes_and_goes(self):
        servers.openstack('volume', 'type', 'create', 'locked', '--encryption-provider', 'luks', '--encryption-cipher',
                          'aes-xts-plain64', '--encryption-key-size', '256', '--encryption-control-location', 'front-end')
        self.addCleanup(servers.openstack, 'volume', 'type', 'delete', 'locked', parse=False)
        server = self.server('has-locked-volume', 'guest')
        server.ready()
        volume = self.volume('--type', 'locked')
        self.attach(server, volume)
        self.assertIn("<encryption format='luks'", servers.virsh('dumpxml', server.show()['OS-EXT-SRV-ATTR:instance_name']))
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        server.act('stop', 'SHUTOFF')
        server.act('start', 'ACTIVE')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.detach(server, volume)
        self.assertNotIn(volume, servers.virsh('secret-list'))
        self.attach(server, volume)
        server.delete()
        self.until_volume(volume, 'available')

    @servers.ceph_only
    def test_a_volume_grows_while_its_server_has_it(self):
        """Running and stopped; the guest of the first is told, that of the second finds it at its start."""
        server = self.server('grows-volume', 'guest')
        server.ready()
        volume = self.volume()
        self.attach(server, volume)
        domain = server.show()['OS-EXT-SRV-ATTR:instance_name']
        self.grow(volume, 2)
        servers.until('QEMU has the new size', lambda: re.search(
            r'^Capacity: +%d$' % (2 << 30), servers.virsh('domblkinfo', domain, 'vdb'), re.MULTILINE))
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (2 << 30), server.ready())
        server.act('stop', 'SHUTOFF')
        self.grow(volume, 3)
        server.act('start', 'ACTIVE')
        self.assertIn('vdb=%d' % (3 << 30), server.ready())
        self.detach(server, volume)

    def grow(self, volume, gib):
        # Since 3.42 one that is attached grows.
        servers.openstack('--os-volume-api-version', '3.42', 'volume', 'set', '--size', str(gib), volume, parse=False)
        servers.until('volume %s has %d GiB' % (volume, gib), lambda: (
            lambda seen: seen['size'] == gib and seen['status'] == 'in-use')(servers.openstack('volume', 'show', volume)))

    @servers.ceph_only
    def test_two_servers_have_one_volume(self):
        """Both write to the same image of Ceph's; the one that stays keeps it when the other goes."""
        servers.openstack('volume', 'type', 'create', 'shared', '--property', 'multiattach=<is> True')
        self.addCleanup(servers.openstack, 'volume', 'type', 'delete', 'shared', parse=False)
        volume = self.volume('--type', 'shared')
        both = [self.server(name, 'guest') for name in ('shares', 'shares-too')]
        for server in both:
            server.ready()
            # Nova lets a volume be attached twice since 2.60.
            servers.openstack('--os-compute-api-version', '2.60', 'server', 'add', 'volume', server.id, volume)
            self.until_volume(volume, 'in-use')
        self.assertEqual({server.id for server in both}, self.holders(volume))
        for server in both:
            domain = servers.virsh('dumpxml', server.show()['OS-EXT-SRV-ATTR:instance_name'])
            self.assertRegex(domain, r"<source protocol='rbd' name='volumes/volume-%s'" % volume)
            self.assertIn('<shareable/>', domain)
        for server in both:
            server.act('reboot', 'ACTIVE', '--hard')
            self.assertIn('vdb=%d' % (1 << 30), server.ready())
        # The host lets the volume go for the one, and keeps it for the other.
        both[0].act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        self.assertRegex(both[0].ready(), r'vda=%d.* vdb=%d' % (2 << 30, 1 << 30))
        both[0].act('resize confirm', 'ACTIVE')
        self.detach(both[0], volume, 'in-use')
        servers.until('one server has it', lambda: self.holders(volume) == {both[1].id})
        both[1].act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (1 << 30), both[1].ready())
        both[1].delete()
        self.until_volume(volume, 'available')

    def holders(self, volume):
        return {one['server_id'] for one in servers.openstack('volume', 'show', volume)['attachments']}

    def test_a_server_boots_from_a_volume(self):
        volume = self.volume('--image', 'guest', '--bootable')
        server = self.server('on-volume', None, '--volume', volume)
        self.assertIn('vda=%d' % (1 << 30), server.ready())
        server.act('reboot', 'ACTIVE', '--hard')
        server.ready()
        self.image('rescuer', 'qcow2', servers.IMAGE, '--property', 'hw_rescue_device=disk',
                   '--property', 'hw_rescue_bus=virtio')
        server.act('rescue', 'RESCUE', '--image', 'rescuer')
        self.assertRegex(server.ready(), r'vda=%d.* vdb=' % (1 << 30))
        server.act('unrescue', 'ACTIVE')
        self.assertNotIn('vdb=', server.ready())
        server.delete()
        self.until_volume(volume, 'available')

    def test_images_are_cached_before_a_server_needs_them(self):
        self.image('early', 'qcow2', servers.IMAGE)
        aggregate = servers.openstack('aggregate', 'create', 'early')['id']
        self.addCleanup(servers.openstack, 'aggregate', 'delete', str(aggregate), parse=False)
        # Not the machine of tools/lvm-lab, which may have been the host before.
        host = next(one['Host'] for one in servers.openstack('compute', 'service', 'list', '--service', 'nova-compute')
                    if one['Status'] == 'enabled')
        servers.openstack('aggregate', 'add', 'host', str(aggregate), host)
        self.addCleanup(servers.openstack, 'aggregate', 'remove', 'host', str(aggregate), host)
        image = servers.openstack('image', 'show', 'early')['id']
        servers.openstack('aggregate', 'cache', 'image', str(aggregate), image, parse=False)
        base = hashlib.sha1(image.encode()).hexdigest()
        servers.until('the image is in the cache', lambda: os.path.exists(
            os.path.join(servers.LAB, 'state', 'nova', 'instances', '_base', base)))

    def test_ports_come_and_go(self):
        server = self.server('has-port', 'guest', '--network', 'lab')
        server.ready()
        self.until_ports(1)
        servers.openstack('server', 'add', 'network', server.id, 'lab', parse=False)
        added = self.until_ports(2)
        self.assertEqual(len(self.taps_before) + 2, len(servers.taps()))
        server.act('reboot', 'ACTIVE', '--hard')
        self.until_ports(2)
        servers.openstack('server', 'remove', 'port', server.id, sorted(added)[0], parse=False)
        self.until_ports(1)
        server.act('stop', 'SHUTOFF')
        server.act('start', 'ACTIVE')
        self.until_ports(1)

    def until_ports(self, number):
        """So many ports more than before, all in use; gives them."""
        def look():
            new = {port: status for port, status in servers.ports().items() if port not in self.ports_before}
            return len(new) == number and set(new.values()) == {'ACTIVE'} and new
        return servers.until('%d ports are active' % number, look)

    def test_an_image_that_is_none_gives_an_error_that_says_so_and_ends_no_server(self):
        path = os.path.join(servers.LAB, 'state', 'broken')
        with open(path, 'wb') as broken:
            broken.write(b'QFI\xfb' + b'no image at all' * 64)
        self.addCleanup(os.remove, path)
        self.image('broken', 'qcow2', path)
        server = servers.Server('broken', 'broken')
        self.addCleanup(self.gone, server)
        self.assertIn('mage', str(server.wait('ERROR')['fault']))
        running = self.server('runs-on', 'guest')
        running.ready()
        domain = servers.virsh('domid', running.id)
        servers.openstack('server', 'rebuild', running.id, '--image', 'broken', parse=False)
        running.wait('ACTIVE')
        self.assertEqual(domain, servers.virsh('domid', running.id))
        running.act('rebuild', 'ACTIVE', '--image', 'guest-alt')
        running.ready()


if __name__ == '__main__':
    servers.run(Life)
