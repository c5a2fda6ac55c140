"""The operations on what a job's executor itself knows: it is told from inside a job, and asked on a job's behalf."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, Forbidden, NotFound
from headway.core.model.elements import all_parts
from headway.core.model.job import Attempt, Job
from headway.core.model.names import JobId, tag_of
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.model.worker import NO_TALLY
from headway.core.operations.adopted import adopted_detail, explain_adopted
from headway.core.operations.find import find_one
from headway.core.operations.logs import open_log
from headway.core.policy.access import LINK, require
from headway.core.ports.executor import Executor, Explanation, Stream

_LAST_BYTES: Final = 4096
_LAST_LINES: Final = 10
_MOST_BEFORE: Final = 20


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job is where it is.

    Attributes:
        native: what its executor knows beside that, now; None when it knows nothing more.
        attempt: how the present attempt went, as far as it came.
        last_lines: the end of what a failed job wrote: its standard error, or its standard output when that is empty.
        kind: which executor its cluster is; "" for none.
        trouble: what is wrong with its cluster now, for users who may know of clusters.
        elements: of an array, how many are in each state, by the state's word. ``native`` is then one element's: one that
            stands as the array does.
        comes_after: jobs that have to succeed before this one is handed over, and have not yet; not all of very many.
        runs_as: the account that it runs as, or ran; "" where that is not known.
    """

    job: Job
    native: Explanation | None
    attempt: Attempt | None
    kind: str = ""
    trouble: str = ""
    elements: Mapping[str, int] = msgspec.field(default_factory=dict)
    comes_after: tuple[Job, ...] = ()
    last_lines: tuple[str, ...] = ()
    runs_as: str = ""


async def tell_record(
    core: Core, *, actor: Principal, job_id: JobId, attempt: int, record: bytes
) -> None:
    """Pass on what an attempt's wrapper says: it has begun, or ended. Nothing is durable on return.

    It is what the wrapper has written beside the job too, so nothing is lost with it.

    Raises:
        NotFound: no such job, none that the actor may report on, or it runs nowhere.
        Forbidden: the actor is not the job itself. Who may only report progress ends no job.
    """
    job = await core.store.job(job_id)
    require(actor, Scope.REPORT, job)
    if actor.job is None:
        raise Forbidden("a job itself says that it has begun or ended, with its own token only")
    if not job.state.is_final:
        await _executor_of(core, job).heard(tag_of(job.id, attempt), record)


async def explain(core: Core, *, actor: Principal, job_id: JobId) -> Why:
    """Tell why a job waits, or how it failed. Asks nobody: the executor tells what it knows.

    Raises:
        NotFound: no such job, or none that the actor may see.
    """
    job = await find_one(core, actor=actor, ref=job_id)
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    has_ended = job.state.is_final
    attempts = await core.store.attempts(job.id)
    return Why(
        job=job,
        native=None if executor is None or has_ended else await _explanation(core, job, executor),
        attempt=next((one for one in attempts if one.no == job.attempt), None),
        kind="" if job.cluster is None else core.kinds.get(job.cluster, ""),
        trouble="" if actor.job is not None else _trouble(core, job),
        elements=await _elements(core, job) if job.is_array else {},
        comes_after=await _comes_after(core, job) if actor.job is None else (),
        last_lines=await _last_lines(core, actor, job) if job.state is State.FAILED else (),
        runs_as=core.account_of(job) or "",
    )


async def native_detail(core: Core, *, actor: Principal, job_id: JobId, attempt: int | None) -> str:
    """Ask a job's executor for all it has to say of an attempt, in its own words; the present attempt when None is given.

    Raises:
        NotFound: no such job or attempt, or the executor knows nothing (any more).
        Forbidden: the actor came by a link. Schedulers tell of the environment too, and passwords may be in it.
        ExecutorUnavailable: it cannot be asked now.
    """
    job = await find_one(core, actor=actor, ref=job_id)
    if actor.via == LINK:
        raise Forbidden("a link does not show what the scheduler itself says: secrets may be in it")
    no = job.attempt if attempt is None else attempt
    if not 1 <= no <= job.attempt:
        raise NotFound(f"job {job.number} has no attempt {no}; the newest is {job.attempt}")
    if job.is_adopted:
        return await adopted_detail(core, job)
    return await _executor_of(core, job).native_detail(tag_of(job.id, no))


async def _explanation(core: Core, job: Job, executor: Executor) -> Explanation | None:
    if job.is_adopted:
        return explain_adopted(core, job)
    if not job.is_array:
        return await executor.explain(job.tag)
    like_it = Selection(parent=job.id, states=frozenset({job.state}), hidden=True)
    elements = await core.store.jobs(like_it, Visibility(everything=True), limit=1)
    return await executor.explain(elements[0].tag) if elements else None


def _executor_of(core: Core, job: Job) -> Executor:
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    if executor is None or job.only_reports:
        raise NotFound(f"job {job.number} runs on no cluster of this server")
    return executor


async def _elements(core: Core, job: Job) -> Mapping[str, int]:
    tally = (await core.store.tallies([job.id])).get(job.id, NO_TALLY)
    return all_parts(job, tally.children)


def _trouble(core: Core, job: Job) -> str:
    found = core.troubles.get(f"cluster {job.cluster}")
    return "" if found is None else found.words


async def _comes_after(core: Core, job: Job) -> tuple[Job, ...]:
    if job.state is not State.ACCEPTED:
        return ()
    found: list[Job] = []
    for job_id in job.spec.after[:_MOST_BEFORE]:
        try:
            before = await core.store.job(job_id)
        except NotFound:  # retention has deleted it
            continue
        if before.state is not State.SUCCEEDED:
            found.append(before)
    return tuple(found)


async def _last_lines(core: Core, actor: Principal, job: Job) -> tuple[str, ...]:
    """Read the end of a job's outputs; nothing where there is none to be read, or not now."""
    if job.cluster is None or job.only_reports or job.is_array:
        return ()
    for stream in (Stream.STDERR, Stream.STDOUT):
        try:
            log = await open_log(core, actor=actor, job_id=job.id, stream=stream, attempt=None)
            size = (await log.read(0, 0)).size
            part = await log.read(max(0, size - _LAST_BYTES), _LAST_BYTES)
        except (NotFound, ExecutorUnavailable):
            continue
        lines = _shown_lines(part.data)
        if lines:
            return lines[-_LAST_LINES:]
    return ()


def _shown_lines(data: bytes) -> tuple[str, ...]:
    """Give lines as a terminal leaves them: of a bar that was drawn over and over, what it showed last."""
    lines = data.decode("utf-8", "replace").rstrip("\n").split("\n")
    shown = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
    return tuple(shown) if any(shown) else ()
