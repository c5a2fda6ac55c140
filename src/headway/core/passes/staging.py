"""The pass staging: brings files to a cluster's jobs before they are sent, and fetches them before they have ended.

A job with a sandbox is sent when all is in it. When its process has ended, what the executor saw is held back, and not
acknowledged, until the results are where they belong: a final state says that they are there. After a crash the executor
tells of the end again, and the fetching is repeated. When a sandbox goes is decided by what is stored, so any later round
can see to it.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias

from msgspec.structs import replace

from headway.core.core import Core
from headway.core.errors import HeadwayError, NotFound, StagingFailed
from headway.core.model.change import Change, Reports
from headway.core.model.event import EventType, of_state
from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag, WorkerId, job_of_tag
from headway.core.model.spec import Sandbox, Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.core.operations.apply import apply
from headway.core.passes.ends import ended, of_reason
from headway.core.policy.sandboxes import delete_at, is_fetched_from
from headway.core.ports.executor import LogPart, Observation, Stream
from headway.core.ports.files import Files

logger = logging.getLogger(__name__)

WORKER: Final = WorkerId("staging")  #: tells how far a long copy is
_MOST_AHEAD: Final = 32  # attempts whose files are brought at once or wait for it

Work: TypeAlias = Callable[[], Awaitable[object]]


class Staging:
    """One cluster's copying. ``Dispatch`` asks and tells; ``next`` gives what is to be done, each beside the others."""

    def __init__(self, core: Core, *, cluster: Cluster) -> None:
        self._core = core
        self._cluster = cluster
        self._work: deque[Work] = deque()
        self._bringing: set[Tag] = set()
        self._brought: set[Tag] = set()
        self._unwanted: set[Tag] = set()  # cancelled while files were brought
        self._held: dict[Tag, Sequence[Observation]] = {}
        self._fetched: dict[Tag, Sequence[str]] = {}
        self._released: list[Observation] = []
        self._kept: set[Tag] = set()  # sandboxes that stay until retention lets go of their jobs

    def noticed(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        if job.spec.sandbox is None:
            return
        tag = job.tag
        if tag in self._bringing:
            if job.state.is_final or job.cancel is not None:
                self._unwanted.add(tag)
        elif job.state.is_final:
            self._brought.discard(tag)
            self._fetched.pop(tag, None)
            self._kept.discard(tag)
            self._work.append(partial(self._tidy_if_possible, tag))

    def next(self) -> Work | None:
        """Give something to do, once; None when there is nothing. What raises is to be called again later."""
        return self._work.popleft() if self._work else None

    def released(self) -> Sequence[Observation]:
        """Give what was held back and is to be observed now, once."""
        given, self._released = self._released, []
        return given

    def is_ready(self, job: Job) -> bool:
        """Tell whether an accepted job has what it needs to be sent; if not, have it brought."""
        tag = job.tag
        if job.spec.sandbox is None or tag in self._brought:
            return True
        if tag not in self._bringing and len(self._bringing) < _MOST_AHEAD:
            self._bringing.add(tag)
            self._work.append(partial(self._bring, job, job.spec.sandbox))
        return False

    def spec_of(self, job: Job) -> Spec:
        """Give what is to be run: in its sandbox, if it has one."""
        if job.spec.sandbox is None:
            return job.spec
        return replace(job.spec, directory=self._files().place(job.tag))

    def hold(self, job: Job, seen: Sequence[Observation]) -> Sequence[Observation] | None:
        """Give what is to be written of what was seen of a job's attempt; None while its files are fetched."""
        sandbox, last = job.spec.sandbox, seen[-1]
        if sandbox is None or not is_fetched_from(last.state, last.reason):
            return seen
        if job.state.is_final and job.reason is not Reason.LOST:
            return seen
        tag = last.tag
        if tag in self._fetched:
            return [*seen[:-1], _with_troubles(last, self._fetched[tag])]
        if tag not in self._held:
            self._work.append(partial(self._fetch, job, tag, sandbox))
        self._held[tag] = seen
        return None

    def holds(self, tag: Tag) -> bool:
        """Tell whether an attempt's end is held back."""
        return tag in self._held

    async def tidy(self) -> None:
        """Delete the sandboxes whose time has come, those left over from before a crash among them.

        Raises:
            StagingFailed: one of them cannot be deleted; the others were.
        """
        if self._core.files is None:
            return
        tags = await self._core.files.tags()
        self._kept.intersection_update(tags)
        trouble: StagingFailed | None = None
        for tag in tags:
            if tag not in self._kept and tag not in self._bringing | self._core.preparing:
                trouble = await self._tidy_if_possible(tag) or trouble
        if trouble is not None:
            raise trouble

    async def _bring(self, job: Job, sandbox: Sandbox) -> None:
        tag = job.tag
        told = partial(self._tell, job, State.ACCEPTED, Reason.STAGING_IN)
        trouble = ""
        try:
            await self._files().stage_in(tag, sandbox, owner=job.owner, told=told)
        except StagingFailed as error:
            trouble = str(error)
        if trouble and tag not in self._unwanted:
            await self._fail(job, trouble)
        self._bringing.discard(tag)
        if tag in self._unwanted:
            self._unwanted.discard(tag)
            await self._tidy_if_possible(tag)
        elif not trouble:
            self._brought.add(tag)

    async def _fetch(self, job: Job, tag: Tag, sandbox: Sandbox) -> None:
        executor = self._core.executor(self._cluster)

        async def read_log(stream: Stream, offset: int, limit: int) -> LogPart:
            return await executor.read_log(tag, stream, offset=offset, limit=limit)

        told = partial(self._tell, job, State.RUNNING, Reason.STAGING_OUT)
        self._fetched[tag] = await self._files().stage_out(
            tag, sandbox, owner=job.owner, read_log=read_log, told=told
        )
        self._released += self._held.pop(tag)

    async def _fail(self, job: Job, words: str) -> None:
        now = self._core.clock.now()

        def decide(stored: Job) -> Change | None:
            if stored.state.is_final or stored.tag != job.tag:
                return None
            reason = Reason.STAGING_FAILED
            return ended(stored, self._cluster, State.FAILED, reason, message=words, at=now)

        try:
            await apply(self._core, job_id=job.id, decide=decide)
        except NotFound:
            logger.info("job %s is gone; its files could not be brought: %s", job.id, words)

    async def _tidy_if_possible(self, tag: Tag) -> StagingFailed | None:
        """Delete a sandbox whose time has come; gives why it cannot be. No copying waits for that: ``tidy`` tries again."""
        try:
            await self._tidy(tag)
        except StagingFailed as error:
            return error
        return None

    async def _tidy(self, tag: Tag) -> None:
        job_id, no = job_of_tag(tag)
        try:
            job = await self._core.store.job(job_id)
        except NotFound:  # retention has let it go
            await self._files().delete(tag)
            return
        if job.cluster != self._cluster:
            return
        due = delete_at(job, attempt=no)
        if due is None:
            if job.state.is_final or no < job.attempt:
                self._kept.add(tag)
        elif due <= self._core.clock.now():
            await self._files().delete(tag)

    async def _tell(self, job: Job, state: State, reason: Reason, done: int, total: int) -> bool:
        """Write how far a long copy is; gives whether it is to go on."""
        if job.tag in self._unwanted:
            return False
        now = self._core.clock.now()

        def decide(stored: Job) -> Change | None:
            if stored.state.is_final or stored.tag != job.tag or stored.reason is reason:
                return None
            began = stored.started or self._began(job.tag)
            moved = stored.moved_to(
                state, at=now, reason=reason, **({} if began is None else {"started": began})
            )
            kind = EventType.REASON if stored.state is state else of_state(state)
            return Change(jobs=(moved,), events=(of_reason(moved, kind, reason, now),))

        report = Report(worker=WORKER, current=done, total=total, at=now)
        try:
            await apply(self._core, job_id=job.id, decide=decide)
            await self._core.store.write(Change(reports=Reports(job=job.id, reports=(report,))))
        except HeadwayError as error:  # it is the copy that matters
            logger.info("job %s: how far its files are cannot be written: %s", job.id, error)
        return True

    def _began(self, tag: Tag) -> datetime | None:
        """Tell when an attempt whose end is held back began; nobody may have written that yet."""
        return next((seen.started for seen in self._held.get(tag, ()) if seen.started), None)

    def _files(self) -> Files:
        if self._core.files is None:
            raise StagingFailed("this server has no place for sandboxes")
        return self._core.files


def _with_troubles(seen: Observation, troubles: Sequence[str]) -> Observation:
    """Give an end as the user is to be told of it: without its results, a success is none."""
    if not troubles:
        return seen
    words = "; ".join([seen.message, *troubles] if seen.message else troubles)
    if seen.state is State.SUCCEEDED:
        return replace(seen, state=State.FAILED, reason=Reason.STAGING_FAILED, message=words)
    return replace(seen, message=words)
