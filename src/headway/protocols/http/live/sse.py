"""Live changes as server-sent events (HTML, section 9.2)."""

import asyncio
import contextlib
from typing import Final

import msgspec

from headway.core.errors import HeadwayError, InvalidRequest
from headway.core.model.names import Seq
from headway.lib.asgi import Receive, Scope, Send, header
from headway.protocols.http.connection import connection_of, stopping
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.live.subscriber import QueuedSubscriber
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.live.websocket import Read
from headway.protocols.http.problems import send_problem

_HEARTBEAT_S: Final = 15.0
_CLOGGED_S: Final = 60.0
_LONGEST_ID: Final = 18
_RETRY: Final = b"retry: 2000\n\n"
_HEARTBEAT: Final = b":\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back
)


class LiveEvents:
    """An ASGI application: ``id: SEQ``, ``event: changes``, ``data: [change…]``; a comment after each ``heartbeat_s`` of silence.

    A client that comes back says where it was, by Last-Event-ID or as ``read`` finds it. One that reads nothing for
    ``clogged_s`` is dropped.
    """

    def __init__(
        self,
        hub: Hub,
        read: Read,
        *,
        heartbeat_s: float = _HEARTBEAT_S,
        clogged_s: float = _CLOGGED_S,
    ) -> None:
        self._hub = hub
        self._read = read
        self._heartbeat_s = heartbeat_s
        self._clogged_s = clogged_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with events until the client goes or the server stops."""
        try:
            wanted = resumed(scope, await self._read(scope))
        except HeadwayError as error:
            await send_problem(scope, send, error)
            return
        subscriber = QueuedSubscriber()
        gone = asyncio.create_task(_end_when_gone(receive, subscriber))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            await send({"type": "http.response.body", "body": _RETRY, "more_body": True})
            await self._hub.subscribe(wanted, subscriber)
            self._hub.end_with(stopping(scope))
            await self._send_all(subscriber, send)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            connection = connection_of(scope)
            if connection is not None:
                connection.abort()  # it reads nothing: closing would wait for it for ever
        finally:
            self._hub.unsubscribe(wanted, subscriber)
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _send_all(self, subscriber: QueuedSubscriber, send: Send) -> None:
        """Send frames until the end.

        Raises:
            TimeoutError: the client has not read anything for ``clogged_s``.
        """
        while True:
            body = _HEARTBEAT
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat_s):
                    frame = await subscriber.next()
                    if frame is None:
                        return
                    body = frame.event
            async with asyncio.timeout(self._clogged_s):
                await send({"type": "http.response.body", "body": body, "more_body": True})


def resumed(scope: Scope, wanted: Wanted) -> Wanted:
    """Give what a client wants from where it says, by Last-Event-ID, that it was.

    Raises:
        InvalidRequest: what it says is no sequence.
    """
    last = last_event_id(scope)
    return wanted if last is None else msgspec.structs.replace(wanted, after=last)


def last_event_id(scope: Scope) -> Seq | None:
    """Give the sequence in a request's Last-Event-ID, None without one.

    Raises:
        InvalidRequest: it is no sequence.
    """
    given = header(scope["headers"], b"last-event-id")
    if not given:
        return None
    if not given.isdigit() or len(given) > _LONGEST_ID:
        raise InvalidRequest(
            "Last-Event-ID must be the id of an event that was sent from here",
            field="Last-Event-ID",
        )
    return Seq(int(given))


async def _end_when_gone(receive: Receive, subscriber: QueuedSubscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end()
