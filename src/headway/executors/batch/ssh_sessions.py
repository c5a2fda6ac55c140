"""The way to a login node's shell: through one connection, which OpenSSH's own client holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.process import End, Ended, Limit, Run
from headway.executors.batch.shell_sessions import LATER_S, Passage, run_here
from headway.executors.batch.ssh_frame import bootstrap
from headway.executors.batch.ssh_master import Master
from headway.executors.batch.threads import Threads

_MOST_WORDS_BYTES: Final = 1 << 20  #: of what ssh says of a connection


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """How OpenSSH's client is started here.

    Attributes:
        path: of the program.
        environment: all of it: PATH, and SSH_AUTH_SOCK where an agent holds the key.
        options: more arguments: ``-F FILE``, ``-J JUMP``, ``-p PORT``, ``-o NAME=VALUE``.
        directory: where the connection's socket is; private to this user.
        connect_timeout_s: how long it may take until the connection is there, and until the login's shell answers.
        keep_s: how long a connection that nobody uses is kept.
    """

    path: str = "ssh"
    environment: Mapping[str, str]
    options: Sequence[str] = ()
    directory: Path
    connect_timeout_s: float = 15.0
    keep_s: float = 600.0


class SshWay:
    """Leads through ssh to a login's shell. See shell_sessions.Way.

    Args:
        shell: the path of a POSIX shell there.

    Raises:
        InvalidRequest: ssh would not take the destination for one.
    """

    def __init__(self, destination: str, client: Client, *, shell: str) -> None:
        self.where = destination
        self.client = "OpenSSH's client"
        self.begin_limit_s = client.connect_timeout_s
        self._client = client
        self._bootstrap = bootstrap(shell)
        self._connecting = Threads(1, name="headway-ssh-connection")
        self._master = Master(
            self._ssh,
            destination,
            options=client.options,
            directory=client.directory,
            connect_timeout_s=client.connect_timeout_s,
            keep_s=client.keep_s,
        )

    async def passage(self, lost: Passage | None = None) -> Passage:
        """Give the way through a connection; it is made if there is none, or only that which is lost."""
        socket = await self._master.socket(lost=None if lost is None else lost.key)
        return Passage(
            key=socket,
            argv=(self._client.path, *self._master.through(socket, self._bootstrap)),
            environment={**self._client.environment, "SHELL": "/bin/sh"},
        )

    def was_absent(self, ended: Ended) -> bool:
        """Tell whether the connection was gone before."""
        return self._master.was_absent(ended)

    def distrust(self, passage: Passage) -> None:
        """Use this connection for nothing new."""
        self._master.distrust(passage.key)

    def trouble(self, ended: Ended, said: bytes) -> ExecutorUnavailable:  # noqa: ARG002 -- its words say it
        """Say in ssh's own words what went wrong."""
        return self._master.trouble(said)

    async def _ssh(self, arguments: Sequence[str]) -> Ended:
        """Run ssh for the connection itself."""
        run = Run(
            argv=(self._client.path, *arguments),
            environment=self._client.environment,
            most_output_bytes=_MOST_WORDS_BYTES,
        )
        limit_s = self._client.connect_timeout_s
        ended = await run_here(self._connecting, run, Limit(limit_s + LATER_S), program=self.client)
        if ended.end is not End.ENDED:
            raise ExecutorUnavailable(f"no connection to {self.where} within {limit_s:g} s")
        return ended

    async def close(self) -> None:
        """Close the connection."""
        await self._master.close()
        self._connecting.close()
