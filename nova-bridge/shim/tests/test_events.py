"""Events of guests: from the bridge's stream to Nova's."""

import unittest
from unittest import mock

from nova.virt import event as virtevent
from tests import bridge_stub
from nova.virt.bridge import client
from nova.virt.bridge import events

ONE = '11111111-2222-3333-4444-555555555555'


def told(number, kind, **data):
    return b'id: run.%d\nevent: %s\ndata: %s\n\n' % (number, kind.encode(), (
        '{"time":"2026-01-01T08:00:00Z"%s}' % ''.join(',"%s":"%s"' % one for one in data.items())).encode())


class EventsTest(unittest.TestCase):
    def setUp(self):
        self.seen = []
        self.pauses = 0
        sleep = mock.patch.object(events.time, 'sleep', side_effect=self.slept)
        sleep.start()
        self.addCleanup(sleep.stop)

    def slept(self, seconds):
        self.pauses += 1
        if self.pauses == self.rounds:
            self.follower.stop()

    def follow(self, rounds, *answers):
        """Until the stream has ended so often."""
        self.rounds = rounds
        with bridge_stub.Stub(*answers) as stub:
            self.follower = events.Follower(client.Client(stub.path), self.tell)
            self.follower.run()
        return stub.requests

    def tell(self, event):
        self.assertIsInstance(event, virtevent.LifecycleEvent)
        self.seen.append((event.get_instance_uuid(), event.get_name()))

    def test_each_event_has_its_counterpart(self):
        kinds = ('started', 'stopped', 'paused', 'resumed', 'suspended')
        self.follow(1, (200, b'retry: 3000\n\n: keep-alive\n\n' + b''.join(
            told(number, kind, instance=ONE) for number, kind in enumerate(kinds))))
        self.assertEqual([(ONE, name) for name in ('Started', 'Stopped', 'Paused', 'Resumed', 'Suspended')], self.seen)

    def test_who_was_away_asks_for_what_it_has_missed(self):
        asked = self.follow(2, (200, told(7, 'stopped', instance=ONE)), (200, told(8, 'started', instance=ONE)))
        self.assertEqual([None, 'run.7'], [one.headers.get('Last-Event-ID') for one in asked])
        self.assertEqual(2, len(self.seen))

    def test_an_event_that_was_cut_off_is_asked_for_again(self):
        cut = told(8, 'started', instance=ONE)[:20]
        self.assertIn(b'id: run.8\n', cut)
        asked = self.follow(3, (200, told(7, 'stopped', instance=ONE) + cut), (200, told(8, 'started', instance=ONE)), (200, b''))
        self.assertEqual([None, 'run.7', 'run.8'], [one.headers.get('Last-Event-ID') for one in asked])
        self.assertEqual([(ONE, 'Stopped'), (ONE, 'Started')], self.seen)

    def test_what_cannot_be_read_ends_nothing_and_is_not_asked_for_again(self):
        with self.assertLogs('nova.virt.bridge.events', 'ERROR'):
            asked = self.follow(2, (200, b'id: run.7\nevent: stopped\ndata: {"ti\n\n'), (200, told(8, 'started', instance=ONE)))
        self.assertEqual([None, 'run.7'], [one.headers.get('Last-Event-ID') for one in asked])
        self.assertEqual([(ONE, 'Started')], self.seen)

    def test_only_events_of_guests_are_asked_for(self):
        asked = self.follow(1, (200, b''))
        self.assertEqual('/v1/events?kind=started&kind=stopped&kind=paused&kind=resumed&kind=suspended', asked[0].path)

    def test_a_reset_is_left_to_novas_own_looks(self):
        with self.assertLogs('nova.virt.bridge.events', 'INFO') as log:
            self.follow(1, (200, told(1, 'reset')))
        self.assertEqual([], self.seen)
        self.assertIn('may be missing', log.output[0])

    def test_a_service_that_is_away_or_full_is_asked_again_and_told_of_once(self):
        with self.assertLogs('nova.virt.bridge.events', 'WARNING') as log:
            self.follow(4, None, (503, {'type': '/problems/too-many-listeners', 'detail': '256 clients'}), None,
                        (200, told(1, 'paused', instance=ONE)))
        self.assertEqual(1, len(log.output))
        self.assertEqual([(ONE, 'Paused')], self.seen)

    def test_nothing_is_passed_on_after_the_end(self):
        self.rounds = 0
        with bridge_stub.Stub((200, told(1, 'paused', instance=ONE) * 2)) as stub:
            self.follower = events.Follower(client.Client(stub.path), lambda event: (
                self.seen.append(event), self.follower.stop()))
            self.follower.run()
        self.assertEqual(1, len(self.seen))
