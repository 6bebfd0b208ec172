"""Cold migration between hosts, and what evacuation asks for."""

import os
from unittest import mock

from nova import exception
from nova import objects
from nova.virt.bridge import network
from tests import driver_case
from tests import guests

VOLUME = {'connection_info': {'driver_volume_type': 'local', 'serial': 'v-1', 'data': {'device_path': '/mnt/v'}},
          'mount_device': '/dev/vdb', 'disk_bus': 'virtio', 'device_type': 'disk', 'boot_index': None}
PORT = {'id': 'p-1', 'address': 'fa:16:3e:00:00:01', 'type': 'bridge', 'active': True}
MOVE = objects.Migration(source_compute='here', dest_compute='there')
INFO = {'block_device_mapping': [VOLUME], 'ephemerals': [], 'swap': None, 'root_device_name': '/dev/vda', 'image': []}


class MigrationTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        volumes = self.driver._volumes
        for name in ('connect', 'disconnect'):
            patch = mock.patch.object(
                volumes, name, side_effect=lambda *one, called=name, **more: self.calls.append(called))
            patch.start()
            self.addCleanup(patch.stop)
        patch = mock.patch('nova.virt.bridge.volumes.demand')
        patch.start()
        self.addCleanup(patch.stop)
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'nova_power_state': 4}

    def go(self, dest='192.0.2.8'):
        return self.driver.migrate_disk_and_power_off(
            guests.admin(), self.instance, dest, guests.flavor(root_gb=20), [PORT], INFO, 60, 10)

    def finish(self, power_on):
        self.driver.finish_migration(
            guests.admin(), MOVE, self.instance, '[]', [PORT], guests.image(), True, {}, INFO, power_on)

    def test_the_disks_are_there_before_ports_and_volumes_are_given_up(self):
        self.assertEqual('[]', self.go())
        self.assertEqual(['migrate', 'unplug', 'disconnect'], self.calls)
        body = self.bodies['migrate']
        self.assertEqual(('192.0.2.8', True, 60, 10, 20), (
            body['host'], body['held'], body['timeout'], body['retry_interval'], body['flavor']['root_gb']))

    def test_an_instance_that_does_not_go_keeps_its_ports_and_volumes(self):
        self.answers['migrate'] = exception.InstanceFaultRollback(exception.ResizeError(reason='no room'))
        self.assertRaises(exception.InstanceFaultRollback, self.go)
        self.assertEqual(['migrate'], self.calls)

    def test_a_service_that_knows_no_other_hosts_is_not_asked(self):
        self.driver._bridge.speaks.side_effect = lambda protocol: protocol < 3
        with self.assertRaisesRegex(exception.InstanceFaultRollback, 'upgrade it'):
            self.go()
        self.assertEqual([], self.calls)
        self.go(self.driver.get_host_ip_addr())
        self.assertEqual(['power-off', 'unplug', 'disconnect'], [one for one in self.calls if one != 'resize'])

    def test_what_the_bridge_did_not_even_take_leaves_the_server_as_it_was(self):
        for action, dest in (('migrate', '192.0.2.8'), ('power-off', self.driver.get_host_ip_addr())):
            full = exception.ComputeResourcesUnavailable(reason='no room')
            self.answers[action] = full
            self.assertRaises(exception.ComputeResourcesUnavailable, self.go, dest)
            full.nova_bridge_untouched = True
            with self.assertRaises(exception.InstanceFaultRollback) as raised:
                self.go(dest)
            self.assertIs(full, raised.exception.inner_exception)
        self.assertNotIn('unplug', self.calls)

    def test_what_no_bridge_has_brought_is_left_alone(self):
        self.driver._bridge.get.side_effect = exception.InstanceNotFound(instance_id=guests.UUID)
        with self.assertRaisesRegex(exception.MigrationError, 'here has another driver'):
            self.finish(True)
        self.assertEqual([], self.calls)

    def test_at_the_end_nothing_is_called_a_refusal_since_nova_would_call_it_active(self):
        refused = exception.InstanceFaultRollback(exception.ResizeError(reason='no bridge'))
        for action, ask in (
                ('power-on', lambda: self.finish(True)),
                ('migrate-confirm', lambda: self.driver.confirm_migration(guests.admin(), MOVE, self.instance, [])),
                ('migrate-revert', lambda: self.driver.finish_revert_migration(
                    guests.admin(), self.instance, [PORT], MOVE, INFO, True))):
            self.answers[action] = refused
            self.assertRaises(exception.ResizeError, ask)

    def test_there_it_starts_with_what_it_has_there_and_its_disks_are_left_alone(self):
        self.finish(True)
        self.assertEqual(['connect', 'plug', 'power-on'], self.calls)
        self.assertEqual('/mnt/v', self.bodies['power-on']['spec']['block_device_info']['block_device_mapping'][0][
            'connection_info']['data']['device_path'])

    def test_one_that_was_stopped_is_only_defined_there(self):
        self.finish(False)
        self.assertEqual(['connect', 'plug', 'redefine'], self.calls)

    def test_a_confirmed_one_goes_from_here_and_one_that_has_gone_is_success(self):
        self.driver.confirm_migration(guests.admin(), MOVE, self.instance, [])
        self.answers['migrate-confirm'] = exception.InstanceNotFound(instance_id=guests.UUID)
        with mock.patch.object(self.driver, 'instance_exists', return_value=False):
            self.driver.confirm_migration(guests.admin(), MOVE, self.instance, [])
        with mock.patch.object(self.driver, 'instance_exists', return_value=True):
            self.assertRaises(exception.InstanceNotFound, self.driver.confirm_migration, guests.admin(), MOVE,
                              self.instance, [])
        self.assertEqual(['migrate-confirm'] * 3, self.calls)

    def test_a_reverted_one_starts_here_with_its_ports_and_volumes(self):
        self.driver.finish_revert_migration(guests.admin(), self.instance, [PORT], MOVE, INFO, True)
        self.assertEqual('migrate-revert', self.calls[0])
        self.assertEqual({'held': True}, self.bodies['migrate-revert'])
        self.assertEqual(['connect', 'wait for 0', 'plug', 'power-on', 'events came'], self.calls[-5:])
        self.assertNotIn('paused', self.bodies['power-on'])
        self.calls.clear()
        self.driver.finish_revert_migration(guests.admin(), self.instance, [PORT], MOVE, INFO, False)
        self.assertNotIn('power-on', self.calls)

    def revert(self):
        self.driver.finish_revert_migration(guests.admin(), self.instance, [{**PORT, 'active': False}], MOVE, INFO, True)

    def test_a_guest_stands_still_until_neutron_says_that_its_ports_are_ready_here_again(self):
        self.revert()
        self.assertEqual(['wait for 1', 'plug', 'power-on', 'events came', 'resume'], self.calls[-5:])
        self.assertIs(True, self.bodies['power-on']['paused'])
        self.assertIn('spec', self.bodies['power-on'])

    def test_one_whose_ports_do_not_come_is_stopped_and_keeps_what_it_has(self):
        self.answers['event'] = network.TIMEOUTS[0]()
        self.assertRaises(exception.VirtualInterfaceCreateException, self.revert)
        self.assertEqual(['wait for 1', 'plug', 'power-on', 'stop'], self.calls[-4:])
        self.answers['stop'] = exception.HypervisorUnavailable(host='h')
        self.assertRaises(exception.VirtualInterfaceCreateException, self.revert)

    def test_one_whose_ports_do_not_come_runs_where_the_operator_says_so(self):
        self.override('vif_plugging_is_fatal', False, None)
        self.answers['event'] = network.TIMEOUTS[0]()
        self.revert()
        self.assertEqual(['power-on', 'resume'], self.calls[-2:])

    def test_a_resize_here_that_had_not_begun_when_nova_compute_died_only_starts(self):
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'state': 'shutdown'}
        self.driver.finish_revert_migration(guests.admin(), self.instance, [PORT], None, INFO, True)
        self.assertEqual(['connect', 'connect', 'plug', 'power-on'], self.calls)
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'state': 'shutdown', 'resize': {'phase': 'waiting'}}
        self.driver.finish_revert_migration(guests.admin(), self.instance, [PORT], None, INFO, False)
        self.assertEqual(['connect', 'resize-revert'], self.calls[4:])


class SharedStorageTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        self.override('instances_path', os.path.join(self.state.name, 'instances'), None)
        self.folder = os.path.join(self.state.name, 'instances', guests.UUID)

    def disks(self, *types):
        self.answers['/v1/instances/%s/disks' % guests.UUID] = [{'source_type': one} for one in types]

    def local(self):
        return self.driver.check_instance_shared_storage_local(guests.admin(), self.instance)

    def remote(self, host, data):
        self.driver._host = host
        return self.driver.check_instance_shared_storage_remote(guests.admin(), data)

    def test_a_revert_on_this_host_keeps_the_disks(self):
        mine = self.local()
        self.assertTrue(self.remote(self.driver._host, mine))
        self.assertFalse(self.remote('other', mine))

    def test_files_that_another_host_sees_are_its_own_too(self):
        self.assertFalse(self.driver.instance_on_disk(self.instance))
        os.makedirs(self.folder)
        self.assertTrue(self.driver.instance_on_disk(self.instance))
        self.disks('file')
        data = self.local()
        self.assertTrue(self.remote('other', data))
        self.driver.check_instance_shared_storage_cleanup(guests.admin(), data)
        self.assertEqual([], os.listdir(self.folder))
        self.assertFalse(self.remote('other', data))

    def test_volumes_of_a_group_are_no_other_hosts_though_their_folder_is(self):
        os.makedirs(self.folder)
        self.disks('block', 'file')
        self.assertFalse(self.remote('other', self.local()))

    def test_novas_own_driver_asks_with_the_file_alone(self):
        self.assertFalse(self.remote('other', {'filename': self.folder}))
        os.makedirs(self.folder)
        self.assertTrue(self.remote('other', {'filename': self.folder}))
