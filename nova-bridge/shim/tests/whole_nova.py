"""A whole Nova in one process: its API, scheduler, conductor, compute manager and placement are the real ones, the
driver is ours, and behind it a bridge serves real guests. Glance and Neutron are Nova's own stand-ins for its
functional tests (nova/tests/functional); servers have no ports.
"""

import os
import unittest
from unittest import mock

import fixtures

from nova.compute import instance_actions
from nova.conf import paths
from nova import objects
from nova.tests.functional import integrated_helpers
from nova.virt.bridge import conf
from tests import places

IMAGE = '6f70656e-7374-4163-8b00-0000000000a1'
HERE = os.path.dirname(os.path.abspath(__file__))
BROKEN_IMAGE = '6f70656e-7374-4163-8b00-0000000000a2'
# Whole itself, with a kernel that is none.
BADLY_BOOTED_IMAGE = '6f70656e-7374-4163-8b00-0000000000a3'


class WholeNovaCase(integrated_helpers.ProviderUsageBaseTestCase):
    """A whole Nova in this process, with the bridge behind its compute service, and no test."""

    compute_driver = 'bridge.BridgeDriver'

    def setUp(self):
        conf.CONF.set_override('socket', places.PLACES['socket'], 'nova_bridge')
        conf.CONF.set_override('state_path', places.PLACES['state'], 'nova_bridge')
        # Debian has the pipeline of the API in a package that brings services with it.
        path = paths.state_path_def
        self.useFixture(fixtures.MonkeyPatch(
            'nova.conf.paths.state_path_def',
            lambda name: os.path.join(HERE, 'api-paste.ini') if name.endswith('/api-paste.ini') else path(name)))
        super().setUp()
        self.flags(allow_resize_to_same_host=True, shutdown_timeout=0, my_ip='127.0.0.1')
        for image, content, properties in (
                (IMAGE, places.PLACES['image'], {}), (BROKEN_IMAGE, b'QFI\xfb' + b'no image at all' * 64, {}),
                (BADLY_BOOTED_IMAGE, places.PLACES['image'], {'kernel_id': BROKEN_IMAGE})):
            self.glance.create(None, {
                'id': image, 'name': 'image', 'disk_format': 'qcow2', 'container_format': 'bare', 'min_ram': 0,
                'min_disk': 0, 'size': len(content), 'visibility': 'public', 'protected': False, 'tags': [],
                'properties': properties, 'created_at': None, 'updated_at': None})
            self.glance._imagedata[image] = content
        self.useFixture(fixtures.MonkeyPatch('nova.tests.fixtures.GlanceFixture.update', self._update_image))
        self.compute = self.start_service('compute', host='here')
        self.driver = self.compute.manager.driver
        # Nova's names of instances begin anew with each database.
        self._remove_guests()
        self.addCleanup(self._remove_guests)
        self.flavors = {name: self._create_flavor(name=name, memory_mb=64, vcpu=1, disk=disk, ephemeral=ephemeral)
                        for name, disk, ephemeral in (('small', 1, 0), ('files', 1, 1), ('large', 2, 1))}

    def _update_image(self, fixture, context, image_id, metadata, data=None, purge_props=False):
        """Nova's stand-in takes no data of a snapshot."""
        # The real one leaves empty ids of kernels out (nova/image/glance.py, _convert_to_v2).
        properties = {name: value for name, value in metadata.get('properties', {}).items() if value}
        image = fixture.images[image_id]
        image.update({**metadata, 'properties': properties})
        image.update({name: int(image.get(name) or 0) for name in ('min_disk', 'min_ram')})
        if data is not None:
            fixture._imagedata[image_id] = data.read()
            image['size'] = len(fixture._imagedata[image_id])
        return image

    def _remove_guests(self):
        for uuid in self.driver.list_instance_uuids():
            self.driver._bridge.change('/v1/instances/' + uuid, method='DELETE')

    def _state(self, server):
        return self.driver._bridge.get('/v1/instances/%s/state' % server['id'])['state']

    def _wait_for_server_parameter(self, server, expected_params, max_retries=120, api=None):
        """Nova's own is for guests that are not real."""
        return super()._wait_for_server_parameter(server, expected_params, max_retries, api)

    def _wait_for_state_change(self, server, expected_status, max_retries=120):
        return super()._wait_for_state_change(server, expected_status, max_retries)

    def _wait_for_instance_action_event(self, *wanted, **more):
        """As before; it waits for five seconds."""
        for _ in range(11):
            try:
                return super()._wait_for_instance_action_event(*wanted, **more)
            except AssertionError:
                pass
        return super()._wait_for_instance_action_event(*wanted, **more)

    def _act(self, server, action, expected):
        self.api.post_server_action(server['id'], {action: None})
        return self._wait_for_state_change(server, expected)

    def _sizes(self, server):
        disks = self.driver._bridge.get('/v1/instances/%s/disks' % server['id'])
        return [disk['size_bytes'] >> 30 for disk in disks if disk['name'] != 'disk.config']


class WholeNovaTest(WholeNovaCase):
    def test_the_life_of_a_server(self):
        provider = self._get_provider_uuid_by_name(self.driver.get_available_nodes()[0])
        self.assertEqual({'VCPU', 'MEMORY_MB', 'DISK_GB'}, set(self._get_provider_inventory(provider)))
        self.assertLess({'COMPUTE_STORAGE_BUS_VIRTIO', 'COMPUTE_NET_VIF_MODEL_VIRTIO', 'HW_CPU_X86_SSE2'},
                        set(self._get_provider_traits(provider)))

        server = self._create_server(image_uuid=IMAGE, flavor_id=self.flavors['files'], networks='none')
        self.assertEqual('running', self._state(server))
        self.assertEqual('/dev/vda', server['OS-EXT-SRV-ATTR:root_device_name'])
        self.assertEqual(2, self._get_provider_usages(provider)['DISK_GB'])
        self.assertIn('output', self.api.post_server_action(server['id'], {'os-getConsoleOutput': {}}))

        # Refused before it was touched: it has not even stopped.
        self.api.post_server_action(server['id'], {'resize': {'flavorRef': self.flavors['small']}})
        self._wait_for_action_fail_completion(server, 'resize', 'compute_resize_instance')
        server = self._wait_for_server_parameter(server, {'status': 'ACTIVE', 'OS-EXT-STS:task_state': None})
        self.assertEqual('running', self._state(server))

        self._act(server, 'os-stop', 'SHUTOFF')
        self.assertEqual('shutdown', self._state(server))
        self.api.post_server_action(server['id'], {'createImage': {'name': 'picture'}})
        self._wait_for_server_parameter(server, {'OS-EXT-STS:task_state': None})
        picture = next(image for image in self.glance.images.values() if image['name'] == 'picture')
        self.assertEqual('qcow2', picture['disk_format'])
        self.assertEqual(b'QFI\xfb', self.glance._imagedata[picture['id']][:4])
        self._act(server, 'os-start', 'ACTIVE')
        self.assertEqual('running', self._state(server))

        self._resize_server(server, self.flavors['large'])
        self.assertEqual([2, 1], self._sizes(server))
        self._revert_resize(server)
        self.assertEqual('running', self._state(server))
        self.assertEqual([1, 1], self._sizes(server))
        self._resize_server(server, self.flavors['large'])
        self._confirm_resize(server)
        self.assertEqual([2, 1], self._sizes(server))
        self.assertEqual(3, self._get_provider_usages(provider)['DISK_GB'])

        server = self._rebuild_server(server, picture['id'])
        self.assertEqual('running', self._state(server))

        self._delete_server(server)
        self.assertEqual([], self.driver.list_instances())
        self.assertEqual(0, self._get_provider_usages(provider)['DISK_GB'])

    def test_a_bad_image_is_tried_on_no_other_host_and_leaves_nothing(self):
        server = self._create_server(
            image_uuid=BROKEN_IMAGE, flavor_id=self.flavors['small'], networks='none', expected_state='ERROR')
        self.assertIn('mage', server['fault']['message'])
        self.assertEqual([], self.driver.list_instances())
        provider = self._get_provider_uuid_by_name(self.driver.get_available_nodes()[0])
        self.assertEqual(0, self._get_provider_usages(provider)['DISK_GB'])
        self._delete_server(server)

    def test_a_server_runs_on_when_the_image_of_its_rebuild_is_broken(self):
        self._runs_on_when_rebuilt_of(BROKEN_IMAGE)

    def test_a_server_runs_on_when_the_kernel_of_its_rebuild_is_broken(self):
        self._runs_on_when_rebuilt_of(BADLY_BOOTED_IMAGE)

    def _runs_on_when_rebuilt_of(self, image):
        server = self._create_server(image_uuid=IMAGE, flavor_id=self.flavors['small'], networks='none')
        self.api.post_server_action(server['id'], {'rebuild': {'imageRef': image}})
        self._wait_for_action_fail_completion(server, instance_actions.REBUILD, 'compute_rebuild_instance')
        server = self._wait_for_state_change(server, 'ACTIVE')
        self.assertEqual('running', self._state(server))
        self._delete_server(server)
        self.assertEqual([], self.driver.list_instances())

    def test_a_server_whose_rebuild_has_failed_is_rebuilt(self):
        server = self._create_server(image_uuid=IMAGE, flavor_id=self.flavors['small'], networks='none')
        # Glance has it until the old disks are gone.
        with mock.patch.object(type(self.driver), '_bring'):
            self.api.post_server_action(server['id'], {'rebuild': {'imageRef': BROKEN_IMAGE}})
            server = self._wait_for_state_change(server, 'ERROR')
        self.assertEqual([], self.driver.list_instances())
        server = self._rebuild_server(server, IMAGE)
        self.assertEqual('running', self._state(server))
        self._delete_server(server)
        self.assertEqual([], self.driver.list_instances())


def suite(socket, state):
    """The tests, for the bridge on that socket with that state_path."""
    places.take(socket, state)
    objects.register_all()
    return unittest.defaultTestLoader.loadTestsFromTestCase(WholeNovaTest)
