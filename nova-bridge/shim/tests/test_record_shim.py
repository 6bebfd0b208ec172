"""What a shim asks can be recorded, today's as well as one of the past."""

import json
import os
import re
import subprocess
import sys
import unittest

from nova.virt.bridge import client
from tests import record_shim

RECORDED = os.path.join(record_shim.SHIM, '..', 'src', 'test', 'resources', 'protocol', 'shim-%d.jsonl')


def recorded(*protocol):
    """What the shim of this checkout asks: the first line, and the requests."""
    recorder = os.path.join(record_shim.SHIM, 'tests', 'record_shim.py')
    made = subprocess.run([sys.executable, '-W', 'ignore', recorder, record_shim.CHECKOUT, *protocol],
                          check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in made.splitlines()]


def keys(body, place=''):
    if isinstance(body, dict):
        for key, one in body.items():
            yield place + key
            yield from keys(one, place + key + '.')
    elif isinstance(body, list):
        for one in body:
            yield from keys(one, place + '[].')


def asked(requests):
    """Of each kind of request the keys that it has ever had."""
    found = {}
    for one in requests:
        path = re.sub('op-[0-9]+|[0-9a-f-]{36}', 'ID', one['path'])
        found.setdefault((one['method'], path), set()).update(keys(one.get('body')))
    return found


class RecordShimTest(unittest.TestCase):
    def test_keys_that_are_read_are_noted_wherever_they_stand(self):
        reads = []
        answer = record_shim.noting({'a': {'b': 1, 'c': 2}, 'd': [{'e': 3}], 'f': None}, '', reads.append)
        self.assertEqual((1, 3, None, 'x'), (answer['a'].get('b'), answer['d'][0]['e'], answer['f'], answer.get('g', 'x')))
        self.assertEqual(['a', 'a.b', 'd', 'd[].e', 'f'], reads)

    def test_the_shim_of_today_goes_through_all_calls_and_says_its_protocol_with_each_request(self):
        head, *requests = recorded()
        self.assertEqual({str(head['protocol'])}, {one['headers']['Nova-Bridge-Protocol'] for one in requests})
        self.assertEqual('instance_exists', requests[-1]['call'])
        self.assertIn('result.file', [read for one in requests for read in one['reads']])

    def test_a_service_that_is_one_older_is_asked_only_what_the_shim_of_its_time_has_asked(self):
        older = client.PROTOCOL - 1
        with open(RECORDED % older) as lines:
            known = asked([json.loads(line) for line in lines][1:])
        _, first, *requests = recorded(str(older))
        self.assertEqual('/healthz', first['path'])
        self.assertEqual({str(older)}, {one['headers']['Nova-Bridge-Protocol'] for one in requests})
        self.assertGreater(len(requests), 100)
        for request, more in asked(requests).items():
            self.assertIn(request, known)
            self.assertEqual(set(), more - known[request], request)
