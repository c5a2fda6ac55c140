"""Ports and a database that come to points on their way, and are what they wrap in all else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox
from headway.core.ports.callbacks import Answer, Rendered, Sender
from headway.core.ports.executor import Executor, Launch, LogPart, Observation, Refusal, Stream
from headway.core.ports.files import Files, ReadLog, Told
from headway.stores.sql.database import Database, Rows
from headway.stores.sql.job_rows import Value
from headway.testing.fault import Fault, Point


class FaultyExecutor:
    """An executor that comes to points on its way. See headway.core.ports.executor.Executor."""

    def __init__(self, inner: Executor, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self.start = inner.start
        self.room = inner.room
        self.unheeded = inner.unheeded
        self.takes = inner.takes
        self.array_limit = inner.array_limit
        self.heard = inner.heard
        self.hurry = inner.hurry
        self.explain = inner.explain
        self.native_detail = inner.native_detail
        self.find = inner.find
        self.forget = inner.forget
        self.foreign = inner.foreign
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
