"""The threads that copy, beside the event loop that is told of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from headway.core.ports.executor import LogPart, Stream
from headway.core.ports.files import ReadLog, Told
from headway.files.meter import Meter
from headway.files.refusal import Stopped

_COPIES_AT_ONCE: Final = 8
_OTHERS_AT_ONCE: Final = 2
_TELL_S: Final = 1.0

_Done = TypeVar("_Done")


class Threads:
    """Does what may wait for a disk, a few at a time; copies that hang hold up no deleting and listing."""

    def __init__(self) -> None:
        self._copiers = ThreadPoolExecutor(_COPIES_AT_ONCE, thread_name_prefix="headway-copies")
        self._others = ThreadPoolExecutor(_OTHERS_AT_ONCE, thread_name_prefix="headway-files")

    async def run(self, work: Callable[[], _Done]) -> _Done:
        """Do something short."""
        return await asyncio.get_running_loop().run_in_executor(self._others, work)

    async def run_telling(
        self, work: Callable[[], _Done], meter: Meter, told: Told, stop: Callable[[], None]
    ) -> _Done:
        """Copy something, and tell of it now and then, at the end too. It has ended when this returns or raises."""
        has_told = False
        working = asyncio.get_running_loop().run_in_executor(self._copiers, work)
        try:
            while True:
                await asyncio.wait({working}, timeout=_TELL_S)
                if working.done():
                    done = working.result()
                    if has_told:
                        await told(meter.total_bytes, meter.total_bytes)
                    return done
                has_told = True
                if not await told(meter.done_bytes, meter.total_bytes):
                    stop()
        finally:
            if not working.done():
                stop()
                await asyncio.wait({working})
                working.exception()  # whoever waited for it has gone


class Logs:
    """Has the event loop read logs for a thread; made in the loop."""

    def __init__(self, read_log: ReadLog) -> None:
        self._loop = asyncio.get_running_loop()
        self._read_log = read_log
        self._reading: Future[LogPart] | None = None
        self._stops = False

    def read(self, stream: Stream, offset: int, limit: int) -> LogPart:
        """Read a part; called in the thread.

        Raises:
            Stopped: ``stop`` was called.
        """
        part = partial(self._part, stream, offset, limit)
        self._reading = asyncio.run_coroutine_threadsafe(part(), self._loop)
        if self._stops:
            self._reading.cancel()
        try:
            return self._reading.result()
        except CancelledError:
            raise Stopped from None

    async def _part(self, stream: Stream, offset: int, limit: int) -> LogPart:
        return await self._read_log(stream, offset, limit)

    def stop(self) -> None:
        """Do not go on reading; called in the loop."""
        self._stops = True
        if self._reading is not None:
            self._reading.cancel()
