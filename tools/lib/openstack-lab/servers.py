"""What the lab's tests of servers share: the openstack command line, waiting, and that nothing is left.

A test's file is run as: FILE LAB IMAGE.qcow2 [PATTERN], with the OS_… variables of openrc.
"""

import json
import os
import subprocess
import sys
import time
import unittest

LAB, IMAGE = (os.path.abspath(given) for given in sys.argv[1:3])
TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'openstack-lab')
READY = 'NOVA-BRIDGE-GUEST ready'
# Seconds; a loaded machine emulates slowly.
PATIENCE = 180


def openstack(*words, parse=True):
    """Runs the command line; gives its JSON."""
    asked = ['openstack', *words] + (['-f', 'json'] if parse else [])
    done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError('%s: exit %d: %s' % (' '.join(asked), done.returncode, done.stderr.strip()[-2000:]))
    return json.loads(done.stdout) if parse and done.stdout.strip() else done.stdout


def until(what, look):
    """Waits for something to be true; gives it."""
    end = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError('not within %d s: %s' % (PATIENCE, what))
        time.sleep(0.5)


def on_compute(*words, host=1):
    """Runs a command where the guests are, on one of the compute hosts; gives its output."""
    return subprocess.run([TOOL, 'exec', '--dir', LAB, '--host', str(host), '--', *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, check=True).stdout


def virsh(*words, host=1):
    return on_compute('virsh', '-q', '-c', 'qemu:///system', *words, host=host)


def domains(host=1):
    return sorted(name for name in virsh('list', '--all', '--name', host=host).split() if name.startswith('nblab-'))


def folders(host=1):
    """Of instances, by Nova's name for them."""
    listed = on_compute('ls', os.path.join(LAB, 'state', 'nova', 'instances'), host=host).split()
    return {name for name in listed if len(name) >= 36 and name[8] == '-'}


def allocations():
    """What placement holds for servers, by provider."""
    return {one['uuid']: openstack('resource', 'provider', 'show', one['uuid'], '--allocations')['allocations']
            for one in openstack('resource', 'provider', 'list')}


def ports():
    """Of all networks: id and status."""
    return {one['ID']: one['Status'] for one in openstack('port', 'list')}


def taps():
    """Interfaces of this host that guests have."""
    return sorted(name for name in os.listdir('/sys/class/net') if name.startswith('tap'))


class Server:
    """A server of ours, by its id."""

    def __init__(self, name, image, *more):
        """:param image: None where more names a volume to boot from"""
        words = (['--image', image] if image else []) + ['--flavor', 'm1.nano']
        words += [] if '--network' in more else ['--network', 'none']
        self.id = openstack('server', 'create', name, *words, *more)['id']

    def show(self):
        return openstack('server', 'show', self.id)

    def wait(self, *expected):
        def look():
            seen = self.show()
            if seen['status'] == 'ERROR' and 'ERROR' not in expected:
                raise AssertionError('server %s: %s' % (self.id, seen.get('fault')))
            return seen['status'] in expected and seen['OS-EXT-STS:task_state'] in (None, 'None') and seen
        return until('server %s %s' % (self.id, '/'.join(expected)), look)

    def act(self, word, expected, *more):
        openstack('server', *word.split(), self.id, *more, parse=False)
        return self.wait(expected)

    def console(self):
        return openstack('console', 'log', 'show', self.id, parse=False)

    def ready(self, line=READY):
        """Waits until the guest that was started last says so itself."""
        return until('"%s" on the console of %s' % (line, self.id), lambda: line in self.console() and self.console())

    def listed(self):
        return self.id in {one['ID'] for one in openstack('server', 'list', '--all-projects')}

    def delete(self):
        try:
            openstack('server', 'delete', self.id, parse=False)
        except AssertionError:
            # An earlier delete may have ended meanwhile.
            if self.listed():
                raise
        until('server %s is gone' % self.id, lambda: not self.listed())


def on_ceph():
    """Whether Cinder's volumes are images of a Ceph cluster: reached over the network, by several servers at once."""
    with open(os.path.join(LAB, 'state', 'compute'), encoding='ascii') as kept:
        return kept.read().split()[3:] == ['ceph']


ceph_only = unittest.skipUnless(on_ceph(), 'wants volumes on Ceph: up --volumes ceph')


def until_settled(look, seconds=30):
    """What is there when a few seconds of clearing up have passed."""
    end = time.monotonic() + seconds
    while look() and time.monotonic() < end:
        time.sleep(0.5)
    return look()


class Case(unittest.TestCase):
    """A test that leaves nothing behind, and checks it."""
    # The numbers of the compute hosts.
    hosts = (1,)

    def setUp(self):
        self.before = {host: domains(host) for host in self.hosts}
        self.allocated_before = allocations()
        self.ports_before = ports()
        self.taps_before = taps()
        self.folders_before = {host: folders(host) for host in self.hosts}
        self.addCleanup(self.nothing_is_left)

    def new_guests(self, host=1):
        """The guests of a host that were not there when the test began."""
        return [name for name in domains(host) if name not in self.before[host]]

    def server(self, *given):
        made = Server(*given)
        self.addCleanup(self.gone, made)
        made.wait('ACTIVE')
        return made

    def gone(self, server):
        if server.listed():
            server.delete()

    def image(self, name, disk_format, path, *more):
        openstack('image', 'create', name, '--disk-format', disk_format, '--container-format', 'bare',
                  '--file', path, *more, parse=False)
        self.addCleanup(openstack, 'image', 'delete', name, parse=False)

    def volume(self, *more):
        """A volume of 1 GiB; gives its id."""
        made = openstack('volume', 'create', '--size', '1', *more, 'volume')['id']
        self.addCleanup(self._remove_volume, made)
        self.until_volume(made, 'available')
        return made

    def until_volume(self, volume, status):
        def look():
            seen = openstack('volume', 'show', volume)['status']
            if seen.startswith('error') and seen != status:
                raise AssertionError('volume %s: %s' % (volume, seen))
            return seen == status
        until('volume %s %s' % (volume, status), look)

    def attach(self, server, volume):
        openstack('server', 'add', 'volume', server.id, volume)
        self.until_volume(volume, 'in-use')

    def detach(self, server, volume, status='available'):
        openstack('server', 'remove', 'volume', server.id, volume, parse=False)
        self.until_volume(volume, status)

    def _remove_volume(self, volume):
        openstack('volume', 'delete', volume, parse=False)
        until('volume %s is gone' % volume, lambda: volume not in {one['ID'] for one in openstack('volume', 'list')})

    def nothing_is_left(self):
        """No domain, no folder or file, no allocation, no port."""
        self.assertEqual(self.before, {host: domains(host) for host in self.hosts})
        self.assertEqual(self.ports_before.keys(), ports().keys())
        self.assertEqual(self.taps_before, taps())
        bridge = os.path.join(LAB, 'state', 'bridge')
        for host in self.hosts:
            self.assertEqual([], until_settled(lambda host=host: sorted(folders(host) - self.folders_before[host])))
            self.assertEqual('', on_compute('find', bridge, '-path', os.path.join(bridge, 'exchange', '*'), host=host))
        self.assertEqual(self.allocated_before, allocations())


class Report(unittest.TextTestResult):
    """A line for each scenario with its seconds."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.stream.writeln('    %.0f s' % (time.monotonic() - self.began))
        super().stopTest(test)


def run(cases):
    """Runs the tests of a class, or those whose names have the pattern, says how many passed, and ends."""
    loader = unittest.TestLoader()
    if len(sys.argv) > 3:
        loader.testNamePatterns = ['*%s*' % sys.argv[3]]
    result = unittest.TextTestRunner(verbosity=2, resultclass=Report, descriptions=False).run(
        loader.loadTestsFromTestCase(cases))
    # Of one test, several moments may have failed.
    wrong = len({getattr(test, 'test_case', test) for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    passed = result.testsRun - wrong - skipped
    print('%d passed, %d failed, %d skipped' % (passed, wrong, skipped))
    sys.exit(1 if wrong or not passed else 0)
