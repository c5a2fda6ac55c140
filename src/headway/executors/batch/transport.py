"""How commands reach a cluster, and how its files are read: here, or through a login node."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from headway.core.ports.executor import LogPart
from headway.executors.batch.command import Command, Output


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be written. Its directories are made, for the owner only.

    Attributes:
        is_lasting: it is durable once it was written; else a crash of the machine may take it away again, and it is written sooner.
    """

    path: str
    data: bytes
    mode: int = 0o600
    is_lasting: bool = True


class Transport(Protocol):
    """Runs commands and reaches files as one user, in one place. Paths are absolute, and may hold any byte but NUL.

    Nothing here blocks the event loop; every call ends within a limit of its own.
    """

    async def start(self) -> None:
        """Connect.

        Raises:
            ExecutorUnavailable: not now; called again later.
        """
        ...

    async def run(self, command: Command) -> Output:
        """Run a command to its end.

        Raises:
            ExecutorSlow: it did not end in its time, and was killed with its children; what it has done is not known.
            ExecutorUnavailable: it could not be started, or the connection went meanwhile.
        """
        ...

    async def write(self, files: Sequence[File]) -> None:
        """Write new files, durable on return if they are to last; a file of the same name is replaced whole.

        Raises:
            ExecutorUnavailable: not all were written.
        """
        ...

    async def write_new(self, file: File) -> bool:
        """Write a file, durable on return if it is to last, unless there is one of that name; exclusive on network file systems too (link).

        Returns:
            Whether it was written; False leaves the other one as it is.

        Raises:
            ExecutorUnavailable: it is not known whether it was written.
        """
        ...

    async def write_new_each(self, files: Sequence[File]) -> Sequence[bool | None]:
        """Write some files, each as ``write_new`` does; None is told of one of which that is not known, and the others are written."""
        ...

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Read small files (at most 64 KiB of each) at once; those that are not there are left out.

        Raises:
            ExecutorUnavailable: it could not be looked.
        """
        ...

    async def names(self, directory: str) -> Sequence[str]:
        """Give the names in a directory, in any order; none of one that is not there.

        Raises:
            ExecutorUnavailable: it could not be looked.
        """
        ...

    async def missing_directories(self, paths: Sequence[str]) -> Sequence[str]:
        """Tell which of these are no directories that may be entered.

        Raises:
            ExecutorUnavailable: it could not be looked.
        """
        ...

    async def read(self, path: str, *, offset: int, limit: int, is_ours: bool = True) -> LogPart:
        """Read at most ``limit`` bytes of a file from ``offset``; empty at or past its end.

        One that is not ours is only looked at: a right that its owner took is not given back, and no pipe is opened.

        Raises:
            NotFound: there is no such file, or it is none that can be read so (a pipe, a link).
            ExecutorUnavailable: it cannot be reached now.
        """
        ...

    async def remove(self, directories: Sequence[str]) -> None:
        """Delete directories with all in them, never following a link; one that is not there is no error.

        Raises:
            ExecutorUnavailable: not all could be deleted.
        """
        ...

    async def close(self) -> None:
        """Let go of connections. What was submitted runs on."""
        ...
