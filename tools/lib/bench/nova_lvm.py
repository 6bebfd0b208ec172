#!/usr/bin/python3
"""Times servers on logical volumes of a limited disk: Nova's own driver (thick, all it has) and nova-bridge (thin), by turns.

usage: nova_lvm.py TOOLS LAB TURNS SERVERS LIMIT table|json      with the OS_… variables of openrc; LIMIT in MB/s

The compute host is the lab's machine with device-mapper. The image, 4 GiB and half full, is in the host's cache on a
disk that is not limited: the first server of a turn, for which it comes there, is not counted.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import cloud as clouds
from cloud import catalog, say, timed

TOOLS, LAB, TURNS, SERVERS, LIMIT, OUTPUT = *sys.argv[1:3], *map(int, sys.argv[3:6]), sys.argv[6]
CONTENDERS = (('stock', 'lvm-thick'), ('bridge', 'lvm-thin'))
FIGURES = ('create', 'delete')
IMAGE, FLAVOR, GIB = 'bench-4g', 'bench.5g', 1 << 30

# All that runs in the machine and is no thread of its kernel writes through one control group; with the memory
# controller, late writes from the page cache count too.
LIMITED = '''
cd /sys/fs/cgroup && echo '+io +memory' >cgroup.subtree_control && mkdir -p bench || exit 1
# Read before the first one moves: the list changes under whoever reads it.
for one in $(cat cgroup.procs */cgroup.procs); do
  ! readlink -q "/proc/$one/exe" >/dev/null || echo "$one" >bench/cgroup.procs
done
disk=$(lsblk -ndo MAJ:MIN "$(readlink -f /dev/lab/disk0)" | tr -d ' ')
echo "$disk rbps=$1 wbps=$1" >bench/io.max && grep -q "^$disk " bench/io.max
'''


def image(cloud_image):
    """The lab's guest on a disk of 4 GiB, every second 8 MiB random and the rest holes."""
    glance = clouds.service('image')
    if glance.get('/v2/images?name=' + IMAGE).json()['images']:
        return
    say('makes an image of 4 GiB')
    with tempfile.TemporaryDirectory(dir=LAB) as folder:
        raw, qcow2 = os.path.join(folder, 'raw'), os.path.join(folder, 'qcow2')
        subprocess.run(['qemu-img', 'convert', '-O', 'raw', cloud_image, raw], check=True)
        first = -(-os.path.getsize(raw) // (16 << 20)) * (16 << 20)
        os.truncate(raw, 4 * GIB)
        with open(raw, 'r+b') as file:
            for at in range(first, 4 * GIB, 16 << 20):
                file.seek(at)
                file.write(os.urandom(8 << 20))
        subprocess.run(['qemu-img', 'convert', '-O', 'qcow2', raw, qcow2], check=True)
        catalog.upload(glance, IMAGE, qcow2)


def turn(lab, contender, samples):
    driver, kind = contender
    lab.up(driver, '--images-type', kind)
    lab.execute('bash', '-c', LIMITED, 'limit', str(LIMIT * 1000 * 1000))
    cloud = clouds.Cloud(IMAGE, FLAVOR)
    cloud.delete(cloud.create())
    for _ in range(SERVERS):
        # What the one before has left to be written or wiped is not this one's.
        lab.execute('sync')
        time.sleep(2)
        took, made = timed(cloud.create)
        for figure, value in zip(FIGURES, (took, timed(cloud.delete, made)[0])):
            samples[figure][driver].append(value)
            say('%-6s %-10s %8.2f' % (driver, figure, value))


def table(samples):
    print('%d MB/s, %d turns of %d servers' % (LIMIT, TURNS, SERVERS))
    print('%-12s %16s %18s %16s' % ('median', 'stock, thick (s)', 'bridge, thin (s)', 'stock : bridge'))
    for figure in FIGURES:
        # Of each turn, and of these: a slow minute of the machine meets both.
        stock, bridge = (samples[figure][driver] for driver, _ in CONTENDERS)
        ratio = statistics.median(
            statistics.median(stock[at:at + SERVERS]) / statistics.median(bridge[at:at + SERVERS])
            for at in range(0, len(stock), SERVERS))
        print('%-12s %16.2f %18.2f %16.2f' % (figure, statistics.median(stock), statistics.median(bridge), ratio))


def main():
    lab = clouds.Lab(TOOLS, LAB)
    catalog.flavors(clouds.service('compute'), [(FLAVOR, 128, 5)])
    image(os.path.join(TOOLS, '..', '.build', 'guest.qcow2'))
    samples = {figure: {driver: [] for driver, _ in CONTENDERS} for figure in FIGURES}
    for number in range(TURNS):
        for contender in CONTENDERS[:: -1 if number % 2 else 1]:
            turn(lab, contender, samples)
    if OUTPUT == 'json':
        print(json.dumps({'limit_mb_per_second': LIMIT, 'samples': samples}, indent=1))
    else:
        table(samples)


if __name__ == '__main__':
    main()
