"""Posts JSON over a connection that is kept. Standard library only: workers have it.

http.client reads headers with its mail parser and knows of TLS: its import holds up what a function first tells by 40 ms.
"""

import importlib
import socket
import urllib.parse
from collections.abc import Mapping
from typing import Final

_PART_BYTES: Final = 1 << 16
_LONGEST_BYTES: Final = 1 << 20
_FIRST_FINAL: Final = 200


class Line:
    """A connection to one server at a time, for one thread.

    Args:
        limit_s: for connecting, and for each pause in an answer.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._socket: socket.socket | None = None
        self._url = ""

    def post(self, url: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post to a path below a server's address; gives the answer's status. What the answer says is not looked at.

        A connection that was kept may have been closed by the server: then it is sent once more.

        Raises:
            OSError: no answer.
            ValueError: the address is none, or the answer is no HTTP.
        """
        parts = urllib.parse.urlsplit(url)
        fields = {
            "Host": parts.netloc.rpartition("@")[2],
            **headers,
            "Content-Length": str(len(body)),
        }
        lines = [f"POST {parts.path.rstrip('/')}{path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        request = "\r\n".join((*lines, "", "")).encode("latin-1") + body
        if self._socket is not None and self._url == url:
            try:
                return self._exchange(self._socket, request)
            except (OSError, ValueError):
                self.close()
        self.close()
        self._socket, self._url = _dialled(parts, self._limit_s), url
        try:
            return self._exchange(self._socket, request)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, line: socket.socket, request: bytes) -> int:
        line.sendall(request)
        status, length, received = 0, None, b""
        while status < _FIRST_FINAL:  # below it, an answer is only a word in between
            head, received = _read_head(line, received)
            status, length = _read(head)
        if length is None:
            self.close()  # nobody knows where it ends
            return status
        while len(received) < length:
            received += _more(line)
        return status


def _dialled(parts: urllib.parse.SplitResult, limit_s: float) -> socket.socket:
    host = parts.hostname or "127.0.0.1"
    is_secure = parts.scheme == "https"
    line = socket.create_connection((host, parts.port or (443 if is_secure else 80)), limit_s)
    if not is_secure:
        return line
    try:
        ssl = importlib.import_module("ssl")  # 3 MB that most workers never need
        secured: socket.socket = ssl.create_default_context().wrap_socket(
            line, server_hostname=host
        )
    except BaseException:
        line.close()
        raise
    return secured


def _read_head(line: socket.socket, received: bytes) -> tuple[bytes, bytes]:
    """Give an answer's head, and what came after it."""
    while b"\r\n\r\n" not in received:
        if len(received) > _LONGEST_BYTES:
            raise ValueError("the answer's head does not end")
        received += _more(line)
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _more(line: socket.socket) -> bytes:
    data = line.recv(_PART_BYTES)
    if not data:
        raise ConnectionResetError("the server closed the connection")
    return data


def _read(head: bytes) -> tuple[int, int | None]:
    """Give an answer's status and its body's length; None for one that ends with the connection, or in parts."""
    first, *lines = head.split(b"\r\n")
    status = int(first.split(b" ", 2)[1]) if first.startswith(b"HTTP/1.1 ") else 0
    if not status:
        raise ValueError("the answer is no HTTP/1.1")
    fields = {
        name.strip().lower(): value.strip().lower()
        for name, _, value in (each.partition(b":") for each in lines)
    }
    length = fields.get(b"content-length", b"")
    if b"transfer-encoding" in fields or fields.get(b"connection") == b"close":
        return status, None
    return status, int(length) if length.isdigit() else None
