"""What is sent at one time to all clients of a channel: serialised once for each way of sending."""

from collections.abc import Sequence
from functools import cached_property

import msgspec
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from headway.core.model.names import Seq

_encode = msgspec.json.Encoder().encode


class Frame:
    """Changes up to a sequence. ``is_reset`` says that some could not be told."""

    def __init__(self, seq: Seq, changes: Sequence[bytes], *, is_reset: bool = False) -> None:
        self.seq = seq
        self.is_reset = is_reset
        self._changes = b"[" + b",".join(changes) + b"]"

    @cached_property
    def text(self) -> bytes:
        """The message ``[seq, [change…]]``."""
        return b"[%d,%b]" % (self.seq, self._changes)

    @cached_property
    def websocket(self) -> bytes:
        """The message as it goes over a websocket's wire."""
        return bytes(WebSocketFrame(Opcode.TEXT, self.text).serialize(mask=False))

    @cached_property
    def event(self) -> bytes:
        """The changes as a server-sent event."""
        return b"id: %d\nevent: changes\ndata: %b\n\n" % (self.seq, self._changes)


def encoded(change: object) -> bytes:
    """Serialise one change. JSON has no line ends of its own: it fits into an event's line."""
    return _encode(change)
