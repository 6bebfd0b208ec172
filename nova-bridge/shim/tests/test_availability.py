"""The host is taken out of the scheduler's choice while nothing could be started there."""

import unittest
from unittest import mock

from nova import exception
from nova.virt.bridge import availability


class AvailabilityTest(unittest.TestCase):
    def setUp(self):
        self.now = 0
        self.away = False
        self.service = mock.Mock(disabled=False, disabled_reason=None)
        self.virtapi = mock.Mock()
        for patched in (mock.patch.object(availability.time, 'monotonic', lambda: self.now),
                        mock.patch.object(availability.objects.Service, 'get_by_compute_host', self.found)):
            patched.start()
            self.addCleanup(patched.stop)
        self.availability = availability.Availability(self.ask, self.virtapi)

    def found(self, context, host):
        if self.service is None:
            raise exception.ComputeHostNotFound(host=host)
        return self.service

    def ask(self):
        if self.away:
            raise exception.HypervisorUnavailable('nova-bridge does not answer')

    def look(self, seconds):
        self.now += seconds
        self.availability.look()

    def status(self):
        return self.service.disabled, self.service.disabled_reason, self.service.save.call_count

    def test_a_restart_is_no_reason(self):
        self.look(0)
        self.away = True
        self.look(30)
        self.look(29)
        self.away = False
        self.look(10)
        self.assertEqual((False, None, 0), self.status())

    def test_who_is_away_for_a_minute_is_disabled_once_and_enabled_once(self):
        self.away = True
        self.look(60)
        self.look(10)
        self.assertEqual((True, 'AUTO: nova-bridge does not answer', 1), self.status())
        self.virtapi.update_compute_provider_status.assert_called_once_with(
            mock.ANY, self.service.compute_node.uuid, enabled=False)
        self.away = False
        self.look(10)
        self.look(10)
        self.assertEqual((False, None, 2), self.status())
        self.assertEqual(mock.call(mock.ANY, self.service.compute_node.uuid, enabled=True),
                         self.virtapi.update_compute_provider_status.call_args)

    def test_a_start_that_has_waited_for_the_bridge_is_no_time_away(self):
        self.now = 300
        self.away = True
        with mock.patch.object(availability.threading, 'Thread'):
            self.availability.start()
        self.look(10)
        self.assertEqual((False, None, 0), self.status())

    def test_a_look_that_fails_in_a_way_of_its_own_ends_nothing(self):
        self.availability._look = mock.Mock(side_effect=NotImplementedError('libvirt tells no node'))
        with self.assertLogs('nova.virt.bridge.availability', 'WARNING'):
            self.look(60)
        self.assertEqual((True, 'AUTO: libvirt tells no node', 1), self.status())
        self.availability._look = mock.Mock()
        self.look(10)
        self.assertEqual((False, None, 2), self.status())

    def test_what_an_operator_has_said_stays(self):
        self.service.disabled, self.service.disabled_reason = True, 'new memory'
        self.look(0)
        self.away = True
        self.look(60)
        self.away = False
        self.look(10)
        self.assertEqual((True, 'new memory', 0), self.status())

    def test_what_novas_own_driver_has_disabled_is_enabled(self):
        self.service.disabled, self.service.disabled_reason = True, 'AUTO: Connection to libvirt lost: 1'
        self.look(0)
        self.assertEqual((False, None, 1), self.status())

    def test_what_could_not_be_told_is_told_later(self):
        found, self.service = self.service, None
        self.away = True
        self.look(60)
        self.service = found
        self.service.save.side_effect = [exception.ServiceNotFound(service_id=1), None]
        with self.assertLogs('nova.virt.bridge.availability', 'WARNING'):
            self.look(10)
        self.service.disabled = False
        self.look(10)
        self.assertEqual((True, 2), (self.service.disabled, self.service.save.call_count))

    def test_nothing_is_told_after_the_end(self):
        self.away = True
        self.availability.stop()
        self.look(60)
        self.assertEqual((False, None, 0), self.status())


if __name__ == '__main__':
    unittest.main()
