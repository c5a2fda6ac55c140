"""An HTTP/1.1 connection: uvicorn's, with limits, and with what the server knows of the other end."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from headway.app.connection_cycle import Cycle
from headway.app.connection_idle import Idleness
from headway.app.connection_limits import Limits, ServerConfig
from headway.app.connection_peer import Peer
from headway.app.connection_websocket import WebSocketConnection
from headway.lib.asgi import header
from headway.protocols.http.connection import CONNECTION, STOPPING
from headway.protocols.http.problems import Problem, answer

logger = logging.getLogger(__name__)

_LINGER_S: Final = 2.0
_LINGER_BYTES: Final = 1024 * 1024
_LENGTH_DIGITS: Final = 18


class _AnswerTransport:
    """What a request's answer is written to: its end closes the connection only when the client has read it."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close


class _Refused(Exception):
    """A request's head goes beyond a limit."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def _url_too_long(limits: Limits) -> _Refused:
    return _Refused(
        HTTPStatus.REQUEST_URI_TOO_LONG, f"the address may have at most {limits.url_bytes} bytes"
    )


def _head_too_large(limits: Limits) -> _Refused:
    return _Refused(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        f"a request's line and headers may have at most {limits.head_bytes} bytes",
    )


def _parsed(url: bytes) -> tuple[bytes, bytes]:
    """Give the path and the query of any kind of request target."""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        raise _Refused(HTTPStatus.BAD_REQUEST, "the request's address is none") from None
    return parsed.path or b"/", parsed.query or b""  # http://host has neither


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
        self._fed_bytes = 0  # in the piece of data that is being read
        self._timer: asyncio.TimerHandle | None = None
        self._idle = Idleness(self.loop, limit_s=config.limits.idle_s, end=self._end_idle)
        self._lingering_bytes: int | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take a new connection, or refuse it when there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections; try again soon")
            return
        self.app_state = {
            **self.app_state,
            CONNECTION: Peer(transport, owners=self.config.owners, own_uid=self.config.own_uid),
            STOPPING: self.config.stopping,
        }
        self._answer_transport = _AnswerTransport(transport, self._end)
        self._arm_head_timer()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._disarm_timer()
        self._idle.stop()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes. The parser calls back below; what goes beyond a limit comes out of it as an error."""
        self._idle.over()
        if self._lingering_bytes is not None:
            self._drop(len(data))
            return
        self._fed_bytes = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, _Refused):
                raise
            self._refuse(error.__context__.status, str(error.__context__))
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "this is not an HTTP request")
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._disarm_timer()
                self._idle.stop()
                self.handle_websocket_upgrade()
                self.parser = None  # type: ignore[assignment]  # as uvicorn does: it refers back to here
        else:
            self._watch_head()

    @override
    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._begun = True

    @override
    def on_headers_complete(self) -> None:
        """Start on the request.

        Raises:
            _Refused: its head is too large.
        """
        self._check_head()
        self._in_head = False
        self._head_bytes = 0
        self._disarm_timer()
        parser, scope = self.parser, self.scope
        version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = version
        if parser.should_upgrade() and self._should_upgrade():
            return
        self._place()
        before = (
            self.cycle if self._asked else None
        )  # uvicorn's types know no connection without one
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
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _place(self) -> None:
        """Put the request's target into its scope."""
        url = self.url
        if url.startswith(b"/") and b"#" not in url:
            raw_path, _, query = url.partition(b"?")
        else:  # a whole URL, as a proxy is asked, or a fragment
            raw_path, query = _parsed(url)
        path = raw_path.decode("ascii")
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = raw_path
        self.scope["query_string"] = query

    @override
    def on_message_complete(self) -> None:
        """End a request's body; the next head may follow."""
        super().on_message_complete()
        self._in_head = True
        self._begun = False
        self._disarm_timer()

    @override
    def on_response_complete(self) -> None:
        """Wait for the next request; a rest of this one's body that nobody reads may not be long in coming."""
        if self.cycle.more_body and self.cycle.response_complete:
            self._pass_over_body()
            if self._lingering_bytes is not None:
                return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._in_head and not self._begun:
            self._idle.begin()

    def _pass_over_body(self) -> None:
        declared = header(self.headers, b"content-length") or b""
        if declared.isdigit() and int(declared[:_LENGTH_DIGITS]) <= _LINGER_BYTES:
            self._timer = self.loop.call_later(self._limits.head_s, self.transport.close)
        else:
            self._end()

    def _check_head(self) -> None:
        limits = self._limits
        if len(self.url) > limits.url_bytes:
            raise _url_too_long(limits)
        if len(self.headers) > limits.header_count:
            raise _Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"a request may have at most {limits.header_count} headers",
            )
        if self._head_bytes + self._fed_bytes > limits.head_bytes:
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size + len(self.url) > limits.head_bytes:
                raise _head_too_large(limits)

    def _watch_head(self) -> None:
        """Look at what is left of a head that is not complete."""
        if not self._in_head or self.transport.is_closing():
            return
        if not self._begun and self._asked and not self.cycle.response_complete:
            return  # between requests, with the answer under way
        self._head_bytes += self._fed_bytes
        if self._head_bytes > self._limits.head_bytes:
            too_long = self._begun and not self.headers
            refused = (_url_too_long if too_long else _head_too_large)(self._limits)
            self._refuse(refused.status, str(refused))
        elif self._timer is None:
            self._arm_head_timer()

    def _arm_head_timer(self) -> None:
        self._timer = self.loop.call_later(self._limits.head_s, self._head_is_late)

    def _disarm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_idle(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _head_is_late(self) -> None:
        self._timer = None
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the request's line and headers did not come within {self._limits.head_s:g} s",
        )

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer what never became a request, and close. An answer that is under way is cut off, not mixed up."""
        self._disarm_timer()
        cycle = self.cycle
        if self._asked and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()
            return
        code = status.phrase.lower().replace(" ", "-")
        problem = Problem(title=status.phrase, status=status, detail=detail, code=code)
        told = answer(problem, ((b"connection", b"close"),))
        lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode("ascii"))]
        lines += [name + b": " + value for name, value in told.headers]
        if not self.transport.is_closing():
            self.transport.write(b"\r\n".join([*lines, b"", told.body]))
            self._end()

    def _end(self) -> None:
        """Close when the client has had a chance to read the answer.

        Closing with unread bytes waiting resets the connection, and the answer is lost on its way (RFC 9112, 9.6):
        close our half, drop what still comes for a moment, then close.
        """
        if self._lingering_bytes is not None or self.transport.is_closing():
            return
        complete = self._asked and not self.cycle.more_body and not self._begun
        if complete or not self.transport.can_write_eof():
            self.transport.close()
            return
        self._lingering_bytes = 0
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.close)

    def _drop(self, count: int) -> None:
        self._lingering_bytes = (self._lingering_bytes or 0) + count
        if self._lingering_bytes > _LINGER_BYTES:
            self.transport.close()
