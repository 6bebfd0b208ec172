#!/usr/bin/python3
"""What the real oslo.config makes of the corpus in conf/src/test/resources/oslo.

usage: tools/oslo-corpus.py [--check] CORPUS_FOLDER

Each case NNN-name/ holds files, and optionally `args` (one command-line word a line; default: --config-file for each
*.conf, sorted) and `env` (NAME=value a line). Writes expected.json into each case, or with --check prints it as one
JSON document to standard output and writes nothing. An option reads as its value, or as {"error": true}; a file that
oslo.config refuses as {"refused": line or 0}.

The schema below stands once more in Java (OsloCorpusTest); both must stay equal.
"""
import json
import logging
import os
import re
import sys

from oslo_config import cfg
from oslo_config import types

DEFAULT = [
    cfg.StrOpt("s"), cfg.StrOpt("t", default="tee"), cfg.StrOpt("base", default="/srv"),
    cfg.StrOpt("derived", default="$base/sub"), cfg.IntOpt("i"), cfg.IntOpt("ranged", default=5, min=0, max=10),
    cfg.FloatOpt("f", min=0.0), cfg.BoolOpt("b", default=True), cfg.ListOpt("l"),
    cfg.ListOpt("named", item_type=types.String(choices=["a,b", "c"])), cfg.MultiStrOpt("m", default=[]),
    cfg.DictOpt("d"), cfg.StrOpt("choice", choices=["one", "two", ""]), cfg.PortOpt("port"),
    cfg.Opt("size", type=types.Integer(choices=[256, 512])), cfg.StrOpt("shape", regex=r"^\d+:\d+$"),
    cfg.HostAddressOpt("address"), cfg.HostDomainOpt("domain"),
]
GROUP = [
    cfg.StrOpt("s"), cfg.StrOpt("only"), cfg.StrOpt("own", default="$s-$t"),
    cfg.StrOpt("renamed", default="dflt", deprecated_name="older", deprecated_opts=[cfg.DeprecatedOpt("oldest", group="past")]),
    cfg.MultiStrOpt("many", default=[], deprecated_name="many_old"), cfg.ListOpt("l", default=["x", "y"]),
    cfg.IntOpt("moved", default=1, deprecated_group="DEFAULT"), cfg.BoolOpt("b", default=False),
]


def conf():
    c = cfg.ConfigOpts()
    c.register_opts(DEFAULT)
    c.register_opts(GROUP, group="group")
    c.register_opts([cfg.StrOpt("s")], group="other")
    return c


def value(c, group, name):
    try:
        return c._get(name, group=c._get_group(group) if group else None)
    except (cfg.Error, ValueError, AttributeError, RecursionError):
        return {"error": True}


def read(case):
    args_file = os.path.join(case, "args")
    if os.path.exists(args_file):
        with open(args_file) as f:
            args = [word.replace("@", case + os.sep) for word in f.read().split("\n") if word]
    else:
        args = []
        for name in sorted(n for n in os.listdir(case) if n.endswith(".conf")):
            args += ["--config-file", os.path.join(case, name)]
    env = {}
    if os.path.exists(os.path.join(case, "env")):
        with open(os.path.join(case, "env")) as f:
            env = dict(line.split("=", 1) for line in f.read().split("\n") if line)
    os.environ.update(env)
    c = conf()
    try:
        c(args, project="corpus", prog="corpus", default_config_files=[], default_config_dirs=[])
        result = {}
        for opt in DEFAULT:
            result[opt.dest] = value(c, None, opt.dest)
        for opt in GROUP:
            result["group." + opt.dest] = value(c, "group", opt.dest)
        result["other.s"] = value(c, "other", "s")
        return result
    except cfg.ConfigFileParseError as e:
        line = re.search(r"at line (\d+)|:(\d+):", str(e))
        match = re.search(r"line (\d+)|:(\d+)", str(e))
        return {"refused": int(next(g for g in match.groups() if g)) if match else 0}
    except (cfg.Error, OSError, ValueError) as e:
        return {"refused": 0}
    finally:
        for name in env:
            os.environ.pop(name, None)


def main():
    logging.disable(logging.CRITICAL)
    check = "--check" in sys.argv
    folder = [a for a in sys.argv[1:] if not a.startswith("--")][0]
    found = {}
    for name in sorted(os.listdir(folder)):
        case = os.path.join(folder, name)
        if os.path.isdir(case):
            found[name] = read(case)
            if not check:
                with open(os.path.join(case, "expected.json"), "w") as f:
                    json.dump(found[name], f, indent=1, sort_keys=True)
                    f.write("\n")
    if check:
        json.dump(found, sys.stdout, indent=1, sort_keys=True)
    print("%d cases" % len(found), file=sys.stderr)


if __name__ == "__main__":
    main()
