#!/usr/bin/python3
"""Runs tests of the shim and prints a line for each: ``RESULT TAB NAME TAB WHAT``.

    run.py unit                          the tests of this folder
    run.py conformance SOCKET STATE      Nova's generic tests of a driver, against the bridge on that socket
    run.py whole SOCKET STATE            servers of a whole Nova in one process, against the bridge on that socket
    run.py moving SOCKET STATE SOCKET STATE    the same with two compute services, each with a bridge of its own
    run.py switching SOCKET STATE URI INSTANCES    the same with Nova's own driver on that libvirt before and after

RESULT is passed, failed, skipped or not-implemented; WHAT is one line. Failures go to stderr in full. Exit 0 when the
run came to its end and no test failed, 3 when it did and some have; anything else is a run that did not come to its end.
"""

import os
import sys
import unittest
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))

# Not 1, with which Python itself ends when something goes wrong.
SOME_FAILED = 3


class Lines(unittest.TestResult):
    """A line for each test, as it ends."""

    def __init__(self, out, not_implemented):
        super().__init__()
        self._out = out
        self._not_implemented = not_implemented
        self.exit = 0

    def _say(self, result, test, what=''):
        name = test.id().rsplit('.', 2)
        print(result, '.'.join(name[-2:]), ' '.join(str(what).split()), sep='\t', file=self._out, flush=True)

    def _failed(self, test, err):
        self.exit = SOME_FAILED
        # Nova's tests put their whole log before the exception.
        lines = [line for line in str(err[1]).splitlines() if line.strip()] or ['']
        self._say('failed', test, f'{err[0].__name__}: {lines[-1]}'[:300])
        print(self._exc_info_to_string(err, test), file=sys.stderr)

    def addSuccess(self, test):
        missing = self._not_implemented.pop(test.id(), None)
        if missing is None:
            self._say('passed', test)
        else:
            self._say('not-implemented', test, missing)

    def addError(self, test, err):
        self._failed(test, err)

    def addFailure(self, test, err):
        self._failed(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._failed(test, err)

    def addUnexpectedSuccess(self, test):
        self.exit = SOME_FAILED
        self._say('failed', test, 'it was expected to fail')

    def addSkip(self, test, reason):
        self._say('skipped', test, reason)


def main(arguments):
    warnings.simplefilter('ignore')
    sys.path.insert(0, os.path.dirname(HERE))
    not_implemented = {}
    if arguments == ['unit']:
        suite = unittest.defaultTestLoader.discover(HERE, top_level_dir=os.path.dirname(HERE))
    elif len(arguments) == 3 and arguments[0] == 'conformance':
        from tests import conformance
        not_implemented = conformance.NOT_IMPLEMENTED
        suite = conformance.suite(*arguments[1:])
    elif (len(arguments), arguments[:1]) in ((3, ['whole']), (5, ['moving']), (5, ['switching'])):
        try:
            from tests import moving_nova
            from tests import switching_nova
            from tests import whole_nova
        except ModuleNotFoundError as e:
            print('skipped', 'WholeNovaTest', 'python3-placement is not installed: %s' % e, sep='\t')
            return 0
        module = {'whole': whole_nova, 'moving': moving_nova, 'switching': switching_nova}[arguments[0]]
        suite = module.suite(*arguments[1:])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    # Nova's own tests write to stdout; ours is for the lines alone.
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    lines = Lines(out, not_implemented)
    suite.run(lines)
    return lines.exit


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
