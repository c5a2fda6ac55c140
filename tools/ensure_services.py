#!/usr/bin/env python3
"""See that what tests need beside Python is there: as root on Debian install it, otherwise name it.

Tests that need a missing program skip, and say so; with CI=true they fail instead.
"""

import os
import shutil
import subprocess
import sys
from typing import Final, NamedTuple


class Program(NamedTuple):
    """A program, the Debian package that has it, and which tests want it."""

    name: str
    package: str
    tests: str


PROGRAMS: Final = (
    Program("curl", "curl", "the seed's own lines"),
    Program("chromium", "chromium", "pages in a browser"),
    Program("openssl", "openssl", "https"),
    Program("unshare", "util-linux", "full disks and reused process ids"),
    Program("mount", "mount", "full disks"),
    Program("setpriv", "util-linux", "callers who are another user"),
    Program("ip", "iproute2", "callers from another address"),
    Program("nsenter", "util-linux", "callers from another address"),
    Program("script", "bsdutils", "commands on a terminal"),
    Program("cc", "gcc", "limits that a C program sets"),
    Program("gcc", "libc6-dev", "limits that a C program sets"),
)


def main() -> int:
    """Install or name what is missing; never fails: the tests themselves say what they skip."""
    missing = [program for program in PROGRAMS if shutil.which(program.name) is None]
    if not missing:
        return 0
    packages = sorted({program.package for program in missing})
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing with apt-get, as tests need them: {', '.join(packages)}", flush=True)
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", *packages)
        missing = [program for program in PROGRAMS if shutil.which(program.name) is None]
    for program in missing:
        print(
            f"missing: {program.name} (Debian package {program.package}); tests for "
            f"{program.tests} are skipped",
            file=sys.stderr,
        )
    return 0


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], env=environment, check=False)


if __name__ == "__main__":
    sys.exit(main())
