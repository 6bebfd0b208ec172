"""The methods of nova.virt.driver.ComputeDriver (26.2.2), each a few calls on the bridge.

``share_info`` is an argument of 2025.1 and later: shares are not attached yet.
"""

from __future__ import annotations

import functools
from typing import Any

from os_brick.initiator import connector
from oslo_concurrency import processutils
from oslo_log import log as logging

from nova.compute import task_states
from nova.console import type as consoles
from nova import exception
from nova.image import glance
from nova import objects
from nova import utils
from nova.virt.bridge import adoption
from nova.virt.bridge import agent
from nova.virt.bridge import availability
from nova.virt.bridge import client
from nova.virt.bridge import conf
from nova.virt.bridge import devices
from nova.virt.bridge import encryption
from nova.virt.bridge import events
from nova.virt.bridge import images
from nova.virt.bridge import inventory
from nova.virt.bridge import keys
from nova.virt.bridge import network
from nova.virt.bridge import outside
from nova.virt.bridge import power
from nova.virt.bridge import rebuild
from nova.virt.bridge import rescue
from nova.virt.bridge import resize
from nova.virt.bridge import spec
from nova.virt.bridge import statistics
from nova.virt.bridge import storage
from nova.virt.bridge import traits
from nova.virt.bridge import volumes
from nova.virt import configdrive
from nova.virt import driver
from nova.virt import hardware

LOG = logging.getLogger(__name__)
CONF = conf.CONF


class BridgeDriver(agent.Agent, power.Power, rebuild.Rebuild, rescue.Rescue, resize.Resize, statistics.Statistics,
                   storage.VolumeActions, driver.ComputeDriver):
    """Guests of this host through the nova-bridge service on ``[nova_bridge]socket``."""

    # Only what works: the rest would be promised to placement (facts of the base class: all False).
    capabilities = {
        **driver.ComputeDriver.capabilities,
        'supports_trusted_certs': True,
        'supports_image_type_iso': True,
        'supports_image_type_qcow2': True,
        'supports_image_type_raw': True,
        'supports_attach_interface': True,
        'supports_device_tagging': True,
        'supports_tagged_attach_interface': True,
        'supports_tagged_attach_volume': True,
        'supports_extend_volume': True,
        'supports_multiattach': True,
        'has_imagecache': True,
        'supports_evacuate': True,
        # In the stable way only, as Nova demands it: beside all of its own disks.
        'supports_bfv_rescue': True,
    }

    def __init__(self, virtapi: Any) -> None:
        super().__init__(virtapi)
        self._bridge = client.Client(CONF.nova_bridge.socket)
        self._host = CONF.host
        self._image_api = glance.API()
        self._events = events.Follower(self._bridge, self.emit_event)
        # A look that fails is not made again: the next one comes soon.
        self._availability = availability.Availability(lambda: self._bridge.get('/v1/host/node', patience=0), virtapi)
        self._outside = outside.Outside(lambda: self._bridge)
        self._volumes = volumes.Volumes(self._volumes_of_guests, self._outside, encryption.Encryption(lambda: self._bridge))
        self._ports = network.Ports(self._outside)
        self._keys = keys.Keys(lambda: self._bridge)
        self._devices = devices.Devices(lambda: self._bridge)
        self._adoption = adoption.Adoption(lambda: self._bridge, self._volumes.mark)

    # The service, and what the host has.

    def init_host(self, host: str) -> None:
        """Waits for the service; refuses one that speaks another protocol, saying which side to upgrade. Then undoes what
        a nova-compute before this one, or an operation that was taken back, has left plugged or connected."""
        self._host = host
        self._bridge.protocol()
        self._outside.undo_left(self._ports.unplug, functools.partial(self._volumes.disconnect_one, force=True))
        self._events.start()
        self._availability.start()

    def cleanup_host(self, host: str) -> None:
        self._events.stop()
        self._availability.stop()

    def get_available_nodes(self, refresh: bool = False) -> list[str]:
        return [self._bridge.get('/v1/host/node')['hypervisor_hostname']]

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        return inventory.resources(self._bridge.get('/v1/host/node'), self._bridge.get('/v1/host/resources'))

    def update_provider_tree(self, provider_tree: Any, nodename: str, allocations: Any = None) -> None:
        ratios = self._get_allocation_ratios(provider_tree.data(nodename).inventory)
        node = self._bridge.get('/v1/host/node')
        provider_tree.update_inventory(nodename, inventory.inventories(
            node, self._bridge.get('/v1/host/resources'), ratios))
        for name, has in traits.of(node, self._bridge.get('/v1/host')).items():
            (provider_tree.add_traits if has else provider_tree.remove_traits)(nodename, name)

    def get_host_ip_addr(self) -> str:
        return CONF.my_ip

    def get_host_uptime(self) -> str:
        return processutils.execute('env', 'LANG=C', 'uptime')[0]

    def get_host_cpu_stats(self) -> dict[str, int]:
        """Nanoseconds since the start of the host, and MHz."""
        times = self._bridge.get('/v1/host/cpu-times')
        return {**{word: times[word] for word in ('kernel', 'user', 'idle', 'iowait')}, 'frequency': times['mhz']}

    def get_volume_connector(self, instance: Any) -> dict[str, Any]:
        """As nova/virt/libvirt/driver.py: os-brick's, with the options of ``[libvirt]``."""
        return connector.get_connector_properties(
            utils.get_root_helper(), CONF.my_block_storage_ip, CONF.libvirt.volume_use_multipath,
            enforce_multipath=True, host=CONF.host)

    # Looking at guests.

    def list_instances(self) -> list[str]:
        return [one['name'] for one in self._bridge.get('/v1/instances')]

    def list_instance_uuids(self) -> list[str]:
        return [one['uuid'] for one in self._bridge.get('/v1/instances')]

    def get_info(self, instance: Any, use_cache: bool = True) -> hardware.InstanceInfo:
        state = self._bridge.get('/v1/instances/%s/state' % instance.uuid)
        return hardware.InstanceInfo(state=state['nova_power_state'])

    def instance_exists(self, instance: Any) -> bool:
        try:
            self.get_info(instance)
        except exception.InstanceNotFound:
            return False
        return True

    def get_console_output(self, context: Any, instance: Any) -> str:
        # Nova makes bytes of it again, by the same rule (manager.get_console_output).
        return self._bridge.get_bytes('/v1/instances/%s/console' % instance.uuid).decode('latin-1')

    def get_vnc_console(self, context: Any, instance: Any) -> consoles.ConsoleVNC:
        return consoles.ConsoleVNC(
            host=CONF.vnc.server_proxyclient_address, port=self._console(instance, 'vnc')['port'])

    def get_serial_console(self, context: Any, instance: Any) -> consoles.ConsoleSerial:
        found = self._console(instance, 'serial')
        return consoles.ConsoleSerial(host=found['listen'], port=found['port'])

    def _console(self, instance: Any, kind: str) -> dict[str, Any]:
        for one in self._bridge.get('/v1/instances/%s/consoles' % instance.uuid):
            if one['type'] == kind:
                return one
        raise exception.ConsoleTypeUnavailable(console_type=kind)

    # Building and removing.

    def spawn(self, context: Any, instance: Any, image_meta: Any, injected_files: Any, admin_password: Any,
              allocations: Any, network_info: Any = None, block_device_info: Any = None, power_on: bool = True,
              accel_info: Any = None, share_info: Any = None) -> None:
        """Prepares, connects, plugs and starts; what was made is taken back when something of it fails."""
        with rebuild.on_no_other_host(instance, self._host):
            volumes.demand(block_device_info)
            self._volumes.mark(context, block_device_info)
            made = self._prepare(context, instance, image_meta, injected_files, admin_password, network_info,
                                 block_device_info, power_on)
            try:
                volumes.name(block_device_info, made.get('updates') or {})
                self._volumes.connect(context, instance, block_device_info, fresh=True)
                self._start(context, instance, image_meta, injected_files, admin_password, network_info,
                            block_device_info, power_on)
            except Exception as failure:
                if not self._taken_back(context, instance, network_info, block_device_info):
                    # Another host would start a second one.
                    raise exception.BuildAbortException(instance_uuid=instance.uuid, reason=_told(failure)) from failure
                raise
        _save(instance, made.get('updates') or {})

    def _prepare(self, context: Any, instance: Any, image_meta: Any, injected_files: Any, admin_password: Any,
                 network_info: Any, block_device_info: Any, power_on: bool) -> dict[str, Any]:
        """Disks and record."""
        def ask(folder: str, files: dict[str, str]) -> dict[str, Any]:
            drive = images.config_drive(instance, injected_files, admin_password, network_info, folder)
            return self._change(instance, 'prepare', spec.spec(
                instance, image_meta, network_info, block_device_info, power_on, config_drive_file=drive, **files))

        self._keys.bring(context, instance)
        return images.with_image(context, instance, instance.image_ref, ask, images.boot_of(instance), self._cached)

    def _start(self, context: Any, instance: Any, image_meta: Any, injected_files: Any, admin_password: Any,
               network_info: Any, block_device_info: Any, power_on: bool) -> None:
        """Plugs the ports and starts the guest. What it is told of its tagged devices is known when it is defined: then its
        config drive is made once more."""
        today = functools.partial(spec.spec, instance, image_meta, network_info, block_device_info, power_on)
        tagged = devices.tagged(context, instance)
        if tagged and configdrive.required_by(instance):
            self._change(instance, 'redefine', {'spec': today()})
            self._devices.remember(instance, tagged)
            with images.exchange(instance) as folder:
                drive = images.config_drive(instance, injected_files, admin_password, network_info, folder)
                self._run(instance, network_info, power_on, {'spec': today(config_drive_file=drive)})
            return
        self._run(instance, network_info, power_on, {'spec': today()} if volumes.of(block_device_info) else {})
        if tagged:
            self._devices.remember(instance, tagged)

    def _run(self, instance: Any, network_info: Any, power_on: bool, body: dict[str, Any],
             action: str = 'start') -> None:
        """The guest stands still until Neutron has said that its ports are ready."""
        awaited = network.events(network_info, power_on)
        if awaited:
            body['paused'] = True
        try:
            with self.virtapi.wait_for_instance_event(
                    instance, awaited, deadline=CONF.vif_plugging_timeout, error_callback=network.failed):
                self._ports.plug(instance, network_info)
                self._change(instance, action, body)
        except network.TIMEOUTS:
            # Nova has logged which one; a guest without its network is wanted only where the operator says so.
            if CONF.vif_plugging_is_fatal:
                raise exception.VirtualInterfaceCreateException()
        if awaited:
            self._change(instance, 'resume')

    def _taken_back(self, context: Any, instance: Any, network_info: Any, block_device_info: Any) -> bool:
        try:
            self.destroy(context, instance, network_info, block_device_info)
        except Exception:
            # Nova deletes what failed once more; the first failure is the one to tell.
            LOG.exception('what was made of the instance could not be taken back', instance=instance)
            return False
        return True

    def destroy(self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None,
                destroy_disks: bool = True, destroy_secrets: bool = True) -> None:
        """Stops, unplugs and removes; what is missing is success. Without ``destroy_disks`` the guest only stops."""
        with rebuild.on_no_other_host(instance, self._host):
            self._change(instance, 'stop')
            self.cleanup(context, instance, network_info, block_device_info, destroy_disks)

    def cleanup(self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None,
                destroy_disks: bool = True, migrate_data: Any = None, destroy_vifs: bool = True,
                destroy_secrets: bool = True) -> None:
        if destroy_vifs:
            self._ports.unplug(instance, network_info, ignore_errors=True)
        self._volumes.disconnect(context, instance, block_device_info, force=True, ignore_errors=destroy_disks)
        if destroy_disks:
            self._change(instance, 'release')
            images.discard(instance)
            _cleaned(instance)

    def delete_instance_files(self, instance: Any) -> bool:
        """Removes what is left of an instance that Nova has deleted while this host was away; whether nothing is left."""
        try:
            self._change(instance, 'release')
        except Exception:
            # Nova asks again, maximum_instance_delete_attempts times.
            LOG.exception('what is left of a deleted instance could not be removed', instance=instance)
            return False
        images.discard(instance)
        return True

    # Images and ports.

    def snapshot(self, context: Any, instance: Any, image_id: str, update_task_state: Any) -> None:
        """An image of the root disk, uploaded to Glance. Nova deletes the image quietly when there is no guest."""
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        # The picture of a disk that is open is made with its key, beside the guest.
        self._keys.bring(context, instance)
        try:
            made = self._change(instance, 'snapshot')
        except exception.InstanceNotFound:
            raise exception.InstanceNotRunning(instance_id=instance.uuid)
        with images.removed_at_last(made['file']):
            # Raises when the server is being deleted meanwhile.
            update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
            images.upload(context, self._image_api, instance, image_id, made)

    def cache_image(self, context: Any, image_id: str) -> bool:
        """Brings an image into the cache of the host; whether it was not there before."""
        meta = objects.ImageMeta.from_image_ref(context, self._image_api, image_id)
        return images.bring(self._bridge, context, image_id, meta)

    def _cached(self) -> set[str]:
        return {one['image'] for one in self._bridge.get('/v1/images')}

    def manage_image_cache(self, context: Any, all_instances: Any) -> None:
        """Nothing to do: the bridge looks through its cache itself, every ``[image_cache]manager_interval`` seconds."""

    def plug_vifs(self, instance: Any, network_info: Any) -> None:
        """Nova asks for it when it starts, of each instance that is here: so it is also where guests are taken over."""
        self._adoption.adopt(instance)
        self._ports.plug(instance, network_info)

    def unplug_vifs(self, instance: Any, network_info: Any) -> None:
        self._ports.unplug(instance, network_info)

    def attach_interface(self, context: Any, instance: Any, image_meta: Any, vif: Any) -> None:
        """Plugs a port and gives it to the guest; it is unplugged when the guest does not get it. Where nobody can say what
        it has got, the port stays plugged, and the next start of nova-compute looks for who has it."""
        self._ports.plug(instance, [vif])
        try:
            self._change(instance, 'attach-interface', {'vif': spec.plain(vif)})
        except Exception as failure:
            LOG.exception('the guest did not get a port', instance=instance)
            if self._has_not(instance, failure, 'port %s' % vif['id'], 'detach-interface', {'mac': vif.get('address')}):
                self._ports.unplug(instance, [vif], ignore_errors=True)
            raise exception.InterfaceAttachFailed(instance_uuid=instance.uuid)
        self._devices.changed(context, instance)

    def detach_interface(self, context: Any, instance: Any, vif: Any) -> None:
        """Takes a port from the guest, and unplugs it whatever the guest does, as Nova's own driver does."""
        try:
            self._change(instance, 'detach-interface', {'mac': vif['address']})
        finally:
            self._ports.unplug(instance, [vif])

    def inject_network_info(self, instance: Any, nw_info: Any) -> None:
        """Nothing to do, as in Nova's own driver."""

    def _change(self, instance: Any, action: str, body: Any = None) -> dict[str, Any]:
        self._adoption.before(instance, action)
        return self._bridge.change('/v1/instances/%s/%s' % (instance.uuid, action), body)


def _told(failure: Exception) -> str:
    """What the owner of a server may read of a failure: texts of others than Nova and the bridge name commands and places of
    the host (OSSA-2019-003). The log has them."""
    if isinstance(failure, exception.NovaException):
        return failure.format_message()
    return str(failure) if isinstance(failure, NotImplementedError) else type(failure).__name__


def _cleaned(instance: Any) -> None:
    """Nothing of it is left here: else Nova asks for each deleted instance once more (``_run_pending_deletes``)."""
    instance.cleaned = True
    try:
        instance.save()
    except exception.InstanceNotFound:
        LOG.debug('the deleted instance has gone from the database', instance=instance)


def _save(instance: Any, updates: dict[str, Any]) -> None:
    """What an instance keeps for life: its device names and the hardware that was decided (design of Nova's
    ``_register_undefined_instance_details``)."""
    names = updates.get('device_names') or {}
    for field in ('root_device_name', 'default_ephemeral_device', 'default_swap_device'):
        if names.get(field):
            setattr(instance, field, names[field])
    instance.system_metadata.update(updates.get('system_metadata') or {})
    instance.save()
