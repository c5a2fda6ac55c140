"""Ends of functions, told to those who wait for them.

The live streams gather changes for a quarter of a second, which is no time for somebody who looks. It is for a program that
waits for a function of a few milliseconds; it is told here, of its own user's functions' ends and of nothing else.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import Seq
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection, Visibility
from headway.core.policy.access import require_user
from headway.core.ports.store import Store
from headway.protocols.http.connection import connection_of, stopping
from headway.protocols.http.identity import watch_over
from headway.protocols.http.live.sse import last_event_id
from headway.protocols.http.live.wanted import StillKnown
from headway.protocols.http.problems import Answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.ends import ends_event, missed_event
from headway.protocols.rest.wire.queries import EndsQuery

_QUERY: Final = QueryReader(EndsQuery)
_HEARTBEAT_S: Final = 15.0
_CLOGGED_S: Final = 60.0
_RECHECK_S: Final = 5.0
_QUEUE_BYTES: Final = 16 << 20
_MOST_MISSED: Final = 5000
_HEARTBEAT: Final = b":\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back
)


class _Waiter:
    """Whoever waits for a user's functions; what is to be told lies here until it is sent."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner
        self._told: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._has_ended = False

    def written(self, commit: Sequence[Written]) -> None:
        """Take a commit; called by the store."""
        ended = [job for written in commit for job in written.jobs if self._is_ours(job)]
        if not ended:
            return
        if self._bytes > _QUEUE_BYTES:
            self._told.clear()
            self.tell(missed_event(commit[-1].seq))
        else:
            self.tell(ends_event(commit[-1].seq, ended))

    def tell(self, event: bytes) -> None:
        """Add to what is to be sent."""
        self._told.append(event)
        self._bytes += len(event)
        self._wake.set()

    def end(self) -> None:
        """Let ``next`` give nothing more."""
        self._has_ended = True
        self._wake.set()

    async def next(self) -> bytes | None:
        """Give all that is to be sent, once there is something; None at the end."""
        await self._wake.wait()
        if self._has_ended:
            return None
        self._wake.clear()
        told = b"".join(self._told)
        self._told.clear()
        self._bytes = 0
        return told

    async def missed(self, after: Seq | None) -> bytes:
        """Give the first event: what ended since ``after``, or only where one is."""
        seq = self._store.last_seq()
        if after is None or after == seq:
            return ends_event(seq, ())
        told = await self._store.changed_since(
            after,
            Selection(owner=self._owner, children=True, hidden=True),
            Visibility(owner=self._owner),
            job=None,
            limit=_MOST_MISSED,
        )
        if told is None:
            return missed_event(seq)
        return ends_event(seq, (job for each in told for job in each.jobs if self._is_ours(job)))

    def _is_ours(self, job: Job) -> bool:
        return job.spec.function is not None and job.state.is_final and job.owner == self._owner


async def tell_ends(call: Call) -> Answer | None:
    """GET /functions/ends."""
    query = call.query(_QUERY)
    require_user(call.actor, Scope.READ)
    if call.scope["method"] == "HEAD":
        return Answer(status=HTTPStatus.OK, headers=_HEADERS, body=b"")
    known = last_event_id(call.scope)
    after = query.after if known is None else known
    waiter = _Waiter(call.core.store, call.actor.name)
    # Listening comes before what was missed is read: nothing falls in between, and what comes twice is the same.
    unlisten = call.core.store.listen(waiter.written)
    beside = [
        asyncio.create_task(_end_when_gone(call, waiter)),
        asyncio.create_task(_end_when_stopping(call, waiter)),
        asyncio.create_task(_end_when_unknown(call, call.actor, waiter)),
    ]
    try:
        await _send_all(call, waiter, None if after is None else Seq(after))
    finally:
        unlisten()
        for task in beside:
            task.cancel()
        for task in beside:
            with contextlib.suppress(asyncio.CancelledError):
                await task
    return None


async def _send_all(call: Call, waiter: _Waiter, after: Seq | None) -> None:
    await call.send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
    body: bytes | None = await waiter.missed(after)
    try:
        while body is not None:
            async with asyncio.timeout(_CLOGGED_S):
                await call.send({"type": "http.response.body", "body": body, "more_body": True})
            body = _HEARTBEAT
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HEARTBEAT_S):
                    body = await waiter.next()
        await call.send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        connection = connection_of(call.scope)
        if connection is not None:
            connection.abort()  # it reads nothing: closing would wait for it for ever


async def _end_when_gone(call: Call, waiter: _Waiter) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass
    waiter.end()


async def _end_when_stopping(call: Call, waiter: _Waiter) -> None:
    await stopping(call.scope).wait()
    waiter.end()


async def _end_when_unknown(call: Call, actor: Principal, waiter: _Waiter) -> None:
    """End it when the token that the caller came by is no more."""
    still_known: StillKnown | None = watch_over(call.scope, call.core, call.context.identity, actor)
    while still_known is not None:
        await asyncio.sleep(_RECHECK_S)
        if not await still_known():
            waiter.end()
            return


ROWS: Final = (
    Row(
        method="GET",
        path="/functions/ends",
        name="watchFunctions",
        tag="functions",
        summary="Be told at once of each of your functions that ends (server-sent events).",
        handler=tell_ends,
        query=EndsQuery,
        media="text/event-stream; charset=utf-8",
        headers=(("Last-Event-ID", "The last sequence that is known; wins over `after`."),),
    ),
)
