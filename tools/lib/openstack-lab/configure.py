#!/usr/bin/python3
"""Writes the lab's configuration: each file of etc/ with its ${names} filled in, readable for its service only. Prints
the names of the files that have changed.

usage: configure.py LAB DRIVER qcow2|raw|lvm-thin[-crypt]|lvm-thick[-crypt] HOST COMPUTE_HOST HOSTS files|ceph
"""

import grp
import os
import secrets
import string
import sys
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
IP = '127.0.0.1'
# The group that may read a file, where it is not root's own: files hold the password of the lab.
READERS = {'keystone.conf': 'keystone', 'placement.conf': 'placement', 'glance-api.conf': 'glance',
           'neutron.conf': 'neutron', 'ml2.ini': 'neutron', 'cinder.conf': 'cinder', 'nfs-shares': 'cinder',
           'nova.conf': 'nova', 'nova-db.conf': 'nova', 'nova-compute.conf': 'nova', 'my.cnf': 'mysql'}
# Read by Ceph's daemons and by Cinder; without a secret.
OPEN = ('ceph.conf',)


def kept(lab, name, make):
    """What was made at the lab's first start, and stays."""
    path = os.path.join(lab, 'state', name)
    try:
        with open(path, encoding='ascii') as before:
            return before.read()
    except FileNotFoundError:
        made = make()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w', encoding='ascii') as new:
            new.write(made)
        return made


def auth(user, word):
    return '\n'.join((
        'auth_url = http://%s:5000/v3' % IP, 'auth_type = password', 'project_domain_name = Default',
        'user_domain_name = Default', 'project_name = service', 'username = ' + user, 'password = ' + word,
        'region_name = RegionOne'))


def disks(images_type):
    """Half of the machine's disk is the pool's, so that thick volumes have room beside it."""
    if not images_type.startswith('lvm-'):
        return 'images_type = ' + images_type
    kind = {'lvm-thin': 'thin', 'lvm-thick': 'default'}[images_type.removesuffix('-crypt')]
    return '\n'.join((
        'images_type = lvm', 'images_volume_group = nova', 'images_lvm_devices = /dev/lab/disk0',
        'images_lvm_type = ' + kind, 'images_lvm_pool_size = 10G'))


def same(path, text):
    try:
        with open(path, encoding='utf-8') as old:
            return old.read() == text
    except FileNotFoundError:
        return False


def main(lab, driver, images_type, host, compute_host, hosts, volumes):
    # One for everything in the lab: other users of the machine reach its ports.
    word = kept(lab, 'password', lambda: secrets.token_hex(16))
    names = {
        'ip': IP, 'host': host, 'driver': driver, 'compute_host': compute_host, 'disks': disks(images_type), 'password': word,
        'encrypted': str(images_type.endswith('-crypt')).lower(),
        # Of two hosts a resize goes to the other.
        'same_host': 'true' if hosts == '1' else 'false',
        'volumes': volumes, 'ceph_id': kept(lab, 'ceph-id', lambda: str(uuid.uuid4())),
        'etc': os.path.join(lab, 'etc'), 'state': os.path.join(lab, 'state'), 'run': os.path.join(lab, 'run'),
        'database': 'mysql+pymysql://lab:%s@%s:3306' % (word, IP),
        'privsep': 'sudo privsep-helper --config-file ' + os.path.join(lab, 'etc', 'nova.conf'),
        'pool': 'max_pool_size = 5\nmax_overflow = 20\nconnection_recycle_time = 300',
        **{'auth_' + user: auth(user, word) for user in ('placement', 'glance', 'neutron', 'cinder', 'nova')},
    }
    for name in sorted(os.listdir(os.path.join(HERE, 'etc'))):
        with open(os.path.join(HERE, 'etc', name), encoding='utf-8') as template:
            text = string.Template(template.read()).substitute(names)
        path = os.path.join(lab, 'etc', name)
        if same(path, text):
            continue
        with open(os.open(path + '.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as made:
            made.write(text)
        if name in READERS:
            os.chown(path + '.new', 0, grp.getgrnam(READERS[name]).gr_gid)
            os.chmod(path + '.new', 0o640)
        elif name in OPEN:
            os.chmod(path + '.new', 0o644)
        os.replace(path + '.new', path)
        print(name)


if __name__ == '__main__':
    main(*sys.argv[1:])
