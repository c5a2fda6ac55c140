"""Threads that may be left behind: one that hangs in a file system holds up neither the event loop nor the server's end."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
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
        future: Future[_Done] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                done = work()
            except BaseException as error:  # noqa: BLE001 -- raised where it is waited for
                future.set_exception(error)
            else:
                future.set_result(done)

        self._put(do)
        return await asyncio.wrap_future(future)

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
