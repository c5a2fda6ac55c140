"""A websocket: uvicorn's, with a direct way to the wire for frames that many clients get."""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from headway.app.connection_limits import ServerConfig
from headway.lib.asgi import Scope
from headway.protocols.http.connection import FRAMES


class WebSocketConnection(WebSocketsSansIOProtocol):
    """One websocket; also the headway.protocols.http.connection.FrameSink of its scope.

    It is clogged while more than ``Limits.unsent_bytes`` wait to be sent, and dropped when it stays so.
    """

    config: ServerConfig

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.clogged = False
        self._drained: Callable[[], None] | None = None
        self._clogged_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        """Take over the connection from HTTP."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=self.config.limits.unsent_bytes)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._disarm()
        self._drained = None
        super().connection_lost(exc)

    @override
    def handle_connect(self, event: Request) -> None:
        """Start the application on the handshake."""
        super().handle_connect(event)
        if not self.handshake_complete:
            scope: Scope = cast("Scope", self.scope)  # uvicorn's type knows its own extensions only
            scope["extensions"][FRAMES] = self

    @override
    def pause_writing(self) -> None:
        """Hear that too much waits to be sent."""
        super().pause_writing()
        self.clogged = True
        self._disarm()
        self._clogged_timer = self.loop.call_later(self.config.limits.clogged_s, self.abort)

    @override
    def resume_writing(self) -> None:
        """Hear that most of it was sent."""
        super().resume_writing()
        self.clogged = False
        self._disarm()
        if self._drained is not None:
            self._drained()

    @override
    def keepalive_timeout(self) -> None:
        """Drop a client that does not answer pings, together with what it does not read."""
        super().keepalive_timeout()
        if self.clogged:
            self.abort()

    def write(self, frame: bytes) -> None:
        """Send one whole frame as it is."""
        if self.handshake_complete and not self.close_sent and not self.disconnected:
            self.transport.write(frame)

    def on_drained(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called when the socket is free again."""
        self._drained = callback

    def abort(self) -> None:
        """Drop the connection at once."""
        self.transport.abort()

    def _disarm(self) -> None:
        if self._clogged_timer is not None:
            self._clogged_timer.cancel()
            self._clogged_timer = None
