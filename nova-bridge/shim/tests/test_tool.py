"""tools/shim: puts the shim into Nova's folder and takes out what it has put there, and nothing else."""

import os
import subprocess
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'tools', 'shim')


class ToolTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.virt = folder.name
        self.target = os.path.join(self.virt, 'bridge')

    def shim(self, *words, into=True):
        more = ['--into', self.virt] if into else []
        done = subprocess.run([TOOL, *words, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_what_is_installed_is_removed_again(self):
        self.assertEqual((1, 'not installed in %s\n' % self.virt), self.shim('status'))
        self.assertEqual(0, self.shim('install')[0])
        self.assertTrue(os.path.isfile(os.path.join(self.target, 'driver.py')))
        self.assertEqual(0o644, os.stat(os.path.join(self.target, 'driver.py')).st_mode & 0o777)
        self.assertEqual(0, self.shim('status')[0])
        self.assertIn('already', self.shim('install')[1])
        os.makedirs(os.path.join(self.target, '__pycache__'))
        self.assertEqual(0, self.shim('remove')[0])
        self.assertEqual([], os.listdir(self.virt))
        self.assertEqual(0, self.shim('remove')[0])

    def test_a_dry_run_changes_nothing(self):
        code, said = self.shim('install', '--dry-run')
        self.assertEqual(0, code)
        self.assertIn('would: install', said)
        self.assertEqual([], os.listdir(self.virt))
        self.shim('install')
        self.assertIn('would: remove', self.shim('remove', '--dry-run')[1])
        self.assertEqual(0, self.shim('status')[0])

    def test_what_is_not_ours_is_left_alone(self):
        os.mkdir(self.target)
        with open(os.path.join(self.target, 'mine.py'), 'w', encoding='utf-8'):
            pass
        for word in ('install', 'remove'):
            self.assertEqual(3, self.shim(word)[0], word)
        self.assertEqual(['mine.py'], os.listdir(self.target))

    def test_what_was_changed_since_is_kept_and_named(self):
        self.shim('install')
        with open(os.path.join(self.target, 'driver.py'), 'a', encoding='utf-8') as file:
            file.write('# mine\n')
        for word in ('install', 'remove'):
            code, said = self.shim(word)
            self.assertEqual(3, code)
            self.assertIn('driver.py', said)
        self.assertTrue(os.path.isfile(os.path.join(self.target, 'client.py')))

    def test_a_file_of_somebody_else_beside_ours_costs_neither(self):
        self.shim('install')
        self.grow_older()
        with open(os.path.join(self.target, 'driver.py.orig'), 'w', encoding='utf-8'):
            pass
        before = sorted(os.listdir(self.target))
        for word in ('install', 'remove'):
            code, said = self.shim(word)
            self.assertEqual(3, code)
            self.assertIn('./driver.py.orig', said)
            self.assertIn('remedy: ', said)
            self.assertNotIn('./driver.py,', said)
        self.assertEqual(before, sorted(os.listdir(self.target)))
        os.remove(os.path.join(self.target, 'driver.py.orig'))
        self.assertEqual(0, self.shim('install')[0])
        self.assertEqual(0, self.shim('status')[0])

    def test_who_dies_while_it_is_installed_is_followed_by_the_next(self):
        self.shim('install')
        os.rename(self.target, os.path.join(self.virt, '.nova-bridge-shim.old'))
        os.mkdir(os.path.join(self.virt, '.nova-bridge-shim.new'))
        self.assertEqual(1, self.shim('status')[0])
        self.assertEqual(0, self.shim('install')[0])
        self.assertEqual(['bridge'], os.listdir(self.virt))
        os.remove(os.path.join(self.target, 'driver.py'))
        self.assertEqual(1, self.shim('status')[0])
        self.assertEqual(0, self.shim('install')[0])
        self.assertEqual(0, self.shim('status')[0])

    def test_a_folder_may_be_named_from_here(self):
        self.shim('install')
        with open(os.path.join(self.target, 'driver.py'), 'a', encoding='utf-8') as file:
            file.write('# mine\n')
        here = os.path.dirname(self.virt)
        relative = ['--into', os.path.basename(self.virt)]
        done = subprocess.run([os.path.abspath(TOOL), 'remove', *relative], cwd=here, stderr=subprocess.PIPE, text=True)
        self.assertEqual(3, done.returncode)
        self.assertIn('./driver.py', done.stderr)

    def grow_older(self):
        with open(os.path.join(self.target, '.nova-bridge-shim'), 'r+', encoding='utf-8') as sums:
            rest = sums.read().split('\n', 1)[1]
            sums.seek(0)
            sums.truncate()
            sums.write(rest)
        os.remove(os.path.join(self.target, '__init__.py'))

    def test_an_older_one_of_ours_is_replaced(self):
        self.shim('install')
        old = os.path.join(self.target, 'old.py')
        with open(old, 'w', encoding='utf-8'):
            pass
        sums = os.path.join(self.target, '.nova-bridge-shim')
        with open(sums, 'a', encoding='utf-8') as file:
            file.write('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  ./old.py\n')
        self.assertEqual(1, self.shim('status')[0])
        self.assertEqual(0, self.shim('install')[0])
        self.assertFalse(os.path.exists(old))
        self.assertEqual(0, self.shim('status')[0])

    def test_wrong_usage_and_a_python_without_nova(self):
        self.assertEqual(2, self.shim('frobnicate')[0])
        self.assertEqual(2, self.shim('install', '--frobnicate')[0])
        self.assertEqual(2, self.shim('install', '--into', into=False)[0])
        code, said = self.shim('status', '--python', '/bin/false', into=False)
        self.assertEqual(1, code)
        self.assertIn('no package nova', said)
