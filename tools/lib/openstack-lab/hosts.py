#!/usr/bin/python3
"""Servers that Nova brings from one of two hosts to the other, through the openstack command line only: their disks, logical
volumes of each host's own, go by ssh as user nova. Nothing of them is left on either host."""

import os
import subprocess

import servers
import volumes

# A second host is emulated beside the first.
servers.PATIENCE = 1200
NAMES = {'nblab-lvm': 1, 'nblab-lvm2': 2}
# In the blocks that no image has: what a guest would have written there.
AT, SIZE = 700, 8


def other(host):
    return 3 - host


def name_of(host):
    return next(name for name, number in NAMES.items() if number == host)


def nova(version, *words):
    servers.openstack('--os-compute-api-version', version, *words, parse=False)


def host_of(server):
    """The number of the host that a server is on, to Nova."""
    return NAMES[server.show()['OS-EXT-SRV-ATTR:host']]


def device(server):
    return '/dev/%s/%s_disk' % (volumes.GROUP, server.id)


def digest(server, host, mib=1024):
    """Of the beginning of its disk, as the device has it."""
    return servers.on_compute(
        'bash', '-c', 'dd if="$0" bs=1M count="$1" iflag=direct status=none | sha256sum', device(server), str(mib),
        host=host).split()[0]


def write(server, host, mib=AT):
    """Writes what nobody can guess to its disk, beneath a guest that leaves it alone."""
    servers.on_compute(
        'bash', '-c', 'dd if=/dev/urandom of="$0" bs=1M seek="$1" count="$2" oflag=direct conv=notrunc,fsync status=none',
        device(server), str(mib), str(SIZE), host=host)


def records(server, host):
    """Files of the bridge and of Nova about a server."""
    found = servers.on_compute('find', os.path.join(servers.LAB, 'state', 'bridge'),
                               os.path.join(servers.LAB, 'state', 'nova', 'instances'), '-name', server.id + '*', host=host)
    return found.split()


class TwoHosts(volumes.Case):
    hosts = (1, 2)

    def begun(self, name, *more):
        """A server whose guest is ready and whose disk holds more than its image; its host, and what its disk holds."""
        server = self.server(name, 'guest', *more)
        host = host_of(server)
        self.disk(server, 1, host)
        write(server, host)
        self.step('create on %s, to a guest that is ready' % name_of(host))
        return server, host, digest(server, host)

    def nothing_on(self, server, host):
        """No volume, no domain, no file."""
        servers.until_settled(lambda: self.own(server, host), servers.PATIENCE)
        self.assertEqual([], self.own(server, host))
        self.assertNotIn(server.show()['OS-EXT-SRV-ATTR:instance_name'], servers.domains(host))
        self.assertEqual([], servers.until_settled(lambda: records(server, host)))

    def only_on(self, server, host):
        """It has one copy, which runs, and one allocation."""
        self.assertEqual(host, host_of(server))
        self.assertEqual([server.id + '_disk'], self.own(server, host))
        self.nothing_on(server, other(host))
        holders = [provider for provider, held in servers.allocations().items() if server.id in held]
        self.assertEqual(1, len(holders), holders)

    def test_a_resize_to_the_other_host_is_confirmed(self):
        """To a flavor with a larger disk; then back by a second migration, and delete."""
        server, host, held = self.begun('resizes')
        there = other(host)
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        self.assertEqual(there, host_of(server))
        self.step('resize to %s, to VERIFY_RESIZE' % name_of(there))
        self.assertEqual(held, digest(server, there))
        # Both have the disk until the user has decided; one guest runs.
        self.assertEqual([server.id + '_disk'], self.own(server, host))
        self.disk(server, 2, there)
        self.step('its guest is ready there')
        server.act('resize confirm', 'ACTIVE')
        self.only_on(server, there)
        self.step('confirm')

        # Beyond the size that it had.
        write(server, there, 1500)
        held = digest(server, there, 2048)
        nova('2.56', 'server', 'migrate', '--host', name_of(host), server.id)
        server.wait('VERIFY_RESIZE')
        self.assertEqual(held, digest(server, host, 2048))
        self.disk(server, 2, host)
        server.act('resize confirm', 'ACTIVE')
        self.only_on(server, host)
        self.step('migration back to %s, and confirm' % name_of(host))
        server.delete()
        self.step('delete')

    def test_a_migration_is_reverted(self):
        """What was written on the other host goes with it."""
        server, host, held = self.begun('returns')
        there = other(host)
        server.act('migrate', 'VERIFY_RESIZE')
        self.assertEqual(there, host_of(server))
        self.disk(server, 1, there)
        self.assertEqual(held, digest(server, there))
        self.step('migration to %s, to a guest that is ready' % name_of(there))
        write(server, there)
        server.act('resize revert', 'ACTIVE')
        self.disk(server, 1, host)
        self.assertEqual(held, digest(server, host))
        self.only_on(server, host)
        self.step('revert')

    @servers.ceph_only
    def test_a_volume_goes_along(self):
        """One of Cinder's is connected where the guest is: on the other host, and back."""
        server, host, held = self.begun('has-volume')
        volume = self.volume()
        self.attach(server, volume)
        self.step('attach')
        there = other(host)
        server.act('migrate', 'VERIFY_RESIZE')
        self.assertEqual(there, host_of(server))
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.assertEqual(held, digest(server, there))
        self.step('migration to %s, to a guest that has both' % name_of(there))
        server.act('resize revert', 'ACTIVE')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.only_on(server, host)
        self.step('revert')
        server.act('migrate', 'VERIFY_RESIZE')
        server.act('resize confirm', 'ACTIVE')
        self.assertIn('vdb=%d' % (1 << 30), server.ready())
        self.only_on(server, there)
        self.step('migration and confirm')
        self.detach(server, volume)
        server.delete()
        self.step('detach and delete')

    def test_a_stopped_server_that_waits_is_deleted(self):
        """It is not started by its migration; the delete takes it from both hosts."""
        server, host, held = self.begun('stops')
        server.act('stop', 'SHUTOFF')
        there = other(host)
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        self.assertEqual(held, digest(server, there))
        self.assertEqual('shut off', servers.virsh(
            'domstate', server.show()['OS-EXT-SRV-ATTR:instance_name'], host=there).strip())
        self.step('resize of the stopped server to %s' % name_of(there))
        server.delete()
        self.step('delete')

    def test_an_unknown_host_key_lets_the_guest_run_on(self):
        """Where ssh does not trust the other host, the server stays what it was."""
        server, host, held = self.begun('stays')
        known = '/var/lib/nova/.ssh/known_hosts'
        servers.on_compute('mv', known, known + '.away', host=host)
        self.addCleanup(servers.on_compute, 'bash', '-c', '[ ! -e "$0.away" ] || mv "$0.away" "$0"', known, host=host)
        servers.openstack('server', 'migrate', server.id, parse=False)
        servers.until('the migration has failed', lambda: [
            one for one in servers.openstack('--os-compute-api-version', '2.59', 'server', 'migration', 'list', '--server', server.id)
            if one['Status'] == 'error'])
        server.wait('ACTIVE')
        self.disk(server, 1, host)
        self.assertEqual(held, digest(server, host))
        self.only_on(server, host)
        self.step('migration refused, to a guest that runs')
        servers.on_compute('mv', known + '.away', known, host=host)
        server.act('migrate', 'VERIFY_RESIZE')
        server.act('resize confirm', 'ACTIVE')
        self.only_on(server, other(host))
        self.step('migration and confirm, when the key is known')

    def test_the_servers_of_a_dead_host_are_evacuated(self):
        """Its disk is made anew from its image on the other host. What the dead one has goes when it is back."""
        server, host, held = self.begun('outlives')
        there = other(host)
        # In the machine: its power fails.
        subprocess.run([servers.TOOL, 'exec', '--dir', servers.LAB, '--host', str(host), '--', 'touch', '/run/lab/out/power-cut'],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.addCleanup(self.up, host)
        nova('2.11', 'compute', 'service', 'set', '--down', name_of(host), 'nova-compute')
        try:
            servers.openstack('server', 'evacuate', server.id, parse=False)
        except AssertionError as failure:
            # Debian's client has asked by then, and cannot print the answer.
            if 'to_dict' not in str(failure):
                raise
        servers.until('evacuated', lambda: server.show()['OS-EXT-SRV-ATTR:host'] == name_of(there))
        server.wait('ACTIVE')
        self.disk(server, 1, there)
        self.assertNotEqual(held, digest(server, there))
        self.step('evacuation to %s, to a guest that is ready' % name_of(there))
        self.up(host)
        self.only_on(server, there)
        self.step('the dead host is back, and has nothing of it')

    def up(self, host):
        subprocess.run([servers.TOOL, 'up', '--dir', servers.LAB, '--as-built'], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, check=True)
        nova('2.11', 'compute', 'service', 'set', '--up', name_of(host), 'nova-compute')


if __name__ == '__main__':
    servers.run(TwoHosts)
