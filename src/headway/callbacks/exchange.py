"""One HTTP request and its answer over an open connection, with bounds on what is read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import httptools

from headway.core.errors import HeadwayError

_BODY_BYTES: Final = 64 * 1024
_HEAD_BYTES: Final = 64 * 1024
_ALL_BYTES: Final = 4 * _BODY_BYTES  #: with what is around a body's chunks and after the last one
_READ_BYTES: Final = 16 * 1024
_FIRST_FINAL: Final = 200


class Unanswered(HeadwayError):
    """A receiver could not be asked, or its answer could not be understood; the message says why."""

    code = "unanswered"


@dataclass(slots=True)
class Reply:
    """An answer as far as it has come. ``status`` is None before its head was whole."""

    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False

    def values(self, name: str) -> Sequence[str]:
        """Give the values of a header, whose name is given in small letters."""
        return [value for key, value in self.headers if key == name]


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, reply: Reply
) -> None:
    """Send a request and read its answer into ``reply``: of the body at most 64 kB.

    Raises:
        Unanswered: the receiver closed before the head was whole, or sent something else than HTTP/1.
        OSError: the connection broke.
    """
    writer.write(request)
    parser = httptools.HttpResponseParser(parsing := _Parsing(reply))
    parsing.parser = parser
    read_bytes = 0
    while not reply.is_whole and len(reply.body) < _BODY_BYTES and read_bytes < _ALL_BYTES:
        data = await reader.read(_READ_BYTES)
        if not data:
            break
        read_bytes += len(data)
        _feed(parser, data)
        if reply.status is None and read_bytes > _HEAD_BYTES:
            raise Unanswered(f"the answer's head is longer than {_HEAD_BYTES} bytes")
    if reply.status is None:
        raise Unanswered("the connection was closed without an answer")
    del reply.body[_BODY_BYTES:]


def _feed(parser: httptools.HttpResponseParser, data: bytes) -> None:
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        raise Unanswered("the receiver switched to another protocol") from None
    except httptools.HttpParserError as error:
        raise Unanswered(f"the answer is not HTTP/1: {error}") from None


class _Parsing:
    """What httptools tells of an answer; interim answers are passed over."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._headers: list[tuple[str, str]] = []
        self.parser: httptools.HttpResponseParser | None = None

    def on_message_begin(self) -> None:
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        assert self.parser is not None  # noqa: S101 -- it is this parser that calls
        status = self.parser.get_status_code()
        if status >= _FIRST_FINAL:
            self._reply.status = status
            self._reply.headers = self._headers

    def on_body(self, body: bytes) -> None:
        self._reply.body += body

    def on_message_complete(self) -> None:
        self._reply.is_whole = self._reply.status is not None
