#!/usr/bin/env python3
"""Run a scheduler's command and keep what it said, word for word, for tests that read it.

    python tools/record_scheduler.py DIRECTORY NAME "what it shows" [options] -- COMMAND [ARGUMENT]...

writes DIRECTORY/NAME.json. The scheduler's name is that of the folder round DIRECTORY, if --scheduler does not say it.
Readers of tests: tests/rigs/recorded.py.

examples, after `. DIR/env.sh` of a cluster that tests/rigs started:

    python tools/record_scheduler.py tests/executors/slurm/recorded squeue-none "no jobs at all" -- \\
        squeue --noheader --me --states=all --format='%i|%T|%r'
    python tools/record_scheduler.py tests/executors/slurm/recorded scontrol-failed "exit code 3" \\
        --set SLURM_TIME_FORMAT=%s --replace 172.17.0.2=192.0.2.1 -- scontrol --oneliner show job 17
    python tools/record_scheduler.py tests/executors/lsf/recorded bjobs-long "a job that waits" \\
        --version "OpenLava 2.2" -- bjobs -l 4

This machine's host name, the user's name and home, the working directory, and the cluster's own directory are replaced
(--replace adds to these and goes before them). A name in a table keeps its column's width where the blanks after it
allow that; look through what is printed before it is committed.
"""

import argparse
import base64
import getpass
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

#: What tells a scheduler's version, and where in its words that stands.
VERSIONS: Final = {
    "slurm": (("sinfo", "--version"), r"slurm\S* (\S+)"),
    "sge": (("qstat", "-help"), r"(.+)"),
    "pbs": (("qstat", "--version"), r"(.+)"),
    "lsf": (("lsid",), r"(.+)"),
}
#: Neutral words for what is this machine's own.
HOST: Final = "login"
USER: Final = "alice"
HOME: Final = f"/home/{USER}"
WORK: Final = f"{HOME}/work"
CLUSTER: Final = "/srv/cluster"
#: Variables that name what a private cluster has below its own directory.
BELOW_CLUSTER: Final = (("SLURM_CONF", "/etc/slurm.conf"), ("SGE_ROOT", "/root"))
MAX_LINE_SHOWN: Final = 200
COLUMN_GAP: Final = 2  # so many blanks stand between columns, not between words

Pair = tuple[str, str]
Json = str | int | list[str] | dict[str, str]


def main() -> int:
    """Record one command."""
    options, command = _options()
    target = Path(options.directory) / f"{options.name}.json"
    if target.exists() and not options.force:
        print(f"{target} is there; take another name, or --force", file=sys.stderr)
        return 2
    if shutil.which(command[0]) is None:
        print(f"{command[0]} is not there; is the cluster's env.sh sourced?", file=sys.stderr)
        return 2
    scheduler = options.scheduler or target.resolve().parent.parent.name
    added = dict(each.split("=", 1) for each in options.set)
    stdin = options.stdin.read_bytes() if options.stdin else b""
    ran = subprocess.run(
        command, input=stdin, env={**os.environ, **added}, capture_output=True, check=False
    )
    pairs = sorted(_pairs(options.replace), key=lambda pair: len(pair[0]), reverse=True)
    document: dict[str, Json] = {
        "shows": options.shows,
        "scheduler": scheduler,
        "version": options.version or _version(scheduler),
        "recorded": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "command": [_replaced(word, pairs) for word in command],
        "environment": {name: _replaced(value, pairs) for name, value in added.items()},
        "stdin": _text(stdin, pairs),
        "stdout": _text(ran.stdout, pairs),
        "stderr": _text(ran.stderr, pairs),
        "exit_code": ran.returncode if ran.returncode >= 0 else 128 - ran.returncode,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    written = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    target.write_text(written, encoding="utf-8")
    for line in written.splitlines():
        print(line if len(line) <= MAX_LINE_SHOWN else f"{line[:MAX_LINE_SHOWN]} …")
    print(f"written: {target}", file=sys.stderr)
    return 0


def _options() -> tuple[argparse.Namespace, Sequence[str]]:
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", help="where recordings of this scheduler are")
    parser.add_argument("name", help="the recording's name, such as squeue-two-jobs")
    parser.add_argument("shows", help="in words: what this answer is an example of")
    parser.add_argument("--scheduler", metavar="NAME", help=f"one of {', '.join(VERSIONS)}")
    parser.add_argument("--version", metavar="TEXT", help="its version, instead of asking for it")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("--replace", metavar="OLD=NEW", action="append", default=[])
    parser.add_argument("--stdin", metavar="FILE", type=Path, help="what the command reads")
    parser.add_argument("--force", action="store_true", help="replace a recording of this name")
    options = parser.parse_args(words[:cut])
    for each in (*options.set, *options.replace):
        if "=" not in each:
            parser.error(f"{each!r} has no =")
    if not words[cut + 1 :]:
        parser.error("the command is missing: give it after --")
    return options, words[cut + 1 :]


def _version(scheduler: str) -> str:
    """Ask the scheduler for its version; empty if it cannot be told."""
    command, pattern = VERSIONS.get(scheduler, ((), ""))
    if not command or shutil.which(command[0]) is None:
        return ""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, ran.stdout or ran.stderr)
    return found[1].strip() if found else ""


def _pairs(given: Sequence[str]) -> Iterator[Pair]:
    """Give what is replaced, and by what; the caller's own words go before ours."""
    own = dict(each.split("=", 1) for each in given)
    found = {
        value.removesuffix(tail): CLUSTER
        for name, tail in BELOW_CLUSTER
        if (value := os.environ.get(name, "")).endswith(tail)
    }
    found |= {socket.getfqdn(): HOST, socket.gethostname(): HOST, getpass.getuser(): USER}
    found |= {str(Path.home()): HOME, str(Path.cwd()): WORK}
    for old, new in {**found, **own}.items():
        if old not in ("", "/", "localhost"):
            yield old, new


def _replaced(text: str, pairs: Sequence[Pair]) -> str:
    """Replace whole words, all in one pass, and let blanks after them give or take what keeps a column's width."""
    new_of = dict(pairs)
    words = "|".join(re.escape(old) for old, _ in pairs)

    def replace(found: re.Match[str]) -> str:
        old, blanks = found[1], found[2]
        new = new_of[old]
        if len(blanks) < COLUMN_GAP:
            return new + blanks
        return new.ljust(len(old) + len(blanks) - 1) + " "

    return re.sub(rf"(?<![A-Za-z0-9])({words})(?![A-Za-z0-9])( *)", replace, text)


def _text(data: bytes, pairs: Sequence[Pair]) -> list[str] | dict[str, str]:
    """Give lines with their ends; what is no UTF-8 as base64, and as it is."""
    try:
        return _replaced(data.decode(), pairs).splitlines(keepends=True)
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


if __name__ == "__main__":
    sys.exit(main())
