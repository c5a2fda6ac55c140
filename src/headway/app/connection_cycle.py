"""A request and its answer: uvicorn's, with answers that are there at once written at once, and header lines made once."""

from functools import lru_cache
from typing import Final

from typing_extensions import override
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

_LINES: Final = 2048
_JOINED_BYTES: Final = 64 * 1024  # a longer body is not copied to stand behind its head
_LENGTH: Final = b"content-length"
#: Headers whose value is each answer's own: to keep their lines costs more than to write them.
_OWN: Final = frozenset({b"etag", b"location"})
#: Headers that change how the answer is sent: uvicorn looks after those.
_ITS_OWN: Final = frozenset({b"connection", b"transfer-encoding"})


class Cycle(RequestResponseCycle):
    """One request, and the answer that goes out for it."""

    _held: HTTPResponseStartEvent | None = (
        None  # the beginning of an answer whose body comes at once
    )

    _receiving = False

    @property
    def waits_for_body(self) -> bool:
        """Tell whether nothing is done for this request before more of its body comes."""
        return self._receiving and self.more_body and not self.response_started

    @override
    async def receive(self) -> ASGIReceiveEvent:
        """Wait for a part of the body, or for the client's going away. As uvicorn's, but nothing is awaited that is there."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.flow.resume_reading()
            if not self.message_event.is_set():
                self._receiving = True
                try:
                    await self.message_event.wait()
                finally:
                    self._receiving = False
            self.message_event.clear()
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    @override
    async def send(self, message: ASGISendEvent) -> None:
        """Send a part of the answer.

        ASGI 3.0 asks a server to keep the beginning until the body begins. Where the beginning tells a length, the body
        is mostly there already, and both are written together.
        """
        if message["type"] == "http.response.start":
            self._held = None  # of an answer that failed before its body
            if not self.response_started and self._may_be_whole(message):
                self._held = message
                return
        elif self._held is not None:
            held, self._held = self._held, None
            if message["type"] == "http.response.body" and self._write_whole(held, message):
                return
            await super().send(held)
        await super().send(message)

    def _may_be_whole(self, start: HTTPResponseStartEvent) -> bool:
        names = [name for name, _ in start.get("headers", ())]
        return _LENGTH in names and _ITS_OWN.isdisjoint(names) and self.scope["method"] != "HEAD"

    def _write_whole(self, start: HTTPResponseStartEvent, message: ASGISendEvent) -> bool:
        """Write a whole answer, if it is one that says its true length."""
        body: bytes = message.get("body", b"")  # type: ignore[assignment]  # of this kind of message
        if message.get("more_body") or len(body) > _JOINED_BYTES:
            return False
        if self.disconnected or self.flow.write_paused:
            return False
        lines = [STATUS_LINE[start["status"]]]
        said = -1
        for name, value in (*self.default_headers, *start["headers"]):
            lines.append((_own_line if name in _OWN else _line)(name, value))
            if name == _LENGTH:
                said = int(value)
        if said != len(body):
            return False
        lines += (b"\r\n", body) if self.keep_alive else (b"connection: close\r\n\r\n", body)
        self.transport.write(b"".join(lines))
        self.waiting_for_100_continue = False
        self.response_started = self.response_complete = True
        self.expected_content_length = 0
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def hang_up(cycle: RequestResponseCycle) -> None:
    """Let whoever answers a request know that nobody listens any more."""
    cycle.disconnected = True
    cycle.message_event.set()


@lru_cache(maxsize=_LINES)
def _line(name: bytes, value: bytes) -> bytes:
    """Write a header's line; most answers' lines are those of the answers before.

    Raises:
        RuntimeError: it would break the answer's form.
    """
    if HEADER_RE.search(name):
        raise RuntimeError(f"this cannot be a header: {name!r}")
    return _own_line(name, value)


def _own_line(name: bytes, value: bytes) -> bytes:
    """Write the line of a header whose name is known to be one. Raises as ``_line`` does."""
    if HEADER_VALUE_RE.search(value):
        raise RuntimeError(f"this cannot be a header: {name!r}: {value!r}")
    return b"%b: %b\r\n" % (name, value)
