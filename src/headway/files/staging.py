"""What is brought into a sandbox, and what is fetched from it; by one thread, which may wait."""

import os
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Final, TypeAlias

import msgspec

from headway.core.errors import HeadwayError
from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox, Transfer
from headway.core.ports.executor import LogPart, Stream
from headway.files.bounds import Bounds, closing
from headway.files.content import Shrunk
from headway.files.copying import Copying, Goal
from headway.files.meter import Meter
from headway.files.names import normal, part_name
from headway.files.opening import Opening
from headway.files.places import Found, Top
from headway.files.refusal import Refused, Stopped, failed, shown
from headway.files.roots import Roots
from headway.files.syncing import Unsynced
from headway.files.trees import Trees, sizes_in

_LOG_PART_BYTES: Final = 1 << 20
_MOST_FAILURES: Final = 20
_LOG_MODE: Final = 0o666  #: without what the server's umask takes from it


#: Reads a part of one of the job's logs: stream, offset and limit in bytes.
ReadPart: TypeAlias = Callable[[Stream, int, int], LogPart]


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What one staging of one sandbox needs to know."""

    roots: Roots
    bounds: Bounds
    opening: Opening
    meter: Meter
    own_uid: int
    tag: Tag
    owner: str

    def copying(self, *, durable: bool) -> Copying:
        """Give what copies files."""
        return Copying(
            meter=self.meter, part=part_name(self.tag), own_uid=self.own_uid, durable=durable
        )


def bring(around: Surroundings, sandbox: Sandbox, directory: int) -> None:
    """Bring all that a sandbox is to have into its new directory.

    Raises:
        Refused: an entry cannot be brought.
        Stopped: as Meter.add.
    """
    inside = Top(opening=around.opening, directory=directory, links=False)
    trees = Trees(
        around.copying(durable=False),
        opening=around.opening,
        source_bounds=around.bounds,
        target_bounds=None,
        refuse=_raise,
    )
    for transfer in sandbox.stage_in:
        with _outside(around, transfer.source) as source:
            _expect(around, source)
    for transfer in sandbox.stage_in:
        with _outside(around, transfer.source) as source:
            way = normal(transfer.target)
            before = way if source.is_directory else posixpath.dirname(way) or "."
            with closing(inside.made_directory(before, transfer.target)) as target:
                trees.put(source, target, posixpath.basename(way), transfer.target)


def fetch(
    around: Surroundings,
    sandbox: Sandbox,
    opened: Callable[[], AbstractContextManager[int]],
    read: ReadPart,
) -> Sequence[str]:
    """Fetch logs, then results; gives what could not be fetched and why."""
    fetching = _Fetching(around, read)
    for stream, target in ((Stream.STDOUT, sandbox.stdout), (Stream.STDERR, sandbox.stderr)):
        if target is not None:
            fetching.attempt(target, partial(fetching.log, stream, target))
    if sandbox.stage_out:
        fetching.attempt("the sandbox", partial(fetching.results, sandbox.stage_out, opened))
    fetching.finish()
    return fetching.failures()


class _Fetching:
    """One fetching: what fails is noted and does not end it."""

    def __init__(self, around: Surroundings, read: ReadPart) -> None:
        self._around = around
        self._read = read
        self._copying = around.copying(durable=True)
        self._trees = Trees(
            self._copying,
            opening=around.opening,
            source_bounds=None,
            target_bounds=around.bounds,
            refuse=self._note,
        )
        self._unsynced = Unsynced()
        self._failures: list[str] = []
        self._failures_count = 0

    def failures(self) -> Sequence[str]:
        """Give what could not be fetched and why; of very many the first ones."""
        more = self._failures_count - len(self._failures)
        return [*self._failures, f"and {more} more"] if more else self._failures

    def _note(self, failure: object) -> None:
        self._failures_count += 1
        if len(self._failures) < _MOST_FAILURES:
            self._failures.append(str(failure))

    def attempt(self, path: str, act: Callable[[], None]) -> None:
        """Do something, and note what went wrong with it."""
        try:
            act()
        except Refused as error:
            self._note(error)
        except Stopped:
            self._note(f"{shown(path)}: the fetching was stopped")
        except OSError as error:
            self._note(failed(path, error))
        except HeadwayError as error:
            self._note(f"{shown(path)}: {error}")

    def log(self, stream: Stream, path: str) -> None:
        """Copy one of the job's logs."""
        meter = self._around.meter
        meter.add(0)
        first = self._read(stream, 0, _LOG_PART_BYTES)
        meter.expect(first.size)

        def fill(target: int) -> None:
            part, at = first, 0
            while part.data and at < first.size:  # what runs on somewhere may write for ever
                _write(target, part.data)
                at += len(part.data)
                meter.add(len(part.data))
                part = self._read(stream, at, min(_LOG_PART_BYTES, first.size - at))
            if at < first.size:
                raise Shrunk

        before, name = posixpath.split(normal(path))
        with self._target(before, path) as directory:
            goal = Goal(directory=directory, name=name, path=path)
            self._copying.written(goal, fill, mode=_LOG_MODE)
            self._unsynced.add(directory)

    def results(
        self, transfers: Sequence[Transfer], opened: Callable[[], AbstractContextManager[int]]
    ) -> None:
        """Copy what the job left in its sandbox."""
        with opened() as directory:
            inside = Top(opening=self._around.opening, directory=directory, links=True)
            for transfer in transfers:
                with suppress(Refused), inside.found(normal(transfer.source), "") as source:
                    _expect(self._around, source)
            for transfer in transfers:
                self.attempt(transfer.source, partial(self._result, inside, transfer))

    def _result(self, inside: Top, transfer: Transfer) -> None:
        path = normal(transfer.target)
        with inside.found(normal(transfer.source), transfer.source) as source:
            before = path if source.is_directory else posixpath.dirname(path)
            with self._target(before, transfer.target) as directory:
                self._trees.put(source, directory, posixpath.basename(path), transfer.target)
                self._unsynced.add(directory)

    def finish(self) -> None:
        """Have all new names last."""
        self.attempt("a directory with results", self._unsynced.sync)

    @contextmanager
    def _target(self, directory: str, path: str) -> Iterator[int]:
        """Open a directory outside of the sandbox for what is fetched into it."""
        around = self._around
        with (
            around.roots.top(directory, around.owner, around.bounds) as (top, way),
            closing(top.made_directory(way, path, durable=True)) as opened,
        ):
            yield opened


@contextmanager
def _outside(around: Surroundings, path: str) -> Iterator[Found]:
    """Find what is to be brought."""
    with (
        around.roots.top(path, around.owner, around.bounds) as (top, way),
        top.found(way, path) as source,
    ):
        yield source


def _expect(around: Surroundings, source: Found) -> None:
    if not source.is_directory:
        around.meter.expect(source.status.st_size)
        return
    for size_bytes in sizes_in(around.opening, source):
        around.meter.expect(size_bytes)
        around.meter.add(0)


def _raise(error: Refused) -> None:
    raise error


def _write(target: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]
