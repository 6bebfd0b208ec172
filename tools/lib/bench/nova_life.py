#!/usr/bin/python3
"""Times the life of servers in tools/openstack-lab with Nova's own libvirt driver and with nova-bridge's, by turns.

usage: nova_life.py TOOLS LAB TURNS CROWD table|json      with the OS_… variables of openrc

Each turn changes the driver and measures everything once; the first server of a turn is not counted, since the image
is fetched for it.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time

import cloud as clouds
from cloud import say, timed

TOOLS, LAB, TURNS, CROWD, OUTPUT = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]

DRIVERS = ('stock', 'bridge')
# Which is a better figure when it is smaller: all of them.
FIGURES = ('create', 'hard reboot', 'delete', 'crowd', 'memory idle', 'memory loaded')
CALLS = 500


def pid(daemon):
    with open(os.path.join(LAB, 'run', daemon + '.pid'), encoding='ascii') as file:
        return file.read().split()[0]


def memory(driver):
    """MiB of the compute service with its workers, and of the bridge."""
    sessions = [pid('nova-compute')] + ([pid('bridge')] if driver == 'bridge' else [])
    listed = subprocess.run(['ps', '-o', 'rss=', '-s', ','.join(sessions)], capture_output=True, text=True, check=True)
    return sum(int(one) for one in listed.stdout.split()) / 1024


def turn(lab, cloud, driver, samples):
    def take(figure, value):
        samples.setdefault(figure, {}).setdefault(driver, []).append(value)
        say('%-6s %-14s %8.2f' % (driver, figure, value))

    lab.up(driver)
    cloud.delete(cloud.create())
    take('memory idle', memory(driver))
    seconds, made = timed(cloud.create)
    take('create', seconds)
    take('hard reboot', timed(cloud.reboot, made[0])[0])
    take('delete', timed(cloud.delete, made)[0])
    seconds, made = timed(cloud.create, CROWD)
    take('crowd', seconds)
    take('memory loaded', memory(driver))
    if driver == 'bridge':
        samples.setdefault('calls', []).extend(calls(made[0]))
    cloud.delete(made)


def calls(server):
    """Milliseconds of calls that do next to nothing, from the shim's client and back."""
    program = '''
import json, sys, time
from nova.virt.bridge import client
bridge = client.Client(sys.argv[1])
took = []
for _ in range(int(sys.argv[3])):
    began = time.perf_counter()
    bridge.get('/v1/instances/%s/state' % sys.argv[2])
    took.append((time.perf_counter() - began) * 1000)
print(json.dumps(took))
'''
    done = subprocess.run(
        ['/usr/bin/python3', '-W', 'ignore', '-c', program, os.path.join(LAB, 'run', 'bridge', 'bridge.sock'), server,
         str(CALLS)], capture_output=True, text=True, check=True,
        env={**os.environ, 'PYTHONPATH': os.path.join(LAB, 'state', 'shim')})
    return json.loads(done.stdout)


def runs(process):
    """Whether it has not ended; one that nobody has reaped has."""
    state = subprocess.run(['ps', '-o', 'stat=', '-p', process], capture_output=True, text=True, check=False).stdout
    return state.strip()[:1] not in ('', 'Z')


def bridge_start():
    """Seconds from the command to the first answer, after an end like that of a host's shutdown."""
    before = pid('bridge')
    os.kill(int(before), signal.SIGTERM)
    while runs(before):
        time.sleep(0.05)
    etc = os.path.join(LAB, 'etc')
    socket = os.path.join(LAB, 'run', 'bridge', 'bridge.sock')
    began = time.monotonic()
    served = subprocess.Popen(
        [os.path.join(LAB, 'service', 'tools', 'nova-bridge'), 'serve', '--config-file', os.path.join(etc, 'nova.conf'),
         '--config-file', os.path.join(etc, 'nova-compute.conf')], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    while subprocess.run(['curl', '-sf', '--unix-socket', socket, 'http://bridge/healthz'], capture_output=True,
                         check=False).returncode:
        if served.poll() is not None:
            sys.exit('bench: the bridge ended at its start')
        time.sleep(0.02)
    took = time.monotonic() - began
    with open('/proc/%d/status' % served.pid, encoding='ascii') as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith('VmRSS')) / 1024
    served.terminate()
    served.wait()
    return took, resident


def table(samples, start):
    units = {'memory idle': 'MiB', 'memory loaded': 'MiB'}
    print('%-28s %10s %10s %8s' % ('median of %d turns' % TURNS, *DRIVERS, 'ratio'))
    for figure in FIGURES:
        stock, bridge = (samples[figure][driver] for driver in DRIVERS)
        # By turns: a slow minute of the machine meets both.
        ratio = statistics.median(b / s for s, b in zip(stock, bridge))
        name = '%d servers at once' % CROWD if figure == 'crowd' else figure
        print('%-28s %10.2f %10.2f %8.2f' % (
            '%s (%s)' % (name, units.get(figure, 's')), statistics.median(stock), statistics.median(bridge), ratio))
    took = sorted(samples['calls'])
    print('a call through the shim (ms): p50 %.2f, p99 %.2f of %d' % (
        statistics.median(took), took[int(len(took) * 0.99)], len(took)))
    print('start of the bridge: %.2f s to the first answer, %.0f MiB resident then' % start)


def main():
    lab = clouds.Lab(TOOLS, LAB)
    cloud = clouds.Cloud()
    samples = {}
    for number in range(TURNS):
        for driver in DRIVERS[:: -1 if number % 2 else 1]:
            turn(lab, cloud, driver, samples)
    lab.up('bridge')
    start = bridge_start()
    lab.up('bridge')
    if OUTPUT == 'json':
        print(json.dumps({'samples': samples, 'start_seconds': start[0], 'start_mib': start[1]}, indent=1))
    else:
        table(samples, start)


if __name__ == '__main__':
    main()
