"""Keys of encrypted disks, from the key manager that Nova has for tests."""

from unittest import mock

from castellan.common.objects import symmetric_key
from nova.keymgr import conf_key_mgr
from tests import bridge_stub
from tests import driver_case
from tests import guests
from nova.virt.bridge import client
from nova.virt.bridge import keys

KEY = bytes(range(32))
# That of the only key that this manager has.
KEY_ID = '00000000-0000-0000-0000-000000000000'


class KeysTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        # Its own default is read when castellan is first asked for its options.
        manager = mock.patch('castellan.key_manager.API', conf_key_mgr.ConfKeyManager)
        manager.start()
        self.addCleanup(manager.stop)
        self.override('fixed_key', KEY.hex(), 'key_manager')
        self.instance.ephemeral_key_uuid = KEY_ID
        self.driver._bridge.put.side_effect = lambda path, body: self.calls.append((path.rsplit('/', 1)[1], body))

    def brought_before(self, action, ask):
        self.calls.clear()
        ask()
        self.assertLess(self.calls.index(('keys', KEY)), self.calls.index(action))

    def test_the_key_is_there_before_whatever_may_open_a_disk(self):
        admin, larger = guests.admin(), guests.flavor(root_gb=20)
        self.brought_before('prepare', self.spawn)
        self.brought_before('reboot', lambda: self.driver.reboot(admin, self.instance, [], 'HARD'))
        self.brought_before('power-on', lambda: self.driver.power_on(admin, self.instance, []))
        self.brought_before('resume', lambda: self.driver.resume(admin, self.instance, []))
        self.brought_before('unrescue', lambda: self.driver.unrescue(admin, self.instance))
        self.brought_before('resize', lambda: self.driver.migrate_disk_and_power_off(
            admin, self.instance, self.driver.get_host_ip_addr(), larger, []))
        self.brought_before('migrate', lambda: self.driver.migrate_disk_and_power_off(
            admin, self.instance, '192.0.2.8', larger, []))
        self.answers['/v1/instances/%s/state' % guests.UUID] = {'resize': {'phase': 'waiting'}}
        self.brought_before('resize-revert', lambda: self.driver.finish_revert_migration(
            admin, self.instance, [], None))

    def test_a_key_that_nobody_gives_leaves_the_decision_to_the_bridge(self):
        self.instance.ephemeral_key_uuid = guests.UUID
        with self.assertLogs('nova.virt.bridge.keys', 'ERROR') as log:
            self.driver.power_on(guests.admin(), self.instance, [])
        self.assertEqual(['power-on'], self.calls)
        self.assertNotIn(KEY.hex(), str(log.output))

    def test_an_instance_without_one_asks_nobody(self):
        self.instance.ephemeral_key_uuid = None
        with mock.patch('castellan.key_manager.API') as manager:
            self.driver.power_on(guests.admin(), self.instance, [])
            manager.assert_not_called()

    def test_it_goes_as_bytes_and_in_no_spec(self):
        with bridge_stub.Stub((204, b'')) as stub:
            keys.Keys(lambda: client.Client(stub.path)).bring(guests.admin(), self.instance)
            sent, = stub.requests
        self.assertEqual(('PUT', '/v1/instances/%s/keys' % guests.UUID, 'application/octet-stream', KEY),
                         (sent.method, sent.path, sent.headers['Content-Type'], sent.body))
        self.spawn()
        self.assertEqual(KEY_ID, self.bodies['prepare']['instance']['ephemeral_key_uuid'])
        self.assertNotIn(KEY.hex(), str(self.bodies))
        self.assertIsInstance(conf_key_mgr.ConfKeyManager(None).get(guests.admin(), KEY_ID), symmetric_key.SymmetricKey)
