"""A server whose process dies, or whose disk breaks, at an instant that has a name.

    python -m headway.testing.faults --port 0 --data DIR --fault final-written-before:3

It is ``headway serve`` in all but this: when it comes to the named point for the so-many-th time, it notes the point's name in
the file ``--hits`` and kills its own process with SIGKILL, as a crash at just that instant would. ``disk-error`` does not kill:
from then on the store's file gives SQLite's disk I/O error for each commit.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

import click
import msgspec

from headway.app.data_dir import DataDir
from headway.app.options import ServeOptions
from headway.app.serve import run_beside
from headway.app.wiring import make_core
from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Change, Written
from headway.core.model.event import EventType
from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox
from headway.core.ports.callbacks import Answer, Rendered, Sender
from headway.core.ports.executor import Executor, Launch, LogPart, Observation, Refusal, Stream
from headway.core.ports.files import Files, ReadLog, Told
from headway.core.ports.store import Store
from headway.stores.sql.database import Database, Rows, connect
from headway.stores.sql.job_rows import Value


class Point(StrEnum):
    """The named instants. ``before`` is before anything of it was done; ``after`` is before anybody heard of it."""

    ACCEPTED_BEFORE = "accepted-written-before"
    ACCEPTED_AFTER = "accepted-written-after"
    REPORT_BEFORE = "report-written-before"
    REPORT_AFTER = "report-written-after"
    COMMIT_BEFORE = "commit-before"
    COMMIT_AFTER = "commit-after"
    SEND_BEFORE = "send-before"
    SENDING = "sending"
    SEND_AFTER = "send-after"
    RUNNING_BEFORE = "running-written-before"
    RUNNING_AFTER = "running-written-after"
    EXIT_SEEN = "exit-seen"
    FINAL_BEFORE = "final-written-before"
    FINAL_AFTER = "final-written-after"
    SETTLED_BEFORE = "settled-told-before"
    SETTLED_AFTER = "settled-told-after"
    WISH_BEFORE = "cancel-wish-written-before"
    WISH_AFTER = "cancel-wish-written-after"
    RETRY_BEFORE = "retry-written-before"
    RETRY_AFTER = "retry-written-after"
    CANCEL_BEFORE = "cancel-told-before"
    CANCEL_AFTER = "cancel-told-after"
    BRING_BEFORE = "files-brought-before"
    BRING_AFTER = "files-brought-after"
    FETCH_BEFORE = "files-fetched-before"
    FETCH_AFTER = "files-fetched-after"
    DELETE_BEFORE = "sandbox-deleted-before"
    DELETE_AFTER = "sandbox-deleted-after"
    CALL_BEFORE = "call-before"
    CALL_AFTER = "call-after"
    CALLED_BEFORE = "call-written-before"
    CALLED_AFTER = "call-written-after"
    DISK_ERROR = "disk-error"


#: What only jobs with sandboxes come to.
STAGING: Final = (
    Point.BRING_BEFORE,
    Point.BRING_AFTER,
    Point.FETCH_BEFORE,
    Point.FETCH_AFTER,
    Point.DELETE_BEFORE,
    Point.DELETE_AFTER,
)
#: What only jobs with callbacks come to.
CALLING: Final = (
    Point.CALL_BEFORE,
    Point.CALL_AFTER,
    Point.CALLED_BEFORE,
    Point.CALLED_AFTER,
)
#: Where the process dies on the way of any job; the one point that is left makes the disk fail instead.
DEADLY: Final = tuple(
    point for point in Point if point not in {*STAGING, *CALLING, Point.DISK_ERROR}
)

_WRITTEN: Final = {
    EventType.ACCEPTED: (Point.ACCEPTED_BEFORE, Point.ACCEPTED_AFTER),
    EventType.RUNNING: (Point.RUNNING_BEFORE, Point.RUNNING_AFTER),
    EventType.SUCCEEDED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.FAILED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.CANCELLED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.CANCEL_REQUESTED: (Point.WISH_BEFORE, Point.WISH_AFTER),
    EventType.REQUEUED: (Point.RETRY_BEFORE, Point.RETRY_AFTER),
}


class Fault:
    """One point, and how many more times it is passed before it strikes. ``hits`` is where that is noted."""

    def __init__(self, point: Point | None, passes: int, hits: Path) -> None:
        self._point = point
        self._passes = passes
        self._hits = hits

    def at(self, point: Point) -> None:
        """Come to a point; if it is the one, and its time has come, this does not return."""
        if self.strikes(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def strikes(self, point: Point) -> bool:
        """Come to a point; tell whether it strikes here."""
        if point is not self._point:
            return False
        self._passes -= 1
        if self._passes > 0:
            return False
        with self._hits.open("a") as hits:
            hits.write(f"{point}\n")
        return True


class FaultyExecutor:
    """An executor that comes to points on its way. See headway.core.ports.executor.Executor."""

    def __init__(self, inner: Executor, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self.start = inner.start
        self.room = inner.room
        self.unheeded = inner.unheeded
        self.find = inner.find
        self.forget = inner.forget
        self.close = inner.close

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Hand attempts over."""
        self._fault.at(Point.SEND_BEFORE)
        sending = asyncio.ensure_future(self._inner.submit(launches))
        await asyncio.sleep(0)  # what can be sent without waiting is on its way
        self._fault.at(Point.SENDING)
        refusals = await sending
        self._fault.at(Point.SEND_AFTER)
        return refusals

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what happens."""
        async for batch in self._inner.observations():
            if any(seen.state.is_final for seen in batch):
                self._fault.at(Point.EXIT_SEEN)
            yield batch

    async def settled(self, tags: Collection[Tag]) -> None:
        """Hear which ends are durable."""
        if tags:
            self._fault.at(Point.SETTLED_BEFORE)
        await self._inner.settled(tags)
        if tags:
            self._fault.at(Point.SETTLED_AFTER)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Ask for ends."""
        self._fault.at(Point.CANCEL_BEFORE)
        await self._inner.cancel(tags)
        self._fault.at(Point.CANCEL_AFTER)

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read a log."""
        return await self._inner.read_log(tag, stream, offset=offset, limit=limit)


class FaultyFiles:
    """Sandboxes that come to points on their way. See headway.core.ports.files.Files."""

    def __init__(self, inner: Files, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self.check = inner.check
        self.place = inner.place
        self.tags = inner.tags

    async def stage_in(self, tag: Tag, sandbox: Sandbox, *, owner: str, told: Told) -> str:
        """Make a sandbox."""
        self._fault.at(Point.BRING_BEFORE)
        place = await self._inner.stage_in(tag, sandbox, owner=owner, told=told)
        self._fault.at(Point.BRING_AFTER)
        return place

    async def stage_out(
        self, tag: Tag, sandbox: Sandbox, *, owner: str, read_log: ReadLog, told: Told
    ) -> Sequence[str]:
        """Copy logs and results."""
        self._fault.at(Point.FETCH_BEFORE)
        troubles = await self._inner.stage_out(
            tag, sandbox, owner=owner, read_log=read_log, told=told
        )
        self._fault.at(Point.FETCH_AFTER)
        return troubles

    async def delete(self, tag: Tag) -> None:
        """Delete a sandbox."""
        self._fault.at(Point.DELETE_BEFORE)
        await self._inner.delete(tag)
        self._fault.at(Point.DELETE_AFTER)


class FaultySender:
    """A sender that comes to points around its calls. See headway.core.ports.callbacks.Sender."""

    def __init__(self, inner: Sender, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self.check = inner.check

    async def send(
        self, url: str, rendered: Rendered, *, message_id: str, at: datetime, secret: str
    ) -> Answer:
        """Make one call."""
        self._fault.at(Point.CALL_BEFORE)
        answer = await self._inner.send(url, rendered, message_id=message_id, at=at, secret=secret)
        self._fault.at(Point.CALL_AFTER)
        return answer


class FaultyDatabase:
    """A connection that comes to points around its commits. See headway.stores.sql.database.Database."""

    def __init__(self, inner: Database, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self._broken = False
        self.close = inner.close

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self._inner.in_transaction

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        """Run one statement."""
        if sql != "COMMIT":
            return self._inner.execute(sql, values)
        self._fault.at(Point.COMMIT_BEFORE)
        self._broken = self._broken or self._fault.strikes(Point.DISK_ERROR)
        if self._broken:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error
        rows = self._inner.execute(sql, values)
        self._fault.at(Point.COMMIT_AFTER)
        return rows


def come_to_points(store: Store, fault: Fault) -> None:
    """Put points before and after a store's writes."""
    write, write_many = store.write, store.write_many

    async def faulty_write(change: Change) -> Written:
        _come(fault, [change], after=False)
        written = await write(change)
        _come(fault, [change], after=True)
        return written

    async def faulty_write_many(changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        _come(fault, changes, after=False)
        answers = await write_many(changes)
        _come(fault, changes, after=True)
        return answers

    # Two of a store's twenty calls come to points; a class that hands on the other eighteen would say less.
    store.write = faulty_write  # type: ignore[method-assign]
    store.write_many = faulty_write_many  # type: ignore[method-assign]


def _come(fault: Fault, changes: Sequence[Change], *, after: bool) -> None:
    for change in changes:
        for event in change.events:
            if event.type in _WRITTEN:
                fault.at(_WRITTEN[event.type][after])
        if change.deliveries:
            fault.at(Point.CALLED_AFTER if after else Point.CALLED_BEFORE)
        if change.reports is not None:
            fault.at(Point.REPORT_AFTER if after else Point.REPORT_BEFORE)


def make_faulty_core(
    options: ServeOptions,
    data: DataDir,
    *,
    url: str,
    fatal: Callable[[BaseException], None],
    fault: Fault,
) -> Core:
    """Make the core of a real server, with points around its store and its executors."""
    core = make_core(
        options,
        data,
        url=url,
        fatal=fatal,
        connect=lambda path: FaultyDatabase(connect(path), fault),
    )
    come_to_points(core.store, fault)
    executors = {name: FaultyExecutor(inner, fault) for name, inner in core.executors.items()}
    files = core.files and FaultyFiles(core.files, fault)
    sender = core.sender and FaultySender(core.sender, fault)
    return msgspec.structs.replace(core, executors=executors, files=files, sender=sender)


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--jobs-at-once", type=int)
@click.option("--grace", "grace_s", type=float)
@click.option("--callback-retry", "callback_retry_s", type=float)
@click.option("--log-level", default="info")
@click.option("--fault", "word", default="", help="POINT:N, the N-th time; none: a server as any.")
@click.option("--hits", type=click.Path(path_type=Path), required=True)
def main(
    *,
    port: int,
    data: Path,
    jobs_at_once: int | None,
    grace_s: float | None,
    callback_retry_s: float | None,
    log_level: str,
    word: str,
    hits: Path,
) -> None:
    """Serve until the named instant."""
    name, _, passes = word.partition(":")
    fault = Fault(Point(name) if name else None, int(passes or 1), hits)
    options = ServeOptions(
        port=port,
        data=data,
        jobs_at_once=jobs_at_once,
        grace_s=grace_s,
        callback_retry_s=callback_retry_s,
        log_level=log_level,
    )
    sys.exit(run_beside(options, None, make_core=partial(make_faulty_core, fault=fault)))


if __name__ == "__main__":
    main()
