"""Volumes: Nova's own volume drivers connect them, with os-brick faked at its edge; the bridge is told where they are."""

import contextlib
from unittest import mock

from os_brick import exception as brick_exception
from os_brick.initiator import connector
from oslo_serialization import jsonutils

from nova import exception
from nova import objects
from nova.virt import block_device as driver_block_device
from nova.virt.bridge import volumes
from tests import driver_case
from tests import guests

PORT = {'id': 'p1', 'type': 'bridge', 'active': True, 'vnic_type': 'normal'}
VOLUME = '22222222-2222-3333-4444-555555555555'


def iscsi(volume=VOLUME, **data):
    return {'driver_volume_type': 'iscsi', 'serial': volume, 'data': {
        'target_portal': '192.0.2.1:3260', 'target_iqn': 'iqn.x:' + volume, 'target_lun': 1,
        'auth_username': 'u', 'auth_password': 'geheim', **data}}


def bdm(**values):
    made = objects.BlockDeviceMapping(guests.admin(), **{
        'id': 7, 'source_type': 'volume', 'destination_type': 'volume', 'guest_format': None, 'device_name': '/dev/vdb',
        'volume_size': 1, 'boot_index': None, 'disk_bus': None, 'device_type': None, 'delete_on_termination': False,
        'volume_id': VOLUME, 'snapshot_id': None, 'image_id': None, 'no_device': False, 'volume_type': None,
        'attachment_id': 'a', 'encrypted': False, 'encryption_secret_uuid': None, 'encryption_format': None,
        'encryption_options': None, 'connection_info': jsonutils.dumps(iscsi()), **values})
    made.save = mock.Mock()
    return made


def devices(*mappings):
    return {'root_device_name': '/dev/vda', 'image': [], 'ephemerals': [], 'swap': None,
            'block_device_mapping': driver_block_device.convert_volumes(mappings or [bdm()])}


class VolumesCase(driver_case.DriverCase):
    """Volumes by iSCSI."""

    def setUp(self):
        super().setUp()
        self.brick = mock.Mock()
        self.brick.connect_volume.side_effect = self.connect
        self.brick.disconnect_volume.side_effect = lambda *one, **more: self.calls.append('disconnect')
        patch = mock.patch.object(connector.InitiatorConnector, 'factory', return_value=self.brick)
        patch.start()
        self.addCleanup(patch.stop)

    def connect(self, data):
        self.calls.append('connect')
        failure = self.answers.get('connect')
        if failure is not None:
            raise failure
        return {'type': 'block', 'path': '/dev/disk/by-path/' + data['target_iqn']}

    def volume_of(self, body):
        return body['block_device_info']['block_device_mapping'][0]


class VolumesTest(VolumesCase):
    def test_a_volume_is_connected_after_the_disks_are_there_and_its_device_is_saved(self):
        made = bdm()
        self.spawn([PORT], block_device_info=devices(made))
        self.assertEqual(['prepare', 'connect', 'wait for 0', 'plug', 'start', 'events came'], self.calls)
        path = '/dev/disk/by-path/iqn.x:' + VOLUME
        before, after = (self.volume_of(body) for body in (self.bodies['prepare'], self.bodies['start']['spec']))
        self.assertNotIn('device_path', before['connection_info']['data'])
        self.assertEqual(path, after['connection_info']['data']['device_path'])
        self.assertNotIn('geheim', str(self.bodies))
        saved = jsonutils.loads(made.connection_info)
        self.assertEqual((path, 'geheim'), (saved['data']['device_path'], saved['data']['auth_password']))
        made.save.assert_called_once_with()

    def test_a_volume_without_a_name_gets_the_one_of_the_bridge(self):
        self.answers['prepare'] = {'updates': {'device_names': {
            'device:disk': '/dev/vda', 'device:/dev/vdb': '/dev/vdb', 'root_device_name': '/dev/vda'}}}
        made = bdm(device_name=None)
        self.spawn(block_device_info=devices(made))
        self.assertEqual('/dev/vdb', made.device_name)
        self.assertEqual('/dev/vdb', self.volume_of(self.bodies['start']['spec'])['mount_device'])

    def test_a_volume_that_does_not_come_ends_the_build_and_leaves_nothing(self):
        self.answers['connect'] = brick_exception.VolumeDeviceNotFound(device='x')
        with self.assertRaises(brick_exception.VolumeDeviceNotFound):
            self.spawn([PORT], block_device_info=devices())
        self.assertEqual(['prepare', 'connect', 'stop', 'unplug', 'disconnect', 'release'], self.calls)

    def test_a_start_that_fails_disconnects_what_was_connected(self):
        self.answers['start'] = exception.ComputeResourcesUnavailable('full')
        with self.assertRaises(exception.ComputeResourcesUnavailable):
            self.spawn(block_device_info=devices())
        self.assertEqual(['prepare', 'connect', 'wait for 0', 'start', 'stop', 'disconnect', 'release'], self.calls)

    def test_what_cannot_be_connected_is_refused_before_anything_is_touched(self):
        connection = {'driver_volume_type': 'quobyte', 'serial': VOLUME, 'data': {}}
        refused = devices(bdm(connection_info=jsonutils.dumps(connection)))
        with self.assertRaisesRegex(NotImplementedError, 'quobyte'):
            self.spawn(block_device_info=refused)
        with self.assertRaises(NotImplementedError):
            self.driver.power_on(guests.admin(), self.instance, [PORT], refused)
        with self.assertRaises(NotImplementedError):
            self.driver.attach_volume(guests.admin(), connection, self.instance, '/dev/vdb')
        self.assertEqual([], self.calls)

    def test_within_a_rebuild_its_refusal_is_not_taken_for_a_driver_that_has_done_nothing(self):
        connection = {'driver_volume_type': 'quobyte', 'serial': VOLUME, 'data': {}}
        refused = devices(bdm(connection_info=jsonutils.dumps(connection)))
        self.driver._host, self.instance.task_state = self.instance.host, 'rebuild_spawning'
        with self.assertRaisesRegex(exception.InstanceDeployFailure, 'quobyte'):
            self.spawn(block_device_info=refused)
        self.assertEqual([], self.calls)

    def test_a_host_without_the_protocol_says_so(self):
        connector.InitiatorConnector.factory.side_effect = brick_exception.InvalidConnectorProtocol('no iSCSI here')
        with self.assertRaises(exception.VolumeDriverNotSupported):
            self.driver.attach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')

    def test_reboot_and_power_on_connect_first(self):
        self.driver.reboot(guests.admin(), self.instance, [PORT], 'HARD', devices())
        self.driver.power_on(guests.admin(), self.instance, [PORT], devices())
        self.driver.resume_state_on_host_boot(guests.admin(), self.instance, [PORT], devices())
        self.assertEqual(['connect', 'plug', 'reboot'] + 2 * ['connect', 'plug', 'power-on'], self.calls)
        for body in (self.bodies['reboot'], self.bodies['power-on']):
            self.assertIn('device_path', self.volume_of(body['spec'])['connection_info']['data'])

    def test_a_power_on_that_fails_disconnects_nothing(self):
        self.answers['power-on'] = exception.HypervisorUnavailable()
        with self.assertRaises(exception.HypervisorUnavailable):
            self.driver.power_on(guests.admin(), self.instance, [PORT], devices())
        self.assertNotIn('disconnect', self.calls)

    def test_a_rescue_has_the_volumes(self):
        self.driver.rescue(guests.admin(), self.instance, [PORT], guests.image(), None, devices())
        self.assertEqual(['connect', 'plug', 'rescue'], self.calls)

    def test_destroy_disconnects_between_stop_and_release(self):
        self.driver.destroy(guests.admin(), self.instance, [PORT], devices())
        self.assertEqual(['stop', 'unplug', 'disconnect', 'release'], self.calls)
        self.assertTrue(self.brick.disconnect_volume.call_args[1]['force'])

    def test_a_volume_that_cannot_be_disconnected_keeps_no_delete(self):
        self.brick.disconnect_volume.side_effect = brick_exception.BrickException('busy')
        self.driver.destroy(guests.admin(), self.instance, [PORT], devices())
        self.assertEqual(['stop', 'unplug', 'release'], self.calls)
        with self.assertRaises(brick_exception.BrickException):
            self.driver.destroy(guests.admin(), self.instance, [PORT], devices(), destroy_disks=False)

    def test_a_volume_that_was_never_connected_is_no_failure(self):
        self.driver.destroy(guests.admin(), self.instance, [PORT], devices(bdm(connection_info=None)))
        self.assertEqual(['stop', 'unplug', 'release'], self.calls)

    def test_a_resize_takes_volumes_off_and_connects_them_again(self):
        self.driver.migrate_disk_and_power_off(
            guests.admin(), self.instance, self.driver.get_host_ip_addr(), guests.flavor(), [PORT], devices())
        self.assertEqual(['resize', 'power-off', 'unplug', 'disconnect'], self.calls)
        self.driver.finish_migration(
            guests.admin(), None, self.instance, '[]', [PORT], guests.image(), True, {}, devices())
        self.assertEqual(['connect', 'resize', 'connect', 'plug', 'power-on'], self.calls[4:])

    def test_attach_connects_then_gives_it_to_the_guest(self):
        connection = iscsi()
        self.driver.attach_volume(guests.admin(), connection, self.instance, 'vdb', 'virtio', 'disk')
        self.assertEqual(['connect', 'attach-volume'], self.calls)
        asked = self.bodies['attach-volume']['volume']
        self.assertEqual(('/dev/vdb', 'virtio', 'disk', VOLUME), (
            asked['mount_device'], asked['disk_bus'], asked['device_type'], asked['connection_info']['serial']))
        self.assertIn('device_path', asked['connection_info']['data'])
        self.assertIn('device_path', connection['data'])
        self.assertNotIn('geheim', str(asked))

    def test_an_attach_that_fails_disconnects(self):
        self.answers['attach-volume'] = exception.InternalError('no free slot')
        with self.assertRaises(exception.InternalError):
            self.driver.attach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['connect', 'attach-volume', 'disconnect'], self.calls)

    def test_a_volume_that_the_guest_may_have_got_is_taken_from_it_since_nova_gives_it_to_others(self):
        self.answers['attach-volume'] = exception.HypervisorUnavailable('the first failure')
        for said in ({}, exception.InstanceNotFound(instance_id='x')):
            self.calls.clear()
            self.answers['detach-volume'] = said
            with self.assertRaisesRegex(exception.HypervisorUnavailable, 'the first failure'):
                self.driver.attach_volume(guests.admin(), iscsi(), self.instance, 'vdb')
            self.assertEqual(['connect', 'attach-volume', 'detach-volume', 'disconnect'], self.calls)
            self.assertEqual({'device': '/dev/vdb', 'volume': VOLUME}, self.bodies['detach-volume'])

    def test_a_volume_of_which_nobody_can_say_who_has_it_stays_connected(self):
        self.answers['attach-volume'] = self.answers['detach-volume'] = exception.HypervisorUnavailable()
        with self.assertLogs('nova.virt.bridge.storage', 'WARNING') as log, \
                self.assertRaises(exception.HypervisorUnavailable):
            self.driver.attach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['connect', 'attach-volume', 'detach-volume'], self.calls)
        self.assertIn('volume ' + VOLUME, log.output[0])

    def test_a_volume_that_the_bridge_was_never_asked_for_is_disconnected(self):
        away = self.answers['attach-volume'] = exception.HypervisorUnavailable()
        away.nova_bridge_untouched = True
        with self.assertRaises(exception.HypervisorUnavailable):
            self.driver.attach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['connect', 'attach-volume', 'disconnect'], self.calls)

    def test_detach_takes_it_from_the_guest_then_off_the_host(self):
        self.driver.detach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['detach-volume', 'disconnect'], self.calls)
        self.assertEqual({'device': '/dev/vdb', 'volume': VOLUME}, self.bodies['detach-volume'])

    def test_a_guest_that_does_not_let_go_keeps_its_volume(self):
        self.answers['detach-volume'] = exception.DeviceDetachFailed('the guest does not let go')
        with self.assertRaises(exception.DeviceDetachFailed):
            self.driver.detach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['detach-volume'], self.calls)

    def test_a_guest_that_is_gone_keeps_no_volume(self):
        self.answers['detach-volume'] = exception.InstanceNotFound(instance_id='x')
        self.driver.detach_volume(guests.admin(), iscsi(), self.instance, '/dev/vdb')
        self.assertEqual(['detach-volume', 'disconnect'], self.calls)

    def test_a_volume_that_another_guest_here_has_stays_connected(self):
        shared = {**iscsi(), 'multiattach': True}
        with mock.patch.object(volumes.cinder, 'API') as api, \
                mock.patch.object(objects.InstanceList, 'get_uuids_by_host', return_value=[guests.UUID, 'other']):
            self.instance.host = 'here'
            api.return_value.get.return_value = {'attachments': {guests.UUID: {}, 'other': {}}}
            self.driver.detach_volume(guests.admin(), shared, self.instance, '/dev/vdb')
            self.assertEqual(['detach-volume'], self.calls)
            api.return_value.get.return_value = {'attachments': {guests.UUID: {}, 'elsewhere': {}}}
            self.driver.detach_volume(guests.admin(), shared, self.instance, '/dev/vdb')
        self.assertEqual(['detach-volume', 'detach-volume', 'disconnect'], self.calls)

    def test_a_grown_volume_is_told_to_the_guest(self):
        self.brick.extend_volume.return_value = 2 << 30
        self.driver.extend_volume(guests.admin(), iscsi(), self.instance, 3 << 30)
        self.assertEqual({'volume': VOLUME, 'size': 2 << 30}, self.bodies['extend-volume'])
        self.brick.extend_volume.return_value = None
        with self.assertRaises(exception.VolumeExtendFailed):
            self.driver.extend_volume(guests.admin(), iscsi(), self.instance, 3 << 30)
        local = {'driver_volume_type': 'local', 'serial': VOLUME, 'data': {'device_path': '/dev/x'}}
        with self.assertRaises(exception.ExtendVolumeNotSupported):
            self.driver.extend_volume(guests.admin(), local, self.instance, 3 << 30)
        self.assertEqual(['extend-volume'], self.calls)

    def test_a_share_is_mounted_once_and_its_users_are_counted_from_the_bridges_guests(self):
        share = {'driver_volume_type': 'nfs', 'serial': VOLUME, 'data': {'export': 'n:/s', 'name': 'volume-1'}}
        self.override('nfs_mount_point_base', '/mnt/base', 'libvirt')
        mountpoint = '/mnt/base/' + driver_case.hash_of('n:/s')
        self.answers['/v1/instances'] = [{'uuid': 'deleted'}, {'uuid': 'other'}]
        self.answers['/v1/instances/other/volumes'] = [
            {'source_type': 'file', 'source': mountpoint + '/volume-2'}, {'source_type': 'file'}]

        def get(path):
            if path not in self.answers:
                raise exception.InstanceNotFound('deleted since the list')
            return self.answers[path]

        self.driver._bridge.get.side_effect = get
        with contextlib.ExitStack() as patches:
            for what in ('mount', 'umount'):
                patches.enter_context(mock.patch(
                    'nova.privsep.fs.' + what, side_effect=lambda *one, what=what: self.calls.append(what)))
            patches.enter_context(mock.patch('nova.virt.libvirt.volume.mount.os.path.ismount', return_value=True))
            self.driver.attach_volume(guests.admin(), share, self.instance, '/dev/vdb')
            self.assertEqual(mountpoint + '/volume-1', share['data']['device_path'])
            self.driver.detach_volume(guests.admin(), share, self.instance, '/dev/vdb')
        self.assertEqual(['attach-volume', 'detach-volume'], self.calls, 'the other guest still uses the share')

    def plan(self, **names):
        self.driver._bridge.post.return_value = {'updates': {
            'root_device_name': '/dev/sda', 'device_names': {'device:' + key.replace('__', '/'): value
                                                             for key, value in names.items()}}}

    def asked(self):
        return self.driver._bridge.post.call_args[0][1]['block_device_info']

    def test_the_root_device_may_be_a_volume(self):
        self.plan()
        root = bdm(device_name=None, boot_index=0, connection_info=None, disk_bus='scsi')
        self.assertEqual('/dev/sda', self.driver.default_root_device_name(self.instance, guests.image(), root))
        self.assertEqual(('scsi', 0, {}), tuple(
            self.asked()['block_device_mapping'][0][key] for key in ('disk_bus', 'boot_index', 'connection_info')))

    def test_the_next_name_is_the_bridges(self):
        self.plan(disk='/dev/vda', __dev__vdb='/dev/vdb', __dev__sda='/dev/sda')
        name = self.driver.get_device_name_for_instance(
            self.instance, [bdm()], bdm(device_name='/dev/hdx', disk_bus='scsi'))
        self.assertEqual('/dev/sda', name)
        self.assertEqual([('/dev/vdb', None), (None, 'scsi')], [
            (one['mount_device'], one['disk_bus']) for one in self.asked()['block_device_mapping']])

    def test_names_of_a_new_instance_are_the_bridges(self):
        self.plan(disk='/dev/vda', __dev__vdb='/dev/vdb', **{'disk.eph0': '/dev/vdc', 'disk.swap': '/dev/vdd'})
        root = bdm(source_type='image', destination_type='local', image_id=guests.IMAGE, boot_index=0,
                   device_name='/dev/vda', connection_info=None)
        ephemeral = bdm(source_type='blank', destination_type='local', device_name=None, connection_info=None,
                        boot_index=-1, guest_format=None)
        swap = bdm(source_type='blank', destination_type='local', device_name=None, connection_info=None, boot_index=-1,
                   guest_format='swap')
        volume = bdm(device_name='/dev/vdz')
        self.driver.default_device_names_for_instance(self.instance, '/dev/vda', [root], [ephemeral], [swap], [volume])
        self.assertEqual(['/dev/vda', '/dev/vdc', '/dev/vdd', '/dev/vdb'],
                         [one.device_name for one in (root, ephemeral, swap, volume)])
        self.assertTrue(self.asked()['block_device_mapping'][0]['mount_device'] is None)
