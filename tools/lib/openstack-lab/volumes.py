#!/usr/bin/python3
"""The life of servers whose disks are logical volumes, on real device-mapper, through the openstack command line only, and
that nothing of them is left. The machine with device-mapper emulates, and its guests are emulated in it: all is slow."""

import os
import re
import time

import servers

servers.PATIENCE = 600
GROUP = 'nova'


def volumes(host=1):
    """Name, pool and origin of all in the group."""
    listed = servers.on_compute('lvs', '--noheadings', '--separator', ',', '-o', 'lv_name,pool_lv,origin', GROUP, host=host)
    return sorted(tuple(line.strip().split(',')) for line in listed.splitlines())


def of_guests(host=1):
    """Without images in the cache: they stay for the next guest."""
    return [one for one in volumes(host) if not one[0].startswith('nb-base-')]


def is_thin():
    conf = servers.on_compute('cat', os.path.join(servers.LAB, 'etc', 'nova-compute.conf'))
    return bool(re.search('^images_lvm_type = thin$', conf, re.MULTILINE))


def is_encrypted():
    conf = servers.on_compute('cat', os.path.join(servers.LAB, 'etc', 'nova.conf'))
    return bool(re.search(r'^\[ephemeral_storage_encryption\]\nenabled = true$', conf, re.MULTILINE))


class Case(servers.Case):
    """A test of servers with disks in the volume groups of the hosts."""

    def setUp(self):
        self.volumes_before = self.all_of_guests()
        super().setUp()
        print(flush=True)
        self.since = time.monotonic()

    def all_of_guests(self):
        return {host: of_guests(host) for host in self.hosts}

    def new_volumes(self):
        return [(host, *one) for host, found in self.all_of_guests().items() for one in found if one not in self.volumes_before[host]]

    def nothing_is_left(self):
        # A deleted disk may still be overwritten, also one of before.
        self.assertEqual([], servers.until_settled(self.new_volumes, servers.PATIENCE))
        super().nothing_is_left()

    def step(self, what):
        """Says what has just been done, and how long it took."""
        print('    %-50s %5.0f s' % (what, time.monotonic() - self.since), flush=True)
        self.since = time.monotonic()

    def disk(self, server, gib, host=1):
        """The one volume of a server, which libvirt has given to its guest, whose firmware finds it that large."""
        self.assertIn('NOVA-BRIDGE-GUEST disks vda=%d' % (gib << 30), server.ready())
        name = server.id + '_disk'
        domain = servers.virsh('dumpxml', server.show()['OS-EXT-SRV-ATTR:instance_name'], host=host)
        source = '/dev/mapper/%s-dmcrypt' % name if is_encrypted() else '/dev/%s/%s' % (GROUP, name)
        self.assertIn("<source dev='%s'" % source, domain)
        return next(one for one in volumes(host) if one[0] == name)

    def own(self, server, host=1):
        """The names of all volumes that have to do with a server."""
        return [name for name, _, _ in volumes(host) if server.id in name]


class LifeOnVolumes(Case):

    def test_a_server_lives(self):
        """Create, hard reboot, snapshot, resize and confirm, rebuild, delete."""
        server = self.server('lives', 'guest')
        self.step('create, to ACTIVE')
        _, pool, origin = self.disk(server, 1)
        self.step('its guest is ready')
        thin = is_thin()
        # An encrypted disk has nothing in common with its image, which is not.
        self.assertEqual(('nova-pool' if thin else '', thin and not is_encrypted()), (pool, origin.startswith('nb-base-')))

        server.act('reboot', 'ACTIVE', '--hard')
        self.disk(server, 1)
        self.step('hard reboot, to a guest that is ready')

        servers.openstack('server', 'image', 'create', '--name', 'picture', '--wait', server.id, parse=False)
        self.addCleanup(servers.openstack, 'image', 'delete', 'picture', parse=False)
        server.wait('ACTIVE')
        picture = servers.openstack('image', 'show', 'picture')
        self.assertEqual('active', picture['status'])
        # As Nova makes them of logical volumes: each byte of the disk.
        self.assertEqual(('raw', 1 << 30), (picture['disk_format'], picture['size']))
        self.step('snapshot, to an active image')

        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        self.disk(server, 2)
        server.act('resize confirm', 'ACTIVE')
        self.assertEqual([server.id + '_disk'], self.own(server))
        self.step('resize and confirm')

        server.act('rebuild', 'ACTIVE', '--image', 'guest-alt')
        self.disk(server, 2)
        self.step('rebuild, to a guest that is ready')

        server.delete()
        self.step('delete')

    @servers.ceph_only
    def test_a_volume_comes_and_goes(self):
        """Beside the disk that is a logical volume, one of Cinder's, over the wire: to a running guest and to a stopped one."""
        server = self.server('has-volume', 'guest')
        server.ready()
        volume = self.volume()
        self.attach(server, volume)
        self.step('attach to a running guest')
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.step('hard reboot, to a guest that has it')
        self.detach(server, volume)
        server.act('stop', 'SHUTOFF')
        self.attach(server, volume)
        server.act('start', 'ACTIVE')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.step('detach, stop, attach, to a guest that has it')
        server.delete()
        self.until_volume(volume, 'available')
        self.step('delete')


if __name__ == '__main__':
    servers.run(LifeOnVolumes)
