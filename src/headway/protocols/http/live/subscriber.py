"""One live client, of which nobody waits for."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from typing_extensions import override

from headway.protocols.http.connection import FrameSink
from headway.protocols.http.live.frame import Frame

_HELD_FRAMES: Final = 64
_QUEUE_BYTES: Final = 512 * 1024


class Subscriber(ABC):
    """Takes frames at once and in bounded memory. A client that misses any is told to start anew, when it can be told."""

    def __init__(self) -> None:
        self._held: list[Frame] | None = []
        self._has_lost = False

    def offer(self, frame: Frame) -> None:
        """Take a frame, or note that the client misses it."""
        if self._held is None:
            self._send(frame)
        elif len(self._held) < _HELD_FRAMES:
            self._held.append(frame)
        else:
            self._has_lost = True

    def begin(self, first: Frame, feed: "Feed") -> None:
        """Send the first frame, then what came meanwhile and is not in it; from now on send at once."""
        self._feed = feed
        held, self._held = self._held or [], None
        self._send(first)
        for frame in held:
            if frame.seq > first.seq:
                self._send(frame)
        if self._has_lost:
            self._send(feed.reset())

    @abstractmethod
    def _send(self, frame: Frame) -> None: ...

    @abstractmethod
    def end(self) -> None:
        """Hear that the server stops."""

    def drop(self) -> None:
        """End the client's connection now: it has to come back and say again who it is."""
        self.end()


class Feed(Protocol):
    """Where a subscriber's frames come from."""

    def reset(self) -> Frame:
        """Make the frame that tells a client to start anew."""
        ...

    def write_directly(self, subscriber: Subscriber, write: Callable[[bytes], None]) -> None:
        """Have ``write`` called with each frame as it goes over the wire, and ``offer`` no more."""
        ...

    def offer_again(self, subscriber: Subscriber) -> None:
        """Have ``offer`` called again."""
        ...


class DirectSubscriber(Subscriber):
    """A websocket that is written to directly: no task, no queue, no copy, and no call but the transport's own."""

    def __init__(self, sink: FrameSink) -> None:
        super().__init__()
        self._sink = sink
        self._misses = False

    @override
    def begin(self, first: Frame, feed: Feed) -> None:
        super().begin(first, feed)
        self._sink.watch(free=self._is_free, clogged=self._is_clogged)
        if not self._sink.clogged:
            self._is_free()

    @override
    def end(self) -> None:
        """Leave it to the server, which closes websockets itself."""

    @override
    def drop(self) -> None:
        self._sink.abort()

    @override
    def _send(self, frame: Frame) -> None:
        if self._sink.clogged:
            self._misses = True
        else:
            self._sink.write(frame.websocket)

    def _is_free(self) -> None:
        if self._misses:
            self._misses = False
            self._sink.write(self._feed.reset().websocket)
        if not self._sink.clogged:
            self._feed.write_directly(self, self._sink.write)

    def _is_clogged(self) -> None:
        self._feed.offer_again(self)


class QueuedSubscriber(Subscriber):
    """Frames wait here until a task of the client's own sends them."""

    def __init__(self) -> None:
        super().__init__()
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._misses = False
        self._wake = asyncio.Event()
        self.has_ended = False

    @override
    def _send(self, frame: Frame) -> None:
        size = len(frame.text)
        if self._misses or (self._queue and self._bytes + size > _QUEUE_BYTES):
            self._misses = True
        else:
            self._queue.append(frame)
            self._bytes += size
        self._wake.set()

    @override
    def end(self) -> None:
        """Let ``next`` give nothing more."""
        self.has_ended = True
        self._wake.set()

    async def next(self) -> Frame | None:
        """Give the next frame, as soon as there is one; None at the end."""
        while not self.has_ended:
            if self._queue:
                frame = self._queue.popleft()
                self._bytes -= len(frame.text)
                return frame
            if self._misses:
                self._misses = False
                return self._feed.reset()
            self._wake.clear()
            await self._wake.wait()
        return None


class FirstFrame(Subscriber):
    """Takes the ``frame`` that a client begins with, and no other."""

    frame: Frame

    @override
    def begin(self, first: Frame, feed: Feed) -> None:
        self.frame = first

    @override
    def end(self) -> None:
        """Nobody waits here."""

    @override
    def _send(self, frame: Frame) -> None:
        """Leave it to the next time."""
