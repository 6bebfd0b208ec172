#!/usr/bin/python3
"""A host goes from Nova's own driver to nova-bridge and back while its servers run: with a port, with a volume, stopped.
Whatever is asked of them on either side works, and nothing of them is left."""

import os
import subprocess

import servers

OURS, STOCK = 'bridge', 'stock'


class Switch(servers.Case):
    """A test that changes the driver, which is the one of before when the test has ended."""

    def setUp(self):
        with open(os.path.join(servers.LAB, 'state', 'compute'), encoding='ascii') as file:
            self.addCleanup(self.switch, file.read().split()[0])
        super().setUp()

    def switch(self, driver):
        subprocess.run([servers.TOOL, 'up', '--as-built', '--driver', driver, '--dir', servers.LAB], check=True,
                       stdout=subprocess.DEVNULL)

    def picture(self, server):
        servers.openstack('server', 'image', 'create', '--name', 'switched', '--wait', server.id, parse=False)
        servers.openstack('image', 'delete', 'switched', parse=False)


class Switching(Switch):

    def processes(self):
        """The process of each running guest."""
        running = servers.virsh('list', '--name').split()
        return {name: servers.on_compute('cat', '/run/libvirt/qemu/%s.pid' % name) for name in running}

    def with_volume(self):
        volume = self.volume()
        server = self.server('switched', 'guest', '--network', 'lab')
        servers.openstack('server', 'add', 'volume', server.id, volume)
        self.until_volume(volume, 'in-use')
        server.ready()
        return server, volume

    def without(self, server, volume):
        servers.openstack('server', 'remove', 'volume', server.id, volume, parse=False)
        self.until_volume(volume, 'available')

    def resized(self, server):
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        server.act('resize revert', 'ACTIVE')
        self.assertIn('vda=%d' % (1 << 30), server.ready())
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        server.act('resize confirm', 'ACTIVE')
        self.assertIn('vda=%d' % (2 << 30), server.ready())

    def test_servers_of_novas_own_driver_go_on_with_ours(self):
        self.switch(STOCK)
        server, volume = self.with_volume()
        stopped = self.server('stopped', 'guest')
        stopped.act('stop', 'SHUTOFF')
        unused = self.server('unused', 'guest')
        before = self.processes()
        self.switch(OURS)
        self.assertEqual(before, self.processes())
        self.assertEqual('ACTIVE', server.show()['status'])
        stopped.act('start', 'ACTIVE')
        stopped.ready()
        self.picture(server)
        server.act('pause', 'PAUSED')
        server.act('unpause', 'ACTIVE')
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.resized(server)
        self.without(server, volume)
        unused.delete()
        server.delete()

    def test_servers_of_ours_go_on_with_novas_own_driver(self):
        self.switch(OURS)
        server, volume = self.with_volume()
        stopped = self.server('stopped', 'guest')
        stopped.act('stop', 'SHUTOFF')
        before = self.processes()
        self.switch(STOCK)
        self.assertEqual(before, self.processes())
        stopped.act('start', 'ACTIVE')
        stopped.ready()
        self.picture(server)
        server.act('reboot', 'ACTIVE', '--hard')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.resized(server)
        self.without(server, volume)
        server.delete()
        stopped.delete()
        # What ours still has of them goes with its next start.
        self.switch(OURS)


if __name__ == '__main__':
    servers.run(Switching)
