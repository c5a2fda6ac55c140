"""An HTTP/1.1 connection: uvicorn's, with limits, and with what the server knows of the other end."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from headway.app.connection_cycle import Cycle, hang_up
from headway.app.connection_flow import AnswerTransport, Flow
from headway.app.connection_head import (
    Refused,
    check_head,
    head_too_large,
    refusal,
    target_of,
    url_too_long,
)
from headway.app.connection_idle import Idleness, Patience
from headway.app.connection_limits import ServerConfig
from headway.app.connection_linger import Linger, is_short
from headway.app.connection_peer import Peer
from headway.app.connection_websocket import WebSocketConnection
from headway.protocols.http.connection import CONNECTION, STOPPING

_PIECE_BYTES: Final = 4096  # parsed at a time: a head may be taken for so much longer than it is
_PIPELINED: Final = 32  # requests that wait for their turn; what follows them is read later


class HttpConnection(HttpToolsProtocol):
    """One client's connection."""

    config: ServerConfig

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = config.limits
        self.ws_protocol_class = WebSocketConnection
        self._in_head = True
        self._begun = False  # a head, by at least a byte of it
        self._asked = False  # for anything yet: uvicorn has no cycle before
        self._head_bytes = 0  # of a head that is not complete
        # Between pieces of a body, or after the last: chunks' extensions, trailers.
        self._frame_bytes = 0
        self._fed_bytes = 0  # in the piece of data that is being read
        self._is_websocket = False
        self._rest = b""  # what came and is not parsed yet: enough requests wait
        self._answering: RequestResponseCycle | None = None  # cycle is the newest that was read
        self._patience = Patience(self.loop, limit_s=config.limits.head_s)
        self._linger: Linger | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take a new connection, or refuse it when there are too many."""
        super().connection_made(transport)
        self.flow: Flow = Flow(transport)
        self._idle = Idleness(self.loop, limit_s=self._limits.idle_s, end=transport.close)
        self._peer = Peer(transport, owners=self.config.owners, own_uid=self.config.own_uid)
        refused = self.config.crowd.enter(self._peer)
        if refused is not None:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, refused)
            return
        self.app_state = {
            **self.app_state,
            CONNECTION: self._peer,
            STOPPING: self.config.stopping,
        }
        self._answer_transport = AnswerTransport(transport, self._end)
        self._patience.begin(self._head_is_late)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers, and tell those who answer."""
        self._patience.end()
        self._idle.stop()
        self.config.crowd.leave(self._peer)
        self._rest = b""
        self._drop_requests()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes. The parser calls back below; what goes beyond a limit comes out of it as an error."""
        self._idle.over()
        if self._linger is not None:
            self._linger.drop(len(data))
        elif self._rest:  # TLS gives what it has, asked or not
            self._rest += data
        elif len(data) <= _PIECE_BYTES and len(self.pipeline) < _PIPELINED:
            self._parse_piece(data)
        else:
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        """Parse what came, piece by piece, until enough requests wait."""
        for start in range(0, len(data), _PIECE_BYTES):
            if len(self.pipeline) >= _PIPELINED:
                self._hold(data[start:])
                return
            self._parse_piece(data[start : start + _PIECE_BYTES])
            if not self._listens():
                return

    def _listens(self) -> bool:
        return not (self._linger or self._is_websocket or self.transport.is_closing())

    def _parse_piece(self, piece: bytes) -> None:
        self._fed_bytes = len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, Refused):
                raise
            self._refuse(error.__context__.status, str(error.__context__))
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "this is not an HTTP request")
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._patience.end()
                self._idle.stop()
                self._is_websocket = True
                self.handle_websocket_upgrade()
                self.parser = None  # type: ignore[assignment]  # as uvicorn does: it refers back to here
        else:
            self._watch_head()

    def _hold(self, rest: bytes) -> None:
        """Keep what came until there is room for more requests; a client that waits for us is not late."""
        self._rest = rest
        self.flow.pause_reading()
        self.flow.held = True
        self._patience.end()

    def _go_on(self) -> None:
        """Parse on where there was too much."""
        self.flow.held = False
        rest, self._rest = self._rest, b""
        if self._listens():
            self._parse(rest)
            if not self.pipeline:
                self.flow.resume_reading()

    @override
    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._begun = True

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; what comes after the body is none."""
        if self._in_head:
            super().on_header(name, value)

    @override
    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._frame_bytes = 0
        super().on_body(body)

    @override
    def on_headers_complete(self) -> None:
        """Start on the request.

        Raises:
            Refused: its head is too large.
        """
        at_most = self._head_bytes + self._fed_bytes
        check_head(self.url, self.headers, self._limits, at_most=at_most)
        self._in_head = False
        self._head_bytes = 0
        self._patience.end()
        parser, scope = self.parser, self.scope
        version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = version
        if parser.should_upgrade() and self._should_upgrade():
            return
        scope["path"], scope["raw_path"], scope["query_string"] = target_of(self.url)
        # uvicorn's types know no connection without one.
        before = self.cycle if self._asked else None
        self._asked = True
        self.cycle = Cycle(
            scope=scope,
            transport=self._answer_transport,  # type: ignore[arg-type]  # as much of it as is used
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._answering = self.cycle
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    @override
    def on_message_complete(self) -> None:
        """End a request's body; the next head may follow."""
        super().on_message_complete()
        self._frame_bytes = 0
        self._in_head = True
        self._begun = False
        self._patience.end()

    @override
    def on_response_complete(self) -> None:
        """Wait for the next request; a rest of this one's body that nobody reads may not be long in coming."""
        if self.cycle.more_body and self.cycle.response_complete:
            self._pass_over_body()
            if self._linger is not None:
                return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._answering, app = self.pipeline.pop()
            self._start_asgi_task(self._answering, app)
            if self.config.stopping.is_set():
                self._give_up_body()
        elif self._in_head and not self._begun and not self._rest:
            self._idle.begin()
        if self._rest and not self.pipeline:
            self.loop.call_soon(self._go_on)

    @override
    def shutdown(self) -> None:
        """Hear that the server stops: idle connections end, and those whose request is not all here."""
        if not self._give_up_body():
            super().shutdown()

    def _give_up_body(self) -> bool:
        """Refuse the request that is being answered when it waits for its body; nothing was done for it yet."""
        cycle = self._answering
        if not isinstance(cycle, Cycle) or not cycle.waits_for_body:
            return False
        hang_up(cycle)
        words = "the server stops; send it again soon"
        self.transport.write(refusal(HTTPStatus.SERVICE_UNAVAILABLE, words))
        self.transport.close()
        return True

    def _pass_over_body(self) -> None:
        if is_short(self.headers):
            self._patience.begin(self.transport.close)
        else:
            self._end()

    def _watch_head(self) -> None:
        """Look at what is left of a head that is not complete, and at what comes with a body and is none."""
        if self.transport.is_closing():
            return
        if not self._in_head:
            self._frame_bytes += self._fed_bytes
            if self._frame_bytes > self._limits.head_bytes + _PIECE_BYTES:
                refused = head_too_large(self._limits)
                self._refuse(refused.status, str(refused))
            return
        if not self._begun and self._asked and not self.cycle.response_complete:
            return  # between requests, with the answer under way
        self._head_bytes += self._fed_bytes
        if self._head_bytes > self._limits.head_bytes + _PIECE_BYTES:
            too_long = self._begun and not self.headers
            refused = (url_too_long if too_long else head_too_large)(self._limits)
            self._refuse(refused.status, str(refused))
        elif not self._patience.has_begun:
            self._patience.begin(self._head_is_late)

    def _head_is_late(self) -> None:
        if self.flow.read_paused:  # it is we who do not read on
            self._patience.begin(self._head_is_late)
            return
        words = f"the request's line and headers did not come within {self._limits.head_s:g} s"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, words)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer what never became a request, and close. An answer that is under way is cut off, not mixed up."""
        self._patience.end()
        if self._drop_requests():
            self.transport.close()
        elif not self.transport.is_closing():
            self.transport.write(refusal(status, detail))
            self._end()

    def _drop_requests(self) -> bool:
        """Let those who answer know that nobody listens any more; tells whether anybody was at it."""
        waiting = [cycle for cycle, _ in self.pipeline]
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            waiting.append(self._answering)
        for cycle in waiting:
            hang_up(cycle)
        return bool(waiting)

    def _end(self) -> None:
        """Close when the client has had a chance to read the answer."""
        if self._linger is not None or self.transport.is_closing():
            return
        complete = self._asked and not self.cycle.more_body and not self._begun
        if complete or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.flow.resume_reading()
        self._linger = Linger(self.loop, self.transport)
