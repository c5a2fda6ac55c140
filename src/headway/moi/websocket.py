"""The websocket of an application that tornado serves: /moi-ws/ of the server, for the application's own user.

Needs tornado: ``pip install 'headway[tornado]'``.
"""

import asyncio
import contextlib
import json
import logging
from asyncio import Future
from typing import Final

from tornado.escape import to_unicode
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.web import HTTPError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketHandler,
    websocket_connect,
)
from typing_extensions import override

from headway.core.errors import HeadwayError
from headway.moi.group import address_of, get_id_from_user
from headway.moi.memory import CATCH_UP, Memory, Message

logger = logging.getLogger(__name__)

_AWAY: Final = (OSError, HeadwayError, HTTPClientError)
_PAUSES_S: Final = (0.1, 0.5, 2.0)
_HELD_MESSAGES: Final = 1000


class MOIMessageHandler(WebSocketHandler):
    """Relays a browser's websocket. It sees the group that ``get_current_user`` gives, and what is below it, and nothing else.

    The server may be restarted meanwhile: the browser is told what it missed.
    """

    @override
    def get_current_user(self) -> str:
        """Give the group's id: that of the user whom the secure cookie "user" names, as JSON or plain.

        An application that knows its users otherwise overrides this; ``headway.moi.get_id_from_user`` gives a user's.

        Raises:
            ValueError: there is no such cookie.
        """
        user = self.get_signed_cookie("user")
        if user is None:
            raise ValueError("No user associated with the websocket!")
        return get_id_from_user(to_unicode(user).strip('" '))

    @override
    async def prepare(self) -> None:
        """See who asks, before the websocket is open."""
        try:
            self._group = await asyncio.to_thread(self.get_current_user)
        except ValueError as error:
            raise HTTPError(403, str(error)) from None
        except HeadwayError as error:
            raise HTTPError(503, str(error)) from None
        self._memory = Memory()
        self._unread: list[Future[None]] = []
        self._said: asyncio.Queue[str] = asyncio.Queue(_HELD_MESSAGES)
        self._unsent = ""
        self._relaying: asyncio.Task[None] | None = None
        self._upstream: WebSocketClientConnection | None = None
        with contextlib.suppress(*_AWAY):  # it is tried again behind the browser's back
            self._upstream = await self._connect()

    @override
    def open(self, *args: str, **kwargs: str) -> None:
        """Begin to relay."""
        self._relaying = asyncio.create_task(self._relay())

    @override
    async def on_message(self, message: str | bytes) -> None:
        """Relay what the browser says; what is no JSON is left, as moi did."""
        try:
            text = to_unicode(message)
            said = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(said, dict) and "close" in said:
            self.close()
            return
        await self._said.put(text)

    @override
    def on_close(self) -> None:
        """End the relay."""
        if self._relaying is not None:
            self._relaying.cancel()
        if self._upstream is not None:
            self._upstream.close()

    def forward(self, payload: list[Message]) -> None:
        """Tell the browser."""
        with contextlib.suppress(WebSocketClosedError):
            for item in payload:
                self._unread.append(self.write_message(json.dumps(item)))

    async def _relay(self) -> None:
        tries = 0
        while True:
            if self._upstream is not None:
                await self._both_ways(self._upstream)
            await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
            try:
                self._upstream = await self._connect()
            except _AWAY as error:
                self._upstream = None
                tries += 1
                logger.warning("the server of /moi-ws/ does not answer: %s", error)
                continue
            tries = 0
            self._memory.cut_off()
            with contextlib.suppress(WebSocketClosedError):
                for text in CATCH_UP:
                    await self._upstream.write_message(text)

    async def _connect(self) -> WebSocketClientConnection:
        address, headers = address_of(self._group)
        return await websocket_connect(HTTPRequest(address, headers=headers))

    async def _both_ways(self, upstream: WebSocketClientConnection) -> None:
        """Relay until the server has gone."""
        speaking = asyncio.create_task(self._speak(upstream))
        try:
            while (message := await upstream.read_message()) is not None:
                self.forward(self._memory.take(to_unicode(message)))
                await self._be_read()
        finally:
            speaking.cancel()
            upstream.close()

    async def _be_read(self) -> None:
        """Wait for a browser that reads slowly: the server waits meanwhile, and nothing is held here."""
        unread, self._unread = self._unread, []
        for told in unread:
            with contextlib.suppress(WebSocketClosedError):
                await told

    async def _speak(self, upstream: WebSocketClientConnection) -> None:
        with contextlib.suppress(WebSocketClosedError):  # it is said again to the next one
            while True:
                self._unsent = self._unsent or await self._said.get()
                await upstream.write_message(self._unsent)
                self._unsent = ""
