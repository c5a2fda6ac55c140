"""Threads that read, each with a connection of its own, so that the event loop never waits for the disk."""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from headway.stores.sql.database import Connect, Database, for_reading

T = TypeVar("T")


@dataclass
class _Question:
    ask: Callable[[Database], Any]
    future: "asyncio.Future[Any]"


class Readers:
    """Made and called in the event loop; a thread is started when all before it are busy."""

    def __init__(self, path: Path, connect: Connect, *, count: int = 2) -> None:
        self._path = path
        self._connect = connect
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._threads: list[asyncio.Future[None]] = []  # done when the thread has ended
        self._asked = 0  # questions without an answer yet

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Have a question answered in some thread, by what is committed when it is its turn."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._asked += 1
        if len(self._threads) < min(self._asked, self._count):
            self._start()
        self._queue.put(_Question(question, future))
        try:
            return await future
        finally:
            self._asked -= 1

    async def close(self) -> None:
        """Answer what was asked, then close the connections."""
        for _ in self._threads:
            self._queue.put(None)
        for ended in self._threads:
            await asyncio.shield(ended)

    def _start(self) -> None:
        ended: asyncio.Future[None] = self._loop.create_future()
        self._threads.append(ended)
        name = f"headway-reader-{len(self._threads)}"
        threading.Thread(target=self._run, args=(ended,), name=name, daemon=True).start()

    def _run(self, ended: "asyncio.Future[None]") -> None:
        database: Database | None = None
        while (question := self._queue.get()) is not None:
            if question.future.cancelled():
                continue  # its caller has gone
            answer: object
            try:
                database = database or for_reading(self._connect(self._path))
                answer = question.ask(database)
            except Exception as error:  # noqa: BLE001 -- it is raised where the question was asked
                answer = error
            self._call(_settle, question.future, answer)
        if database is not None:
            database.close()
        self._call(ended.set_result, None)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


def _settle(future: "asyncio.Future[Any]", answer: object) -> None:
    if future.done():  # its caller has gone
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
