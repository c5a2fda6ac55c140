"""The one thread that writes: many Changes in one transaction, an answer for each after the commit.

While one commit waits for the disk, the Changes of the next gather. An answer therefore always means: on disk.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from headway.core.errors import HeadwayError, InvalidRequest, StorageFull
from headway.core.model.change import Change, Written
from headway.stores.sql.database import Database, Failure, failure_of
from headway.stores.sql.draft import Plan
from headway.stores.sql.plan import Planner
from headway.stores.sql.transaction import begin, checkpoint, roll_back, write

logger = logging.getLogger(__name__)

T = TypeVar("T")
Answer: TypeAlias = Written | HeadwayError
#: Hears of each commit in the event loop, before any of its callers does.
Committed: TypeAlias = Callable[[Sequence[tuple[Change, Written]]], None]
#: Deletes rows, in a transaction of its own; gives how many.
Errand: TypeAlias = Callable[[Database, Planner], int]
#: Hears in the event loop that the disk or the file is broken.
Fatal: TypeAlias = Callable[[BaseException], None]

_CHANGES_AT_ONCE: Final = 1_000
_CHECKPOINT_WHEN_IDLE: Final = 1_000  # pages, roughly, written since the last one
_CHECKPOINT_ALWAYS: Final = 6_000
_IDLE_S: Final = 0.05
_UNSTORABLE: Final = (TypeError, ValueError, OverflowError, msgspec.MsgspecError)


class _Work(NamedTuple):
    """Changes of one caller, and where their answers go."""

    changes: Sequence[Change]
    future: "asyncio.Future[list[Answer]]"


class _Chore(NamedTuple):
    """An errand, and where its answer goes."""

    errand: Errand
    future: "asyncio.Future[int]"


@dataclass
class _Failed:
    """Why a transaction was undone."""

    failure: Failure
    error: Exception


class Writer:
    """Owns the writing connection. Made, called and answering in the event loop; the rest runs in its thread."""

    def __init__(
        self,
        database: Database,
        planner: Planner,
        directory: Path,
        *,
        committed: Committed,
        fatal: Fatal,
    ) -> None:
        self._database = database
        self._planner = planner
        self._directory = directory
        self._committed = committed
        self._fatal = fatal
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._works: list[_Work] = []  # of this round of the event loop
        self._queue: queue.SimpleQueue[list[_Work] | _Chore | None] = queue.SimpleQueue()
        self._held: list[_Chore | None] = []  # taken from the queue while gathering; comes next
        self._unchecked = 0  # pages, roughly, since the last checkpoint
        threading.Thread(target=self._run, name="headway-writer", daemon=True).start()

    def write(self, changes: Sequence[Change]) -> "asyncio.Future[list[Answer]]":
        """Have Changes committed; gives an answer for each."""
        future: asyncio.Future[list[Answer]] = self._loop.create_future()
        # All that one round of the event loop has to write goes over at once: the thread would wake up for the first and
        # contend with us for the interpreter while we make the others.
        if not self._works:
            self._loop.call_soon(self._hand_over)
        self._works.append(_Work(changes, future))
        return future

    async def run(self, errand: Errand) -> int:
        """Run an errand between two commits.

        Raises:
            StorageFull: no space; nothing was changed.
        """
        future: asyncio.Future[int] = self._loop.create_future()
        self._hand_over()
        self._queue.put(_Chore(errand, future))
        return await future

    async def close(self) -> None:
        """Commit what is waiting, then close the connection."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.shield(self._ended)

    def _hand_over(self) -> None:
        if self._works:
            works, self._works = self._works, []
            self._queue.put(works)

    def _run(self) -> None:
        try:
            while (item := self._next()) is not None:
                if isinstance(item, _Chore):
                    self._do(item)
                else:
                    self._commit(self._gather(item))
            self._database.close()
        except BaseException as error:
            logger.critical("the store cannot write any more", exc_info=error)
            self._call(self._fatal, error)
        finally:
            self._call(self._ended.set_result, None)

    def _next(self) -> list[_Work] | _Chore | None:
        if self._held:
            return self._held.pop()
        if self._unchecked >= _CHECKPOINT_ALWAYS:
            self._checkpoint()
        if self._unchecked >= _CHECKPOINT_WHEN_IDLE:
            try:
                return self._queue.get(timeout=_IDLE_S)
            except queue.Empty:
                self._checkpoint()
        return self._queue.get()

    def _gather(self, works: list[_Work]) -> list[_Work]:
        count = sum([len(work.changes) for work in works])
        while count < _CHANGES_AT_ONCE:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if not isinstance(item, list):
                self._held.append(item)
                break
            works += item
            count += sum([len(work.changes) for work in item])
        return works

    def _commit(self, works: Sequence[_Work]) -> None:
        changes = [change for work in works for change in work.changes]
        answers = self._try(lambda: self._write(changes))
        if isinstance(answers, _Failed) and answers.failure is Failure.MISTAKE:
            answers = [self._alone(change) for change in changes]
        if isinstance(answers, _Failed):
            answers = [_no_space() for _ in changes]
        self._call(self._answer, works, changes, answers)

    def _alone(self, change: Change) -> Answer | Exception:
        """Write one Change whose batch could not be written, so that it does not take its neighbours with it."""
        answers = self._try(lambda: self._write([change]))
        if not isinstance(answers, _Failed):
            return answers[0]
        if answers.failure is Failure.FULL:
            return _no_space()
        if isinstance(answers.error, _UNSTORABLE):
            return _unstorable(answers.error)
        return answers.error

    def _write(self, changes: Sequence[Change]) -> list[Answer | Exception]:
        answers: list[Answer | Exception] = []
        plans: list[Plan] = []
        begin(self._database)
        for change in changes:
            try:
                plan, written = self._planner.plan(change)
            except HeadwayError as error:
                answers.append(error)
            except _UNSTORABLE as error:
                answers.append(_unstorable(error))
            else:
                plans.append(plan)
                answers.append(written)
        if plans:
            self._unchecked += write(self._database, plans, self._planner.ledger)
        else:
            roll_back(self._database)
        return answers

    def _do(self, chore: _Chore) -> None:
        went = self._try(lambda: chore.errand(self._database, self._planner))
        if not isinstance(went, _Failed):
            self._unchecked += went
            self._call(_settle, chore.future, went)
        elif went.failure is Failure.FULL:
            self._call(_settle, chore.future, _no_space())
        else:
            self._call(_settle, chore.future, went.error)

    def _try(self, transaction: Callable[[], T]) -> T | _Failed:
        """Run a transaction; undo it when it fails.

        Raises:
            BaseException: what failed is not the transaction but the disk or the file.
        """
        while True:
            before = self._planner.ledger.copy()
            try:
                result = transaction()
            except Exception as error:
                roll_back(self._database)
                self._planner.undo(before)
                failure = failure_of(error, self._directory)
                if failure is Failure.BROKEN:
                    raise
                if failure is not Failure.BUSY:
                    return _Failed(failure, error)
                logger.warning("another process keeps %s locked; trying on", self._directory)
            else:
                self._planner.settle()
                return result

    def _checkpoint(self) -> None:
        self._unchecked = 0
        try:
            checkpoint(self._database)
        except Exception as error:
            if failure_of(error, self._directory) in {Failure.BROKEN, Failure.MISTAKE}:
                raise
            logger.warning("the log of %s stays as long as it is: %s", self._directory, error)

    def _answer(
        self,
        works: Sequence[_Work],
        changes: Sequence[Change],
        answers: Sequence[Answer | Exception],
    ) -> None:
        pairs = zip(changes, answers, strict=True)
        committed = [(change, answer) for change, answer in pairs if isinstance(answer, Written)]
        if committed:
            self._committed(committed)
        start = 0
        for work in works:
            end = start + len(work.changes)
            _settle(work.future, _together(answers[start:end]))
            start = end

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


def _together(answers: Sequence[Answer | Exception]) -> list[Answer] | Exception:
    """Give the answers, or the first that is a mistake of ours."""
    good = [answer for answer in answers if isinstance(answer, Written | HeadwayError)]
    if len(good) == len(answers):
        return good
    return next(a for a in answers if not isinstance(a, Written | HeadwayError))


def _settle(future: "asyncio.Future[Any]", answer: object) -> None:
    if future.done():  # its caller has gone
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _no_space() -> StorageFull:
    return StorageFull(
        "the disk that holds the jobs is full; nothing was changed; try again when there is space"
    )


def _unstorable(error: Exception) -> InvalidRequest:
    return InvalidRequest(f"a value cannot be stored: {error}")
