"""Server-sent events out of a stream of bytes.

Source: WHATWG HTML, section 9.2.6 (interpreting an event stream).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from headway.core.errors import TooLarge

LONGEST_EVENT_BYTES: Final = 64 * 1024 * 1024


class ServerEvent(NamedTuple):
    """One event; ``id`` is the last one told, also by an earlier event."""

    id: str
    event: str
    data: str


class EventReader:
    """Takes bytes as they come and gives the events that are complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._event = ""
        self._data: list[str] = []
        self._after_cr = False

    @property
    def last_id(self) -> str:
        """What to send as ``Last-Event-ID`` after a break."""
        return self._id

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Take some more bytes.

        Raises:
            TooLarge: an event that has no end within 64 MiB.
        """
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        lines = (self._rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_EVENT_BYTES:
            raise TooLarge(f"the server sent an event of more than {LONGEST_EVENT_BYTES} bytes")
        for line in lines:
            done = self._take(line.decode("utf-8", "replace"))
            if done is not None:
                yield done

    def _take(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatched()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatched(self) -> ServerEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return ServerEvent(self._id, event or "message", "\n".join(data)) if data else None
