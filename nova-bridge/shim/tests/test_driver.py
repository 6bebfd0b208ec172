"""The sequences of the driver: what is asked of the bridge, in which order, and what is taken back."""

import io
import os
from unittest import mock

from oslo_concurrency import processutils
from oslo_utils import timeutils

from nova.compute import power_state
from nova.compute import task_states
from nova import exception
from nova import objects
from tests import driver_case
from tests import guests
from nova.virt.bridge import conf
from nova.virt.bridge import images
from nova.virt.bridge import network
from nova.virt.bridge import problems
from nova.virt.bridge import storage

CONF = conf.CONF
PORT = {'id': 'p1', 'type': 'bridge', 'active': False, 'vnic_type': 'normal'}


class DriverTest(driver_case.DriverCase):
    def test_what_is_not_there_is_off(self):
        self.answers['power-off'] = exception.InstanceNotFound(instance_id=guests.UUID)
        self.driver.power_off(self.instance, 60, 10)
        self.assertEqual(['power-off'], self.calls)

    def test_how_long_a_guest_may_take_is_the_services_to_bound(self):
        for said in (7200, -1, 60):
            self.driver.power_off(self.instance, said, 10)
            self.assertEqual({'timeout': said, 'retry_interval': 10}, self.bodies['power-off'])

    def test_spawn_prepares_plugs_and_starts_and_saves_what_it_is_told(self):
        self.answers['prepare'] = {'updates': {
            'root_device_name': '/dev/vda', 'device_names': {'device:disk': '/dev/vda', 'root_device_name': '/dev/vda'},
            'system_metadata': {'image_hw_machine_type': 'pc', 'image_hw_input_bus': None}}}
        self.spawn()
        self.assertEqual(['prepare', 'wait for 0', 'start', 'events came'], self.calls)
        self.assertEqual({}, self.bodies['start'])
        self.assertEqual('/dev/vda', self.instance.root_device_name)
        self.assertEqual('pc', self.instance.system_metadata['image_hw_machine_type'])
        self.assertIn('image_hw_input_bus', self.instance.system_metadata)
        self.instance.save.assert_called_once_with()

    def test_a_guest_stands_still_until_neutron_says_that_its_ports_are_ready(self):
        self.spawn([PORT])
        self.assertEqual(['prepare', 'wait for 1', 'plug', 'start', 'events came', 'resume'], self.calls)
        self.assertEqual({'paused': True}, self.bodies['start'])

    def test_a_guest_that_is_not_to_run_waits_for_nothing(self):
        self.spawn([PORT], power_on=False)
        self.assertEqual(['prepare', 'wait for 0', 'plug', 'start', 'events came'], self.calls)
        self.assertFalse(self.bodies['prepare']['power_on'])

    def test_ports_that_do_not_come_end_the_build_and_take_it_back(self):
        self.answers['event'] = network.TIMEOUTS[0]()
        with self.assertRaises(exception.VirtualInterfaceCreateException):
            self.spawn([PORT])
        self.assertEqual(['prepare', 'wait for 1', 'plug', 'start', 'stop', 'unplug', 'release'], self.calls)
        self.assertTrue(self.instance.cleaned)

    def test_ports_that_do_not_come_are_not_fatal_where_the_operator_says_so(self):
        self.override('vif_plugging_is_fatal', False, None)
        self.answers['event'] = network.TIMEOUTS[0]()
        self.spawn([PORT])
        self.assertEqual(['prepare', 'wait for 1', 'plug', 'start', 'resume'], self.calls)

    def test_an_image_is_fetched_only_when_the_bridge_has_not_got_it(self):
        self.answers['prepare'] = [exception.ImageNotFound('not in the cache'), {}]
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
            self.spawn()
        self.assertEqual(['prepare', 'prepare', 'wait for 0', 'start', 'events came'], self.calls)
        self.assertEqual('image', self.bodies['prepare']['image_file'])
        self.assertEqual(guests.IMAGE, fetch.call_args[0][1])
        self.assertTrue(self.fetched.startswith(os.path.join(self.state.name, 'exchange', guests.UUID)))
        self.assertEqual([], os.listdir(os.path.join(self.state.name, 'exchange')))

    def fetch(self, context, image_id, path, trusted_certs=None):
        self.fetched = path
        with open(path, 'wb') as out:
            out.write(b'image')

    def test_kernel_and_ramdisk_are_fetched_with_the_image_but_for_what_the_bridge_has(self):
        self.instance.kernel_id, self.instance.ramdisk_id = 'aki', 'ari'
        self.instance.trusted_certs = objects.TrustedCerts(ids=['c'])
        for cached, fetched in (([], {guests.IMAGE, 'aki', 'ari'}), ([guests.IMAGE, 'ari'], {'aki'})):
            self.answers['prepare'] = [exception.ImageNotFound('not in the cache'), {}]
            self.answers['/v1/images'] = [{'image': one} for one in cached]
            with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
                self.spawn()
            self.assertEqual(fetched, {call[0][1] for call in fetch.call_args_list})
            body = self.bodies['prepare']
            self.assertEqual('kernel', body['kernel_file'])
            self.assertEqual((None, None) if cached else ('image', 'ramdisk'),
                             (body.get('image_file'), body.get('ramdisk_file')))
            for call in fetch.call_args_list:
                trusted = call[1]['trusted_certs']
                self.assertEqual(call[0][1] == guests.IMAGE, trusted is not None)

    def test_a_ramdisk_without_a_kernel_is_not_fetched(self):
        self.instance.ramdisk_id = 'ari'
        self.answers['prepare'] = [exception.ImageNotFound('not in the cache'), {}]
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
            self.spawn()
        self.assertEqual([guests.IMAGE], [call[0][1] for call in fetch.call_args_list])

    def test_a_rescue_has_the_kernel_of_the_configuration_else_the_guests(self):
        self.instance.kernel_id = 'aki'
        self.override('rescue_ramdisk_id', 'rescuing ari', 'libvirt')
        self.answers['/v1/images'] = []
        for kernel in ('aki', 'rescuing aki'):
            if kernel != 'aki':
                self.override('rescue_kernel_id', kernel, 'libvirt')
            self.answers['rescue'] = [exception.ImageNotFound('not in the cache'), {}]
            with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
                self.driver.rescue(guests.admin(), self.instance, [], guests.image(), None, None)
            self.assertEqual({guests.IMAGE, kernel, 'rescuing ari'}, {call[0][1] for call in fetch.call_args_list})
            self.assertEqual(('kernel', 'ramdisk'), (
                self.bodies['rescue']['kernel_file'], self.bodies['rescue']['ramdisk_file']))

    def test_a_folder_that_cannot_be_written_says_which_option_names_it(self):
        os.rmdir(os.path.join(self.state.name, 'exchange'))
        with self.assertRaisesRegex(exception.InternalError, r'exchange.*\[nova_bridge\]state_path'):
            self.spawn()
        self.assertEqual([], self.calls)

    def test_an_image_that_is_refused_is_not_fetched_twice(self):
        self.answers['prepare'] = [exception.ImageNotFound('not in the cache'), exception.ImageUnacceptable('bad')]
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch):
            with self.assertRaises(exception.ImageUnacceptable):
                self.spawn()
        self.assertEqual(['prepare', 'prepare'], self.calls)

    def test_a_start_that_fails_is_taken_back_and_its_own_failure_is_told(self):
        self.answers['start'] = exception.ComputeResourcesUnavailable('full')
        with self.assertRaisesRegex(exception.ComputeResourcesUnavailable, 'full'):
            self.spawn([PORT])
        self.assertEqual(['prepare', 'wait for 1', 'plug', 'start', 'stop', 'unplug', 'release'], self.calls)

    def test_no_other_host_builds_what_may_still_run_here(self):
        away = exception.HypervisorUnavailable('nova-bridge does not answer')
        self.answers.update({'start': away, 'stop': away})
        with self.assertRaisesRegex(exception.BuildAbortException, 'nova-bridge does not answer'):
            self.spawn([PORT])

    def test_what_others_say_of_the_host_is_not_told_to_the_owner_of_the_server(self):
        self.answers['start'] = processutils.ProcessExecutionError(cmd='cryptsetup /dev/secret', stderr='in /etc/of/the/host')
        self.answers['stop'] = exception.HypervisorUnavailable()
        with self.assertRaisesRegex(exception.BuildAbortException, 'aborted: ProcessExecutionError$'):
            self.spawn([PORT])
        self.answers['start'] = NotImplementedError('no such card here')
        with self.assertRaisesRegex(exception.BuildAbortException, 'no such card here'):
            self.spawn([PORT])

    def test_a_config_drive_is_made_of_novas_metadata(self):
        self.instance.config_drive = 'True'
        made = mock.MagicMock()
        with mock.patch.object(images.instance_metadata, 'InstanceMetadata') as metadata, \
                mock.patch.object(images.configdrive, 'ConfigDriveBuilder', return_value=made):
            self.driver.spawn(guests.admin(), self.instance, guests.image(), [('/a', b'b')], 'geheim', {}, [])
        self.assertEqual('disk.config', self.bodies['prepare']['config_drive_file'])
        self.assertEqual({'admin_pass': 'geheim'}, metadata.call_args[1]['extra_md'])
        self.assertNotIn('geheim', str(self.bodies['prepare']))

    def test_the_root_device_has_the_name_that_the_bridge_gives_it(self):
        self.driver._bridge.post.return_value = {'updates': {'root_device_name': '/dev/sda'}}
        name = self.driver.default_root_device_name(self.instance, guests.image(), mock.Mock(is_volume=False))
        self.assertEqual('/dev/sda', name)
        path, asked = self.driver._bridge.post.call_args[0]
        self.assertEqual('/v1/instances/%s/plan' % guests.UUID, path)
        self.assertEqual(guests.UUID, asked['instance']['uuid'])

    def test_the_events_begin_once_the_protocols_agree(self):
        self.driver._events = mock.Mock()
        self.driver._bridge.protocol.side_effect = exception.InvalidConfiguration('upgrade the shim')
        with self.assertRaises(exception.InvalidConfiguration):
            self.driver.init_host('here')
        self.driver._events.start.assert_not_called()
        self.driver._bridge.protocol.side_effect = None
        self.driver.init_host('here')
        self.driver._events.start.assert_called_once_with()
        self.driver.cleanup_host('here')
        self.driver._events.stop.assert_called_once_with()

    def test_destroy_stops_unplugs_and_releases(self):
        self.driver.destroy(guests.admin(), self.instance, [PORT])
        self.assertEqual(['stop', 'unplug', 'release'], self.calls)
        self.assertTrue(self.instance.cleaned)
        self.instance.save.assert_called_once_with()

    def test_what_is_not_removed_is_not_said_to_be(self):
        self.answers['release'] = exception.VolumesNotRemoved('busy')
        with self.assertRaises(exception.VolumesNotRemoved):
            self.driver.destroy(guests.admin(), self.instance, [PORT])
        self.instance.save.assert_not_called()
        self.answers['release'] = {}
        self.instance.save.side_effect = exception.InstanceNotFound(instance_id=guests.UUID)
        self.driver.destroy(guests.admin(), self.instance, [PORT])

    def test_destroy_removes_files_that_a_nova_compute_which_died_has_handed_over(self):
        left = os.path.join(self.state.name, 'exchange', guests.UUID)
        os.makedirs(left)
        self.driver.destroy(guests.admin(), self.instance, [PORT], destroy_disks=False)
        self.assertTrue(os.path.exists(left))
        self.driver.destroy(guests.admin(), self.instance, [PORT])
        self.assertFalse(os.path.exists(left))

    def test_what_nova_wants_to_keep_is_only_stopped(self):
        self.driver.destroy(guests.admin(), self.instance, [PORT], destroy_disks=False)
        self.assertEqual(['stop', 'unplug'], self.calls)

    def test_a_guest_that_would_not_stop_keeps_its_network(self):
        self.answers['stop'] = exception.InstancePowerOffFailure('it waits for its disk')
        with self.assertRaises(exception.InstancePowerOffFailure):
            self.driver.destroy(guests.admin(), self.instance, [PORT])
        self.assertEqual(['stop'], self.calls)

    def test_a_rescue_plugs_and_fetches_the_image_that_the_bridge_has_not_got(self):
        self.answers['rescue'] = [exception.ImageNotFound('not in the cache'), {}]
        self.instance.config_drive = 'True'
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch, \
                mock.patch.object(images, 'config_drive', return_value='disk.config'):
            self.driver.rescue(guests.admin(), self.instance, [PORT], guests.image(), 'geheim', None)
        self.assertEqual(['plug', 'rescue', 'rescue'], self.calls)
        self.assertEqual((guests.IMAGE, 'image', 'disk.config'), (
            self.bodies['rescue']['image_meta']['id'], self.bodies['rescue']['image_file'],
            self.bodies['rescue']['config_drive_file']))
        self.assertEqual(guests.IMAGE, fetch.call_args[0][1])
        self.driver.unrescue(guests.admin(), self.instance)
        self.assertEqual('unrescue', self.calls[-1])

    def test_a_stable_rescue_keeps_the_config_drive_of_the_guest(self):
        self.instance.config_drive = 'True'
        self.driver.rescue(guests.admin(), self.instance, [], guests.image(hw_rescue_bus='virtio'), 'geheim', None)
        self.assertEqual({'image_meta'}, set(self.bodies['rescue']))

    def test_a_rescue_without_an_image_takes_the_one_of_the_configuration(self):
        self.override('rescue_image_id', 'of the configuration', 'libvirt')
        self.answers['rescue'] = [exception.ImageNotFound('not in the cache'), {}]
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
            self.driver.rescue(guests.admin(), self.instance, [], objects.ImageMeta.from_dict({}), None, None)
        self.assertEqual('of the configuration', fetch.call_args[0][1])
        self.assertIsNone(self.bodies['rescue']['image_meta']['id'])

    def test_a_rescued_guest_is_rebooted_in_its_rescue(self):
        self.instance.vm_state = 'rescued'
        self.driver.reboot(guests.admin(), self.instance, [PORT], 'HARD')
        self.driver.resume_state_on_host_boot(guests.admin(), self.instance, [PORT])
        self.assertEqual(['plug', 'reboot', 'plug', 'power-on'], self.calls)
        self.assertEqual({'type': 'HARD'}, self.bodies['reboot'])
        self.assertEqual({}, self.bodies['power-on'])

    def test_a_suspend_and_a_resume_that_nobody_took_leave_the_server_as_it_was(self):
        for action, ask in (('suspend', lambda: self.driver.suspend(guests.admin(), self.instance)),
                            ('resume', lambda: self.driver.resume(guests.admin(), self.instance, []))):
            away = exception.HypervisorUnavailable()
            self.answers[action] = away
            self.assertRaises(exception.HypervisorUnavailable, ask)
            away.nova_bridge_untouched = True
            self.assertRaises(exception.InstanceFaultRollback, ask)

    def test_a_rebuild_that_finds_no_room_is_not_taken_for_an_evacuations_claim(self):
        self.answers['prepare'] = exception.ComputeResourcesUnavailable(reason='the group is full')
        self.driver._host = 'here'
        self.instance.task_state = 'rebuild_spawning'
        with self.assertRaisesRegex(exception.InstanceDeployFailure, 'the group is full'):
            self.spawn()
        self.instance.host = 'there'
        self.assertRaises(exception.ComputeResourcesUnavailable, self.spawn)
        self.instance.host, self.instance.task_state = 'here', 'spawning'
        self.assertRaises(exception.ComputeResourcesUnavailable, self.spawn)
        self.instance.task_state = 'rebuild_spawning'
        self.answers['prepare'] = NotImplementedError('UEFI')
        with self.assertRaisesRegex(exception.InstanceDeployFailure, 'UEFI'):
            self.spawn()

    def rebuild(self, **more):
        self.driver.rebuild(guests.admin(), self.instance, guests.image(), [], None, {}, [], None, None, [PORT], **more)

    def test_a_rebuild_that_could_not_be_is_refused_while_the_server_runs(self):
        self.driver._bridge.post.side_effect = refused = NotImplementedError('UEFI')
        with self.assertRaises(exception.InstanceFaultRollback) as raised:
            self.rebuild()
        self.assertIs(refused, raised.exception.inner_exception)
        self.assertEqual([], self.calls)

    def test_an_image_that_a_dying_service_has_taken_is_fetched_once_more(self):
        gone = exception.ImageNotFound(image_id=guests.IMAGE)
        self.answers['prepare'] = [gone, gone, {}]
        with mock.patch.object(images.images, 'fetch') as fetch:
            self.spawn()
            self.assertEqual(2, fetch.call_count)
            self.answers['prepare'] = [gone, gone, gone]
            self.assertRaises(exception.ImageNotFound, self.spawn)

    def plans(self):
        return [call.args[0].rpartition('/')[2] for call in self.driver._bridge.post.call_args_list]

    def test_a_rebuild_goes_novas_default_way(self):
        self.answers['images'] = {'cached': False}
        self.assertRaises(NotImplementedError, self.rebuild)
        self.assertEqual(['images'], self.calls)
        self.assertEqual(['plan', 'plan?rebuild=true'], self.plans())
        # What was there is on a host that is away.
        self.assertRaises(NotImplementedError, self.rebuild, evacuate=True)
        self.assertEqual(2, self.driver._bridge.post.call_count)

    def test_a_rebuild_of_a_server_that_boots_from_a_volume_needs_no_image(self):
        self.instance.image_ref = ''
        self.assertRaises(NotImplementedError, self.rebuild)
        self.assertEqual((['plan', 'plan?rebuild=true'], []), (self.plans(), self.calls))
        self.instance.kernel_id = 'aki'
        self.answers['images'] = {'cached': False}
        self.assertRaises(NotImplementedError, self.rebuild)
        self.assertEqual('aki', self.bodies['images']['image_meta']['id'])

    def test_kernel_and_ramdisk_are_brought_before_a_rebuild_has_removed_anything(self):
        self.instance.kernel_id, self.instance.ramdisk_id = 'aki-id', 'ari-id'
        self.instance.trusted_certs = objects.TrustedCerts(ids=['c'])
        missing = exception.ImageNotFound('not in the cache')
        self.answers['images'] = [missing, {'cached': True}] * 3
        asked = []
        with mock.patch.object(images.images, 'fetch', side_effect=self.fetch) as fetch:
            self.driver._bridge.change.side_effect = self.noting(self.driver._bridge.change.side_effect, asked)
            self.assertRaises(NotImplementedError, self.rebuild)
        self.assertEqual([('aki-id', None), ('ari-id', None), (guests.IMAGE, self.instance.trusted_certs)],
                         [(call[0][1], call[1]['trusted_certs']) for call in fetch.call_args_list])
        self.assertEqual([('aki-id', 'aki', None), ('aki-id', 'aki', 'image'), ('ari-id', 'ari', None),
                          ('ari-id', 'ari', 'image')], asked[:4])
        self.assertEqual(['plan', 'plan?rebuild=true'], self.plans())

    def noting(self, change, asked):
        def changed(path, body=None, **more):
            asked.append((body['image_meta']['id'], body['image_meta']['disk_format'], body.get('image_file')))
            return change(path, body, **more)
        return changed

    def test_a_bad_kernel_is_found_before_a_rebuild_has_removed_anything(self):
        self.instance.kernel_id = 'aki-id'
        bad = exception.ImageUnacceptable(image_id='aki-id', reason='it is empty')
        for answers in ([exception.ImageNotFound('not in the cache'), bad], [bad]):
            self.answers['images'] = list(answers)
            with mock.patch.object(images.images, 'fetch', side_effect=self.fetch), \
                    self.assertRaises(exception.InstanceFaultRollback) as raised:
                self.rebuild()
            self.assertIs(bad, raised.exception.inner_exception)
        # Nothing but images was asked to change.
        self.assertEqual({'images'}, set(self.calls))
        self.answers['images'] = exception.ImageNotFound('not in the cache')
        gone = exception.ImageNotFound(image_id='aki-id')
        with mock.patch.object(images.images, 'fetch', side_effect=gone), \
                self.assertRaises(exception.InstanceFaultRollback) as raised:
            self.rebuild()
        self.assertIs(gone, raised.exception.inner_exception)

    def test_a_bad_image_is_found_before_a_rebuild_has_removed_anything(self):
        self.instance.trusted_certs = objects.TrustedCerts(ids=['trusted'])
        bad = exception.ImageUnacceptable(image_id=guests.IMAGE, reason='it has a backing file')
        self.answers['images'] = [exception.ImageNotFound(image_id=guests.IMAGE), bad]
        with mock.patch.object(images.images, 'fetch') as fetch, \
                self.assertRaises(exception.InstanceFaultRollback) as raised:
            self.rebuild()
        self.assertIs(bad, raised.exception.inner_exception)
        self.assertEqual(self.instance.trusted_certs, fetch.call_args[1]['trusted_certs'])
        self.assertEqual(['images'] * 2, self.calls)

    def test_what_disks_are_made_from_may_find_its_room_when_the_old_ones_are_gone_unless_the_bridge_knows_better(self):
        self.answers['images'] = full = exception.ComputeResourcesUnavailable(reason='the pool is full')
        self.answers['/v1/images'] = [{'image': self.instance.image_ref}]
        self.assertRaises(NotImplementedError, self.rebuild)
        self.assertEqual(['plan', 'plan?rebuild=true'], self.plans())
        self.driver._bridge.post.side_effect = [{}, full]
        with self.assertRaises(exception.InstanceFaultRollback) as raised:
            self.rebuild()
        self.assertIs(full, raised.exception.inner_exception)

    def test_an_image_that_finds_no_room_in_the_cache_ends_no_server(self):
        self.answers['images'] = full = exception.ComputeResourcesUnavailable(reason='the cache is full')
        self.answers['/v1/images'] = []
        with self.assertRaises(exception.InstanceFaultRollback) as raised:
            self.rebuild()
        self.assertIs(full, raised.exception.inner_exception)
        self.assertEqual(['plan'], self.plans())

    def test_a_resize_here_is_checked_then_stopped_then_done(self):
        larger = guests.flavor(root_gb=20)
        self.driver.migrate_disk_and_power_off(guests.admin(), self.instance, self.driver.get_host_ip_addr(), larger, [PORT], None, 60, 10)
        self.assertEqual(['resize', 'power-off', 'unplug'], self.calls)
        self.assertTrue(self.bodies['resize']['dry_run'])
        self.assertEqual({'timeout': 60, 'retry_interval': 10}, self.bodies['power-off'])
        self.instance.flavor = larger
        self.driver.finish_migration(guests.admin(), None, self.instance, '[]', [PORT], guests.image(), True, {})
        self.assertEqual(['resize', 'plug', 'power-on'], self.calls[3:])
        self.assertEqual(20, self.bodies['resize']['flavor']['root_gb'])
        self.assertEqual(20, self.bodies['power-on']['spec']['instance']['root_gb'])

    def test_a_snapshot_goes_through_novas_task_states_and_leaves_no_file(self):
        file = os.path.join(self.state.name, 'made.qcow2')
        with open(file, 'wb') as out:
            out.write(b'picture')
        self.answers['snapshot'] = {'file': file, 'format': 'qcow2', 'bytes': 7}
        self.instance.system_metadata = {'image_container_format': 'bare', 'image_disk_format': 'raw'}
        self.driver._image_api = mock.Mock()
        self.driver._image_api.get.return_value = {'name': 'snap-1'}
        read = io.BytesIO()
        self.driver._image_api.update.side_effect = lambda *one, **more: read.write(one[3].read())
        states = mock.Mock()
        self.driver.snapshot(guests.admin(), self.instance, 'image-1', states)
        self.assertEqual(b'picture', read.getvalue())
        metadata = self.driver._image_api.update.call_args[0][2]
        self.assertEqual(('snap-1', 'qcow2', 'bare'), (
            metadata['name'], metadata['disk_format'], metadata['container_format']))
        self.assertEqual([mock.call(task_state=task_states.IMAGE_PENDING_UPLOAD),
                          mock.call(task_state=task_states.IMAGE_UPLOADING,
                                    expected_state=task_states.IMAGE_PENDING_UPLOAD)], states.call_args_list)
        self.assertFalse(os.path.exists(file))

    def test_a_snapshot_that_cannot_be_uploaded_leaves_no_file_either(self):
        file = os.path.join(self.state.name, 'made.raw')
        with open(file, 'wb'):
            pass
        self.answers['snapshot'] = {'file': file, 'format': 'raw', 'bytes': 0}
        self.driver._image_api = mock.Mock()
        self.driver._image_api.get.side_effect = exception.ImageNotFound(image_id='x')
        with self.assertRaises(exception.ImageNotFound):
            self.driver.snapshot(guests.admin(), self.instance, 'image-1', mock.Mock())
        self.assertFalse(os.path.exists(file))

    def test_a_snapshot_of_a_server_that_is_being_deleted_leaves_no_file(self):
        file = os.path.join(self.state.name, 'made.raw')
        with open(file, 'wb'):
            pass
        self.answers['snapshot'] = {'file': file, 'format': 'raw', 'bytes': 0}
        states = mock.Mock(side_effect=[None, exception.UnexpectedDeletingTaskStateError(
            instance_uuid='x', expected={}, actual={})])
        with self.assertRaises(exception.UnexpectedDeletingTaskStateError):
            self.driver.snapshot(guests.admin(), self.instance, 'image-1', states)
        self.assertFalse(os.path.exists(file))

    def test_a_snapshot_of_no_guest_is_one_that_does_not_run(self):
        self.answers['snapshot'] = exception.InstanceNotFound('gone')
        with self.assertRaises(exception.InstanceNotRunning):
            self.driver.snapshot(guests.admin(), self.instance, 'image-1', mock.Mock())

    def test_a_snapshot_of_a_guest_of_another_driver_is_not_taken_for_one_of_a_deleted_server(self):
        """Nova swallows InstanceNotRunning and leaves the task of the server as it is, for good (manager._snapshot_instance)."""
        self.answers['snapshot'] = problems.exception_of({
            'type': '/problems/instance-invalid-state', 'detail': 'guest x was not made by this bridge'})
        with self.assertRaisesRegex(exception.InstanceInvalidState, 'not made by this bridge'):
            self.driver.snapshot(guests.admin(), self.instance, 'image-1', mock.Mock())

    def test_the_state_of_a_guest_is_novas_code(self):
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'nova_power_state': 3}
        self.assertEqual(power_state.PAUSED, self.driver.get_info(self.instance).state)
        self.assertTrue(self.driver.instance_exists(self.instance))
        self.driver._bridge.get.side_effect = exception.InstanceNotFound('gone')
        self.assertFalse(self.driver.instance_exists(self.instance))

    def test_consoles_are_where_qemu_listens(self):
        path = '/v1/instances/%s/consoles' % guests.UUID
        self.answers[path] = [{'type': 'vnc', 'port': 5901, 'listen': '0.0.0.0'},
                              {'type': 'serial', 'port': 10001, 'listen': '192.0.2.7'}]
        vnc = self.driver.get_vnc_console(guests.admin(), self.instance)
        self.assertEqual((CONF.vnc.server_proxyclient_address, 5901), (vnc.host, vnc.port))
        serial = self.driver.get_serial_console(guests.admin(), self.instance)
        self.assertEqual(('192.0.2.7', 10001), (serial.host, serial.port))
        self.answers[path] = []
        for ask in (self.driver.get_vnc_console, self.driver.get_serial_console):
            with self.assertRaises(exception.ConsoleTypeUnavailable):
                ask(guests.admin(), self.instance)

    def test_what_a_guest_has_used_comes_in_both_forms_of_novas_api(self):
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'nova_power_state': power_state.RUNNING}
        self.answers['/v1/instances/%s/statistics' % guests.UUID] = {
            'memory_kib': 524288, 'memory': {'current': 262144, 'swap_in': 7},
            'processors': [{'id': 0, 'nanoseconds': 17}, {'id': 2, 'nanoseconds': 19}],
            'disks': [{'target': 'vda', 'read_requests': 1, 'read_bytes': 512, 'write_requests': 2,
                       'write_bytes': 1024}],
            'ports': [{'target': 'tap1', 'rx_bytes': 1, 'rx_packets': 2, 'rx_errors': 3, 'rx_drop': 4, 'tx_bytes': 5,
                       'tx_packets': 6, 'tx_errors': 7, 'tx_drop': 8}]}
        self.assertEqual(
            {'memory': 524288, 'memory-actual': 262144, 'memory-swap_in': 7, 'cpu0_time': 17, 'cpu2_time': 19,
             'vda_read_req': 1, 'vda_read': 512, 'vda_write_req': 2, 'vda_write': 1024, 'vda_errors': -1,
             'tap1_rx': 1, 'tap1_rx_packets': 2, 'tap1_rx_errors': 3, 'tap1_rx_drop': 4, 'tap1_tx': 5,
             'tap1_tx_packets': 6, 'tap1_tx_errors': 7, 'tap1_tx_drop': 8},
            self.driver.get_diagnostics(self.instance))
        self.instance.launched_at = timeutils.utcnow()
        self.instance.get_network_info = lambda: [{'devname': 'tap1', 'address': 'fa:16:3e:00:00:01'}]
        found = self.driver.get_instance_diagnostics(self.instance)
        self.assertEqual(('running', 512, 256, 2, 1, 1), (
            found.state, found.memory_details.maximum, found.memory_details.used, found.num_cpus, found.num_disks,
            found.num_nics))
        self.assertEqual(('fa:16:3e:00:00:01', 1, 8), (
            found.nic_details[0].mac_address, found.nic_details[0].rx_octets, found.nic_details[0].tx_drop))
        self.assertEqual([1, 512, 2, 1024, -1], self.driver.block_stats(self.instance, 'vda'))
        self.assertIsNone(self.driver.block_stats(self.instance, 'vdz'))

    def test_the_traffic_of_volumes_is_that_of_guests_that_run(self):
        here, off = guests.instance(), mock.Mock(uuid='off')
        used = {'disks': [{'target': 'vdb', 'read_requests': 1, 'read_bytes': 2, 'write_requests': 3, 'write_bytes': 4}]}

        def get(path):
            if '/off/' in path:
                raise exception.InstanceInvalidState('it does not run')
            return used
        self.driver._bridge.get.side_effect = get
        bdms = [{'device_name': '/dev/vdb', 'volume_id': 'v-1'}, {'device_name': '/dev/vdc', 'volume_id': 'v-2'}]
        found = self.driver.get_all_volume_usage(guests.admin(), [
            {'instance': here, 'instance_bdms': bdms}, {'instance': off, 'instance_bdms': bdms}])
        self.assertEqual([{'volume': 'v-1', 'instance': here, 'rd_req': 1, 'rd_bytes': 2, 'wr_req': 3, 'wr_bytes': 4}],
                         found)

    def test_the_traffic_is_asked_for_once_and_one_guest_does_not_lose_the_round(self):
        disk = {'read_requests': 1, 'read_bytes': 2, 'write_requests': 3, 'write_bytes': 4}
        asked = []

        def get(path):
            asked.append(path.split('/')[3])
            failure = failures.get(asked[-1])
            if failure is not None:
                raise failure
            return {'disks': [{'target': 'vdb', **disk}, {'target': 'vdc', **disk}]}
        self.driver._bridge.get.side_effect = get
        bdms = [{'device_name': '/dev/vdb', 'volume_id': 'v-1'}, {'device_name': '/dev/vdc', 'volume_id': 'v-2'}]
        host = [{'instance': mock.Mock(uuid='none'), 'instance_bdms': []},
                *({'instance': mock.Mock(uuid=uuid), 'instance_bdms': bdms} for uuid in ('a', 'b', 'c'))]

        def usage():
            del asked[:]
            with self.assertLogs('nova.virt.bridge.statistics', 'WARNING') as log:
                found = self.driver.get_all_volume_usage(guests.admin(), host)
            self.assertEqual(1, len(log.output))
            return [(one['instance'].uuid, one['volume']) for one in found]
        failures = {'b': exception.InternalError('its monitor hangs')}
        self.assertEqual([('a', 'v-1'), ('a', 'v-2'), ('c', 'v-1'), ('c', 'v-2')], usage())
        self.assertEqual(['a', 'b', 'c'], asked)
        failures = {'b': exception.HypervisorUnavailable('the service is away')}
        self.assertEqual([('a', 'v-1'), ('a', 'v-2')], usage())
        self.assertEqual(['a', 'b'], asked)

    def test_the_times_of_the_hosts_processors_come_in_novas_words(self):
        self.answers['/v1/host/cpu-times'] = {'kernel': 1, 'user': 2, 'idle': 3, 'iowait': 4, 'mhz': 5}
        self.assertEqual({'kernel': 1, 'user': 2, 'idle': 3, 'iowait': 4, 'frequency': 5},
                         self.driver.get_host_cpu_stats())

    def test_what_is_left_of_a_deleted_instance_is_removed_or_asked_for_again(self):
        self.assertTrue(self.driver.delete_instance_files(self.instance))
        self.assertEqual(['release'], self.calls)
        self.answers['release'] = exception.VolumesNotRemoved('busy')
        self.assertFalse(self.driver.delete_instance_files(self.instance))

    def test_cinder_does_not_wait_for_a_snapshot_that_is_not_made(self):
        with mock.patch.object(storage.cinder, 'API') as api:
            with self.assertRaises(NotImplementedError):
                self.driver.volume_snapshot_create(guests.admin(), self.instance, 'v', {'snapshot_id': 's'})
            self.assertEqual(('s', 'error'), api.return_value.update_snapshot_status.call_args[0][1:])
            api.return_value.update_snapshot_status.side_effect = OSError('Cinder is away')
            with self.assertRaises(NotImplementedError):
                self.driver.volume_snapshot_delete(guests.admin(), self.instance, 'v', 's', {})
            self.assertEqual(('s', 'error_deleting'), api.return_value.update_snapshot_status.call_args[0][1:])
        self.assertEqual([], self.calls)

    def test_a_port_is_plugged_before_the_guest_gets_it_and_unplugged_after_it_has_let_it_go(self):
        port = {**PORT, 'address': 'fa:16:3e:00:00:01'}
        self.driver.attach_interface(guests.admin(), self.instance, guests.image(), port)
        self.driver.detach_interface(guests.admin(), self.instance, port)
        self.assertEqual(['plug', 'attach-interface', 'detach-interface', 'unplug'], self.calls)
        self.assertEqual('p1', self.bodies['attach-interface']['vif']['id'])
        self.assertEqual({'mac': 'fa:16:3e:00:00:01'}, self.bodies['detach-interface'])

    def test_a_port_that_the_guest_does_not_get_is_unplugged(self):
        self.answers['attach-interface'] = exception.InternalError('no free slot')
        with self.assertRaises(exception.InterfaceAttachFailed):
            self.driver.attach_interface(guests.admin(), self.instance, guests.image(), PORT)
        self.assertEqual(['plug', 'attach-interface', 'unplug'], self.calls)

    def test_a_port_that_a_service_may_have_given_before_it_went_away_is_taken_first(self):
        self.answers['attach-interface'] = away = exception.HypervisorUnavailable()
        port = {**PORT, 'address': 'fa:16:3e:00:00:01'}
        for detach, unplugged in ((None, ['unplug']), (away, [])):
            self.calls.clear()
            self.answers['detach-interface'] = detach or {}
            with self.assertRaises(exception.InterfaceAttachFailed):
                self.driver.attach_interface(guests.admin(), self.instance, guests.image(), port)
            self.assertEqual(['plug', 'attach-interface', 'detach-interface', *unplugged], self.calls)
        # It was not even reached.
        self.calls.clear()
        away.nova_bridge_untouched = True
        with self.assertRaises(exception.InterfaceAttachFailed):
            self.driver.attach_interface(guests.admin(), self.instance, guests.image(), port)
        self.assertEqual(['plug', 'attach-interface', 'unplug'], self.calls)

    def test_a_guest_that_keeps_a_port_is_told_so(self):
        self.answers['detach-interface'] = exception.DeviceDetachFailed('the guest does not let go')
        with self.assertRaises(exception.DeviceDetachFailed):
            self.driver.detach_interface(guests.admin(), self.instance, {**PORT, 'address': 'fa:16:3e:00:00:01'})
        self.assertEqual(['detach-interface', 'unplug'], self.calls)

    def test_an_image_is_cached_before_a_guest_needs_it(self):
        meta = objects.ImageMeta.from_dict({'id': guests.IMAGE, 'disk_format': 'qcow2', 'properties': {}})
        with mock.patch.object(objects.ImageMeta, 'from_image_ref', return_value=meta), \
                mock.patch.object(images.images, 'fetch') as fetch:
            self.answers['images'] = [exception.ImageNotFound(image_id=guests.IMAGE), {'cached': True}]
            self.assertTrue(self.driver.cache_image(guests.admin(), guests.IMAGE))
            self.answers['images'] = {'cached': False}
            self.assertFalse(self.driver.cache_image(guests.admin(), guests.IMAGE))
        fetch.assert_called_once()
        self.assertEqual(os.path.join(self.state.name, 'exchange', guests.IMAGE, 'image'), fetch.call_args[0][2])
        self.assertEqual(['images'] * 3, self.calls)

    def test_placement_is_told_the_bridges_numbers(self):
        self.answers['/v1/host/node'] = {
            'hypervisor_hostname': 'h', 'hypervisor_type': 'QEMU', 'hypervisor_version': 7002022, 'vcpus': 4,
            'vcpus_used': 3, 'memory_mb': 8000, 'memory_mb_used': 900, 'cpu_info': {'arch': 'x86_64', 'topology': {'threads': 2}},
            'guest_cpu_features': ['avx2', 'no-word-of-placement'], 'vif_models': ['virtio'],
            'supported_instances': [['x86_64', 'kvm', 'hvm'], ['loongarch64', 'qemu', 'hvm']]}
        self.answers['/v1/host'] = {'disk_buses': ['virtio', 'scsi'], 'video_models': ['vga']}
        self.answers['/v1/host/resources'] = {'backend': 'lvm', 'storage': [], 'disk_gb': {
            'total': 100, 'reserved': 4, 'allocation_ratio': 1.0, 'min_unit': 1, 'max_unit': 100, 'step_size': 1,
            'used_bytes': 7 << 30, 'free_bytes': 93 << 30}}
        found = self.driver.get_available_resource('h')
        self.assertEqual((100, 7, 93, [('x86_64', 'kvm', 'hvm')]), tuple(found[key] for key in (
            'local_gb', 'local_gb_used', 'disk_available_least', 'supported_instances')))
        tree = mock.Mock()
        tree.data.return_value = mock.Mock(inventory={})
        self.driver.update_provider_tree(tree, 'h')
        name, inventory = tree.update_inventory.call_args[0]
        self.assertEqual('h', name)
        self.assertEqual({'VCPU', 'MEMORY_MB', 'DISK_GB'}, set(inventory))
        self.assertEqual({'total': 100, 'reserved': 4, 'allocation_ratio': 1.0, 'min_unit': 1, 'max_unit': 100,
                          'step_size': 1}, inventory['DISK_GB'])
        self.assertEqual({
            'HW_CPU_X86_AVX2', 'HW_CPU_HYPERTHREADING', 'COMPUTE_STORAGE_BUS_VIRTIO', 'COMPUTE_STORAGE_BUS_SCSI',
            'COMPUTE_GRAPHICS_MODEL_VGA', 'COMPUTE_NET_VIF_MODEL_VIRTIO'}, _traits(tree.add_traits))
        gone = _traits(tree.remove_traits)
        self.assertLess({'HW_CPU_X86_AVX', 'COMPUTE_STORAGE_BUS_IDE', 'COMPUTE_NET_VIF_MODEL_E1000'}, gone)
        self.assertFalse(gone & _traits(tree.add_traits))
        del self.answers['/v1/host/resources']['disk_gb']
        self.driver.update_provider_tree(tree, 'h')
        self.assertNotIn('DISK_GB', tree.update_inventory.call_args[0][1])


def _traits(method):
    return {call[0][1] for call in method.call_args_list}
