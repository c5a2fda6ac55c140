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
        self._free_callback: Callable[[], None] = _nothing
        self._clogged_callback: Callable[[], None] = _nothing
        self._clogged_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        """Take over the connection from HTTP."""
        super().connection_made(transport)
        self.write = self.transport.write
        self.transport.set_write_buffer_limits(high=self.config.limits.unsent_bytes)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._disarm()
        self._clog()
        self._free_callback = self._clogged_callback = _nothing
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
        self._clog()
        self._disarm()
        self._clogged_timer = self.loop.call_later(self.config.limits.clogged_s, self.abort)

    @override
    def resume_writing(self) -> None:
        """Hear that most of it was sent."""
        super().resume_writing()
        self._disarm()
        if self.transport.is_closing():
            return  # its last bytes are out; none may follow
        self.clogged = False
        self._free_callback()

    @override
    def keepalive_timeout(self) -> None:
        """Drop a client that does not answer pings, together with what it does not read."""
        super().keepalive_timeout()
        if self.clogged:
            self.abort()

    @override
    def shutdown(self) -> None:
        """Say that the server stops; no frame may follow."""
        self._clog()
        super().shutdown()

    def watch(self, *, free: Callable[[], None], clogged: Callable[[], None]) -> None:
        """Have these called when the socket has become free or clogged."""
        self._free_callback = free
        self._clogged_callback = clogged

    def abort(self) -> None:
        """Drop the connection at once."""
        self.transport.abort()

    def _clog(self) -> None:
        self.clogged = True
        self._clogged_callback()

    def _disarm(self) -> None:
        if self._clogged_timer is not None:
            self._clogged_timer.cancel()
            self._clogged_timer = None


def _nothing() -> None:
    """Do nothing: nobody watches."""
