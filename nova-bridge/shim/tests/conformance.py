"""Nova's generic tests of a driver (nova/tests/unit/virt/test_virt_drivers.py) against a bridge that serves real guests.

Nova's decorator lets NotImplementedError pass and logs it. Here a test of a method that the driver has not is on a list,
is not run, and is counted by itself; one that meets NotImplementedError otherwise fails.
What the tests need and this machine has not is small: guests of 64 MiB of an empty disk, and ports that are plugged
nowhere, since there is no Open vSwitch. Nova's volumes of type fake are files where shares would be mounted. A guest that still runs after a test serves the next one, as they do in a cloud.
"""

import os
import unittest
from unittest import mock

from nova.compute import power_state
from nova import context
from nova import exception
from nova.network import model
from nova import objects
from nova import test
from nova.tests.unit import utils as test_utils
from nova.tests.unit.virt import test_virt_drivers
from tests import places
from nova.virt.bridge import conf
from nova.virt.bridge import driver as bridge
from nova.virt import driver

# Test to the method that is missing: as in Nova's own driver on libvirt.
AS_STOCK = {
    'test_get_mks_console': 'get_mks_console',
    'test_get_rdp_console': 'get_rdp_console',
    'test_host_power_action_reboot': 'host_power_action',
    'test_host_power_action_shutdown': 'host_power_action',
    'test_host_power_action_startup': 'host_power_action',
    'test_restore_running': 'restore',
    'test_restore_soft_deleted': 'soft_delete',
    'test_set_host_enabled': 'set_host_enabled',
    'test_soft_delete': 'soft_delete',
}

# What Nova's own driver has and this one has not yet. None comes onto this list unseen.
LATER = {
    'test_get_spice_console': 'get_spice_console',
    'test_live_migration': 'live_migration',
    'test_live_migration_abort': 'live_migration_abort',
    'test_live_migration_force_complete': 'live_migration_force_complete',
    'test_swap_volume': 'swap_volume',
}

MISSING = {**AS_STOCK, **LATER}
# Tests that count the guests or look at how one comes.
ALONE = {'test_spawn', 'test_destroy_instance'}

IMAGE = 'cedef40a-ed67-4d10-800e-17455edce175'
# The guest that is left running by the test before.
KEPT = []


class _Log:
    """In the place of the module's log, which is told of each NotImplementedError."""

    def error(self, text, values):
        raise AssertionError('%s is not implemented, and not on the list' % values['method'])

    def __getattr__(self, name):
        return lambda *arguments, **more: None


class NotImplementedTest(unittest.TestCase):
    """In the place of a test that is on the list."""

    def __init__(self, test, method):
        super().__init__()
        self.test = test
        self.method = method

    def id(self):
        return 'conformance.BridgeConformanceTest.' + self.test

    def runTest(self):
        self.assertIs(getattr(driver.ComputeDriver, self.method), getattr(bridge.BridgeDriver, self.method),
                      'it is implemented: take the test off the list')
        NOT_IMPLEMENTED[self.id()] = self.method


# Filled by the run: the method, for those that are counted by themselves.
NOT_IMPLEMENTED = {}


class FileVolumes:
    """In the place of Nova's driver of fake volumes."""

    def __init__(self, host):
        self.folder = os.path.join(os.path.dirname(places.PLACES['state']), 'mnt')

    def connect_volume(self, connection_info, instance):
        path = os.path.join(self.folder, 'volume')
        with open(path, 'wb') as made:
            made.truncate(1 << 20)
        connection_info.update({'driver_volume_type': 'nfs', 'data': {'device_path': path}})

    def disconnect_volume(self, connection_info, instance, force=False):
        os.unlink(connection_info['data']['device_path'])


class BridgeConformanceTest(test_virt_drivers._VirtDriverTestCase, test.TestCase):
    def setUp(self):
        self.driver_module = 'nova.virt.bridge.BridgeDriver'
        conf.CONF.set_override('socket', places.PLACES['socket'], 'nova_bridge')
        conf.CONF.set_override('state_path', places.PLACES['state'], 'nova_bridge')
        super().setUp()
        self.useFixture(test.fixtures.MonkeyPatch('nova.tests.unit.virt.test_virt_drivers.LOG', _Log()))
        # Nova's is nobody's, and an instance is somebody's.
        self.ctxt = context.RequestContext('user', 'project', is_admin=True)
        for name in ('os_vif.plug', 'os_vif.unplug'):
            self.stub_out(name, lambda vif, instance: None)
        self.stub_out('nova.virt.bridge.volumes.DRIVERS', dict.fromkeys(('fake', 'nfs'), 'tests.conformance.FileVolumes'))
        self.stub_out('nova.virt.bridge.volumes._MOUNTED', ())
        # Nova's image of this id is no disk.
        self.image_service.images[IMAGE].update({'disk_format': 'qcow2', 'container_format': 'bare', 'properties': {},
                                                 'size': len(places.PLACES['image'])})
        self.image_service._imagedata[IMAGE] = places.PLACES['image']
        if self._testMethodName in ALONE:
            self._remove_guests()
        self.addCleanup(self._keep_running_guest)

    def _keep_running_guest(self):
        # A rescued guest runs, too, and is not what the next test expects.
        if KEPT and self._testMethodName != 'test_rescue':
            try:
                state = self.connection.get_info(KEPT[0]).state
                if state == power_state.PAUSED:
                    self.connection.unpause(KEPT[0])
                if state in (power_state.RUNNING, power_state.PAUSED):
                    return
            except exception.InstanceNotFound:
                pass
        self._remove_guests()

    def _remove_guests(self):
        KEPT.clear()
        for uuid in self.connection.list_instance_uuids():
            self.connection.destroy(self.ctxt, mock.Mock(uuid=uuid), model.NetworkInfo([]))

    def _get_running_instance(self, obj=True):
        """As Nova's, but small and without ports."""
        network_info = model.NetworkInfo([])
        if not KEPT:
            flavor = test_utils.get_test_flavor(options={
                'name': 'small', 'flavorid': 'small', 'memory_mb': 64, 'vcpus': 1, 'root_gb': 1, 'ephemeral_gb': 0,
                'swap': 0})
            instance = test_utils.get_test_instance(self.ctxt, flavor, obj=True)
            image_meta = test_utils.get_test_image_object(None, instance)
            self.connection.spawn(self.ctxt, instance, image_meta, [], 'herp', {}, network_info=network_info)
            KEPT.append(instance)
        return KEPT[0], network_info

    def test_get_device_name_for_instance(self):
        """Nova's own test gives a mock for the volume."""
        instance, _ = self._get_running_instance()
        bdm = objects.BlockDeviceMapping(device_name='/dev/xyz', disk_bus=None, device_type=None, boot_index=None)
        self.assertEqual('/dev/vdb', self.connection.get_device_name_for_instance(instance, [], bdm))

    def test_set_admin_password(self):
        """Nova's own test is one of a guest without an agent, which its stand-in of libvirt has nothing against."""
        instance, _ = self._get_running_instance()
        # The base class is testtools', which knows no context manager here.
        self.assertRaises(exception.QemuGuestAgentNotEnabled, self.connection.set_admin_password, instance, 'p4ssw0rd')

    def test_block_stats(self):
        """Nova's own test asks for a disk that no guest has, which its stand-in of libvirt answers for."""
        instance, _ = self._get_running_instance()
        self.assertGreater(self.connection.block_stats(instance, 'vda')[1], 0)
        self.assertIsNone(self.connection.block_stats(instance, 'someid'))

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


def suite(socket, state):
    """The tests, for the bridge on that socket with that state_path."""
    places.take(socket, state)
    objects.register_all()
    names = unittest.defaultTestLoader.getTestCaseNames(BridgeConformanceTest)
    unknown = set(MISSING) - set(names)
    assert not unknown, 'no such tests: %s' % unknown
    return unittest.TestSuite(
        NotImplementedTest(name, MISSING[name]) if name in MISSING else BridgeConformanceTest(name) for name in names)
