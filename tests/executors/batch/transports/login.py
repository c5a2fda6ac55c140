"""A login node that a test does things to: what greets there, which shell it has, what is done to its connections."""

import asyncio
import os
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

from tests.rigs.processes import process, processes
from tests.rigs.sshd import Sshd

from headway.executors.batch.ssh import OverSsh
from headway.executors.batch.ssh_sessions import Client

_PATIENCE_S: Final = 60.0
#: ssh's own choice, which is safe for decades to come, takes half a second of a busy machine.
_QUICK: Final = ("-o", "KexAlgorithms=curve25519-sha256")


def over_ssh(
    sshd: Sshd,
    place: Path,
    *,
    timeout_s: float = 30.0,
    timeouts_s: Mapping[str, float] = MappingProxyType({}),
    options: Sequence[str] = (),
    shell: str = "/bin/sh",
    prelude: str = "",
    most_output_bytes: int = 64 << 20,
    connect_timeout_s: float = 60.0,
) -> OverSsh:
    """Make a transport to a host; its socket is below ``place`` or, where that is too long, below /tmp."""
    return OverSsh(
        sshd.host,
        {"renamed": "/bin/echo"},
        {"BASE": "base"},
        Client(
            environment={"PATH": os.defpath},
            options=("-F", str(sshd.config), *_QUICK, *options),
            directory=place / "control",
            connect_timeout_s=connect_timeout_s,
        ),
        shell=shell,
        prelude=prelude,
        timeout_s=timeout_s,
        timeouts_s=timeouts_s,
        most_output_bytes=most_output_bytes,
    )


class Login:
    """What logins at a host find, for the length of a ``with``."""

    def __init__(self, sshd: Sshd) -> None:
        self.sshd = sshd
        self._keys = sshd.directory / "authorized_keys"
        self._key = self._keys.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._keys.write_text(self._key)

    def greets(self, before: str, *, shell: Sequence[str] = ("/bin/sh",)) -> None:
        """Have ``before`` done at each login, and then what the client asks for, as this shell reads it."""
        forced = f'{before}\nexec {shlex.join(shell)} -c "$SSH_ORIGINAL_COMMAND"'
        script = self.sshd.directory / "login-shell"
        script.write_text(forced)
        self._keys.write_text(f'command="/bin/sh {script}" {self._key}')

    def knows_nobody(self) -> None:
        """Know no key."""
        self._keys.write_text("")


def masters(sshd: Sshd) -> set[int]:
    """Find the clients that hold connections to a host."""
    found = set()
    for each in processes():
        if each.name == "ssh":
            with suppress(OSError):  # it ended meanwhile
                words = Path(f"/proc/{each.pid}/cmdline").read_bytes().split(b"\0")
                if os.fsencode(sshd.config) in words:
                    found.add(each.pid)
    return found


async def pids_in(path: Path, count: int) -> list[int]:
    """Wait until so many process ids have been written, and give them."""
    await until(lambda: len(_words(path)) == count)
    return [int(word) for word in _words(path)]


def _words(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


async def end_of(pids: Sequence[int]) -> None:
    """Wait until none of these runs."""
    await until(lambda: not any(map(process, pids)))


async def until(is_so: Callable[[], bool]) -> None:
    """Look again and again, until patience ends."""
    end_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s, "waited in vain"
        await asyncio.sleep(0.01)
