"""The way to another user's shell on this machine: through sudo, and the program that root installed."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.batch.process import End, Ended
from headway.executors.batch.run_as.accounts import NoAccount
from headway.executors.batch.run_as.program import digest_of
from headway.executors.batch.shell_sessions import Passage
from headway.executors.batch.ssh_frame import LISTENING

_BEGIN_LIMIT_S: Final = 15.0
#: Exit codes of sudo that will not, and of the program that refuses.
_DENIED: Final = frozenset({1, 4})
_SCRIPT: Final = LISTENING.encode()


class Sudo(msgspec.Struct, frozen=True, kw_only=True):
    """How another user's shell is started.

    Attributes:
        path: of sudo, or its name on PATH.
        program: what root installed.
        directory: what root allows the program to run from; the server's own.
        environment: sudo's own, all of it.
    """

    path: str = "sudo"
    program: str
    directory: str
    environment: Mapping[str, str]


class SudoWay:
    """Leads to a shell of an account's. See shell_sessions.Way."""

    client = "sudo"
    begin_limit_s = _BEGIN_LIMIT_S

    def __init__(self, account: str, sudo: Sudo) -> None:
        self.where = f"this machine as {account}"
        self._account = account
        self._passage = Passage(
            argv=(
                *(sudo.path, "-n", "-u", account, "--"),
                *(sudo.program, str(_sandbox(sudo, account))),
            ),
            environment=sudo.environment,
            is_anothers=True,
        )

    async def passage(self, lost: Passage | None = None) -> Passage:  # noqa: ARG002 -- there is but one
        """Give the way, which is always there."""
        return self._passage

    def was_absent(self, ended: Ended) -> bool:  # noqa: ARG002 -- it never is
        """Say no."""
        return False

    def distrust(self, passage: Passage) -> None:
        """Do nothing: each session is another process."""

    def trouble(self, ended: Ended, said: bytes) -> ExecutorUnavailable:
        """Say in words of sudo's, or of the program's, why there is no answer."""
        words = Output(stderr=said, exit_code=ended.exit_code or 0).complaint
        if ended.end is End.ENDED and ended.exit_code in _DENIED and said.strip():
            return NoAccount(f"nothing can be run as {self._account} on this machine: {words}")
        return ExecutorUnavailable(f"a session as {self._account} ended before its time: {words}")

    async def close(self) -> None:
        """Do nothing."""


def write_sandbox(sudo: Sudo, account: str) -> None:
    """Write what the program is to run as this account: the reading of a session's questions.

    Raises:
        OSError: it cannot be written.
    """
    sandbox = _sandbox(sudo, account)
    for each in (sandbox.parent, sandbox):
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o755)
            each.chmod(0o755)
    for name, data in (("script", _SCRIPT), ("digest", digest_of(_SCRIPT, account))):
        _write(sandbox / name, data)


def _write(path: Path, data: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    opened = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
    )
    try:
        os.write(opened, data)
        os.fchmod(opened, 0o644)
    finally:
        os.close(opened)
    part.rename(path)


def _sandbox(sudo: Sudo, account: str) -> Path:
    return Path(sudo.directory) / account
