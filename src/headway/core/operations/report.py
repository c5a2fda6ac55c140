"""The operation report: workers say how far they are."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.model.change import Change, Reports
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report, Worker
from headway.core.operations.apply import apply_change
from headway.core.policy.access import require

WAITING: Final = frozenset({State.ACCEPTED, State.QUEUED})

#: How a job ends when nobody said so and Headway concluded it from what was reported.
_CONCLUDED: Final = frozenset({None, Reason.WORKER_NOT_OK, Reason.EXPIRED})


class Reported(msgspec.Struct, frozen=True):
    """The job as it is now, and its workers that reported, as they are now."""

    job: Job
    workers: tuple[Worker, ...]


async def report(
    core: Core, *, actor: Principal, protocol: str, job_id: JobId, reports: Sequence[Report]
) -> Job:
    """Keep the workers' newest reports; gives the job. Durable on return. Says and raises what ``report_workers`` does."""
    reported = await report_workers(
        core, actor=actor, protocol=protocol, job_id=job_id, reports=reports
    )
    return reported.job


async def report_workers(
    core: Core, *, actor: Principal, protocol: str, job_id: JobId, reports: Sequence[Report]
) -> Reported:
    """Keep the workers' newest reports; a job's first report is the news that it runs. Durable on return.

    A job that an executor runs is running by its own word (its report token), not by that of a person who reports on it.
    A report on a job that only reports and had ended by itself reopens it, if it was made after that end. A report on any
    other ended job is kept and changes nothing else.

    Raises:
        NotFound: no job has that id, or none that the actor may report on.
        Forbidden: the actor may not report.
        StorageFull: no space; nothing was kept.
    """

    def decide(job: Job) -> Change:
        require(actor, Scope.REPORT, job)
        rows = Reports(job=job.id, reports=tuple(reports))
        if job.state is State.RUNNING or not reports:
            return Change(reports=rows)
        if job.state in WAITING:
            if not speaks_for_itself(job, actor):
                return Change(reports=rows)
            moved = job.moved_to(State.RUNNING, at=core.clock.now())
            kind = EventType.RUNNING
        elif _comes_back(job, reports):
            moved = job.reopened(at=core.clock.now())
            kind = EventType.REOPENED
        else:
            return Change(reports=rows)
        event = Event(
            job=job.id, time=moved.updated, type=kind, actor=actor.name, protocol=protocol
        )
        return Change(jobs=(moved,), reports=rows, events=(event,))

    applied = await apply_change(core, job_id=job_id, decide=decide)
    return Reported(applied.job, applied.written.workers if applied.written else ())


def speaks_for_itself(job: Job, actor: Principal) -> bool:
    """Tell whether what the actor says of a waiting job shows that it runs: it does not when a person says it."""
    return job.only_reports or actor.job == job.id


def _comes_back(job: Job, reports: Sequence[Report]) -> bool:
    """Tell whether an ended job goes on: nobody said how it ended, and somebody reports from after that end."""
    said = (job.exit_code, job.signal, job.cancel)
    return (
        job.only_reports
        and job.reason in _CONCLUDED
        and not job.will_finish
        and all(word is None for word in said)
        and job.ended is not None
        and max(report.at for report in reports) > job.ended
    )
