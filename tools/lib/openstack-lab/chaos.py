#!/usr/bin/python3
"""Services die under their work. Each server ends as Nova's users expect it: ACTIVE with one guest, ERROR with a
fault, or gone; and a delete always cleans."""

import os
import signal
import subprocess
import time

import servers

# Seconds after the request at which a service dies: before and within its own part of the work.
MOMENTS = (0.5, 1.5)
SETTLED = ('ACTIVE', 'ERROR')


def kill(daemon):
    """As the out-of-memory killer does it."""
    with open(os.path.join(servers.LAB, 'run', daemon + '.pid'), encoding='ascii') as file:
        pid = int(file.read().split()[0])
    # RabbitMQ's is a script that waits for the program.
    (os.killpg if daemon == 'rabbitmq' else os.kill)(pid, signal.SIGKILL)


def revive():
    """What systemd does: starts what has died, and waits until Nova has it again."""
    subprocess.run([servers.TOOL, 'up', '--as-built', '--dir', servers.LAB], check=True, stdout=subprocess.DEVNULL)


class Chaos(servers.Case):

    def dies(self, daemon, moment):
        time.sleep(moment)
        kill(daemon)
        revive()

    def settles(self, server, *expected):
        """In one of these states, with as many guests as that state has."""
        seen = server.wait(*expected)
        guests = self.new_guests()
        if seen['status'] == 'ERROR':
            self.assertTrue(seen.get('fault'), seen)
        elif seen['status'] == 'ACTIVE':
            self.assertEqual([seen['OS-EXT-SRV-ATTR:instance_name']], guests)
        return seen

    def at_each_moment(self, begin, end):
        """Begins something with a server, kills the bridge some moments later; what has ended is gone altogether."""
        for moment in MOMENTS:
            with self.subTest(moment=moment):
                server = begin()
                self.dies('bridge', moment)
                end(server)
                self.nothing_is_left()

    def asked(self):
        """A server that is only being made."""
        server = servers.Server('chaos', 'guest')
        self.addCleanup(self.gone, server)
        return server

    def killed_during(self, request, *expected):
        def begin():
            server = self.server('chaos', 'guest')
            request(server)
            return server
        self.at_each_moment(begin, lambda server: self.settles_and_goes(server, *expected))

    def settles_and_goes(self, server, *expected):
        self.settles(server, *expected)
        server.delete()

    def test_the_bridge_dies_while_a_server_is_made(self):
        self.at_each_moment(self.asked, lambda server: self.settles_and_goes(server, *SETTLED))

    def test_nova_compute_dies_while_a_server_is_made(self):
        server = self.asked()
        self.dies('nova-compute', 1)
        # Nova calls it an error at its start, and gives no fault.
        server.wait(*SETTLED)
        server.delete()

    def test_the_message_bus_dies_while_a_server_is_made(self):
        server = self.asked()
        self.dies('rabbitmq', 0.5)
        # A request that was lost with it stays BUILD for ever in Nova: its user deletes it.
        server.wait(*SETTLED, 'BUILD')
        server.delete()

    def test_the_bridge_dies_during_a_hard_reboot(self):
        self.killed_during(lambda server: servers.openstack(
            'server', 'reboot', '--hard', server.id, parse=False), *SETTLED)

    def test_the_bridge_dies_during_a_snapshot(self):
        def request(server):
            servers.openstack('server', 'image', 'create', '--name', 'chaos-picture', server.id, parse=False)
        self.addCleanup(self.pictures_are_gone)
        self.killed_during(request, *SETTLED)

    def test_both_services_die_one_after_the_other_and_at_once_and_the_guest_runs_on(self):
        server = self.server('chaos', 'guest')
        name, = self.new_guests()
        process = os.path.join('/run/libvirt/qemu', name + '.pid')
        began = servers.on_compute('cat', process)
        for turns in ((('bridge',), ('nova-compute',)), (('nova-compute',), ('bridge',)), (('nova-compute', 'bridge'),)):
            with self.subTest(turns=turns):
                for daemons in turns:
                    for daemon in daemons:
                        kill(daemon)
                    revive()
                self.assertEqual('ACTIVE', server.show()['status'])
                self.assertEqual(began, servers.on_compute('cat', process))
                server.act('pause', 'PAUSED')
                server.act('unpause', 'ACTIVE')
        server.delete()

    def pictures_are_gone(self):
        for one in servers.openstack('image', 'list', '--name', 'chaos-picture'):
            servers.openstack('image', 'delete', one['ID'], parse=False)
        snapshots = os.path.join(servers.LAB, 'state', 'nova', 'instances', 'snapshots')
        # The service's own folder in it stays.
        self.assertEqual([], [name for _, _, files in os.walk(snapshots) for name in files])

    def test_the_bridge_dies_during_a_resize(self):
        self.killed_during(lambda server: servers.openstack(
            'server', 'resize', '--flavor', 'm1.micro', server.id, parse=False), 'VERIFY_RESIZE', *SETTLED)

    def test_the_bridge_dies_during_a_delete(self):
        def begin():
            server = self.server('chaos', 'guest')
            servers.openstack('server', 'delete', server.id, parse=False)
            return server
        self.at_each_moment(begin, self.gone)


if __name__ == '__main__':
    servers.run(Chaos)
