#!/usr/bin/env python3
"""See that what tests need beside Python is there: as root on Debian install it, otherwise name it.

Tests that need a missing program skip, and say so; with CI=true they fail instead. Daemons that come with a package are
not started: tests start their own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple


class Program(NamedTuple):
    """What is looked for (a name on PATH, or a pattern of a file's path), the Debian package that has it, and which tests want it."""

    name: str
    package: str
    tests: str

    @property
    def is_there(self) -> bool:
        """Tell whether it can be used."""
        if self.name.startswith("/"):
            return any(Path("/").glob(self.name[1:]))
        return shutil.which(self.name, path=PATH) is not None


#: Daemons are not on every user's own.
PATH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
SLURM: Final = "a real Slurm"
ACCOUNTING: Final = "a real Slurm with accounting"
REST: Final = "a real Slurm by its REST interface"
GRID_ENGINE: Final = "a real Grid Engine"
SSH: Final = "schedulers by SSH"
SHELLS: Final = "logins with shells of all kinds"
PROGRAMS: Final = (
    Program("curl", "curl", "the seed's own lines"),
    Program("chromium", "chromium", "pages in a browser"),
    Program("openssl", "openssl", "https"),
    Program("unshare", "util-linux", "full disks and reused process ids"),
    Program("mount", "mount", "full disks"),
    Program("setpriv", "util-linux", "callers who are another user"),
    Program("ip", "iproute2", "callers from another address"),
    Program("nsenter", "util-linux", "callers from another address"),
    Program("sudo", "sudo", "jobs as their owners"),
    Program("script", "bsdutils", "commands on a terminal"),
    Program("tcsh", "tcsh", SHELLS),
    Program("zsh", "zsh", SHELLS),
    Program("fish", "fish", SHELLS),
    Program("mksh", "mksh", SHELLS),
    Program("busybox", "busybox", SHELLS),
    Program("cc", "gcc", "limits that a C program sets"),
    Program("gcc", "libc6-dev", "limits that a C program sets"),
    Program("slurmctld", "slurmctld", SLURM),
    Program("slurmd", "slurmd", SLURM),
    Program("sbatch", "slurm-client", SLURM),
    Program("munged", "munge", SLURM),
    Program("/usr/lib/*/libjson-c.so.5", "libjson-c5", SLURM),
    Program("slurmdbd", "slurmdbd", ACCOUNTING),
    Program(
        "/usr/lib/*/slurm-wlm/accounting_storage_mysql.so", "slurm-wlm-mysql-plugin", ACCOUNTING
    ),
    Program("mariadbd", "mariadb-server", ACCOUNTING),
    Program("slurmrestd", "slurmrestd", REST),
    Program("/usr/lib/*/slurm-wlm/auth_jwt.so", "slurm-wlm-jwt-plugin", REST),
    Program("/usr/lib/gridengine/sge_qmaster", "gridengine-master", GRID_ENGINE),
    Program("/usr/lib/gridengine/sge_execd", "gridengine-exec", GRID_ENGINE),
    Program("/usr/lib/gridengine/qsub", "gridengine-client", GRID_ENGINE),
    Program("redis-server", "redis-server", "the bus of moi's own programs"),
    Program("sshd", "openssh-server", SSH),
    Program("ssh", "openssh-client", SSH),
)

#: Asked by packages before they start a daemon of theirs; 101 forbids it.
POLICY: Final = Path("/usr/sbin/policy-rc.d")


def main() -> int:
    """Install or name what is missing; never fails: the tests themselves say what they skip."""
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = sorted({program.package for program in missing})
        print(f"installing with apt-get, as tests need them: {', '.join(packages)}", flush=True)
        with _no_daemons():
            _install(packages)
        missing = _missing()
    for program in missing:
        print(
            f"missing: {program.name} (Debian package {program.package}); tests for "
            f"{program.tests} are skipped",
            file=sys.stderr,
        )
    return 0


def _missing() -> list[Program]:
    return [program for program in PROGRAMS if not program.is_there]


def _install(packages: Sequence[str]) -> None:
    """Install these; where one cannot be had, at least the others."""
    _apt("update")
    if not _apt("install", *packages):
        for package in packages:
            _apt("install", package)


def _apt(command: str, *packages: str) -> bool:
    options = ("--yes", "--no-install-recommends") if packages else ()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    argv = ["apt-get", "-qq", command, *options, *packages]
    return subprocess.run(argv, env=environment, check=False).returncode == 0


@contextmanager
def _no_daemons() -> Iterator[None]:
    """Forbid packages to start what they bring, unless the machine has a policy of its own."""
    try:
        with POLICY.open("x") as policy:
            policy.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:
        yield
        return
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    sys.exit(main())
