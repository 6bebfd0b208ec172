"""Nova's generic tests of a driver (nova/tests/unit/virt/test_virt_drivers.py) against a bridge that serves real guests.

Nova's decorator lets NotImplementedError pass and logs it: here each such test is counted by itself, with the method.
What the tests need and this machine has not is small: guests of 64 MiB of an empty disk, and ports that are plugged
nowhere, since there is no Open vSwitch.
"""

import os
import subprocess
import tempfile
import unittest
from unittest import mock

from nova.network import model
from nova import objects
from nova import test
from nova.tests.unit import utils as test_utils
from nova.tests.unit.virt import test_virt_drivers
from nova.virt.bridge import conf

# Test to what it says is missing; filled by the run.
NOT_IMPLEMENTED = {}

IMAGE = 'cedef40a-ed67-4d10-800e-17455edce175'
PLACES = {}


class _Recorder:
    """In the place of the module's log, which is told of each NotImplementedError."""

    def __init__(self):
        self.current = None

    def error(self, text, values):
        NOT_IMPLEMENTED[self.current] = '%s: %s' % (values['test'], values['method'])

    def __getattr__(self, name):
        return lambda *arguments, **more: None


RECORDER = _Recorder()


class BridgeConformanceTest(test_virt_drivers._VirtDriverTestCase, test.TestCase):
    def setUp(self):
        self.driver_module = 'nova.virt.bridge.BridgeDriver'
        conf.CONF.set_override('socket', PLACES['socket'], 'nova_bridge')
        conf.CONF.set_override('state_path', PLACES['state'], 'nova_bridge')
        super().setUp()
        self.useFixture(test.fixtures.MonkeyPatch('nova.tests.unit.virt.test_virt_drivers.LOG', RECORDER))
        RECORDER.current = self.id()
        for name in ('os_vif.plug', 'os_vif.unplug'):
            self.stub_out(name, lambda vif, instance: None)
        # Nova's image of this id is no disk.
        self.image_service.images[IMAGE].update({'disk_format': 'qcow2', 'container_format': 'bare', 'properties': {},
                                                 'size': len(PLACES['image'])})
        self.image_service._imagedata[IMAGE] = PLACES['image']
        self.addCleanup(self._remove_guests)

    def _remove_guests(self):
        for uuid in self.connection.list_instance_uuids():
            self.connection.destroy(self.ctxt, mock.Mock(uuid=uuid), model.NetworkInfo([]))

    def _get_running_instance(self, obj=True):
        """As Nova's, but small and without ports."""
        flavor = test_utils.get_test_flavor(options={
            'name': 'small', 'flavorid': 'small', 'memory_mb': 64, 'vcpus': 1, 'root_gb': 1, 'ephemeral_gb': 0,
            'swap': 0})
        instance = test_utils.get_test_instance(flavor=flavor, obj=True)
        image_meta = test_utils.get_test_image_object(None, instance)
        network_info = model.NetworkInfo([])
        self.connection.spawn(self.ctxt, instance, image_meta, [], 'herp', {}, network_info=network_info)
        return instance, network_info

    def test_migrate_disk_and_power_off(self):
        """Nova's own test names another host and a flavor of 40 GB; a resize on this host goes on to its end."""
        instance, network_info = self._get_running_instance()
        larger = test_utils.get_test_flavor(options={
            'name': 'larger', 'flavorid': 'larger', 'memory_mb': 64, 'vcpus': 1, 'root_gb': 2, 'ephemeral_gb': 0,
            'swap': 0})
        here = self.connection.get_host_ip_addr()
        done = self.connection.migrate_disk_and_power_off(self.ctxt, instance, here, larger, network_info)
        smaller, instance.flavor = instance.flavor, larger
        self.connection.finish_migration(self.ctxt, None, instance, done, network_info, instance.image_meta, True, {})
        instance.flavor = smaller
        self.connection.destroy(self.ctxt, instance, network_info, destroy_disks=False)
        self.connection.finish_revert_migration(self.ctxt, instance, network_info, None)
        self.assertEqual(1, self.connection.get_info(instance).state)

    @test_virt_drivers.catch_notimplementederror
    def test_live_migration_force_complete(self):
        """Nova's own reaches into the driver first."""
        instance, network_info = self._get_running_instance()
        self.connection.live_migration_force_complete(instance)

    @test_virt_drivers.catch_notimplementederror
    def test_live_migration(self):
        """Nova's own is not decorated: each driver of its tree has it."""
        super().test_live_migration()


def suite(socket, state):
    """The tests, for the bridge on that socket with that state_path."""
    PLACES.update(socket=socket, state=state, image=_image())
    objects.register_all()
    return unittest.defaultTestLoader.loadTestsFromTestCase(BridgeConformanceTest)


def _image():
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, 'i')
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', name, '1M'], check=True)
        with open(name, 'rb') as content:
            return content.read()
