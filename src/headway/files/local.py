"""Sandboxes on this machine; see headway.core.ports.files."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from headway.core.errors import StagingFailed
from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox
from headway.core.ports.files import ReadLog, Told
from headway.files.bounds import Bounds
from headway.files.meter import Meter
from headway.files.names import Names
from headway.files.opening import Opening, best_opening
from headway.files.refusal import Refused, Stopped, failed
from headway.files.roots import Roots
from headway.files.sandboxes import Sandboxes
from headway.files.staging import ReadPart, Surroundings, bring, fetch
from headway.files.threads import Logs, Threads


def make_files(
    *,
    root: Path,
    roots_for: Callable[[str], Sequence[Path]],
    forbidden: Sequence[Path],
    own_uid: int,
    record: Path | None = None,
    mark: str = "",
    opening: Opening | None = None,
) -> "LocalFiles":
    """Make what brings and fetches files.

    Args:
        root: the directory that sandboxes are made in.
        roots_for: gives the directories that a user may bring files from and fetch them to.
        forbidden: directories that nothing is brought from or fetched to, though they may be below those.
        own_uid: the user that the server and its jobs run as.
        record: a file in the data directory that keeps all roots there ever were, so that a changed one loses no sandbox.
        mark: hexadecimal digits in the names of sandboxes: those of servers with other ones are left alone.
        opening: how paths are opened; None for the best that the kernel has.

    Raises:
        InvalidRequest: ``record`` cannot be used.
    """
    return LocalFiles(
        sandboxes=Sandboxes(
            root=root.absolute(), own_uid=own_uid, record=record, names=Names(mark=mark)
        ),
        roots=Roots(roots_for, opening or best_opening(), own_uid=own_uid),
        forbidden=forbidden,
        own_uid=own_uid,
        opening=opening or best_opening(),
    )


class LocalFiles:
    """Sandboxes in directories of this machine."""

    def __init__(
        self,
        *,
        sandboxes: Sandboxes,
        roots: Roots,
        forbidden: Sequence[Path],
        own_uid: int,
        opening: Opening,
    ) -> None:
        self._sandboxes = sandboxes
        self._roots = roots
        self._forbidden = forbidden
        self._own_uid = own_uid
        self._opening = opening
        self._threads = Threads()

    def check(self, sandbox: Sandbox, *, owner: str) -> None:
        """Check paths by their text; see Files."""
        self._roots.check(sandbox, owner)

    def place(self, tag: Tag) -> str:
        """Give the path of a sandbox; see Files."""
        return str(self._sandboxes.place(tag))

    async def stage_in(self, tag: Tag, sandbox: Sandbox, *, owner: str, told: Told) -> str:
        """Make a sandbox; see Files."""
        meter = Meter()
        work = partial(self._stage_in, tag, sandbox, owner, meter)
        await self._threads.run_telling(work, meter, told, meter.stop)
        return self.place(tag)

    def _stage_in(self, tag: Tag, sandbox: Sandbox, owner: str, meter: Meter) -> None:
        try:
            if self._sandboxes.is_made(tag):
                return
            with self._sandboxes.new(tag) as directory:
                bring(self._surroundings(tag, owner, meter), sandbox, directory)
        except Refused as error:
            raise StagingFailed(str(error)) from error
        except Stopped:
            raise StagingFailed("the staging was stopped") from None
        except OSError as error:
            place = self._sandboxes.place(tag)
            raise StagingFailed(f"{place} cannot be made: {error.strerror}") from error

    async def stage_out(
        self, tag: Tag, sandbox: Sandbox, *, owner: str, read_log: ReadLog, told: Told
    ) -> Sequence[str]:
        """Copy logs and results; see Files."""
        meter = Meter()
        logs = Logs(read_log)

        def stop() -> None:
            meter.stop()
            logs.stop()

        work = partial(self._stage_out, tag, sandbox, owner, meter, logs.read)
        return await self._threads.run_telling(work, meter, told, stop)

    def _stage_out(
        self,
        tag: Tag,
        sandbox: Sandbox,
        owner: str,
        meter: Meter,
        read: ReadPart,
    ) -> Sequence[str]:
        try:
            around = self._surroundings(tag, owner, meter)
        except OSError as error:
            return [str(failed(error.filename, error))]
        return fetch(around, sandbox, partial(self._sandboxes.opened, tag), read)

    async def delete(self, tag: Tag) -> None:
        """Delete a sandbox; see Files.

        Raises:
            StagingFailed: something in it cannot be deleted; it may be tried again.
        """
        try:
            await self._threads.run(partial(self._sandboxes.delete, tag))
        except OSError as error:
            raise StagingFailed(f"{self.place(tag)} cannot be deleted: {error.strerror}") from error

    async def tags(self) -> Sequence[Tag]:
        """List what is here; see Files."""
        return await self._threads.run(self._sandboxes.tags)

    def _surroundings(self, tag: Tag, owner: str, meter: Meter) -> Surroundings:
        return Surroundings(
            roots=self._roots,
            bounds=Bounds(forbidden=self._forbidden, roots=self._sandboxes.roots),
            opening=self._opening,
            meter=meter,
            own_uid=self._own_uid,
            tag=tag,
            owner=owner,
        )
