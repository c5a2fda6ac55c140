"""A machine of a test's own with sudo's rule and the program of root's: a private view of /etc, and nothing outside of it changed."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from tests.executors.batch.run_as.installed import OTHER, SERVER, USER

from headway.executors.batch.run_as import program
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

#: Programs, and the Debian packages that have them.
PROGRAMS: Final = {"sudo": "sudo", "unshare": "util-linux", "setpriv": "util-linux"}

_ENTER: Final = """\
set -e
mount --bind {place}/etc /etc
{python}
exec "$@"
"""
# Where only root may go, others see nothing but the Python that runs the tests.
_PYTHON: Final = """\
mount --bind {closed} {place}/closed
mount -t tmpfs -o mode=755 none {closed}
mkdir -p {prefix}
mount --bind {place}/closed/{inner} {prefix}
"""


class Machine:
    """Sudo's rule lets ``backup``, whom the server runs as, start the program as ``games`` and ``nobody``.

    Args:
        users: as whom, in sudoers' words.
    """

    def __init__(self, users: Sequence[str] = ("games", "nobody")) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="headway-run-as-", dir="/tmp"))
        self.place.chmod(0o755)
        shutil.copytree("/etc", self.place / "etc", symlinks=True, ignore=_unreadable)
        for name in ("bin", "cluster", "closed"):
            (self.place / name).mkdir(mode=0o755)
        for name in ("run-as", "data", "data.run", "home"):
            self.own(name, SERVER)
        (self.place / "run-as").chmod(0o755)
        for user in (USER, OTHER):
            self.own(f"cluster/{user.pw_name}", user)
        self.program = self.place / "bin" / "headway-run"
        self.program.write_bytes(program.program())
        self.program.chmod(0o755)
        self.allow()
        self.rule(users)
        self._enter = self.place / "enter"
        self._enter.write_text(_ENTER.format(place=self.place, python=self._python()))

    def own(self, name: str, user: pwd.struct_passwd) -> Path:
        """Make a directory of somebody's own."""
        path = self.place / name
        path.mkdir(mode=0o700)
        os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def allow(self, **changes: str) -> None:
        """Have root allow something else."""
        told = {
            "server": SERVER.pw_name,
            "directory": str(self.place / "run-as"),
            "least_uid": "1",
            **changes,
        }
        file = self.place / "etc" / "headway-run.conf"
        file.write_text("".join(f"{name} = {value}\n" for name, value in told.items()))
        file.chmod(0o644)

    def rule(self, users: Sequence[str]) -> None:
        """Have sudo let the server be these users."""
        file = self.place / "etc" / "sudoers.d" / "headway"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            program.sudoers(server=SERVER.pw_name, users=users, program_path=str(self.program))
        )
        file.chmod(0o440)

    def _python(self) -> str:
        prefix = Path(sys.base_prefix)
        closed = next(
            (each for each in [*prefix.parents][::-1] if not each.stat().st_mode & 0o001), None
        )
        if closed is None:
            return ""
        return _PYTHON.format(
            closed=closed, place=self.place, prefix=prefix, inner=prefix.relative_to(closed)
        )

    def command(self, *argv: str, user: pwd.struct_passwd = SERVER) -> list[str]:
        """Give the words that start a program as somebody, who sees this machine."""
        whose = ("--reuid", user.pw_name, "--regid", str(user.pw_gid), "--init-groups", "--")
        enter = ("unshare", "--mount", "--propagation", "private", "/bin/sh", str(self._enter))
        return [*enter, "setpriv", *whose, *argv]

    def run(
        self,
        *argv: str,
        user: pwd.struct_passwd = SERVER,
        environment: Mapping[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program as somebody."""
        return subprocess.run(
            self.command(*argv, user=user),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd="/",
            env={"PATH": PATH, "HOME": str(self.place / "home"), **(environment or {})},
        )

    def server(self, configuration: str) -> ServerProcess:
        """Give a server of the server's own user, not yet started; it tells its cluster's settings in TOML."""
        file = self.place / "headway.toml"
        file.write_text(configuration)
        serve = (sys.executable, "-m", "headway", "serve", "--no-detect")
        return ServerProcess(
            self.place / "data",
            arguments=("--config", str(file)),
            environment={"HOME": str(self.place / "home"), "PATH": PATH},
            program=self.command(*serve),
        )

    def client(self, server: ServerProcess, user: str) -> Client:
        """Give a client of a user's own."""
        return Client(server.url, token=self.token(server, user))

    def token(self, server: ServerProcess, user: str, *, scope: str = "run") -> str:
        """Give a user a token."""
        made = self.run(
            *(sys.executable, "-m", "headway", "token", "new", "--user", user, "--scope", scope),
            environment=server.environment,
        )
        assert made.returncode == 0, made.stderr
        return made.stdout.split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.place, ignore_errors=True)


PATH: Final = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def _unreadable(_: str, names: list[str]) -> list[str]:
    """Leave out what is large and not needed."""
    return [name for name in names if name in {"ssl", "alternatives", "fonts", "X11"}]
