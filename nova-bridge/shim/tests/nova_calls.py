#!/usr/bin/python3
"""How releases of Nova call their compute driver, read from their source.

usage: nova_calls.py REPOSITORY RELEASE=TAG … > nova-calls.json      REPOSITORY: a git clone of Nova

For each release and method of the driver: how many positional arguments a call has, and its keywords. Calls with ``*`` or
``**`` are left out, since what they pass cannot be read.
"""

import ast
import json
import subprocess
import sys

# Where services call the driver; the drivers themselves, tests and the fakes call each other.
PLACES = ('nova/compute', 'nova/conductor', 'nova/service.py', 'nova/virt/block_device.py')
NAMES = {'driver', 'virt_driver'}


def calls(source):
    """(method, number of positional arguments, keywords) of each ``….driver.METHOD(…)``."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of = node.func.value
        if not (isinstance(of, ast.Attribute) and of.attr == 'driver' or isinstance(of, ast.Name) and of.id in NAMES):
            continue
        if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
            continue
        yield node.func.attr, len(node.args), tuple(sorted(each.arg for each in node.keywords))


def release(git, tag):
    files = git('ls-tree', '-r', '--name-only', tag, *PLACES).split()
    methods = driver_methods(git('show', '%s:nova/virt/driver.py' % tag))
    found = {}
    for path in files:
        if path.endswith('.py'):
            for method, count, keywords in calls(git('show', '%s:%s' % (tag, path))):
                if method in methods:
                    found.setdefault(method, set()).add((count, keywords))
    return {method: [[count, list(keywords)] for count, keywords in sorted(shapes)]
            for method, shapes in sorted(found.items())}


def driver_methods(source):
    [driver] = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == 'ComputeDriver']
    return {node.name for node in driver.body if isinstance(node, ast.FunctionDef)}


def main():
    repository, *releases = sys.argv[1:]

    def git(*words):
        return subprocess.run(['git', '-C', repository, *words], check=True, capture_output=True, text=True).stdout

    found = dict(each.split('=') for each in releases)
    shapes = {name: {'tag': tag, 'calls': release(git, tag)} for name, tag in found.items()}
    # A line for each method, to be read in a comparison of two versions of the file.
    print('{')
    for number, (name, one) in enumerate(shapes.items(), 1):
        print(' "%s": {"tag": "%s", "calls": {' % (name, one['tag']))
        print(',\n'.join('  "%s": %s' % (method, json.dumps(calls)) for method, calls in one['calls'].items()))
        print(' }}' + (',' if number < len(shapes) else ''))
    print('}')


if __name__ == '__main__':
    main()
