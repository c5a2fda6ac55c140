"""A websocket: uvicorn's, with a direct way to the wire for frames that many clients get."""

import asyncio
import logging
from asyncio.transports import BaseTransport
from collections.abc import Callable, Sequence
from typing import Any, cast

from typing_extensions import override
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode
from websockets.http11 import Request

from headway.app.connection_limits import ServerConfig
from headway.app.connection_peer import Peer
from headway.lib.asgi import Scope
from headway.protocols.http.connection import CONNECTION, FRAMES

logger = logging.getLogger(__name__)


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
        self._gone_callback: Callable[[], None] = _nothing
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
        self._gone_callback()
        self._free_callback = self._clogged_callback = self._gone_callback = _nothing
        peer = self.app_state.get(CONNECTION)
        if isinstance(peer, Peer):
            self.config.crowd.leave(peer)
        super().connection_lost(exc)

    @override
    def handle_connect(self, event: Request) -> None:
        """Start the application on the handshake."""
        super().handle_connect(event)
        if not self.handshake_complete:
            scope: Scope = cast("Scope", self.scope)  # uvicorn's type knows its own extensions only
            scope["extensions"][FRAMES] = self

    @override
    async def send(self, message: ASGISendEvent) -> None:
        """Send a message. A handshake that was answered with a refusal is complete; uvicorn 0.54 would log it as a bug."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    @override
    def send_receive_event_to_app(self) -> None:
        """Hand a message on. Text that is none is its client's fault; uvicorn 0.54 would log it as an error of ours."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            logger.info("a websocket's client %s sent text that is not UTF-8", self.client)
            self.frames = []
            self.conn.send_close(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

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
        self._gone_callback()
        super().shutdown()

    def watch(
        self,
        *,
        free: Callable[[], None],
        clogged: Callable[[], None],
        gone: Callable[[], None] | None = None,
    ) -> None:
        """Have these called when the socket has become free or clogged, or nothing can be sent any more."""
        self._free_callback = free
        self._clogged_callback = clogged
        self._gone_callback = gone or _nothing

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


def _is_text(frames: Sequence[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


def _nothing() -> None:
    """Do nothing: nobody watches."""
