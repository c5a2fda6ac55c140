"""A reverse proxy as awkward as real ones: it serves under a prefix, refuses websockets, or keeps events back."""

import contextlib
import http.client
import select
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override

_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "host"})
_BLOCK: Final = 65_536
_PATIENCE_S: Final = 60.0


class Proxy(ThreadingHTTPServer):
    """A proxy in front of a server. What it does may be changed while it runs.

    Attributes:
        refuses_websockets: answers 400 to whoever wants to upgrade, as a proxy that knows only HTTP/1.0 does.
        websockets_may_open: while it is not set, an upgrade is not answered.
        keeps_back: answers to requests whose address has this in it wait until ``may_go`` is set; ``is_kept`` when one does.
        says_so: adds X-Forwarded headers; the server then knows nobody by their connection.
        keeps_events_back: hands an answer on when it is complete, which server-sent events never are.
    """

    daemon_threads = True

    def __init__(self, url: str, prefix: str, *, says_so: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        place = urlsplit(url)
        self.upstream = (str(place.hostname), int(place.port or 80))
        self.prefix = prefix
        self.says_so = says_so
        self.refuses_websockets = False
        self.websockets_may_open = threading.Event()
        self.websockets_may_open.set()
        self.keeps_events_back = False
        self.keeps_back = ""
        self.is_kept = threading.Event()
        self.may_go = threading.Event()

    @property
    def url(self) -> str:
        """Give the address of the server behind it."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        if not self.path.startswith(f"{self.server.prefix}/"):
            self.send_error(404)
        elif "upgrade" not in self.headers.get("connection", "").lower():
            self._pass_on()
        elif self.server.refuses_websockets:
            self.send_error(400)
        else:
            self.server.websockets_may_open.wait(_PATIENCE_S)
            self._tunnel()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 -- as its parent wants them

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _asked(self) -> dict[str, str]:
        own = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        host = self.headers["host"]
        if self.server.says_so:
            own |= {"X-Forwarded-Prefix": self.server.prefix, "X-Forwarded-Host": host}
        return {**own, "Host": host}

    def _pass_on(self) -> None:
        upstream = http.client.HTTPConnection(*self.server.upstream, timeout=_PATIENCE_S)
        try:
            size = int(self.headers.get("content-length") or 0)
            path = self.path[len(self.server.prefix) :]
            upstream.request(self.command, path, self.rfile.read(size) or None, self._asked())
            with upstream.getresponse() as answer:
                if self.server.keeps_back and self.server.keeps_back in self.path:
                    self.server.is_kept.set()
                    self.server.may_go.wait(_PATIENCE_S)
                self._answer(answer)
        except OSError:
            self.close_connection = True
        finally:
            upstream.close()

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        is_endless = answer.getheader("content-type", "").startswith("text/event-stream")
        kept = answer.read() if is_endless and self.server.keeps_events_back else b""
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if answer.getheader("content-length") is None:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(kept)
        while block := answer.read1(_BLOCK):
            self.wfile.write(block)
            self.wfile.flush()

    def _tunnel(self) -> None:
        path = self.path[len(self.server.prefix) :]
        head = [f"{self.command} {path} HTTP/1.1"]
        upgrade = {"Connection": "Upgrade", "Upgrade": self.headers["upgrade"]}
        head += [f"{name}: {value}" for name, value in {**self._asked(), **upgrade}.items()]
        with socket.create_connection(self.server.upstream) as upstream:
            upstream.sendall("\r\n".join([*head, "", ""]).encode("latin-1"))
            _pump(self.connection, upstream)
        self.close_connection = True


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Hand on what either says until one has no more to say."""
    ways = {one: other, other: one}
    with contextlib.suppress(OSError):
        while True:
            for source in select.select(list(ways), [], [])[0]:
                block = source.recv(_BLOCK)
                if not block:
                    return
                ways[source].sendall(block)


@contextlib.contextmanager
def proxied(
    url: str, prefix: str = "/user/kim/proxy/9998", *, says_so: bool = False
) -> Iterator[Proxy]:
    """Run a proxy for the length of a ``with``."""
    with Proxy(url, prefix, says_so=says_so) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
