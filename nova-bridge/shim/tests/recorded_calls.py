"""The calls of Nova's driver that a shim of the past is recorded with, by record_shim.py.

They come in an order that a real host bears, too: RecordedShimEmbedTest asks a bridge for a guest in the same way.
"""

import datetime
import json
from unittest import mock

from nova import objects
from nova.virt import block_device as driver_block_device
from tests import guests

VOLUME = '22222222-2222-3333-4444-555555555555'
# Images, each of which the service has not got when it is asked for.
RESCUE, CACHED = ('155d900f-4e14-4e4c-a73d-069cbf4541%s' % end for end in ('e7', 'e8'))
# A volume that comes and goes, and an instance that is not there.
OTHER = '33333333-2222-3333-4444-555555555555'


def go_through(recorder, driver, snapshot, follower):
    """The calls.

    :param recorder: is told the name of each
    :param snapshot: the file that a snapshot results in
    :param follower: makes what follows events, of a client and of who is told
    """
    context = guests.admin()

    def call(name, *arguments, **more):
        recorder.call = name
        return getattr(driver, name)(*arguments, **more)

    small = {'name': 'small', 'vcpus': 1, 'memory_mb': 64, 'root_gb': 1, 'ephemeral_gb': 0, 'swap': 0}

    def instance(**values):
        made = guests.instance(**{'flavor': guests.flavor(**small), 'old_flavor': None, 'new_flavor': None,
                                  'launched_at': datetime.datetime(2026, 1, 1), 'key_data': None, 'host': 'host',
                                  'trusted_certs': None, 'config_drive': 'True', **values})
        made.get_network_info = lambda: []
        image = image_of(guests.IMAGE)
        type(made).image_meta = image
        return made, image

    def image_of(name):
        made = guests.image(hw_qemu_guest_agent=True)
        made.id = name
        return made

    def volume(of):
        return {'driver_volume_type': 'nfs', 'serial': of, 'data': {
            'export': 'server:/share', 'name': of, 'options': None}}

    def devices():
        bdm = objects.BlockDeviceMapping(context, **{
            'id': 7, 'source_type': 'volume', 'destination_type': 'volume', 'guest_format': None, 'device_name': '/dev/vdb',
            'volume_size': 1, 'boot_index': None, 'disk_bus': None, 'device_type': None, 'delete_on_termination': False,
            'volume_id': VOLUME, 'snapshot_id': None, 'image_id': None, 'no_device': False, 'volume_type': None,
            'attachment_id': 'a', 'encrypted': False, 'encryption_secret_uuid': None, 'encryption_format': None,
            'encryption_options': None, 'connection_info': json.dumps(volume(VOLUME))})
        bdm.save = mock.Mock()
        return bdm, {'root_device_name': '/dev/vda', 'image': [], 'ephemerals': [], 'swap': None,
                     'block_device_mapping': driver_block_device.convert_volumes([bdm])}

    guest, image = instance()
    port = {'id': 'p-1', 'address': 'fa:16:3e:00:00:01', 'type': 'bridge', 'active': False, 'vnic_type': 'normal',
            'devname': 'tap1', 'details': {}, 'network': {'id': 'n-1', 'bridge': 'br0', 'subnets': [], 'meta': {}}}
    bdm, mapped = devices()

    call('init_host', 'host')
    call('get_available_nodes')
    call('get_available_resource', 'host')
    call('update_provider_tree', mock.Mock(data=lambda name: mock.Mock(inventory={})), 'host')
    call('get_host_cpu_stats')

    call('default_root_device_name', guest, image, mock.Mock(is_volume=False))
    call('default_device_names_for_instance', guest, '/dev/vda', [])
    call('get_device_name_for_instance', guest, [], bdm)
    call('spawn', context, guest, image, [], None, {}, [], mapped)

    for name in ('list_instances', 'list_instance_uuids'):
        call(name)
    call('get_info', guest)
    recorder.call = 'volumes_of_guests'
    for _, connected in driver._volumes_of_guests():
        for one in connected:
            one.get('source'), one['source_type']
    call('get_console_output', context, guest)
    call('get_vnc_console', context, guest)
    call('get_serial_console', context, guest)
    call('get_diagnostics', guest)
    call('get_instance_diagnostics', guest)
    call('block_stats', guest, 'vda')
    call('get_all_volume_usage', context, [{'instance': guest, 'instance_bdms': [
        {'device_name': '/dev/vdb', 'volume_id': VOLUME}]}])

    call('pause', guest)
    call('unpause', guest)
    call('suspend', context, guest)
    call('resume', context, guest, [])
    call('reboot', context, guest, [], 'SOFT', devices()[1])
    call('reboot', context, guest, [], 'HARD', devices()[1])
    open(snapshot, 'w').close()
    call('snapshot', context, guest, 'snapshot', mock.Mock())
    call('extend_volume', context, volume(VOLUME), guest, 2 << 20)
    call('get_device_name_for_instance', guest, [devices()[0]], bdm)
    call('attach_volume', context, volume(OTHER), guest, '/dev/vdc', disk_bus='virtio')
    call('power_off', guest, 1, 1)
    # Of a guest that is off: an empty one lets go of nothing while it runs.
    call('detach_volume', context, volume(OTHER), guest, '/dev/vdc')
    call('power_on', context, guest, [], devices()[1])
    call('resume_state_on_host_boot', context, guest, [], devices()[1])

    larger = guests.flavor(**{**small, 'name': 'larger', 'root_gb': 2})
    here = driver.get_host_ip_addr()
    smaller = guest.flavor

    def resize():
        done = call('migrate_disk_and_power_off', context, guest, here, larger, [], devices()[1], 1, 1)
        guest.flavor = larger
        call('finish_migration', context, None, guest, done, [], image, True, {}, devices()[1])

    resize()
    call('destroy', context, guest, [], devices()[1], destroy_disks=False)
    guest.flavor = smaller
    call('finish_revert_migration', context, guest, [], None, devices()[1])
    resize()
    call('confirm_migration', context, None, guest, [])

    call('power_off', guest, 1, 1)
    call('rescue', context, guest, [], image_of(RESCUE), None, devices()[1])
    call('unrescue', context, guest)

    call('attach_interface', context, guest, image, port)
    call('detach_interface', context, guest, port)
    call('set_admin_password', guest, 'p4ssw0rd')
    call('quiesce', context, guest, image)
    call('unquiesce', context, guest, image)
    call('trigger_crash_dump', guest)
    with mock.patch.object(objects.ImageMeta, 'from_image_ref', return_value=image_of(CACHED)):
        call('cache_image', context, CACHED)

    # A rebuild, as Nova makes it of a driver that has none of its own.
    guest.image_ref = CACHED
    call('destroy', context, guest, [], devices()[1])
    call('spawn', context, guest, image_of(CACHED), [], None, {}, [], devices()[1])

    call('destroy', context, guest, [port], devices()[1])
    call('delete_instance_files', guest)
    recorder.call = 'spawn with a port'
    # Neutron has still to report it: it starts paused.
    driver.spawn(context, guest, image, [], None, {}, [port])

    recorder.call = 'events'
    following = follower(driver._bridge, lambda event: following.stop())
    following.run()
    recorder.answers['state'] = (404, {
        'type': '/problems/instance-not-found', 'title': 'Instance not found', 'status': 404, 'detail': 'no such instance',
        'remedy': 'list them', 'nova_exception': 'InstanceNotFound'})
    call('instance_exists', instance(uuid=OTHER)[0])
