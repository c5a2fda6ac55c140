"""HTTP/1.1 as a client needs it, without I/O: a request as bytes, a response out of bytes.

The standard library's http.client reads headers with its mail parser, whose import takes longer than all else that a
short command does; this module needs nothing.

Source: RFC 9112.
"""

from collections.abc import Callable, Mapping
from typing import Final

from headway.core.errors import InvalidRequest, ServerUnreachable
from headway.sdk.address import Address
from headway.sdk.message import Pairs, Request

LONGEST_HEAD_BYTES: Final = 64 * 1024
_LONGEST_LINE_BYTES: Final = 4 * 1024
_WITHOUT_BODY: Final = frozenset({204, 304})
_FIRST_FINAL: Final = 200  # below it, an answer is only a word in between
_HEXADECIMAL: Final = frozenset(b"0123456789abcdefABCDEF")
_VERSION: Final = b"HTTP/1."


def encode(request: Request, address: Address, headers: Pairs = ()) -> bytes:
    """Give the bytes that ask for ``request`` at ``address``; a header of the request's own goes before one given here.

    Raises:
        InvalidRequest: a header's value holds a line end or is no Latin-1.
    """
    lines = [f"{request.method} {address.prefix}{request.target} HTTP/1.1"]
    fields = {"host": address.authority, **dict(headers), **dict(request.headers)}
    if request.body or request.method not in {"GET", "HEAD", "DELETE"}:
        fields["content-length"] = str(len(request.body))
    for name, value in fields.items():
        if not value.isprintable():
            raise InvalidRequest(f"{name} must be one line of printable text", field=name)
        lines.append(f"{name}: {value}")
    try:
        return "\r\n".join((*lines, "", "")).encode("latin-1") + request.body
    except UnicodeEncodeError:
        raise InvalidRequest("a header holds characters that are not Latin-1") from None


class ResponseReader:
    """Takes bytes as they come; gives status, headers and then the body as far as it is there.

    Attributes:
        status: 0 until the whole head is there.
        headers: by lower-case name; a header that came twice is joined with a comma.
        is_complete: nothing more will come.
        keeps_alive: once complete, the connection can be used again.
    """

    def __init__(self, *, method: str) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.is_complete = False
        self.keeps_alive = False
        self._method = method
        self._rest = bytearray()
        self._body: list[bytes] = []
        self._left = 0
        self._step: Callable[[], bool] = self._read_head

    def feed(self, data: bytes) -> None:
        """Take some more bytes.

        Raises:
            ServerUnreachable: they are no HTTP/1.1 response.
        """
        self._rest += data
        while not self.is_complete and self._step():
            pass

    def end(self) -> None:
        """Take note that the connection has been closed.

        Raises:
            ServerUnreachable: the response was not complete.
        """
        if self._step == self._read_to_end:
            self.is_complete = True
        elif not self.is_complete:
            raise ServerUnreachable("the server closed the connection in the middle of its answer")

    def take(self) -> bytes:
        """Give the part of the body that has come since this was called last."""
        part = b"".join(self._body)
        self._body.clear()
        return part

    def _read_head(self) -> bool:
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            if len(self._rest) > LONGEST_HEAD_BYTES:
                raise ServerUnreachable("the server's headers have no end; is it a Headway server?")
            if self._rest and not self._rest.startswith(_VERSION[: len(self._rest)]):
                raise ServerUnreachable("what answers there does not speak HTTP")
            return False
        first, *lines = bytes(self._rest[:end]).decode("latin-1").split("\r\n")
        del self._rest[: end + 4]
        self.status, older = _status_of(first)
        if self.status < _FIRST_FINAL:
            self.status = 0
            return True
        self.headers = _headers_of(lines)
        said = self.headers.get("connection", "").lower()
        self.keeps_alive = "close" not in said and not older
        self._choose_body()
        return True

    def _choose_body(self) -> None:
        length = self.headers.get("content-length", "")
        if self._method == "HEAD" or self.status in _WITHOUT_BODY:
            self.is_complete = True
        elif "chunked" in self.headers.get("transfer-encoding", "").lower():
            self._step = self._read_chunk_size
        elif length:
            if not length.isdecimal():
                raise ServerUnreachable(f"the server told a content-length of {length!r}")
            self._left = int(length)
            self.is_complete = self._left == 0
            self._step = self._read_counted
        else:
            self.keeps_alive = False
            self._step = self._read_to_end

    def _read_counted(self) -> bool:
        self._move(self._left)
        self.is_complete = self._left == 0
        return False

    def _read_to_end(self) -> bool:
        self._left = len(self._rest)
        self._move(self._left)
        return False

    def _read_chunk_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = line.split(b";")[0].strip()
        if not size or not _HEXADECIMAL.issuperset(size):
            raise ServerUnreachable(f"the server sent a chunk of the size {size!r}")
        self._left = int(size, 16)
        self._step = self._read_chunk if self._left > 0 else self._read_trailer
        return True

    def _read_chunk(self) -> bool:
        self._move(self._left)
        if self._left == 0:
            self._step = self._read_chunk_end
        return self._left == 0

    def _read_chunk_end(self) -> bool:
        line = self._line()
        self._step = self._read_chunk_end if line is None else self._read_chunk_size
        return line is not None

    def _read_trailer(self) -> bool:
        line = self._line()
        self.is_complete = line == b""
        return line is not None

    def _line(self) -> bytes | None:
        end = self._rest.find(b"\r\n")
        if end < 0:
            if len(self._rest) > _LONGEST_LINE_BYTES:
                raise ServerUnreachable("the server sent a line without an end")
            return None
        line = bytes(self._rest[:end])
        del self._rest[: end + 2]
        return line

    def _move(self, most: int) -> None:
        part = bytes(self._rest[:most])
        del self._rest[:most]
        self._left -= len(part)
        if part:
            self._body.append(part)


def _status_of(line: str) -> tuple[int, bool]:
    version, _, rest = line.partition(" ")
    code = rest[:3]
    if not version.startswith("HTTP/1.") or not code.isdecimal():
        raise ServerUnreachable("what answers there does not speak HTTP")
    return int(code), version == "HTTP/1.0"


def _headers_of(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        known = headers.get(name.lower())
        headers[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"
    return headers
