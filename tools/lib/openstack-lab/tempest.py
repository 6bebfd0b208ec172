#!/usr/bin/python3
"""Runs tempest against the lab, keeps what came of each test, and compares two runs.

usage: tempest.py run LAB NAME REGEX|short      with the OS_… variables of openrc
       tempest.py compare LAB NAME NAME

A result is a JSON object in LAB/tempest/NAME.json: the name of a test (or of a class that could not be set up), and
passed, failed or skipped with its reason. Exit 0 when nothing failed, or when nothing that passes in the first run
fails in the second.
"""

import collections
import json
import os
import re
import string
import subprocess
import sys

from keystoneauth1 import adapter

import catalog

# One of each kind, in some three minutes; the scenarios of the lab go deeper into each.
SHORT = r'^tempest\.api\.compute\.(%s)(\[|$)' % '|'.join(re.escape(one) for one in (
    'images.test_images_oneserver.ImagesOneServerTestJSON.test_create_delete_image',
    'servers.test_create_server.ServersTestJSON.test_list_servers_with_detail',
    'servers.test_delete_server.DeleteServersTestJSON.test_delete_server_while_in_building_state',
    'servers.test_server_actions.ServerActionsTestJSON.test_get_console_output',
    'servers.test_server_actions.ServerActionsTestJSON.test_reboot_server_hard',
    'servers.test_server_actions.ServerActionsTestJSON.test_rebuild_server',
    'servers.test_server_actions.ServerActionsTestJSON.test_resize_server_confirm',
    'servers.test_server_actions.ServerActionsTestJSON.test_suspend_resume_server',
    'servers.test_server_rescue.ServerRescueTestJSON.test_rescue_unrescue_instance',
    'volumes.test_attach_volume.AttachVolumeTestJSON.test_attach_detach_volume'))
HERE = os.path.dirname(os.path.abspath(__file__))
STESTR = """[DEFAULT]
test_path=/usr/lib/python3/dist-packages/tempest/test_discover
top_dir=/usr/lib/python3/dist-packages
group_regex=([^\\.]*\\.)*
"""
LINE = re.compile(r'^\{\d+\} (.+?)(?: \[[0-9.]+s\])? \.\.\. (ok|FAILED|SKIPPED)(?:: (.*))?$')
WORDS = {'ok': 'passed', 'FAILED': 'failed', 'SKIPPED': 'skipped'}


def configure(folder, ceph):
    login = catalog.login()
    glance = adapter.Adapter(login, service_type='image', interface='public')
    nova = adapter.Adapter(login, service_type='compute', interface='public')
    images = {one['name']: one['id'] for one in glance.get('/v2/images').json()['images']}
    flavors = {one['name']: one['id'] for one in nova.get('/flavors').json()['flavors']}
    os.makedirs(os.path.join(folder, 'lock'), exist_ok=True)
    with open(os.path.join(HERE, 'tempest.conf'), encoding='utf-8') as template:
        text = string.Template(template.read()).substitute(
            folder=folder, ip='127.0.0.1', password=os.environ['OS_PASSWORD'], image=images['guest'],
            image_alt=images['guest-alt'], flavor=flavors['m1.nano'], flavor_alt=flavors['m1.micro'],
            ceph=str(ceph).lower())
    path = os.path.join(folder, 'tempest.conf')
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as made:
        made.write(text)
    with open(os.path.join(folder, '.stestr.conf'), 'w', encoding='utf-8') as made:
        made.write(STESTR)


def run(lab, name, select):
    folder = os.path.join(lab, 'tempest')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(lab, 'state', 'compute'), encoding='ascii') as kept:
        configure(folder, kept.read().split()[3:] == ['ceph'])
    environment = {**os.environ, 'HOME': folder, 'TEMPEST_CONFIG_DIR': folder, 'TEMPEST_CONFIG': 'tempest.conf'}
    if not os.path.isdir(os.path.join(folder, '.stestr')):
        subprocess.run(['stestr', 'init'], cwd=folder, env=environment, check=True)
    results = {}
    with open(os.path.join(folder, name + '.log'), 'w', encoding='utf-8') as log, subprocess.Popen(
            ['stestr', 'run', '--concurrency', '2', SHORT if select == 'short' else select], cwd=folder, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True) as tests:
        for line in tests.stdout:
            log.write(line)
            log.flush()
            seen = LINE.match(line.rstrip())
            if seen:
                results[seen.group(1)] = {'result': WORDS[seen.group(2)], 'reason': seen.group(3) or ''}
                print(line, end='', flush=True)
    with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as kept:
        json.dump(results, kept, indent=1, sort_keys=True)
    counts = collections.Counter(one['result'] for one in results.values())
    print('tempest: %d passed, %d failed, %d skipped; kept in %s.json, log %s.log' % (
        counts['passed'], counts['failed'], counts['skipped'], os.path.join(folder, name), os.path.join(folder, name)))
    return 1 if counts['failed'] or not counts['passed'] else 0


def compare(lab, first, second):
    def load(name):
        path = os.path.join(lab, 'tempest', name + '.json')
        try:
            with open(path, encoding='utf-8') as kept:
                return json.load(kept)
        except FileNotFoundError:
            sys.exit('tempest.py: there is no result %s; make it with: tools/openstack-lab tempest --name %s' % (
                path, name))

    left, right = load(first), load(second)
    absent = {'result': 'not run', 'reason': ''}
    worse = 0
    for test in sorted({*left, *right}):
        one, other = left.get(test, absent), right.get(test, absent)
        if one['result'] != other['result']:
            worse += one['result'] == 'passed' and other['result'] != 'passed'
            print('%-8s -> %-8s %s %s' % (one['result'], other['result'], test, other['reason']))
    for name, results in ((first, left), (second, right)):
        counts = collections.Counter(one['result'] for one in results.values())
        print('%-20s %4d passed %4d failed %4d skipped' % (
            name, counts['passed'], counts['failed'], counts['skipped']))
    print('%d tests pass with %s and not with %s' % (worse, first, second))
    return 1 if worse else 0


if __name__ == '__main__':
    sys.exit({'run': run, 'compare': compare}[sys.argv[1]](*sys.argv[2:]))
