"""The run itself: it ends as its tests did."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from tests import run

TESTS = '''import unittest


class ItTest(unittest.TestCase):
    def test_it(self):
        %s
'''


class RunTest(unittest.TestCase):
    def run_of(self, body):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        tests = os.path.join(folder, 'tests')
        os.mkdir(tests)
        shutil.copy(run.__file__, tests)
        open(os.path.join(tests, '__init__.py'), 'w').close()
        with open(os.path.join(tests, 'test_it.py'), 'w') as out:
            out.write(TESTS % body)
        ended = subprocess.run([sys.executable, os.path.join(tests, 'run.py'), 'unit'], capture_output=True, text=True)
        return ended.returncode, ended.stdout

    def test_whatPassesOrIsSkippedEndsWithZero(self):
        self.assertEqual((0, 'passed\tItTest.test_it\t\n'), self.run_of('pass'))
        self.assertEqual((0, 'skipped\tItTest.test_it\tnot here\n'), self.run_of('self.skipTest("not here")'))

    def test_aFailureAndAnErrorEndWithAnotherCodeThanARunThatBroke(self):
        self.assertEqual((3, 'failed\tItTest.test_it\tAssertionError: so\n'), self.run_of('self.fail("so")'))
        self.assertEqual((3, 'failed\tItTest.test_it\tValueError: so\n'), self.run_of('raise ValueError("so")'))
        self.assertEqual((1, ''), self.run_of('import os; os._exit(1)'))
