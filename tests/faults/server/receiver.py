"""A receiver of callbacks, outside the server that dies; it fails now and then, as the dice say."""

import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import msgspec
from typing_extensions import override


class Receiver:
    """Each callback has a path of its own. Answers are decided one after the other.

    Attributes:
        taken: the events' sequences that each path has acknowledged, each once, in the order it did.
        again: calls that came after what they tell was acknowledged.
        failed: calls that were answered with 503, or with nothing.
    """

    def __init__(self, dice: random.Random, *, faults: float = 0.0) -> None:
        self.taken: dict[str, list[int]] = {}
        self.again: Counter[str] = Counter()
        self.failed = 0
        self._dice = dice
        self._faults = faults
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = msgspec.json.decode(body)["data"]["event"]
                status = receiver.take(self.path, event["seq"])
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, name: str) -> str:
        """Give the address of a callback."""
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def take(self, path: str, seq: int) -> int | None:
        """Decide on a call; None hangs up."""
        with self._lock:
            taken = self.taken.setdefault(path, [])
            if seq in taken:
                self.again[path] += 1
                return 204
            if self._dice.random() < self._faults:
                self.failed += 1
                return self._dice.choice([503, 500, None])
            taken.append(seq)
            return 204
