"""What is plugged and connected: the bridge is told before, and after it was undone, and what is left is undone."""

from unittest import mock

from os_brick.initiator import connector

from nova import exception
from nova import objects
from nova.virt.bridge import network
from nova.virt.bridge import outside
from tests import driver_case
from tests import guests
from tests import test_volumes

PORT = {'id': 'p1', 'type': 'bridge', 'active': True, 'vnic_type': 'normal', 'address': 'fa:16:3e:00:00:01',
        'network': None}
PLACE = '/v1/instances/%s/outside' % guests.UUID


def left(kind, device, what):
    return {'instance': guests.UUID, 'device': {'kind': kind, 'id': device, 'since': '2026-01-01T00:00:00Z', 'what': what}}


class OutsideTest(driver_case.DriverCase):
    def setUp(self):
        super().setUp()
        self.driver._events = mock.Mock()
        self.driver._bridge.put.side_effect = self.put
        self.driver._bridge.delete.side_effect = lambda path: self.calls.append('forget ' + path[len(PLACE):])
        self.brick = mock.Mock()
        self.brick.connect_volume.side_effect = self.connect
        self.brick.disconnect_volume.side_effect = self.disconnect
        for patch in (mock.patch.object(connector.InitiatorConnector, 'factory', return_value=self.brick),
                      mock.patch.object(outside.time, 'sleep', side_effect=lambda s: self.calls.append('sleep')),
                      mock.patch.object(objects.Instance, 'get_by_uuid', side_effect=self.by_uuid)):
            patch.start()
            self.addCleanup(patch.stop)

    def put(self, path, body):
        self.assertEqual(PLACE, path)
        self.calls.append('hand %d %d' % (len(body['network_info']), len(body['block_device_mapping'])))
        self.handed = body
        failure = self.answers.get('put')
        if failure is not None:
            raise failure

    def connect(self, data):
        self.calls.append('connect')
        return {'type': 'block', 'path': '/dev/x'}

    def disconnect(self, *one, **more):
        self.calls.append('disconnect')
        failure = self.answers.get('disconnect')
        if failure is not None:
            raise failure

    def by_uuid(self, context, uuid):
        self.assertEqual('yes', context.read_deleted)
        if 'unknown' in self.answers:
            raise exception.InstanceNotFound(instance_id=uuid)
        return self.instance

    def test_the_bridge_is_told_before_and_after(self):
        self.spawn([PORT], block_device_info=test_volumes.devices())
        self.assertEqual(['prepare', 'hand 0 1', 'connect', 'wait for 0', 'hand 1 0', 'plug', 'start', 'events came'],
                         self.calls)
        del self.calls[:]
        self.driver.destroy(guests.admin(), self.instance, [PORT], test_volumes.devices())
        self.assertEqual(['stop', 'unplug', 'forget /port/p1', 'disconnect', 'forget /volume/' + test_volumes.VOLUME,
                          'release'], self.calls)

    def test_no_secret_is_handed(self):
        self.driver._volumes.connect_one(guests.admin(), self.instance, test_volumes.iscsi())
        connection = self.handed['block_device_mapping'][0]['connection_info']
        self.assertEqual('192.0.2.1:3260', connection['data']['target_portal'])
        self.assertNotIn('geheim', str(self.handed))

    def test_nothing_is_connected_that_the_bridge_could_not_remember(self):
        self.answers['put'] = exception.HypervisorUnavailable('away')
        with self.assertRaises(exception.HypervisorUnavailable):
            self.driver._volumes.connect_one(guests.admin(), self.instance, test_volumes.iscsi())
        self.assertEqual(['hand 0 1'], self.calls)

    def test_an_instance_that_the_bridge_does_not_know_has_its_ports_all_the_same(self):
        self.answers['put'] = exception.InstanceNotFound(instance_id='x')
        self.driver.plug_vifs(self.instance, [PORT])
        self.assertEqual(['hand 1 0', 'plug'], self.calls)

    def test_what_could_not_be_undone_is_not_forgotten(self):
        failing = mock.Mock(unplug=mock.Mock(side_effect=exception.InternalError('busy')))
        with mock.patch.object(network, '_driver', return_value=failing):
            self.driver.cleanup(guests.admin(), self.instance, [PORT], destroy_disks=False)
        self.assertEqual([], self.calls)

    def test_a_bridge_that_is_away_keeps_nobody_from_undoing(self):
        self.driver._bridge.delete.side_effect = exception.HypervisorUnavailable('away')
        with self.assertLogs('nova.virt.bridge.outside', 'WARNING') as log:
            self.driver.unplug_vifs(self.instance, [PORT])
        self.assertEqual(['unplug'], self.calls)
        self.assertIn('port p1', log.output[0])

    def test_what_is_left_is_undone_at_the_start_before_anything_else(self):
        self.answers['/v1/outside'] = {'unsettled': [], 'left': [
            left('port', 'p1', PORT), left('volume', test_volumes.VOLUME, test_volumes.iscsi())]}
        self.driver._events.start.side_effect = lambda: self.calls.append('events')
        self.driver.init_host('here')
        self.assertEqual(['unplug', 'forget /port/p1', 'disconnect', 'forget /volume/' + test_volumes.VOLUME, 'events'],
                         self.calls)

    def test_what_fails_is_logged_and_hinders_nothing(self):
        self.answers['disconnect'] = exception.InternalError('busy')
        self.answers['/v1/outside'] = {'unsettled': [], 'left': [
            left('volume', test_volumes.VOLUME, test_volumes.iscsi()), left('port', 'p1', PORT)]}
        with self.assertLogs('nova.virt.bridge.outside', 'ERROR') as log:
            self.driver.init_host('here')
        self.assertEqual(['disconnect', 'unplug', 'forget /port/p1'], self.calls)
        self.assertIn(test_volumes.VOLUME, log.output[0])
        self.driver._events.start.assert_called_once_with()

    def test_a_bridge_that_does_not_tell_hinders_no_start(self):
        self.driver._bridge.get.side_effect = exception.HypervisorUnavailable('libvirt is away')
        with self.assertLogs('nova.virt.bridge.outside', 'ERROR'):
            self.driver.init_host('here')
        self.driver._events.start.assert_called_once_with()

    def test_an_instance_that_nova_has_forgotten_is_undone_too(self):
        self.answers.update({'unknown': True, '/v1/outside': {'unsettled': [], 'left': [left('port', 'p1', PORT)]}})
        self.driver.init_host('here')
        self.assertEqual(['unplug', 'forget /port/p1'], self.calls)

    def test_what_is_not_settled_is_waited_for(self):
        waiting = {'left': [], 'unsettled': [guests.UUID]}
        answers = [waiting, waiting, {'left': [left('port', 'p1', PORT)], 'unsettled': []}]
        self.driver._bridge.get.side_effect = lambda path: answers.pop(0)
        self.driver.init_host('here')
        self.assertEqual(['sleep', 'sleep', 'unplug', 'forget /port/p1'], self.calls)

    def test_the_wait_has_an_end(self):
        clock = iter(range(100))
        self.answers['/v1/outside'] = {'left': [], 'unsettled': [guests.UUID]}
        with mock.patch.object(outside.time, 'monotonic', side_effect=lambda: next(clock)):
            with self.assertLogs('nova.virt.bridge.outside', 'WARNING') as log:
                self.driver.init_host('here')
        self.assertEqual(1, len(log.output))
        self.assertIn(guests.UUID, log.output[0])
        self.assertEqual(['sleep'] * 5, self.calls)
        self.driver._events.start.assert_called_once_with()
