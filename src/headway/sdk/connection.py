"""One connection to a server: requests go out, responses come in, whole or as a stream."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Final, Self

from headway.core.errors import ServerUnreachable
from headway.sdk import http1
from headway.sdk.address import Address
from headway.sdk.dialling import Dial
from headway.sdk.message import Pairs, Request, Response
from headway.sdk.tcp import dial

DEFAULT_TIMEOUT_S: Final = 30.0
_PART_BYTES: Final = 256 * 1024


class Stream:
    """A response whose body is still coming. Read it to its end, or close it."""

    def __init__(self, line: socket.socket, reader: http1.ResponseReader, url: str) -> None:
        self._line = line
        self._reader = reader
        self._url = url

    @property
    def response(self) -> Response:
        """Status and headers, without the body."""
        return Response(self._reader.status, self._reader.headers)

    @property
    def keeps_alive(self) -> bool:
        """Tell whether the connection can be used again, now that the body has come."""
        return self._reader.is_complete and self._reader.keeps_alive

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """Give what has come, waiting for at most ``timeout_s`` (None: for as long as it takes).

        Returns:
            Some bytes; none at the end; None when nothing came in time, and then it may be called again.

        Raises:
            ServerUnreachable: the connection broke.
        """
        while not (part := self._reader.take()):
            if self._reader.is_complete:
                return b""
            self._line.settimeout(timeout_s)
            try:
                _receive(self._line, self._reader)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise _broken(self._url, error) from error
        return part

    def close(self) -> None:
        """Let nothing more come; a ``read`` that waits in another thread ends."""
        with suppress(OSError):  # it has ended by itself
            self._line.shutdown(socket.SHUT_RDWR)

    def parts(self) -> Iterator[bytes]:
        """Give the body as it comes, to its end."""
        while part := self.read():
            yield part

    def whole(self, timeout_s: float) -> Response:
        """Read the rest of the body.

        Raises:
            ServerUnreachable: the connection broke, or nothing came for ``timeout_s``.
        """
        parts: list[bytes] = []
        while part := self.read(timeout_s):
            parts.append(part)
        if part is None:
            raise ServerUnreachable(f"{self._url} did not answer within {timeout_s:g} s")
        return Response(self._reader.status, self._reader.headers, b"".join(parts))


class Connection:
    """Speaks with one server. Not for several threads at once.

    Args:
        token: sent with each request as ``Authorization: Bearer``.
        timeout_s: for connecting, and for each pause in an answer.
    """

    def __init__(
        self,
        address: Address,
        *,
        token: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        dial: Dial = dial,
    ) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self._dial = dial
        self._idle: socket.socket | None = None
        accept = (("accept", "application/json"), ("user-agent", "headway"))
        self._headers: Pairs = accept if token is None else (*accept, _bearer(token))

    def send(self, request: Request) -> Response:
        """Send a request and read the whole response, whatever its status.

        A request that may be repeated is sent a second time when a connection that was kept turns out to be closed.

        Raises:
            ServerUnreachable: there was no answer.
        """
        line = self._kept()
        if line is not None:
            try:
                return self._exchange(line, request)
            except ServerUnreachable:
                if not request.is_repeatable:
                    raise
        return self._exchange(self._opened(), request)

    @contextmanager
    def stream(self, request: Request) -> Iterator[Stream]:
        """Send a request on a connection of its own and give the response while it comes.

        Raises:
            ServerUnreachable: there was no answer.
        """
        line = self._opened()
        try:
            yield self._begin(line, request)
        finally:
            line.close()

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _kept(self) -> socket.socket | None:
        line, self._idle = self._idle, None
        if line is None:
            return None
        news = select.poll()
        news.register(line, select.POLLIN)
        if news.poll(0):  # bytes that nobody asked for, or its end
            line.close()
            return None
        return line

    def _opened(self) -> socket.socket:
        try:
            return self._dial(self.address, self.timeout_s)
        except OSError as error:
            raise ServerUnreachable(
                f"no server answers at {self.address.url} ({_words(error)});"
                " start one with `headway serve`, or give another address with --url"
            ) from error

    def _begin(self, line: socket.socket, request: Request) -> Stream:
        reader = http1.ResponseReader(method=request.method)
        try:
            line.settimeout(self.timeout_s)
            line.sendall(http1.encode(request, self.address, self._headers))
            while not reader.status:
                _receive(line, reader)
        except OSError as error:
            raise _broken(self.address.url, error) from error
        return Stream(line, reader, self.address.url)

    def _exchange(self, line: socket.socket, request: Request) -> Response:
        keep = False
        try:
            begun = self._begin(line, request)
            response = begun.whole(self.timeout_s)
            keep = begun.keeps_alive
        finally:
            if keep:
                self._idle = line
            else:
                line.close()
        return response


def _receive(line: socket.socket, reader: http1.ResponseReader) -> None:
    """Hand over to ``reader`` what has come, waiting as long as the socket's timeout allows."""
    data = line.recv(_PART_BYTES)
    if data:
        reader.feed(data)
    else:
        reader.end()


def _broken(url: str, error: OSError) -> ServerUnreachable:
    """Say that a connection broke."""
    return ServerUnreachable(f"{url} did not answer ({_words(error)})")


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "nothing came in time"
    return (error.strerror or str(error)).lower()


def _bearer(token: str) -> tuple[str, str]:
    return "authorization", f"Bearer {token}"
