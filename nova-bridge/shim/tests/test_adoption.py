"""Guests that Nova's own driver made are handed to the bridge, which takes them over."""

from unittest import mock

from nova import exception
from nova.network import model
from nova import objects
from tests import driver_case
from tests import guests

PORT = {'id': 'p1', 'type': 'bridge', 'active': True, 'vnic_type': 'normal', 'address': 'fa:16:3e:00:00:01'}
STOCK = {'uuid': guests.UUID, 'name': 'instance-0000002a', 'state': 'running'}


class AdoptionTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        self.answers['/v1/instances'] = [STOCK, {'uuid': 'ours', 'owner': 'nova'}]
        whole = guests.instance(info_cache=objects.InstanceInfoCache(network_info=model.NetworkInfo.hydrate([PORT])))
        patch = mock.patch.object(objects.Instance, 'get_by_uuid', return_value=whole)
        self.loaded = patch.start()
        self.addCleanup(patch.stop)

    def test_each_guest_of_another_driver_is_handed_over_when_nova_compute_starts(self):
        self.driver.plug_vifs(self.instance, [PORT])
        self.assertEqual(['adopt', 'plug'], self.calls)
        asked = self.bodies['adopt']['spec']
        self.assertEqual(guests.UUID, asked['instance']['uuid'])
        self.assertEqual('virtio', asked['image_meta']['properties']['hw_disk_bus'])
        self.assertEqual('virtio', asked['instance']['system_metadata']['image_hw_disk_bus'])
        self.assertEqual(['p1'], [vif['id'] for vif in asked['network_info']])
        self.driver.plug_vifs(self.instance, [PORT])
        self.assertEqual(['adopt', 'plug', 'plug'], self.calls, 'once is enough')

    def test_what_the_bridge_knows_is_left_alone(self):
        self.answers['/v1/instances'] = [{**STOCK, 'owner': 'nova'}]
        self.driver.plug_vifs(self.instance, [PORT])
        self.driver.power_off(self.instance, 60, 10)
        self.assertEqual(['plug', 'power-off'], self.calls)
        self.loaded.assert_not_called()

    def test_only_volumes_that_are_attached_stand_in_the_spec(self):
        with mock.patch('nova.virt.bridge.adoption.driver.get_block_device_info', return_value={
                'root_device_name': '/dev/vda', 'image': [], 'ephemerals': [], 'swap': None, 'block_device_mapping': [
                    {'mount_device': '/dev/vdb', 'connection_info': {'driver_volume_type': 'iscsi', 'serial': 'v-1', 'data': {
                        'auth_password': 'geheim', 'device_path': '/dev/sdx'}}},
                    {'mount_device': '/dev/vdc', 'connection_info': None}]}):
            self.driver.plug_vifs(self.instance, [])
        asked = self.bodies['adopt']['spec']['block_device_info']['block_device_mapping']
        self.assertEqual(['/dev/vdb'], [one['mount_device'] for one in asked])
        self.assertEqual({'device_path': '/dev/sdx'}, asked[0]['connection_info']['data'])

    def test_one_that_did_not_come_by_is_taken_over_by_the_first_request_that_needs_it(self):
        self.answers['snapshot'] = {'file': self.state.name + '/made'}
        with mock.patch('nova.virt.bridge.driver.images.upload'):
            self.driver.snapshot(guests.admin(), self.instance, 'image-1', mock.Mock())
        self.assertEqual(['adopt', 'snapshot'], self.calls)

    def test_what_needs_no_record_waits_for_none(self):
        self.driver.power_off(self.instance, 60, 10)
        self.driver.pause(self.instance)
        self.driver.unpause(self.instance)
        self.driver.destroy(guests.admin(), self.instance, [])
        self.assertEqual(['power-off', 'pause', 'unpause', 'stop', 'release'], self.calls)

    def test_a_guest_that_cannot_be_taken_over_is_told_of_and_hinders_no_start(self):
        self.answers['adopt'] = exception.InstanceInvalidState('vda is on Ceph')
        with self.assertLogs('nova.virt.bridge.adoption', 'WARNING') as log:
            self.driver.plug_vifs(self.instance, [PORT])
        self.assertEqual(['adopt', 'plug'], self.calls)
        self.assertIn('vda is on Ceph', log.output[0])

    def test_a_refusal_is_the_services_own_and_is_asked_for_again_later(self):
        """A resize must be refused by its own problem, so that Nova leaves the server as it is."""
        self.answers['adopt'] = [exception.InstanceInvalidState('rescued'), {}]
        self.answers['resize'] = exception.InstanceFaultRollback(exception.ResizeError(reason='not adopted'))
        resize = lambda: self.driver.migrate_disk_and_power_off(  # noqa: E731
            guests.admin(), self.instance, '192.0.2.7', guests.flavor(), [])
        for _ in range(2):
            with self.assertRaises(exception.InstanceFaultRollback):
                resize()
        self.assertEqual(['adopt', 'resize', 'adopt', 'resize'], self.calls)

    def test_a_bridge_that_does_not_answer_is_asked_again(self):
        self.driver._bridge.get.side_effect = exception.HypervisorUnavailable('away')
        with self.assertLogs('nova.virt.bridge.adoption', 'WARNING'):
            self.driver.plug_vifs(self.instance, [])
        self.driver._bridge.get.side_effect = lambda path: self.answers[path]
        self.driver.plug_vifs(self.instance, [])
        self.assertEqual(['adopt'], self.calls)
