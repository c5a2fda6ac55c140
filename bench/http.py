"""A client that costs as little as can be: one keep-alive connection, one request at a time."""

import socket

import msgspec


class Caller:
    """A connection to a server. Every answer is taken to have a Content-Length."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = b""

    def get(self, path: str):
        """Give a document."""
        return msgspec.json.decode(
            self.raw(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode())
        )

    def post(self, path: str, body: bytes):
        """Send a document; give the answer's."""
        head = (
            b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % (path.encode(), len(body))
        )
        return msgspec.json.decode(self.raw(head + body))

    def raw(self, request: bytes) -> bytes:
        """Send a request; give the answer's body."""
        self._socket.sendall(request)
        data = self._waiting
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._received()
        head = data[:end].lower()
        place = head.index(b"content-length:") + 15
        whole = end + 4 + int(head[place:].split(b"\r\n", 1)[0])
        while len(data) < whole:
            data += self._received()
        self._waiting = data[whole:]
        if not head.startswith((b"http/1.1 200", b"http/1.1 201")):
            raise SystemExit(f"the server answered {data[: end + 200]!r}")
        return data[end + 4 : whole]

    def close(self) -> None:
        self._socket.close()

    def _received(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            raise SystemExit("the server hung up")
        return data
