"""Where jobs have their sandboxes, and how files get in and out of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox
from headway.core.ports.executor import LogPart, Stream

#: Told now and then (at most once a second, never for what is done at once) of bytes copied so far and in all; False in
#: answer has the copying stop.
Told: TypeAlias = Callable[[int, int], Awaitable[bool]]

#: Reads a part of one of the job's logs, as ``Executor.read_log`` does: stream, offset and limit in bytes.
ReadLog: TypeAlias = Callable[[Stream, int, int], Awaitable[LogPart]]


class Files(Protocol):
    """Sandboxes by tag. Every path from outside is hostile: nothing outside the owner's allowed roots is read or written."""

    def check(self, sandbox: Sandbox, *, owner: str) -> None:
        """Check what can be known without looking at any file: that paths are well formed and below allowed roots.

        Raises:
            InvalidRequest: the message names the entry and says what would be right.
        """
        ...

    def place(self, tag: Tag) -> str:
        """Give the absolute path of an attempt's sandbox, whether it is there or not."""
        ...

    async def stage_in(self, tag: Tag, sandbox: Sandbox, *, owner: str, told: Told) -> str:
        """Make an attempt's sandbox with all that is to be in it; gives its path. One that is there is complete, and is left alone.

        Nothing is at that path before all is there. Repeating it after a crash or a failure begins anew.

        Raises:
            StagingFailed: an entry cannot be brought, or is not allowed, or ``told`` had it stop; nothing is left behind.
        """
        ...

    async def stage_out(
        self, tag: Tag, sandbox: Sandbox, *, owner: str, read_log: ReadLog, told: Told
    ) -> Sequence[str]:
        """Copy logs and results to where they are to be, each target whole or as it was before; synced when this returns.

        What cannot be fetched does not keep the others from being fetched. May be repeated.

        Returns:
            What could not be fetched and why, in words for the user; empty when all is there.
        """
        ...

    async def delete(self, tag: Tag) -> None:
        """Delete an attempt's sandbox with all in it; one that is not there is no error."""
        ...

    async def tags(self) -> Sequence[Tag]:
        """List the attempts that have sandboxes."""
        ...
