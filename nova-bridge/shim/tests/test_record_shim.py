"""What a shim asks can be recorded, today's as well as one of the past."""

import json
import os
import subprocess
import sys
import unittest

from nova.virt.bridge import client
from tests import record_shim


class RecordShimTest(unittest.TestCase):
    def test_keys_that_are_read_are_noted_wherever_they_stand(self):
        reads = []
        answer = record_shim.noting({'a': {'b': 1, 'c': 2}, 'd': [{'e': 3}], 'f': None}, '', reads.append)
        self.assertEqual((1, 3, None, 'x'), (answer['a'].get('b'), answer['d'][0]['e'], answer['f'], answer.get('g', 'x')))
        self.assertEqual(['a', 'a.b', 'd', 'd[].e', 'f'], reads)

    def test_the_shim_of_today_goes_through_all_calls_and_says_its_protocol_with_each_request(self):
        if subprocess.run(['git', '-C', record_shim.SHIM, 'rev-parse', 'HEAD'], capture_output=True).returncode:
            self.skipTest('this is no checkout, and there is no commit to record')
        made = subprocess.run([sys.executable, '-W', 'ignore', os.path.join(record_shim.SHIM, 'tests', 'record_shim.py'), 'HEAD'],
                              check=True, capture_output=True, text=True).stdout
        head, *requests = [json.loads(line) for line in made.splitlines()]
        self.assertEqual({str(head['protocol'])}, {one['headers']['Nova-Bridge-Protocol'] for one in requests[1:]})
        self.assertLessEqual(head['protocol'], client.PROTOCOL)
        self.assertEqual('instance_exists', requests[-1]['call'])
        self.assertIn('result.file', [read for one in requests for read in one['reads']])
