#!/usr/bin/python3
"""Records what a shim of the past asks of the service, and what it reads of the answers.

usage: record_shim.py COMMIT [PROTOCOL] > ../../src/test/resources/protocol/shim-N.jsonl

COMMIT "." is the checkout as it is; PROTOCOL is that of the service, if not the shim's own.

The driver of that commit of this checkout goes through its calls as Nova makes them (recorded_calls.py), before a socket that
answers as the service of its time did. The first line says whose requests they are, and which exception it makes of which
problem; each other one is a request: the call of the driver that led to it, and ``reads``, the keys that the shim has read of
its answer. RecordedShimTest and RecordedShimEmbedTest replay the file.

To be run once, with the last commit of a protocol, when the next one begins. A protocol with calls of its own needs them
in recorded_calls.py first, and what the service answers to them here. What is drawn by lot is counted instead, so a second
run writes the same.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import types
from unittest import mock
import warnings

SHIM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKOUT = '.'
# Of headers, what a shim decides.
HEADERS = ('Accept', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'Nova-Bridge-Protocol')
# Where a volume of nfs is; who replays puts its own folder in the place of the first.
MOUNTED = '/var/lib/nova/mnt'


def git(*words):
    return subprocess.run(['git', '-C', SHIM, *words], check=True, capture_output=True).stdout


class Read(dict):
    """A part of an answer that notes which of its keys are read."""

    def __init__(self, content, place, note):
        super().__init__((key, noting(one, place + key, note)) for key, one in content.items())
        self._place, self._note = place, note

    def __getitem__(self, key):
        self._note(self._place + key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        return self[key] if self.keys() >= {key} else default


def noting(content, place, note):
    if isinstance(content, dict):
        return Read(content, place and place + '.', note)
    if isinstance(content, list):
        return [noting(one, place + '[]', note) for one in content]
    return content


def ordered(body):
    """Nova makes some dictionaries of sets, whose order is another in each process."""
    return json.loads(json.dumps(body, sort_keys=True))


class Recorder:
    """The service. Answers by the end of the path, or with an operation that is done at the second look."""

    def __init__(self, answers, results):
        self.answers = answers
        self.results = results
        self.lines = []
        self.call = ''
        self.operations = []

    def take(self, request):
        body = request.body
        if isinstance(body, bytes):
            body = {'octets': body.decode('utf-8')}
        self.lines.append({
            'call': self.call, 'method': request.method, 'path': request.path,
            'headers': {name: request.headers[name] for name in HEADERS if name in request.headers},
            **({} if body is None else {'body': ordered(body)})})
        status, answer = self._answer(request)
        self.lines[-1]['status'] = status
        self.lines[-1]['reads'] = []
        return status, answer

    def _answer(self, request):
        path = request.path.split('?')[0]
        if path.startswith('/v1/operations/'):
            return 200, self.operations[-1]
        if request.method in ('PUT', 'DELETE') and '/outside' in path:
            return 204, b''
        if request.key is None:
            answer = self.answers[path.rsplit('/', 1)[-1] if path.startswith('/v1/instances/') else path]
            return answer if isinstance(answer, tuple) else (200, answer)
        kind = path.rsplit('/', 1)[-1]
        result = self.results.get(kind, {})
        ended = result(request) if callable(result) else {'state': 'done', 'result': result}
        operation = {'id': 'op-%d' % len(self.operations), 'kind': kind, 'instance': None}
        self.operations.append({**operation, **ended})
        return 202, {**operation, 'state': 'running'}

    def loads(self, text):
        reads = self.lines[-1]['reads']

        def note(place):
            # Of the parts of a list, each is read: once is enough to know.
            if place not in reads:
                reads.append(place)
        return noting(json.loads(text), '', note)


class Images:
    """What the service has in its cache: what it was given a file of."""

    def __init__(self):
        self._cached = set()

    def needed(self, result):
        def answer(request):
            image = request.body['image_meta']['id']
            if 'image_file' in request.body:
                self._cached.add(image)
            if image in self._cached:
                return {'state': 'done', 'result': result}
            return {'state': 'failed', 'problem': {
                'type': '/problems/image-not-found', 'title': 'Image not found', 'status': 404, 'detail': 'no such image',
                'remedy': 'give image_file', 'nova_exception': 'ImageNotFound'}}
        return answer


NODE = {
    'hypervisor_hostname': 'host', 'hypervisor_type': 'QEMU', 'hypervisor_version': 7002022, 'vcpus': 4, 'vcpus_used': 1,
    'memory_mb': 8000, 'memory_mb_used': 1000, 'guest_cpu_features': ['avx'], 'vif_models': ['virtio'],
    'cpu_info': {'arch': 'x86_64', 'model': 'EPYC', 'vendor': 'AMD', 'features': ['ht'],
                 'topology': {'cells': 1, 'sockets': 1, 'cores': 2, 'threads': 2}},
    'supported_instances': [['x86_64', 'qemu', 'hvm']]}
DISK_GB = {'total': 100, 'reserved': 4, 'allocation_ratio': 1.5, 'min_unit': 1, 'max_unit': 100, 'step_size': 1,
           'used_bytes': 7 << 30, 'free_bytes': 93 << 30}
TRAFFIC = {'read_requests': 1, 'read_bytes': 512, 'write_requests': 2, 'write_bytes': 1024}
PORT_TRAFFIC = dict.fromkeys(('rx_bytes', 'rx_packets', 'rx_errors', 'rx_drop', 'tx_bytes', 'tx_packets', 'tx_errors',
                              'tx_drop'), 0)
STATISTICS = {'memory_kib': 65536, 'memory': {'current': 65536}, 'processors': [{'id': 0, 'nanoseconds': 17}],
              'disks': [{'target': 'vda', **TRAFFIC}, {'target': 'vdb', **TRAFFIC}],
              'ports': [{'target': 'tap1', **PORT_TRAFFIC}]}
UPDATES = {'root_device_name': '/dev/vda', 'system_metadata': {'image_hw_disk_bus': 'virtio'},
           'device_names': {'root_device_name': '/dev/vda', 'device:disk': '/dev/vda', 'device:/dev/vdb': '/dev/vdb'}}


def answers(uuid, volume, protocol):
    return {
        '/healthz': {'status': 'ok', 'protocol': protocol, 'oldest_protocol': protocol - 1},
        '/v1/outside': {'left': [{'instance': uuid, 'device': {
            'kind': 'port', 'id': 'p-0', 'since': '2026-01-01T00:00:00Z', 'what': {'id': 'p-0', 'type': 'bridge'}}}],
            'unsettled': []},
        '/v1/events': (200, b'retry: 1000\n\nid: a.1\nevent: stopped\ndata: {"instance": "%s"}\n\n' % uuid.encode()),
        '/v1/host/node': NODE,
        '/v1/host/resources': {'images_type': 'qcow2', 'disk_gb': DISK_GB, 'storage': []},
        '/v1/host': {'disk_buses': ['virtio'], 'video_models': ['vga']},
        '/v1/host/cpu-times': {'kernel': 1, 'user': 2, 'idle': 3, 'iowait': 4, 'mhz': 2400},
        '/v1/instances': [{'uuid': uuid, 'name': 'instance-0000002a', 'owner': 'nova', 'state': 'running', 'nova_power_state': 1}],
        '/v1/images': [],
        'devices': [],
        'plan': {'updates': UPDATES},
        'state': {'state': 'running', 'nova_power_state': 1},
        'console': (200, b'login:'),
        'consoles': [{'type': 'vnc', 'port': 5900, 'listen': '127.0.0.1'},
                     {'type': 'serial', 'port': 10000, 'listen': '127.0.0.1'}],
        'statistics': STATISTICS,
        'volumes': [{'volume': volume, 'device': '/dev/vdb', 'bus': 'virtio', 'source_type': 'file',
                     'source': MOUNTED + '/volume'}],
    }


class FileVolumes:
    """In the place of Nova's driver of shares: a volume is a file."""

    def __init__(self, host):
        pass

    def connect_volume(self, connection_info, instance):
        connection_info['data']['device_path'] = MOUNTED + '/' + connection_info['serial']

    def disconnect_volume(self, connection_info, instance, force=False):
        pass

    def extend_volume(self, connection_info, instance, requested_size):
        return requested_size


class Counted:
    """In the place of the module uuid."""

    def __init__(self):
        self._last = 0

    def uuid4(self):
        self._last += 1
        return '00000000-0000-4000-8000-%012x' % self._last


class Drive:
    """In the place of the builder of config drives, which needs a metadata service."""

    def __init__(self, instance_md):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        pass

    def make_drive(self, path):
        with open(path, 'wb') as made:
            made.truncate(1 << 16)


def main(commit, spoken=None):
    warnings.simplefilter('ignore')
    with tempfile.TemporaryDirectory() as folder:
        if commit == CHECKOUT:
            shutil.copytree(os.path.join(SHIM, 'nova'), os.path.join(folder, 'nova'))
        else:
            with tarfile.open(fileobj=io.BytesIO(git('archive', '--format=tar', commit, 'nova'))) as old:
                old.extractall(folder)
        # Before the checkout's own, which brings the guests of the tests.
        sys.path[:0] = [folder, SHIM]
        record(commit, folder, spoken)


def loaded(*places):
    """Parts of a shim that has them."""
    for module, name in places:
        if 'nova.virt.bridge.' + module in sys.modules:
            yield sys.modules['nova.virt.bridge.' + module], name


def named(commit):
    """The commit, its release and its day."""
    if commit == CHECKOUT:
        return {}
    return {'commit': git('rev-parse', commit).decode().strip(),
            'release': git('show', '%s:pom.xml' % commit).decode().split('<version>', 1)[1].split('<', 1)[0],
            'date': git('log', '-1', '--format=%cs', commit).decode().strip()}


def record(commit, folder, spoken):
    from tests import bridge_stub
    from tests import guests
    from tests import recorded_calls
    from nova import objects
    from nova.virt.bridge import client
    from nova.virt.bridge import conf
    from nova.virt.bridge import driver
    from nova.virt.bridge import events
    from nova.virt.bridge import images
    from nova.virt.bridge import network
    from nova.virt.bridge import problems
    from nova.virt.bridge import volumes
    assert client.__file__.startswith(folder), 'the shim of the checkout stands in the way'

    snapshot = os.path.join(folder, 'snapshot')
    cache = Images()
    recorder = Recorder(answers(guests.UUID, recorded_calls.VOLUME, int(spoken or client.PROTOCOL)), {
        'prepare': cache.needed({'updates': UPDATES}),
        'images': cache.needed({'cached': True}),
        'rescue': cache.needed({}),
        'snapshot': {'file': snapshot, 'format': 'qcow2', 'bytes': 1},
        'unquiesce': {'held': True},
        'resize': {'way': 'offline', 'confirm': True, 'dry_run': False, 'disks': []},
    })
    with bridge_stub.Stub(recorder.take) as stub, contextlib.ExitStack() as patches:
        for patch in (
                mock.patch.object(client, 'json', types.SimpleNamespace(loads=recorder.loads, dumps=json.dumps)),
                mock.patch.object(events, 'json', types.SimpleNamespace(loads=recorder.loads)),
                mock.patch.object(client, 'uuid', Counted()),
                # What looks by itself, in threads of its own; events are followed as one of the calls.
                *(mock.patch.object(part.__dict__[name], 'start') for part, name in loaded(
                    ('events', 'Follower'), ('availability', 'Availability'))),
                mock.patch.object(objects.VirtualInterfaceList, 'get_by_instance_uuid', return_value=[]),
                mock.patch.object(objects.BlockDeviceMappingList, 'get_by_instance_uuid', return_value=[]),
                mock.patch.object(objects.Service, 'get_by_compute_host'),
                mock.patch.object(network, '_driver', return_value=mock.Mock()),
                mock.patch.dict(volumes.DRIVERS, {'nfs': __name__ + '.FileVolumes'}),
                mock.patch.object(volumes, '_MOUNTED', ()),
                # Who replays gives files of its own.
                mock.patch.object(images.images, 'fetch'),
                mock.patch.object(images.instance_metadata, 'InstanceMetadata'),
                mock.patch.object(images.configdrive, 'ConfigDriveBuilder', Drive)):
            patches.enter_context(patch)
        conf.CONF([], default_config_files=[])
        conf.CONF.set_override('socket', stub.path, 'nova_bridge')
        conf.CONF.set_override('state_path', folder, 'nova_bridge')
        conf.CONF.set_override('my_ip', '192.0.2.7')
        os.mkdir(os.path.join(folder, 'exchange'))
        made = driver.BridgeDriver(mock.Mock())
        made.virtapi.wait_for_instance_event = lambda *some, **more: contextlib.nullcontext()
        made._image_api = mock.Mock(get=lambda *some: {'name': 'snapshot'})
        recorded_calls.go_through(recorder, made, snapshot, events.Follower)
    print(json.dumps({'protocol': client.PROTOCOL, **named(commit), 'problems': problems.TYPES}))
    for line in recorder.lines:
        print(json.dumps(line))


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(*sys.argv[1:])
