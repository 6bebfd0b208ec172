"""A driver before a bridge that answers as it is told, for tests of the sequences."""

import contextlib
import os
import tempfile
import unittest
from unittest import mock

from nova import objects
from nova import utils
from tests import guests
from nova.virt.bridge import conf
from nova.virt.bridge import driver
from nova.virt.bridge import network

CONF = conf.CONF


class DriverCase(unittest.TestCase):
    def setUp(self):
        CONF([], default_config_files=[])
        self.addCleanup(CONF.reset)
        self.state = tempfile.TemporaryDirectory()
        self.addCleanup(self.state.cleanup)
        os.mkdir(os.path.join(self.state.name, 'exchange'))
        self.override('state_path', self.state.name, 'nova_bridge')
        self.override('my_ip', '192.0.2.7', None)
        self.calls = []
        self.answers = {'/v1/outside': {'left': [], 'unsettled': []}, '/v1/instances': []}
        self.driver = driver.BridgeDriver(mock.Mock())
        self.driver.virtapi.wait_for_instance_event = self.wait
        self.driver._bridge = mock.Mock()
        self.driver._bridge.change.side_effect = self.change
        self.driver._bridge.get.side_effect = lambda path: self.answers[path]
        for name in ('plug', 'unplug'):
            patch = mock.patch.object(network, '_driver', return_value=mock.Mock(
                plug=lambda *one: self.calls.append('plug'), unplug=lambda *one: self.calls.append('unplug')))
            patch.start()
            self.addCleanup(patch.stop)
        self.tagged = {'ports': [], 'disks': []}
        for kind, listed in (('ports', objects.VirtualInterfaceList), ('disks', objects.BlockDeviceMappingList)):
            patch = mock.patch.object(listed, 'get_by_instance_uuid',
                                      side_effect=lambda context, uuid, kind=kind: self.tagged[kind])
            patch.start()
            self.addCleanup(patch.stop)
        self.instance = guests.instance()

    def override(self, name, value, group):
        CONF.set_override(name, value, group)
        self.addCleanup(CONF.clear_override, name, group)

    @contextlib.contextmanager
    def wait(self, instance, events, deadline, error_callback):
        self.calls.append('wait for %d' % len(events))
        yield
        outcome = self.answers.get('event')
        if outcome is not None:
            raise outcome
        self.calls.append('events came')

    def change(self, path, body=None, method='POST'):
        action = path.rsplit('/', 1)[1]
        self.calls.append(action)
        self.bodies = getattr(self, 'bodies', {})
        self.bodies[action] = body
        answer = self.answers.get(action, {})
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def spawn(self, network_info=(), **more):
        self.driver.spawn(guests.admin(), self.instance, guests.image(), [], None, {}, network_info, **more)


def hash_of(export):
    """The name of the folder of a share."""
    return utils.get_hash_str(export)
