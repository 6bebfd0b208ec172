#!/usr/bin/python3
"""Names of the options that Nova's releases know: makes conf/.../nova-names.txt (names only, no text of Nova's).

usage: tools/nova-option-names.py NOVA_TREE... > conf/src/main/resources/org/novabridge/conf/nova-names.txt

Each NOVA_TREE is a folder that holds a release's `nova/` package (git archive 27.0.0 nova/conf nova/virt ...). Each is
imported in a process of its own; modules it wants and this machine lacks are replaced by empty ones. To them come the
options of the installed libraries (entry points `oslo.config.opts`: oslo.log, oslo.messaging, keystonemiddleware ...),
which stand in the same file.
"""
import importlib.metadata
import json
import subprocess
import sys
import types
from unittest import mock


class Stub(types.ModuleType):
    __path__ = []
    __all__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=name)


def add(names, group, option):
    names.setdefault(group, set()).add(option.dest)
    for old in option.deprecated_opts:
        names.setdefault(old.group or group, set()).add(old.name or option.dest)


def of_tree(tree):
    sys.path.insert(0, tree)
    while True:
        try:
            import nova.conf
            break
        except ModuleNotFoundError as e:
            sys.modules[e.name] = Stub(e.name)
        except ImportError as e:
            sys.modules[e.name + ".opts"] = Stub(e.name + ".opts")
            setattr(sys.modules[e.name], "opts", sys.modules[e.name + ".opts"])
        for name in [n for n in sys.modules if n.startswith("nova.conf")]:
            del sys.modules[name]
        from oslo_config import cfg
        cfg.CONF.reset()
        for option in list(cfg.CONF._opts.values()):
            cfg.CONF._opts.pop(option["opt"].dest, None)
        cfg.CONF._groups.clear()
    if tree not in nova.conf.__file__:
        sys.exit("imported another nova: " + nova.conf.__file__)
    names = {}
    for option in nova.conf.CONF._opts.values():
        add(names, "DEFAULT", option["opt"])
    for name, group in nova.conf.CONF._groups.items():
        for option in group._opts.values():
            add(names, name, option["opt"])
    return names


def of_libraries():
    names = {}
    for point in importlib.metadata.entry_points(group="oslo.config.opts"):
        if point.name.startswith(("nova", "neutron", "glance", "cinder", "keystone.", "os_vif.test")):
            continue
        try:
            listed = point.load()()
        except Exception as e:
            print("left out %s: %s" % (point.name, type(e).__name__), file=sys.stderr)
            continue
        for group, options in listed:
            for option in options:
                add(names, str(getattr(group, "name", group) or "DEFAULT"), option)
    return names


def main(trees):
    merged = {}
    parts = [of_libraries()]
    for tree in trees:
        out = subprocess.run([sys.executable, __file__, "--one", tree], check=True, capture_output=True, text=True)
        part = json.loads(out.stdout)
        print("%s: %d names" % (tree, sum(len(v) for v in part.values())), file=sys.stderr)
        parts.append(part)
    for part in parts:
        for group, names in part.items():
            merged.setdefault(group if group == "DEFAULT" else group.lower(), set()).update(names)
    print("# Options known to some Nova from 26 to 33, and to the libraries it uses. Made by tools/nova-option-names.py.")
    for group in sorted(merged):
        print("\n[%s]" % group)
        for name in sorted(merged[group]):
            print(name)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps({group: sorted(names) for group, names in of_tree(sys.argv[2]).items()}))
    else:
        main(sys.argv[1:])
