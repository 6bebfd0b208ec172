"""The client: operations, keys, a service that is away or restarted, protocols."""

import os
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

from nova import exception
from tests import bridge_stub
from nova.virt.bridge import client

ONE = '/v1/instances/11111111-2222-3333-4444-555555555555'


def operation(state, **more):
    return {'id': 'op-1', 'kind': 'start', 'instance': 'i', 'state': state, **more}


PROBLEM = {'type': '/problems/storage-full', 'detail': 'the group is full', 'remedy': 'free some',
           'nova_exception': 'ComputeResourcesUnavailable'}

FULL = {'type': '/problems/too-many-operations', 'detail': 'it takes no more'}


class ClientTest(unittest.TestCase):
    def setUp(self):
        # The pauses are looked at, not waited for.
        sleep = mock.patch.object(client.time, 'sleep', side_effect=lambda seconds: self.pauses.append(seconds))
        self.pauses = []
        sleep.start()
        self.addCleanup(sleep.stop)

    def bridge(self, *answers):
        stub = bridge_stub.Stub(*answers)
        self.addCleanup(stub.__exit__)
        return stub.listen()

    def test_an_operation_is_followed_to_its_result(self):
        stub = self.bridge((202, operation('pending')), (200, operation('running')),
                           (200, operation('done', result={'updates': {'a': 1}})))
        self.assertEqual({'updates': {'a': 1}}, client.Client(stub.path).change(ONE + '/start', {'paused': False}))
        self.assertEqual(['POST ' + ONE + '/start', 'GET /v1/operations/op-1?wait=30'] +
                         ['GET /v1/operations/op-1?wait=30'],
                         ['%s %s' % (one.method, one.path) for one in stub.requests])
        self.assertEqual({'paused': False}, stub.requests[0].body)
        self.assertTrue(stub.requests[0].key)
        self.assertIsNone(stub.requests[1].key)

    def test_a_failed_operation_is_the_exception_of_its_problem(self):
        stub = self.bridge((202, operation('running')), (200, operation('failed', problem=PROBLEM)))
        with self.assertRaisesRegex(exception.ComputeResourcesUnavailable, 'the group is full .free some'):
            client.Client(stub.path).change(ONE + '/start')

    def test_a_refusal_is_the_exception_of_its_problem(self):
        stub = self.bridge((404, {'type': '/problems/instance-not-found', 'detail': 'no such instance'}))
        with self.assertRaisesRegex(exception.InstanceNotFound, 'no such instance'):
            client.Client(stub.path).get(ONE)

    def test_an_answer_that_is_no_problem_is_told_by_its_status(self):
        stub = self.bridge((500, b'<html>'))
        with self.assertRaisesRegex(exception.InternalError, 'status 500'):
            client.Client(stub.path).get(ONE)

    def test_a_service_that_dies_before_its_answer_is_asked_again_with_the_same_key(self):
        stub = self.bridge(None, None, (202, operation('done', result={})))
        self.assertEqual({}, client.Client(stub.path).change(ONE + '/pause'))
        self.assertEqual(3, len(stub.requests))
        self.assertEqual(1, len({one.key for one in stub.requests}))

    def test_an_operation_that_a_restart_interrupted_is_taken_up_with_its_key(self):
        stub = self.bridge((202, operation('running')), None, (200, operation('interrupted', problem=PROBLEM)),
                           (202, operation('running')), (200, operation('done', result={'x': 1})))
        self.assertEqual({'x': 1}, client.Client(stub.path).change(ONE + '/start'))
        posts = [one for one in stub.requests if one.method == 'POST']
        self.assertEqual(2, len(posts))
        self.assertEqual(posts[0].key, posts[1].key)

    def test_an_operation_that_stays_interrupted_fails_in_the_end(self):
        stub = self.bridge((202, operation('interrupted', problem=PROBLEM)))
        with self.assertRaises(exception.ComputeResourcesUnavailable):
            client.Client(stub.path).change(ONE + '/start')
        self.assertEqual(1 + client.TAKE_UP, len(stub.requests))

    def test_each_request_says_the_protocol(self):
        stub = self.bridge((200, {}))
        bridge = client.Client(stub.path)
        bridge.get('/v1/outside')
        bridge.put(ONE + '/outside', {'network_info': []})
        bridge.delete(ONE + '/outside/port/p1')
        self.assertEqual(['GET', 'PUT', 'DELETE'], [one.method for one in stub.requests])
        self.assertEqual({str(client.PROTOCOL)}, {one.headers['Nova-Bridge-Protocol'] for one in stub.requests})

    def test_a_service_that_was_upgraded_beyond_this_shim_says_so(self):
        stub = self.bridge((409, {'type': '/problems/protocol-not-spoken', 'detail': 'upgrade the shim'}))
        with self.assertRaisesRegex(exception.InvalidConfiguration, 'upgrade the shim'):
            client.Client(stub.path).get(ONE)

    def test_two_calls_have_two_keys(self):
        stub = self.bridge((202, operation('done')))
        for _ in range(2):
            client.Client(stub.path).change(ONE + '/pause')
        self.assertEqual(2, len({one.key for one in stub.requests}))

    def test_a_service_that_stays_away_is_an_unavailable_hypervisor(self):
        clock = iter(range(1000))
        with mock.patch.object(client.time, 'monotonic', side_effect=lambda: next(clock)):
            with self.assertLogs('nova.virt.bridge.client', 'WARNING') as log:
                with self.assertRaisesRegex(exception.HypervisorUnavailable, '/nowhere/s: there is no such socket'):
                    client.Client('/nowhere/s', patience=20).get('/v1/instances')
        self.assertIn('does not answer on /nowhere/s', log.output[0])
        self.assertEqual([0.2, 0.4, 0.8], self.pauses[:3])
        self.assertLessEqual(max(self.pauses), client.LONGEST_PAUSE)

    def test_a_service_that_has_no_room_is_asked_again_for_a_while(self):
        stub = self.bridge((503, FULL), (503, FULL), (202, operation('done', result={'x': 1})))
        with self.assertLogs('nova.virt.bridge.client', 'WARNING') as log:
            self.assertEqual({'x': 1}, client.Client(stub.path).change(ONE + '/suspend'))
        self.assertIn('has no room: it takes no more', log.output[0])
        self.assertEqual([0.2, 0.4], self.pauses)
        self.assertEqual(1, len({one.key for one in stub.requests}))

    def refusal(self, ask, error):
        clock = iter(range(1000))
        with mock.patch.object(client.time, 'monotonic', side_effect=lambda: next(clock)):
            with self.assertLogs('nova.virt.bridge.client', 'WARNING'), self.assertRaises(error) as raised:
                ask()
        return client.untouched(raised.exception)

    def test_what_was_refused_at_the_door_is_untouched_and_what_was_not_answered_may_have_begun(self):
        away = client.Client('/nowhere/s', patience=20)
        self.assertTrue(self.refusal(lambda: away.change(ONE + '/suspend'), exception.HypervisorUnavailable))
        full = self.bridge((503, FULL))
        self.assertTrue(self.refusal(
            lambda: client.Client(full.path).change(ONE + '/suspend'), exception.ComputeResourcesUnavailable))
        # So that who asks nova-compute still waits for it.
        self.assertLess(len(full.requests), client.BUSY_PATIENCE)
        silent = self.bridge(None)
        self.assertFalse(self.refusal(
            lambda: client.Client(silent.path, patience=20).change(ONE + '/suspend'), exception.HypervisorUnavailable))
        lost = self.bridge(None, (503, FULL))
        self.assertFalse(self.refusal(
            lambda: client.Client(lost.path).change(ONE + '/suspend'), exception.ComputeResourcesUnavailable))

    def test_an_operation_that_fails_later_has_begun(self):
        stub = self.bridge((202, operation('running')), (503, FULL))
        self.assertFalse(self.refusal(
            lambda: client.Client(stub.path).change(ONE + '/suspend'), exception.ComputeResourcesUnavailable))

    def test_a_socket_that_may_not_be_used_says_who_may(self):
        with mock.patch.object(client._UnixConnection, 'connect', side_effect=PermissionError(13, 'denied')):
            with self.assertRaisesRegex(exception.HypervisorUnavailable, 'socket_group'):
                client.Client('/s', patience=0).get('/v1/instances')

    def test_a_refused_user_learns_why_at_once(self):
        stub = self.bridge((403, {'type': '/problems/forbidden', 'detail': 'user x has no role here'}))
        with self.assertRaisesRegex(exception.Forbidden, 'no role'):
            client.Client(stub.path).protocol()

    def test_requests_after_one_another_have_one_connection(self):
        stub = self.bridge((200, []), (404, {'type': '/problems/instance-not-found', 'detail': 'no'}), (200, b'bytes'),
                           (200, operation('done')))
        bridge = client.Client(stub.path)
        bridge.get('/v1/instances')
        self.assertRaises(exception.InstanceNotFound, bridge.get, ONE)
        self.assertEqual(b'bytes', bridge.get_bytes(ONE + '/console'))
        bridge.change(ONE + '/start')
        self.assertEqual(1, len(stub.connections))

    def test_a_restart_between_requests_is_seen_by_nobody(self):
        stub = self.bridge((200, []))
        bridge = client.Client(stub.path)
        for _ in range(3):
            bridge.get('/v1/instances')
            stub.cut()
        self.assertEqual([], self.pauses)
        self.assertEqual(3, len(stub.connections))

    def test_a_change_that_a_restart_has_cut_is_sent_again_with_its_key(self):
        stub = self.bridge((200, []), None, (200, operation('done')))
        bridge = client.Client(stub.path)
        bridge.get('/v1/instances')
        bridge.change(ONE + '/start')
        self.assertEqual([], self.pauses)
        self.assertEqual(3, len(stub.requests))
        self.assertEqual(stub.requests[1].key, stub.requests[2].key)
        self.assertTrue(stub.requests[1].key)

    def test_a_connection_that_waited_long_is_not_used(self):
        stub = self.bridge((200, []))
        bridge = client.Client(stub.path)
        bridge.get('/v1/instances')
        later = time.monotonic() + client.SPARE_SECONDS
        with mock.patch.object(client.time, 'monotonic', return_value=later):
            bridge.get('/v1/instances')
        self.assertEqual(2, len(stub.connections))

    def test_requests_at_once_have_a_connection_each_and_few_wait_afterwards(self):
        crowd = client.SPARE + 4
        together = threading.Barrier(crowd, timeout=20)
        stub = self.bridge(lambda request: (200, together.wait() * 0))
        bridge = client.Client(stub.path)
        asking = [threading.Thread(target=bridge.get, args=('/v1/instances',)) for _ in range(crowd)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        self.assertEqual(crowd, len(stub.connections))
        self.assertEqual(client.SPARE, len(bridge._spare._waiting))

    def test_a_child_process_has_connections_of_its_own(self):
        stub = self.bridge((200, []))
        bridge = client.Client(stub.path)
        bridge.get('/v1/instances')
        with mock.patch.object(client.os, 'getpid', return_value=os.getpid() + 1):
            bridge.get('/v1/instances')
        self.assertEqual(2, len(stub.connections))


class ProtocolTest(unittest.TestCase):
    def protocol(self, **health):
        with bridge_stub.Stub((200, {'status': 'ok', **health})) as stub:
            client.Client(stub.path).protocol()

    def test_the_same_and_the_one_before_are_spoken(self):
        self.protocol(protocol=client.PROTOCOL, oldest_protocol=client.PROTOCOL)
        self.protocol(protocol=client.PROTOCOL + 1, oldest_protocol=client.PROTOCOL)

    def test_a_service_that_is_one_older_is_spoken_to_in_its_own_words(self):
        with bridge_stub.Stub((200, {'protocol': client.PROTOCOL - 1, 'oldest_protocol': client.PROTOCOL - 2}),
                              (200, [])) as stub:
            bridge = client.Client(stub.path)
            with self.assertLogs('nova.virt.bridge.client', 'WARNING') as log:
                bridge.protocol()
            bridge.get('/v1/instances')
        self.assertIn('is older than this shim', log.output[0])
        self.assertEqual([str(client.PROTOCOL), str(client.PROTOCOL - 1)],
                         [one.headers.get('Nova-Bridge-Protocol') for one in stub.requests])
        self.assertFalse(bridge.speaks(client.PROTOCOL))
        self.assertTrue(bridge.speaks(client.PROTOCOL - 1))

    def test_a_service_that_is_older_still_is_to_be_upgraded(self):
        for health in ({}, {'protocol': client.PROTOCOL - 2}):
            with self.assertRaisesRegex(exception.InvalidConfiguration, 'upgrade nova-bridge, the service'):
                self.protocol(**health)

    def test_an_older_shim_is_to_be_upgraded(self):
        with self.assertRaisesRegex(exception.InvalidConfiguration, 'upgrade the shim'):
            self.protocol(protocol=client.PROTOCOL + 2, oldest_protocol=client.PROTOCOL + 1)

    def test_nova_compute_waits_for_a_service_that_comes_later(self):
        stub = bridge_stub.Stub((200, {'protocol': client.PROTOCOL, 'oldest_protocol': client.PROTOCOL}))
        self.addCleanup(stub.__exit__)
        threading.Timer(0.3, stub.listen).start()
        with self.assertLogs('nova.virt.bridge.client', 'WARNING'):
            client.Client(stub.path, patience=0).protocol()


class GreenTest(unittest.TestCase):
    """Under eventlet's patches, a call that waits lets the others go on."""

    PROGRAM = '''
import eventlet
eventlet.monkey_patch()
import sys, time
sys.path.insert(0, sys.argv[1])
import tests
from nova.virt.bridge import client
begin = time.monotonic()
pool = eventlet.GreenPool()
bridge = client.Client(sys.argv[2])
list(pool.imap(lambda n: bridge.get('/v1/instances'), range(8)))
print(time.monotonic() - begin)
'''

    def test_waiting_calls_overlap(self):
        def slow(request):
            time.sleep(0.5)
            return 200, []

        with bridge_stub.Stub(slow) as stub:
            shim = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
            said = subprocess.run([sys.executable, '-W', 'ignore', '-c', self.PROGRAM, shim, stub.path],
                                  stdout=subprocess.PIPE, check=True, timeout=60)
        self.assertLess(float(said.stdout.split()[-1]), 8 * 0.5 / 2)
