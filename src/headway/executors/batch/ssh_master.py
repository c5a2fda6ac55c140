"""One connection to a login node, which OpenSSH's own client holds and many commands share."""

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from headway.core.errors import ExecutorUnavailable, InvalidRequest
from headway.executors.batch.process import Ended

#: sun_path is 104 bytes on some systems, of which ssh wants 17 for a name that it uses first, and one is the last.
_LONGEST_SOCKET_BYTES: Final = 86
_MOST_SHOWN: Final = 250  #: characters, of the beginning and of the end

#: Runs ssh with these arguments to its end.
Ssh = Callable[[Sequence[str]], Awaitable[Ended]]


class Master:
    """Makes the connection, says how to go through it, and makes a new one when it is gone.

    Args:
        ssh: runs ssh.
        options: those of the settings; they win over those that have a default here.
        directory: for the socket; private.
        keep_s: how long a connection that nobody uses is kept.
    """

    def __init__(
        self,
        ssh: Ssh,
        destination: str,
        *,
        options: Sequence[str],
        directory: Path,
        connect_timeout_s: float,
        keep_s: float,
    ) -> None:
        check_destination(destination)
        self._ssh = ssh
        self._destination = destination
        self._options = tuple(options)
        self._directory = directory
        self._connect_timeout_s = connect_timeout_s
        self._keep_s = keep_s
        self._attempt: asyncio.Task[str] | None = None
        self._own_directory: Path | None = None
        self._socket: str | None = None
        self._absent = f"headway-{secrets.token_hex(8)}-absent"

    async def socket(self, lost: str | None = None) -> str:
        """Give the socket of a connection; it is made if there is none, or only ``lost``. All who wait share one attempt.

        Raises:
            ExecutorUnavailable: it cannot be made.
        """
        if self._socket is not None and self._socket != lost:
            return self._socket
        if self._attempt is None or self._attempt.done():
            self._attempt = asyncio.create_task(self._renewed())
            self._attempt.add_done_callback(_hear)
        return await asyncio.shield(self._attempt)

    async def _renewed(self) -> str:
        if self._socket is not None and await self._lives(self._socket):
            raise ExecutorUnavailable(
                f"{self._destination} takes no more sessions on one connection; "
                "have the cluster run fewer commands at once, or raise MaxSessions of its sshd"
            )
        self._socket = None
        self._socket = await self._made()
        return self._socket

    async def _lives(self, socket: str) -> bool:
        return (await self._ssh(self._asking(socket, "check"))).exit_code == 0

    def _asking(self, socket: str, what: str) -> list[str]:
        return ["-F", "none", "-S", socket.replace("%", "%%"), "-O", what, "--", "node"]

    async def _made(self) -> str:
        socket = await self._free_name()
        ended = await self._ssh(
            [
                *_given("BatchMode=yes", "ControlMaster=yes", "ForwardAgent=no", "ForwardX11=no"),
                *_given("ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none"),
                *("-f", "-N", "-T"),
                *self._options,
                *_given(f"ControlPersist={max(1, round(self._keep_s))}", "LogLevel=ERROR"),
                *_given("ServerAliveInterval=5", "ServerAliveCountMax=3"),
                *_given(f"ConnectTimeout={max(1, round(self._connect_timeout_s))}"),
                *("-S", socket.replace("%", "%%"), "--", self._destination),
            ]
        )
        if ended.exit_code != 0:
            raise self.trouble(ended.stderr)
        return socket

    async def _free_name(self) -> str:
        name = secrets.token_hex(4)
        path = str(self._directory / name)
        if _is_fit(path):
            await asyncio.to_thread(self._directory.mkdir, 0o700, parents=True, exist_ok=True)
            return path
        if self._own_directory is None:
            made = await asyncio.to_thread(tempfile.mkdtemp, prefix="headway-", dir="/tmp")  # noqa: S108 -- private
            self._own_directory = Path(made)
        return str(self._own_directory / name)

    def through(self, socket: str, remote: str) -> list[str]:
        """Give ssh's arguments for a command of the other side's shell. Nothing is read from settings, nothing connected."""
        return [
            *("-F", "none", "-S", socket.replace("%", "%%")),
            *_given("ControlMaster=no", "LogLevel=ERROR", "BatchMode=yes", "RequestTTY=no"),
            *_given("ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes"),
            *_given(f'ProxyCommand=/bin/sh -c "echo {self._absent} >&2"'),
            *("--", "node", remote),
        ]

    def was_absent(self, ended: Ended) -> bool:
        """Tell whether a command came to nothing because the connection was gone before: it has done nothing."""
        return self._absent.encode() in ended.stderr

    def distrust(self, socket: str) -> None:
        """Use this connection for nothing new: it does not answer. What goes through it may still end."""
        if self._socket == socket:
            self._socket = None

    def trouble(self, said: bytes) -> ExecutorUnavailable:
        """Say in ssh's own words what went wrong."""
        lines = said.decode("utf-8", "replace").replace(self._absent, "").splitlines()
        told = " ".join(line.strip() for line in lines if line.strip("@ \r"))
        shown = "".join(c if c.isprintable() else " " for c in told)
        if len(shown) > 2 * _MOST_SHOWN:
            shown = f"{shown[:_MOST_SHOWN]} … {shown[-_MOST_SHOWN:]}"
        return ExecutorUnavailable(
            f"ssh to {self._destination}: {shown or 'the connection was cut'}"
        )

    async def close(self) -> None:
        """Have the connection closed."""
        if self._attempt is not None:
            self._attempt.cancel()
            with contextlib.suppress(asyncio.CancelledError, ExecutorUnavailable):
                await self._attempt
        socket, self._socket = self._socket, None
        if socket is not None:
            with contextlib.suppress(ExecutorUnavailable):
                await self._ssh(self._asking(socket, "exit"))
        if self._own_directory is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._own_directory.rmdir)


def _hear(attempt: "asyncio.Task[str]") -> None:
    """Take note of an error that nobody waited for any more."""
    if not attempt.cancelled():
        attempt.exception()


def check_destination(destination: str) -> None:
    """Check what is given to ssh as its destination.

    Raises:
        InvalidRequest: ssh would take it for something else.
    """
    if (
        not destination
        or destination.startswith("-")
        or not destination.isprintable()
        or any(character.isspace() for character in destination)
    ):
        raise InvalidRequest(
            f"{destination!r} is no destination for ssh: use user@host, or a Host of your ssh_config",
            field="destination",
        )


def _given(*options: str) -> list[str]:
    return [word for option in options for word in ("-o", option)]


def _is_fit(path: str) -> bool:
    """Tell whether ssh takes this path for a socket, and as it stands."""
    return (
        len(path.encode()) <= _LONGEST_SOCKET_BYTES and not path.startswith("~") and "$" not in path
    )
