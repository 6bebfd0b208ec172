"""A host of a whole Nova switches over, and back: Nova's own libvirt driver makes a server, with a real guest on a libvirtd
that both sides use; then the same host has ours, with a bridge behind it.
"""

import os
import pwd
import socket
import subprocess
import unittest
from unittest import mock

import eventlet.patcher
import fixtures

from nova import objects
from nova.tests import fixtures as nova_fixtures
from nova.virt.bridge import client
from tests import places
from tests import whole_nova

STOCK = 'libvirt.LibvirtDriver'
# Not the ones that never wait.
_plain = eventlet.patcher.original('socket')


def _connect_as_nova(connection):
    """The bridge must see the user of nova-compute; what is tested besides needs root. A process of that user connects and
    hands over what it has."""
    ours, theirs = _plain.socketpair()
    child = os.fork()
    if child == 0:
        try:
            user = pwd.getpwnam('nova')
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            made = _plain.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.connect(connection._path)
            _plain.send_fds(theirs, [b'.'], [made.fileno()])
        finally:
            os._exit(0)
    theirs.close()
    found = _plain.recv_fds(ours, 1, 1)[1]
    os.waitpid(child, 0)
    ours.close()
    if not found:
        raise ConnectionRefusedError(connection._path)
    connection.sock = socket.socket(fileno=found[0])
    connection.sock.settimeout(connection.timeout)


class SwitchingNovaTest(whole_nova.WholeNovaCase):
    compute_driver = STOCK

    def setUp(self):
        # Nova's tests keep its driver from any real libvirt and host; here it is to have them, but no thread for events.
        self.useFixture(fixtures.MonkeyPatch('nova.virt.libvirt.host.Host._init_events', mock.Mock()))
        for poison in ('SysFsPoisonFixture', 'GenericPoisonFixture'):
            self.useFixture(fixtures.MonkeyPatch('nova.tests.fixtures.' + poison, fixtures.Fixture))
        super().setUp()

    def start_service(self, name, *arguments, **more):
        if name == 'compute':
            self.useFixture(nova_fixtures.PrivsepFixture())
            self.flags(instances_path=places.PLACES['instances'])
            self.flags(connection_uri=places.PLACES['uri'], virt_type='qemu', cpu_mode='none', images_type='qcow2',
                       group='libvirt')
            self.flags(enabled=False, group='vnc')
        return super().start_service(name, *arguments, **more)

    def _as_nova(self):
        return mock.patch.object(client._UnixConnection, 'connect', _connect_as_nova)

    def _remove_guests(self):
        with self._as_nova():
            self._remove_all(client.Client(places.PLACES['socket']))

    def _remove_all(self, bridge):
        for one in bridge.get('/v1/instances'):
            bridge.change('/v1/instances/' + one['uuid'], method='DELETE')

    def _switch(self, driver):
        patch = self._as_nova()
        patch.start()
        self.addCleanup(patch.stop)
        self.flags(compute_driver=driver)
        self.compute = self.restart_compute_service(self.compute, keep_hypervisor_state=False)
        self.driver = self.compute.manager.driver

    def _process(self, server):
        return subprocess.run(['pgrep', '-f', 'qemu.*' + server['id']], stdout=subprocess.PIPE).stdout.decode().split()

    def _reboot(self, server):
        before = self._process(server)
        self.api.post_server_action(server['id'], {'reboot': {'type': 'HARD'}})
        self._wait_for_server_parameter(server, {'status': 'ACTIVE', 'OS-EXT-STS:task_state': None})
        self.assertNotIn(self._process(server), ([], before))

    def test_servers_of_novas_own_driver_go_on_with_ours_and_back(self):
        server = self._create_server(image_uuid=whole_nova.IMAGE, flavor_id=self.flavors['files'], networks='none')
        stock = self._process(server)
        self.assertEqual(1, len(stock))
        other = self._create_server(image_uuid=whole_nova.IMAGE, flavor_id=self.flavors['small'], networks='none')
        self.api.post_server_action(other['id'], {'os-stop': None})
        self._wait_for_state_change(other, 'SHUTOFF')

        self._switch('bridge.BridgeDriver')
        self.assertEqual(stock, self._process(server), 'it runs on')
        seen = self.driver._bridge.get('/v1/instances/' + server['id'])
        self.assertEqual(('nova', 'running'), (seen['owner'], seen['state']))
        self.assertEqual(['disk', 'disk.eph0'], [disk['name'] for disk in seen['disks']])

        self._act(server, 'pause', 'PAUSED')
        self._act(server, 'unpause', 'ACTIVE')
        self.api.post_server_action(server['id'], {'createImage': {'name': 'picture'}})
        self._wait_for_server_parameter(server, {'status': 'ACTIVE', 'OS-EXT-STS:task_state': None})
        picture = next(image for image in self.glance.images.values() if image['name'] == 'picture')
        self.assertEqual(b'QFI\xfb', self.glance._imagedata[picture['id']][:4])
        self._reboot(server)
        self._resize_server(server, self.flavors['large'])
        self._confirm_resize(server)
        self.assertEqual([2, 1], self._sizes(server))
        self._act(other, 'os-start', 'ACTIVE')
        self.assertEqual('running', self._state(other))
        self._delete_server(other)
        self.assertFalse(os.path.exists(os.path.join(places.PLACES['instances'], other['id'])))

        ours = self._create_server(image_uuid=whole_nova.IMAGE, flavor_id=self.flavors['small'], networks='none')
        kept = self._process(ours)
        self._switch(STOCK)
        self.assertEqual(kept, self._process(ours), 'it runs on')
        for one in (server, ours):
            self._reboot(one)
            self._delete_server(one)
            self.assertEqual([], self._process(one))
            self.assertFalse(os.path.exists(os.path.join(places.PLACES['instances'], one['id'])))


def suite(socket, state, uri, instances):
    """The tests, for the bridge on that socket with that state_path, on that libvirt with that instances_path."""
    places.take(socket, state)
    places.PLACES.update(uri=uri, instances=instances)
    objects.register_all()
    return unittest.defaultTestLoader.loadTestsFromTestCase(SwitchingNovaTest)
