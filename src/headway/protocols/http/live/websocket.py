"""Live changes over a websocket: text frames ``[seq, [change…]]``."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from headway.core.errors import HeadwayError
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.connection import frame_sink, stopping
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.live.subscriber import DirectSubscriber, QueuedSubscriber, Subscriber
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.problems import send_problem

#: Tells what a request wants to watch; raises HeadwayError where it may not or makes no sense.
Read: TypeAlias = Callable[[Scope], Awaitable[Wanted]]


class LiveSocket:
    """An ASGI application. What a client says is not listened to."""

    def __init__(self, hub: Hub, read: Read) -> None:
        self._hub = hub
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send changes until the client goes or the server stops."""
        try:
            wanted = await self._read(scope)
        except HeadwayError as error:
            await send_problem(scope, send, error)
            return
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        sink = frame_sink(scope)
        sending: asyncio.Task[None] | None = None
        subscriber: Subscriber
        if sink is not None:
            subscriber = DirectSubscriber(sink)
        else:
            subscriber = queued = QueuedSubscriber()
            sending = asyncio.create_task(_send_all(queued, send))
        try:
            await self._hub.subscribe(wanted, subscriber)
            if sending is not None:
                self._hub.end_with(stopping(scope))
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            self._hub.unsubscribe(wanted, subscriber)
            if sending is not None:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending


async def _send_all(subscriber: QueuedSubscriber, send: Send) -> None:
    """Send frames where there is no direct way out (another ASGI server)."""
    while (frame := await subscriber.next()) is not None:
        await send({"type": "websocket.send", "text": frame.text.decode("utf-8")})
    await send({"type": "websocket.close", "code": 1012})
