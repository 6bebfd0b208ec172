"""The cloud of tools/openstack-lab as the benches of servers see it: plain REST calls, asked anew every 50 ms."""

import os
import subprocess
import sys
import time

from keystoneauth1 import adapter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'openstack-lab'))
import catalog  # noqa: E402  (of the lab's other parts)


def say(text):
    print('bench: ' + text, file=sys.stderr, flush=True)


def service(kind):
    """The API of a service, as the lab's administrator."""
    version = {'default_microversion': '2.90'} if kind == 'compute' else {}
    return adapter.Adapter(catalog.login(), service_type=kind, interface='public', **version)


class Cloud:
    """Servers of one image and one flavor."""

    def __init__(self, image='guest', flavor='m1.nano'):
        self.nova = service('compute')
        self.image = service('image').get('/v2/images?name=' + image).json()['images'][0]['id']
        self.flavor = next(one['id'] for one in self.nova.get('/flavors').json()['flavors'] if one['name'] == flavor)

    def create(self, number=1):
        """Makes servers and waits until they run; gives their ids."""
        asked = self.nova.post('/servers', json={'server': {
            'name': 'bench', 'flavorRef': self.flavor, 'imageRef': self.image, 'networks': 'none',
            'min_count': number, 'return_reservation_id': True}}).json()
        found = self.nova.get('/servers?reservation_id=' + asked['reservation_id']).json()['servers']
        made = [one['id'] for one in found]
        self._active(made)
        return made

    def _active(self, servers):
        for server in servers:
            while True:
                seen = self.nova.get('/servers/' + server).json()['server']
                if seen['status'] == 'ERROR':
                    sys.exit('bench: server %s: %s' % (server, seen.get('fault')))
                if seen['status'] == 'ACTIVE' and seen['OS-EXT-STS:task_state'] is None:
                    break
                time.sleep(0.05)

    def reboot(self, server):
        self.nova.post('/servers/%s/action' % server, json={'reboot': {'type': 'HARD'}})
        self._active([server])

    def delete(self, servers):
        for server in servers:
            self.nova.delete('/servers/' + server)
        for server in servers:
            while self.nova.get('/servers/' + server, raise_exc=False).status_code != 404:
                time.sleep(0.05)


def timed(work, *given):
    """Seconds, and what the work gives."""
    began = time.monotonic()
    done = work(*given)
    return time.monotonic() - began, done


class Lab:
    """tools/openstack-lab in a folder."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder

    def up(self, driver, *words):
        self._run('up', '--dir', self.folder, '--as-built', '--driver', driver, *words)

    def execute(self, *command):
        """Runs a command where the guests are."""
        self._run('exec', '--dir', self.folder, *command)

    def _run(self, *words):
        subprocess.run([os.path.join(self.tools, 'openstack-lab'), *words], check=True, stdout=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL)
