"""The engine: its tasks' queue, who is given which, and what is told of what the journals say."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Final

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.names import Tag
from headway.core.model.spec import Spec
from headway.core.ports.executor import LogPart, Stream
from headway.executors.functions.engine import Death, Listener, Making, Task, Where
from headway.executors.functions.engines.processes import frames, logs, orders
from headway.executors.functions.engines.processes.crew import Crew
from headway.executors.functions.engines.processes.ending import Endings
from headway.executors.functions.engines.processes.member import Member

logger = logging.getLogger(__name__)

_AHEAD_OF_EACH: Final = 128  #: tasks that wait here at most, for each worker
_MOST_WAITING_BYTES: Final = 64 << 20
_TICK_S: Final = (
    0.02  #: one that runs so long is told of before its end, and nothing waits behind it
)
_DIED: Final = "its worker process died while it ran, and nobody saw how"
_UNREADABLE: Final = "the journal of its worker cannot be read: nobody knows whether it ran"
_KILLED: Final = "its worker process was killed by signal"
_LEFT: Final = "it ended its worker process instead of returning, with exit code"


class ProcessesEngine:
    """Runs tasks in warm processes of this machine. See engine.Engine."""

    def __init__(self, making: Making, listener: Listener) -> None:
        self._jobs = making.data / "jobs"
        self._workers = making.workers or len(os.sched_getaffinity(0))
        self._listener = listener
        self._queue: dict[Tag, Task] = {}
        self._waiting_bytes = 0
        self._at: dict[Tag, Member] = {}  # sent, begun, or ended and not settled
        self._crew = Crew(making, self, jobs=self._jobs, workers=self._workers)
        self._endings = Endings(making.grace_s)
        self._tick: asyncio.TimerHandle | None = None
        self._busy: set[Member] = set()

    async def start(self) -> None:
        """Take up the workers that are there; none is started before there is something to do."""
        await self._crew.start()
        self._fill()

    def room(self) -> int:
        """Tell how many more tasks may wait here: none until half have gone, for to be asked for a few at a time is dear."""
        most = self._workers * _AHEAD_OF_EACH
        waiting = len(self._queue) + sum(len(member.sent) for member in self._busy)
        if waiting > most // 2 or self._waiting_bytes > _MOST_WAITING_BYTES:
            return 0
        return most - waiting

    def unheeded(self, spec: Spec) -> Sequence[str]:  # noqa: ARG002 -- the port's
        """Heed what the executor does."""
        return ()

    async def submit(self, tasks: Sequence[Task]) -> None:
        """Put tasks into the queue."""
        self._put(task for task in tasks if task.tag not in self._at)
        await self._crew.have_workers()
        self._fill()

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which tags wait here, or are in the journals."""
        return [tag for tag in tags if tag in self._queue or tag in self._at]

    async def settled(self, tags: Collection[Tag]) -> None:
        """Have the journals shrink."""
        touched: dict[Member, list[Tag]] = {}
        for tag in tags:
            member = self._at.pop(tag, None)
            if member is not None:
                touched.setdefault(member, []).append(tag)
        for member, which in touched.items():
            member.settle(which)
            self._crew.tidy(member)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """End tasks: those that have not begun at once."""
        for tag in tags:
            if tag in self._queue:
                self._take(tag)
                self._listener.cancelled(tag)
        try:
            for tag in tags:
                member = self._at.get(tag)
                if member is not None and member.is_alive:
                    self._cancel_at(member, tag)
        except orders.Busy as error:
            raise ExecutorUnavailable(str(error)) from error
        self._fill()

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Take no notice: the journals tell it first."""

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what the attempt printed, or prints now."""
        try:
            found = await asyncio.to_thread(
                logs.read, self._jobs, tag, stream, offset=offset, limit=limit
            )
            if found is None:
                found = await self._read_present(tag, stream, offset=offset, limit=limit)
        except OSError as error:
            raise ExecutorUnavailable(f"the log of {tag} cannot be read now: {error}") from error
        if found is None:
            raise NotFound(f"attempt {tag} printed nothing, or its log was deleted")
        return found

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete what the attempts printed and left."""
        for tag in tags:
            try:
                await asyncio.to_thread(logs.delete, self._jobs, tag)
            except OSError as error:
                logger.warning("the logs of %s cannot be deleted: %s", tag, error)

    async def close(self) -> None:
        """Let go of the workers; they finish what they were given."""
        if self._tick is not None:
            self._tick.cancel()
        self._endings.close()
        await self._crew.close()

    def rung(self, member: Member) -> None:
        """Look at a worker's journal; see member.Crew."""
        self._look(member)
        self._fill()

    def died(self, member: Member, status: int | None) -> None:
        """Say what became of what a worker had, when it has died; see crew.Listener."""
        self._look(member)
        running = member.running
        if running is not None:
            try:
                logs.rescue(member.directory, self._jobs, running.tag)
            except OSError as error:  # its end is told all the same
                logger.warning("what %s printed cannot be kept: %s", running.tag, error)
            cause = member.cuts.get(running.tag, "")
            death = _death(status, cause=cause, rerun=running.about.rerun)
            self._listener.died(running.tag, running.where, death)
            member.journals.note(running.tag)
            member.running = None
        if member.journals.is_damaged:
            self._give_up(member)
        self._put_back(member)
        self._busy.discard(member)
        self._crew.tidy(member)
        if self._queue:
            self._crew.want_workers()

    def attached(self, member: Member) -> None:
        """Take up what a worker that was found has; see crew.Listener."""
        self._look(member)
        running = member.running
        if running is not None and member.is_alive:
            cause = member.cuts.get(running.tag)
            if cause is not None:
                self._end_soon(member, running.tag, cause)

    async def _read_present(
        self, tag: Tag, stream: Stream, *, offset: int, limit: int
    ) -> LogPart | None:
        member = self._at.get(tag)
        if member is None:
            return LogPart(data=b"", size=0) if tag in self._queue else None
        self._look(member)
        running = member.running
        part = None
        if running is not None and running.tag == tag:
            part = await asyncio.to_thread(
                logs.read_present, member.directory, stream, offset=offset, limit=limit
            )
            self._look(member)
        # Looked at again: it may have ended meanwhile, and what was read be the next one's.
        kept = await asyncio.to_thread(
            logs.read, self._jobs, tag, stream, offset=offset, limit=limit
        )
        if kept is not None or part is None or member.running is not running:
            return kept or LogPart(data=b"", size=0)
        return part

    def _put(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            if task.tag not in self._queue:
                self._queue[task.tag] = task
                self._waiting_bytes += len(task.pickled)

    def _take(self, tag: Tag) -> Task:
        task = self._queue.pop(tag)
        self._waiting_bytes -= len(task.pickled)
        return task

    def _put_back(self, member: Member) -> None:
        """Have what a worker has not begun be the first in the queue."""
        back, member.sent = member.sent, {}
        for tag in back:
            self._at.pop(tag, None)
        behind, self._queue, self._waiting_bytes = self._queue, {}, 0
        self._put([*back.values(), *behind.values()])

    def _give_up(self, member: Member) -> None:
        """Say that a worker died with all that it was sent: nobody can read which of that it began."""
        given_up, member.sent = member.sent, {}
        for tag, task in given_up.items():
            death = Death(message=_UNREADABLE, rerun=task.rerun)
            self._listener.died(tag, Where(native_id=member.native_id), death)
            member.journals.note(tag)

    def _fill(self) -> None:
        """Give what waits to those who have room, to each as many as to the others."""
        if not self._queue:
            return
        shares: dict[Member, list[Task]] = {}
        free = deque((member, member.can_take) for member in self._crew.alive)
        while free and self._queue:
            member, room = free.popleft()
            if room > 0:
                shares.setdefault(member, []).append(self._take(next(iter(self._queue))))
                free.append((member, room - 1))
        for member, tasks in shares.items():
            for task in tasks:
                self._at[task.tag] = member
            member.send(tasks)
            self._busy.add(member)
        if shares:
            self._soon()

    def _look(self, member: Member) -> None:
        """Tell what a journal says that is new."""
        self._hear(member, member.journals.read())
        if member.journals.is_damaged and member.is_alive:
            logger.error("the journal in %s cannot be read; its worker is ended", member.directory)
            member.kill()

    def _hear(self, member: Member, records: Iterable[frames.Record]) -> None:
        for kind, name, document, data in records:
            tag = Tag(name)
            if kind == frames.BEGUN:
                self._at[tag] = member
                running = member.began(tag, document)
                self._busy.add(member)
                if running.about.limit_s:
                    self._endings.watch(running, partial(self._limit, member, tag))
            elif kind == frames.ENDED:
                self._endings.over(tag)
                self._listener.ended(tag, member.ended(tag), document, data)
        if member.is_idle:
            self._busy.discard(member)
        elif records:
            self._soon()

    def _soon(self) -> None:
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(_TICK_S, self._look_around)

    def _look_around(self) -> None:
        """Tell of what has been running for some time, and give what waits behind it to others."""
        self._tick = None
        for member in list(self._busy):
            before = member.running
            self._look(member)
            running = member.running
            if running is None or not member.is_alive:
                continue
            if running is before and not running.is_told:
                running.is_told = True
                self._listener.began(running.tag, running.where)
                member.slowed()
                self._relieve(member)
        self._fill()
        if any(each.running is None or not each.running.is_told for each in self._busy):
            self._soon()

    def _relieve(self, member: Member) -> None:
        if not member.sent:
            return
        try:
            self._hear(member, member.take_back())
        except orders.Busy:
            logger.warning("worker %s cannot be relieved now", member.native_id)
            return
        self._put_back(member)

    def _cancel_at(self, member: Member, tag: Tag) -> None:
        """End what a worker has.

        Raises:
            Busy: not now.
        """
        self._look(member)
        if tag in member.sent:
            self._hear(member, member.take_back())
            gone = member.sent.pop(tag, None)
            self._put_back(member)
            if gone is not None:
                self._at.pop(tag, None)
                self._listener.cancelled(tag)
                return
        running = member.running
        if running is not None and running.tag == tag and tag not in member.cuts:
            self._end(member, tag, "cancel")

    def _limit(self, member: Member, tag: Tag) -> None:
        self._look(member)
        running = member.running
        if running is not None and running.tag == tag and tag not in member.cuts:
            self._end_soon(member, tag, "limit")

    def _end_soon(self, member: Member, tag: Tag, cause: str) -> None:
        """End what a worker runs, as soon as it can be told."""
        running = member.running
        if running is None or running.tag != tag or not member.is_alive:
            return
        try:
            self._end(member, tag, cause)
        except orders.Busy as error:
            logger.warning("attempt %s cannot be told to end now: %s", tag, error)
            self._endings.again(tag, lambda: self._end_soon(member, tag, cause))

    def _end(self, member: Member, tag: Tag, cause: str) -> None:
        member.order_end(tag, cause)
        self._endings.kill_later(tag, lambda: self._kill(member, tag))

    def _kill(self, member: Member, tag: Tag) -> None:
        self._look(member)
        running = member.running
        if running is not None and running.tag == tag and member.is_alive:
            logger.info("attempt %s has not ended when told to; its worker is killed", tag)
            member.kill()


def _death(status: int | None, *, cause: str, rerun: int) -> Death:
    if status is None:
        return Death(message=_DIED, cause=cause, rerun=rerun)
    if status < 0:
        return Death(message=f"{_KILLED} {-status}", signal=-status, cause=cause, rerun=rerun)
    return Death(message=f"{_LEFT} {status}", exit_code=status, cause=cause, rerun=rerun)
