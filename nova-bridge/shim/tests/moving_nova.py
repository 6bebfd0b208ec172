"""A whole Nova with two compute services, each with a bridge of its own and real guests: servers go from one host to the
other, and are evacuated from one that is down. What ssh does between the bridges is done by a program of the test's.
"""

import os
import subprocess
import time
import unittest
from unittest import mock

import eventlet
import fixtures

from nova import context
from nova import exception
from nova import objects
from nova.virt.bridge import client
from nova.virt.bridge import conf
from tests import places
from tests import whole_nova

WRITTEN = '0x77 700M 4k'  # as qemu-io has it: the byte, where, how much


class MovingNovaTest(whole_nova.WholeNovaCase):
    def setUp(self):
        # Both run on this machine, which libvirt tells each of them.
        names = {places.PLACES['socket']: 'here', places.PLACES['other socket']: 'there'}
        get = client.Client.get

        def named(bridge, path):
            answer = get(bridge, path)
            if path == '/v1/host/node':
                answer['hypervisor_hostname'] = names[bridge._path]
            return answer

        self.useFixture(fixtures.MonkeyPatch('nova.virt.bridge.client.Client.get', named))
        super().setUp()
        self.flags(allow_resize_to_same_host=False)
        self._other_socket('socket', 'other socket')
        self.other = self.start_service('compute', host='there')
        self._other_socket('socket', 'socket')
        self.other.manager.driver.get_host_ip_addr = lambda: '127.0.0.2'
        # Files are handed to the one bridge: the other has the image already.
        self._other_socket('state_path', 'other state')
        self.other.manager.driver.cache_image(context.get_admin_context(), whole_nova.IMAGE)
        self._other_socket('state_path', 'state')
        self._remove_guests()

    def _other_socket(self, option, place):
        conf.CONF.set_override(option, places.PLACES[place], 'nova_bridge')

    def _remove_guests(self):
        drivers = [self.driver, *([self.other.manager.driver] if hasattr(self, 'other') else [])]
        for driver in drivers:
            for uuid in driver.list_instance_uuids():
                # What a test that has failed left undecided.
                driver._bridge.change('/v1/instances/%s/migrate-revert' % uuid, {'force': True, 'held': True})
                driver._bridge.change('/v1/instances/' + uuid, method='DELETE')

    def _guests(self, compute, server):
        """The state of the server there; None when that host has nothing of it."""
        folder = os.path.join(self._folder(compute), server['id'])
        for one in compute.manager.driver._bridge.get('/v1/instances'):
            if one['uuid'] == server['id']:
                return one['state']
        self.assertFalse(os.path.exists(folder))
        return None

    def _folder(self, compute):
        place = 'state' if compute is self.compute else 'other state'
        return os.path.join(os.path.dirname(places.PLACES[place]), 'instances')

    def _is(self, server, here, there, host):
        self.assertEqual((here, there), (self._guests(self.compute, server), self._guests(self.other, server)))
        self.assertEqual(host, self.admin_api.get_server(server['id'])['OS-EXT-SRV-ATTR:host'])

    def _create(self, flavor='files'):
        return self._create_server(
            image_uuid=whole_nova.IMAGE, flavor_id=self.flavors[flavor], networks='none', host='here')

    def _migrate(self, server):
        self.admin_api.post_server_action(server['id'], {'migrate': None})
        return self._wait_for_state_change(server, 'VERIFY_RESIZE')

    def _qemu_io(self, compute, server, command, *options):
        disk = os.path.join(self._folder(compute), server['id'], 'disk')
        done = subprocess.run(
            ['qemu-io', *options, '-f', 'qcow2', '-c', '%s -P %s' % (command, WRITTEN), disk], capture_output=True)
        self.assertEqual((0, b''), (done.returncode, done.stderr))
        self.assertIn(b'4096/4096 bytes', done.stdout)
        self.assertNotIn(b'failed', done.stdout)

    def _write(self, server):
        self._act(server, 'os-stop', 'SHUTOFF')
        self._qemu_io(self.compute, server, 'write')
        return self._act(server, 'os-start', 'ACTIVE')

    def _assert_written(self, compute, server):
        self._qemu_io(compute, server, 'read', '-U', '-r')

    def test_a_server_goes_comes_back_goes_again_and_stays(self):
        wanted = self._build_server(
            image_uuid=whole_nova.IMAGE, flavor_id=self.flavors['files'], networks='none', host='here')
        server = self.api.post_server({'server': {**wanted, 'config_drive': True}})
        server = self._wait_for_state_change(server, 'ACTIVE')
        with open(os.path.join(self._folder(self.compute), server['id'], 'disk.config'), 'rb') as drive:
            config_drive = drive.read()
        server = self._write(server)
        self._migrate(server)
        self._is(server, 'shutdown', 'running', 'there')
        self._assert_written(self.other, server)
        with open(os.path.join(self._folder(self.other), server['id'], 'disk.config'), 'rb') as drive:
            self.assertEqual(config_drive, drive.read())
        self._revert_resize(server)
        self._is(server, 'running', None, 'here')
        self._assert_written(self.compute, server)

        self._migrate(server)
        self._confirm_resize(server)
        self._is(server, None, 'running', 'there')
        self._assert_written(self.other, server)

        # Back, with another flavor.
        self._resize_server(server, self.flavors['large'])
        self._is(server, 'running', 'shutdown', 'here')
        self.assertEqual([2, 1], self._sizes(server))
        self._assert_written(self.compute, server)
        self._confirm_resize(server)
        self._is(server, 'running', None, 'here')
        server = self._reboot_server(server, hard=True)
        self._is(server, 'running', None, 'here')

        self._delete_server(server)
        for compute in (self.compute, self.other):
            self.assertIsNone(self._guests(compute, server))
            provider = self._get_provider_uuid_by_host(compute.host)
            self.assertEqual(0, self._get_provider_usages(provider)['DISK_GB'])

    def test_a_stopped_server_goes_and_one_that_waits_is_deleted_on_both_hosts(self):
        server = self._create('small')
        self._act(server, 'os-stop', 'SHUTOFF')
        self._migrate(server)
        self._is(server, 'shutdown', 'shutdown', 'there')
        self.api.post_server_action(server['id'], {'confirmResize': None})
        self._wait_for_state_change(server, 'SHUTOFF')
        self._is(server, None, 'shutdown', 'there')
        self._act(server, 'os-start', 'ACTIVE')
        self._is(server, None, 'running', 'there')

        self._migrate(server)
        self._is(server, 'running', 'shutdown', 'here')
        self._delete_server(server)
        self.assertEqual((None, None), (self._guests(self.compute, server), self._guests(self.other, server)))

    def test_what_the_other_host_refuses_leaves_the_server_running(self):
        server = self._create('small')
        os.makedirs(os.path.join(self._folder(self.other), server['id']))
        self.admin_api.post_server_action(server['id'], {'migrate': None})
        self._wait_for_action_fail_completion(server, 'migrate', 'compute_resize_instance')
        os.rmdir(os.path.join(self._folder(self.other), server['id']))
        server = self._wait_for_server_parameter(server, {'status': 'ACTIVE', 'OS-EXT-STS:task_state': None})
        self._is(server, 'running', None, 'here')

    def test_a_server_that_novas_own_driver_has_sent_is_refused_before_anything_is_made_here(self):
        server = self._create('small')
        driver = self.compute.manager.driver

        def copies(context, instance, *more):
            driver.power_off(instance)
            return '[{"type": "raw", "path": "/var/lib/nova/instances/%s/disk"}]' % instance.uuid

        with mock.patch.object(driver, 'migrate_disk_and_power_off', copies):
            self.admin_api.post_server_action(server['id'], {'migrate': None})
            server = self._wait_for_server_parameter(server, {'status': 'ERROR', 'OS-EXT-STS:task_state': None})
        self.assertIn('was not brought by nova-bridge: here has another driver', server['fault']['message'])
        self._is(server, 'shutdown', None, 'there')

    def _does_not_start_there(self, server):
        """The disk is away while the bridge there is to start the guest."""
        driver = self.other.manager.driver
        finish = driver.finish_migration
        disk = os.path.join(self._folder(self.other), server['id'], 'disk')

        def without_disk(*arguments, **more):
            os.rename(disk, disk + '.away')
            try:
                finish(*arguments, **more)
            finally:
                os.rename(disk + '.away', disk)

        with mock.patch.object(driver, 'finish_migration', without_disk):
            self.admin_api.post_server_action(server['id'], {'migrate': None})
            server = self._wait_for_server_parameter(server, {'status': 'ERROR', 'OS-EXT-STS:task_state': None})
        self._is(server, 'shutdown', 'shutdown', 'there')
        return server

    def _by_hand(self, server, action, body=None):
        """What the command line asks the bridge here for, as user nova."""
        self.driver._bridge.change('/v1/instances/%s/%s' % (server['id'], action), body)

    def _is_gone(self, server):
        for compute in (self.compute, self.other):
            self.assertIsNone(self._guests(compute, server))
            provider = self._get_provider_uuid_by_host(compute.host)
            self.assertEqual(0, self._get_provider_usages(provider)['DISK_GB'])

    def test_a_server_that_does_not_start_there_is_started_there_and_then_stays(self):
        server = self._create('small')
        self._does_not_start_there(server)
        # It would run nowhere.
        self.assertRaisesRegex(exception.InstanceInvalidState, 'migrate-confirm --stopped',
                               self._by_hand, server, 'migrate-confirm', {'running': True})
        server = self._reboot_server(server, hard=True)
        self._is(server, 'shutdown', 'running', 'there')
        self.assertRaisesRegex(exception.InstanceInvalidState, 'openstack server stop',
                               self._by_hand, server, 'migrate-revert', {'idle': True})
        self._by_hand(server, 'migrate-confirm', {'running': True})
        self._is(server, None, 'running', 'there')
        self._delete_server(server)
        self._is_gone(server)

    def test_a_server_in_error_after_a_failed_migration_is_deleted_and_nothing_is_left(self):
        server = self._create('small')
        server = self._does_not_start_there(server)
        self._delete_server(server)
        self.assertIsNone(self._guests(self.other, server))
        # What it left behind goes when Nova looks for such, every running_deleted_instance_poll_interval seconds. What else
        # looks, _cleanup_incomplete_migrations, finds no migration of a deleted server (db.instance_destroy deletes it).
        found = self.compute.manager._running_deleted_instances(context.get_admin_context(read_deleted='yes'))
        self.assertEqual([server['id']], [one.uuid for one in found])
        # It destroys them then. Here the guests are root's, who runs this, and of those an operator decides first.
        self._by_hand(server, 'migrate-revert', {'idle': True})
        self.compute.manager._cleanup_running_deleted_instances(context.get_admin_context())
        self._is_gone(server)

    def test_a_confirmation_that_the_other_host_does_not_hear_removes_nothing(self):
        server = self._create('small')
        self._migrate(server)
        socket = places.PLACES['other socket']
        os.rename(socket, socket + '.away')
        try:
            self.api.post_server_action(server['id'], {'confirmResize': None})
            server = self._wait_for_state_change(server, 'ERROR')
        finally:
            os.rename(socket + '.away', socket)
        self._is(server, 'shutdown', 'running', 'there')
        self._by_hand(server, 'migrate-confirm', {'running': True})
        self.admin_api.post_server_action(server['id'], {'os-resetState': {'state': 'active'}})
        self._is(server, None, 'running', 'there')
        self._delete_server(server)
        self._is_gone(server)

    def test_a_compute_service_that_dies_while_a_server_goes_takes_it_back(self):
        server = self._create('small')
        driver = self.compute.manager.driver
        go = driver.migrate_disk_and_power_off

        def dies(*arguments, **more):
            go(*arguments, **more)
            gone.append(self._guests(self.other, server))
            raise eventlet.greenlet.GreenletExit()

        gone = []
        with mock.patch.object(driver, 'migrate_disk_and_power_off', dies):
            self.admin_api.post_server_action(server['id'], {'migrate': None})
            self._wait_for_server_parameter(server, {'OS-EXT-STS:task_state': 'resize_migrating'})
            for _ in range(120):
                if gone:
                    break
                time.sleep(0.5)
        self.assertEqual(['shutdown'], gone)
        self.compute = self.restart_compute_service(self.compute)
        server = self._wait_for_server_parameter(server, {'status': 'ACTIVE', 'OS-EXT-STS:task_state': None})
        self._is(server, 'running', None, 'here')

    def test_a_server_is_evacuated_and_goes_from_the_host_that_comes_back(self):
        server = self._create('small')
        self.compute.stop()
        service = self.admin_api.get_services(host='here', binary='nova-compute')[0]['id']
        self.admin_api.put_service_force_down(service, True)
        server = self._evacuate_server(server, expected_host='there', expected_migration_status='done')
        self.assertEqual(('running', 'running'), (self._guests(self.compute, server), self._guests(self.other, server)))
        self.compute = self.restart_compute_service(self.compute)
        self.admin_api.put_service_force_down(service, False)
        self._is(server, None, 'running', 'there')


def suite(socket, state, other_socket, other_state):
    """The tests, for the bridges on these sockets with these state_paths."""
    places.take(socket, state)
    places.PLACES.update({'other socket': other_socket, 'other state': other_state})
    objects.register_all()
    return unittest.defaultTestLoader.loadTestsFromTestCase(MovingNovaTest)
