"""The websocket: one JSON object a message, each change told by itself as soon as it is stored."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from headway.core.core import Core
from headway.core.errors import HeadwayError, TooMany
from headway.core.model.change import Written
from headway.core.model.principal import Principal
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.connection import FrameSink, frame_sink
from headway.protocols.moi.inbox import Inbox
from headway.protocols.moi.nodes import Within
from headway.protocols.moi.session import Session
from headway.protocols.moi.wire.messages import Verb, read_message, told_error

logger = logging.getLogger(__name__)

MOST_EACH: Final = 1000  #: websockets of one user: each holds all that it sees
_RECHECK_S: Final = 5.0
_FULL_S: Final = 10.0
_NORMAL: Final = 1000  # RFC 6455, 7.4.1
_POLICY: Final = 1008
_TRY_AGAIN: Final = 1013  # IANA's registry of close codes
_SHORT, _MEDIUM = 126, 1 << 16


class Followers:
    """All clients of a store who are told of what is written. Costs nothing while there are none."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sockets: dict[Socket, None] = {}
        self._unlisten: Callable[[], None] | None = None

    def enter(self, socket: "Socket") -> None:
        """Have a client told of every commit from now on.

        Raises:
            TooMany: its user has as many as one may have.
        """
        if sum(one.user == socket.user for one in self._sockets) >= MOST_EACH:
            raise TooMany(
                f"{socket.user!r} has {MOST_EACH:,} websockets of moi open, and one user can have no more",
                retry_s=_FULL_S,
            )
        self._sockets[socket] = None
        if self._unlisten is None:
            self._unlisten = self._core.store.listen(self._written)

    def leave(self, socket: "Socket") -> None:
        """Tell a client nothing more."""
        self._sockets.pop(socket, None)
        if not self._sockets and self._unlisten is not None:
            self._unlisten()
            self._unlisten = None

    def _written(self, batch: Sequence[Written]) -> None:
        for socket in self._sockets:
            for written in batch:
                socket.happen(written)


class Socket:
    """One client's websocket, from its opening to its end. ``user`` is whose it is."""

    def __init__(
        self,
        core: Core,
        actor: Principal,
        within: Within,
        still_known: Callable[[], Awaitable[bool]] | None,
    ) -> None:
        self.user = actor.name
        self._session = Session(core, actor, within, self._tell)
        self._inbox = Inbox()
        self._still_known = still_known
        self._known_s = asyncio.get_running_loop().time()
        self._free = asyncio.Event()
        self._gone = asyncio.Event()
        self._sink: FrameSink | None = None

    def happen(self, written: Written) -> None:
        """Hear of a commit."""
        if not self._inbox.is_idle or self._session.concerns(written):
            self._inbox.happen(written)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talk with the client until it goes."""
        self._send = send
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        self._watch(frame_sink(scope))
        await self._talk(receive)

    async def _talk(self, receive: Receive) -> None:
        reading = asyncio.create_task(self._read(receive))
        working = asyncio.create_task(self._work())
        # One who said more than is read at once is not listened to, so that reading does not hear of the end.
        ending = asyncio.create_task(self._gone.wait())
        tasks = [reading, working, ending]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if working.done() and not ending.done():
                tasks.append(asyncio.create_task(self._close(working.result())))
                await asyncio.wait(tasks[2:], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    task.result()

    async def _close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            await self._inbox.say(text if text is not None else "")

    async def _work(self) -> int:
        """Do what waits, one after the other; gives the code to close with."""
        await self._session.begin()
        while await self._is_known():
            try:
                async with asyncio.timeout(None if self._still_known is None else _RECHECK_S):
                    item = await self._inbox.take()
            except TimeoutError:
                continue
            if item is None:
                logger.info("a client of moi did not read what happened: it has to come back")
                return _TRY_AGAIN
            if isinstance(item, Written):
                await self._session.follow(item)
            elif await self._answer(item):
                return _NORMAL
        return _POLICY

    async def _is_known(self) -> bool:
        """Tell whether what the client came by is still good, looking at it once in a while."""
        now_s = asyncio.get_running_loop().time()
        if self._still_known is None or now_s - self._known_s < _RECHECK_S:
            return True
        self._known_s = now_s
        return await self._still_known()

    async def _answer(self, message: str) -> bool:
        """Do what a client asks for; tells whether that is to go."""
        try:
            requests = read_message(message)
            if any(request.verb is Verb.CLOSE for request in requests):
                return True
            for request in requests:
                await self._session.answer(request)
        except HeadwayError as error:
            await self._tell([told_error(str(error))])
        return False

    def _watch(self, sink: FrameSink | None) -> None:
        self._sink = sink
        self._free.set()
        if sink is not None:
            if sink.clogged:
                self._free.clear()
            sink.watch(free=self._free.set, clogged=self._free.clear, gone=self._gone.set)

    async def _tell(self, messages: Sequence[bytes]) -> None:
        if self._sink is None:
            for message in messages:
                await self._send({"type": "websocket.send", "text": message.decode()})
            return
        if messages:
            await self._free.wait()
            with contextlib.suppress(RuntimeError):  # uvloop's, of a transport that was just closed
                self._sink.write(b"".join([part for one in messages for part in _frame(one)]))


def _frame(text: bytes) -> tuple[bytes, bytes]:
    """Give an unmasked text frame: its head and its payload (RFC 6455, 5.2)."""
    size = len(text)
    if size < _SHORT:
        return bytes((0x81, size)), text
    if size < _MEDIUM:
        return b"\x81\x7e" + size.to_bytes(2, "big"), text
    return b"\x81\x7f" + size.to_bytes(8, "big"), text
