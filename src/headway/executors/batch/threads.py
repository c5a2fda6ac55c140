"""Threads that may be left behind: one that hangs in a file system holds up neither the event loop nor the server's end."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

_Done = TypeVar("_Done")


class Threads:
    """Does what may wait, a few things at a time. Threads are started as they are wanted.

    Unlike those of concurrent.futures nobody waits for these when the process ends.
    """

    def __init__(self, at_once: int, *, name: str) -> None:
        self._at_once = at_once
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._counting = threading.Lock()

    async def run(self, work: Callable[[], _Done]) -> _Done:
        """Do something, and wait for it. What has not begun when the waiting is cancelled is not done."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Done] = loop.create_future()

        def do() -> None:
            if answer.cancelled():
                return
            try:
                done = work()
            except BaseException as error:  # noqa: BLE001 -- raised where it is waited for
                tell = partial(_fail, answer, error)
            else:
                tell = partial(_settle, answer, done)
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(tell)

        self._put(do)
        return await answer

    def _put(self, do: Callable[[], None]) -> None:
        with self._counting:
            self._unfinished += 1
            wanted = self._unfinished > len(self._threads) < self._at_once
            if wanted:
                name = f"{self._name}-{len(self._threads)}"
                thread = threading.Thread(target=self._serve, name=name, daemon=True)
                self._threads.append(thread)
        self._work.put(do)
        if wanted:
            self._threads[-1].start()

    def _serve(self) -> None:
        while (do := self._work.get()) is not None:
            do()
            with self._counting:
                self._unfinished -= 1

    def close(self) -> None:
        """Have the threads end when they have done what they were given. Nothing may be run then."""
        for _ in self._threads:
            self._work.put(None)


def _settle(answer: "asyncio.Future[_Done]", done: _Done) -> None:
    if not answer.done():  # otherwise whoever waited has gone
        answer.set_result(done)


def _fail(answer: "asyncio.Future[_Done]", error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
