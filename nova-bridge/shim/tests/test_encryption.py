"""Encrypted volumes: Nova's own libraries find their keys; QEMU or dm-crypt decrypts, which is faked at the edge of os-brick."""

import types
from unittest import mock

from os_brick.encryptors import luks
from oslo_concurrency import processutils
from oslo_serialization import jsonutils

from nova import exception
from nova.keymgr import conf_key_mgr
from nova.virt.bridge import encryption
from nova.virt import images
from nova.volume import cinder
from tests import guests
from tests import test_volumes

KEY = bytes(range(32))
# That of the only key that the manager of tests has.
KEY_ID = '00000000-0000-0000-0000-000000000000'
VOLUME = test_volumes.VOLUME
PATH = '/dev/disk/by-path/iqn.x:' + VOLUME


class EncryptionTest(test_volumes.VolumesCase):
    def setUp(self):
        super().setUp()
        # Its own default is read when castellan is first asked for its options.
        self.patch(mock.patch('castellan.key_manager.API', conf_key_mgr.ConfKeyManager))
        self.override('fixed_key', KEY.hex(), 'key_manager')
        self.metadata = {'provider': 'luks', 'control_location': 'front-end', 'cipher': 'aes-xts-plain64',
                         'key_size': 256, 'encryption_key_id': KEY_ID}
        self.asked = self.patch(mock.patch.object(
            cinder.API, 'get_volume_encryption_metadata', side_effect=lambda *one: self.metadata))
        self.formatted = True
        self.patch(mock.patch.object(luks, 'is_luks', side_effect=lambda *one, **more: self.formatted))
        # Names of mappings that are open on this host.
        self.open = set()
        self.ran = []
        self.patch(mock.patch('os_brick.encryptors.cryptsetup.CryptsetupEncryptor._execute',
                              side_effect=self.run_program, create=True))
        self.patch(mock.patch('os.path.exists', side_effect=lambda path: path.startswith('/dev/mapper/')
                              and path[12:] in self.open))
        self.driver._bridge.put.side_effect = lambda path, body: self.calls.append(
            ('key', path, body)) if 'volume-keys' in path else None

    def patch(self, one):
        self.addCleanup(one.stop)
        return one.start()

    def run_program(self, *argv, process_input=None, **more):
        self.assertNotIn(KEY.hex(), str(argv))
        self.ran.append(argv[:2])
        # What the mapping lies on stands behind its name here.
        name = argv[-2] if argv[1] == 'create' else argv[-1]
        if argv[1] in ('luksOpen', 'create'):
            self.assertEqual(KEY.hex(), process_input)
            self.open.add(name)
        elif argv[1] in ('luksClose', 'remove'):
            self.open.discard(name)
        elif argv[1] == 'status' and name not in self.open:
            raise processutils.ProcessExecutionError(exit_code=4)

    def connection(self, **data):
        return test_volumes.iscsi(encrypted=True, **data)

    def devices(self, **data):
        return test_volumes.devices(test_volumes.bdm(connection_info=jsonutils.dumps(self.connection(**data))))

    def attach(self, connection=None):
        connection = connection or self.connection()
        self.driver.attach_volume(guests.admin(), connection, self.instance, '/dev/vdb', encryption=self.metadata)
        return connection

    @property
    def key(self):
        return 'key', '/v1/instances/%s/volume-keys/%s' % (guests.UUID, VOLUME), KEY

    def test_a_rebuild_says_who_decrypts_what_novas_own_driver_has_connected(self):
        connected = test_volumes.devices(test_volumes.bdm(
            connection_info=jsonutils.dumps(test_volumes.iscsi(encrypted=True, device_path=PATH))))
        self.answers['images'] = {'cached': False}
        with self.assertRaises(NotImplementedError):
            self.driver.rebuild(guests.admin(), self.instance, guests.image(), [], None, {}, [], None, None, [],
                                block_device_info=connected)
        for asked in self.driver._bridge.post.call_args_list:
            self.assertEqual(encryption.QEMU, self.volume_of(asked.args[1])['connection_info']['data'][encryption.MARK])
        # By what it knew before it is disconnected.
        self.assertNotIn(encryption.MARK, connected['block_device_mapping'][0]['connection_info']['data'])

    def test_the_key_is_brought_when_the_volume_is_connected_and_stands_in_no_document(self):
        connection = self.attach()
        self.assertEqual(['connect', self.key, 'attach-volume'], self.calls)
        self.assertEqual(('luks', True), (connection['data'][encryption.MARK], connection['data']['encrypted']))
        sent = self.bodies['attach-volume']['volume']['connection_info']['data']
        self.assertEqual(('luks', PATH), (sent[encryption.MARK], sent['device_path']))
        self.assertNotIn(KEY.hex(), str(self.bodies))
        self.assertEqual([], self.ran)

    def test_a_guest_is_built_with_it_and_who_decrypts_is_known_before(self):
        made = test_volumes.bdm(connection_info=jsonutils.dumps(self.connection()))
        self.spawn(block_device_info=test_volumes.devices(made))
        self.assertEqual(['prepare', 'connect', self.key, 'wait for 0', 'start', 'events came'], self.calls)
        for body in (self.bodies['prepare'], self.bodies['start']['spec']):
            self.assertEqual('luks', self.volume_of(body)['connection_info']['data'][encryption.MARK])
        self.assertEqual('luks', jsonutils.loads(made.connection_info)['data'][encryption.MARK])

    def test_only_a_volume_that_comes_to_its_guest_is_formatted(self):
        self.formatted = False
        self.attach()
        self.assertEqual([('cryptsetup', '--batch-mode')], self.ran)
        self.ran.clear()
        self.spawn(block_device_info=self.devices())
        self.assertEqual([('cryptsetup', '--batch-mode')], self.ran)
        self.ran.clear()
        self.driver.reboot(guests.admin(), self.instance, [], 'HARD', self.devices())
        self.driver.power_on(guests.admin(), self.instance, [], self.devices())
        self.assertEqual([], self.ran)

    def test_a_qcow2_file_has_its_header_inside_and_is_never_formatted(self):
        self.formatted = False
        connection = self.attach(self.connection(format='qcow2'))
        self.brick.extend_volume.return_value = 2 << 30
        self.assertIn(self.key, self.calls)
        self.assertEqual([], self.ran)
        self.driver.extend_volume(guests.admin(), connection, self.instance, 2 << 30)
        self.assertEqual(2 << 30, self.bodies['extend-volume']['size'])

    def test_each_start_brings_the_key_first(self):
        admin = guests.admin()
        for action, start in (('reboot', lambda: self.driver.reboot(admin, self.instance, [], 'SOFT', self.devices())),
                              ('power-on', lambda: self.driver.power_on(admin, self.instance, [], self.devices())),
                              ('resume', lambda: self.driver.resume(admin, self.instance, [], self.devices()))):
            self.calls.clear()
            start()
            self.assertLess(self.calls.index(self.key), self.calls.index(action))

    def test_who_has_no_right_to_the_key_leaves_the_decision_to_the_bridge(self):
        self.metadata['encryption_key_id'] = guests.UUID
        with self.assertLogs('nova.virt.bridge.encryption', 'ERROR') as log:
            self.driver.power_on(guests.admin(), self.instance, [], self.devices())
        self.assertEqual(['connect', 'power-on'], self.calls)
        self.assertNotIn(KEY.hex(), str(log.output))
        # As after a start of the host, where nobody has a token for Cinder either.
        self.asked.side_effect = exception.Unauthorized()
        self.calls.clear()
        with self.assertLogs('nova.virt.bridge.encryption', 'ERROR'):
            self.driver.resume_state_on_host_boot(
                guests.admin(), self.instance, [], self.devices(**{encryption.MARK: 'luks'}))
        self.assertEqual(['connect', 'power-on'], self.calls)
        with self.assertRaises(exception.Unauthorized):
            self.driver.power_on(guests.admin(), self.instance, [], self.devices())

    def test_a_volume_whose_key_is_refused_is_not_attached(self):
        self.metadata['encryption_key_id'] = guests.UUID
        with self.assertRaises(KeyError):
            self.attach()
        self.assertEqual(['connect', 'disconnect'], self.calls)

    def test_a_volume_of_which_cinder_knows_no_encryption_is_not_opened_as_it_is(self):
        self.metadata = {}
        with self.assertRaises(exception.VolumeEncryptionNotSupported):
            self.attach()
        self.assertEqual(['connect', 'disconnect'], self.calls)

    def test_a_detach_leaves_the_key_to_the_bridge(self):
        connection = self.attach()
        self.calls.clear()
        self.driver.detach_volume(guests.admin(), connection, self.instance, '/dev/vdb', encryption=self.metadata)
        self.assertEqual((['detach-volume', 'disconnect'], []), (self.calls, self.ran))

    def test_what_qemu_does_not_know_dm_crypt_of_this_host_opens_and_closes(self):
        for provider in ('luks2', 'plain', 'os_brick.encryptors.cryptsetup.CryptsetupEncryptor'):
            self.metadata['provider'] = provider
            self.calls.clear()
            self.ran.clear()
            connection = self.attach()
            self.assertEqual(['connect', 'attach-volume'], self.calls)
            self.assertEqual('host', connection['data'][encryption.MARK])
            self.assertEqual({'crypt-iqn.x:' + VOLUME}, {name.rsplit('/', 1)[-1] for name in self.open})
            self.assertIn(('ln', '--symbolic'), self.ran)
            self.asked.reset_mock()
            self.driver.detach_volume(guests.admin(), connection, self.instance, '/dev/vdb')
            self.asked.assert_not_called()
            self.assertEqual(set(), self.open)

    def test_one_that_is_open_stays_open_over_a_reboot_and_its_link_is_renewed(self):
        self.metadata['provider'] = 'luks2'
        self.attach()
        self.ran.clear()
        self.metadata['encryption_key_id'] = guests.UUID
        self.driver.reboot(guests.admin(), self.instance, [], 'HARD', self.devices())
        self.assertIn(('ln', '--symbolic'), self.ran)
        self.assertNotIn(('cryptsetup', 'luksOpen'), self.ran)

    def test_one_that_is_closed_and_has_no_key_starts_nothing(self):
        self.metadata.update(provider='luks2', encryption_key_id=guests.UUID)
        with self.assertRaises(KeyError):
            self.driver.power_on(guests.admin(), self.instance, [], self.devices())
        self.assertEqual(['connect'], self.calls)

    def test_a_volume_that_grew_is_told_without_its_header(self):
        connection = self.attach()
        self.brick.extend_volume.return_value = 2 << 30
        self.patch(mock.patch.object(images, 'privileged_qemu_img_info', return_value=types.SimpleNamespace(
            format_specific={'data': {'payload-offset': 2 << 20}})))
        self.driver.extend_volume(guests.admin(), connection, self.instance, 2 << 30)
        self.assertEqual((2 << 30) - (2 << 20), self.bodies['extend-volume']['size'])
