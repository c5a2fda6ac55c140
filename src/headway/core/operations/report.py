"""The operation report: workers say how far they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.model.change import Change, CounterPatch, Reports
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report, Worker
from headway.core.operations.apply import apply_change
from headway.core.policy.access import require
from headway.lib.jsonvalue import JsonValue

WAITING: Final = frozenset({State.ACCEPTED, State.QUEUED})

#: How a job ends when nobody said so and Headway concluded it from what was reported.
_CONCLUDED: Final = frozenset({None, Reason.WORKER_NOT_OK, Reason.EXPIRED})


class Reported(msgspec.Struct, frozen=True):
    """The job as it is now, and its workers that reported, as they are now."""

    job: Job
    workers: tuple[Worker, ...]


async def report_workers(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    job_id: JobId,
    reports: Sequence[Report] = (),
    counters: Sequence[tuple[str, JsonValue, str | None]] | None = None,
    status_text: str | None = None,
) -> Reported:
    """Keep what a job's workers say of it, all of it or nothing; its first word is the news that it runs. Durable on return.

    A job that an executor runs is running by its own word (its report token), not by that of a person who reports on it.
    A report on a job that only reports and had ended by itself reopens it, if it was made after that end. A report on any
    other ended job is kept and changes nothing else.

    Args:
        counters: (key, value, colour) to set; None as the value deletes.
        status_text: the job's own words.

    Raises:
        NotFound: no job has that id, or none that the actor may report on.
        Forbidden: the actor may not report.
        StorageFull: no space; nothing was kept.
    """

    def decide(job: Job) -> Change:
        require(actor, Scope.REPORT, job)
        now = core.clock.now()
        changed, kinds = _news(job, actor, reports, status_text, now)
        patch = counters and CounterPatch(job=job.id, values=tuple(counters), at=now)
        return Change(
            jobs=(changed,) if kinds else (),
            reports=Reports(job=job.id, reports=tuple(reports)),
            counters=patch or None,
            events=tuple(
                Event(
                    job=job.id,
                    time=now,
                    type=kind,
                    actor=actor.name,
                    protocol=protocol,
                    data={"text": status_text} if kind is EventType.STATUS else {},
                )
                for kind in kinds
            ),
        )

    applied = await apply_change(core, job_id=job_id, decide=decide)
    return Reported(applied.job, applied.written.workers if applied.written else ())


def _news(
    job: Job, actor: Principal, reports: Sequence[Report], status_text: str | None, now: datetime
) -> tuple[Job, Sequence[EventType]]:
    """Give the job as a report leaves it, and what of that is news; no news leaves it as it is."""
    kinds: list[EventType] = []
    changed = job
    if job.state in WAITING:
        if (reports or status_text) and speaks_for_itself(job, actor):
            changed = job.moved_to(State.RUNNING, at=now)
            kinds.append(EventType.RUNNING)
    elif job.state.is_final and reports and _comes_back(job, reports):
        changed = job.reopened(at=now)
        kinds.append(EventType.REOPENED)
    if status_text is not None and status_text != job.status_text:
        changed = changed.changed(at=now, status_text=status_text, rev=job.rev + 1)
        kinds.append(EventType.STATUS)
    return changed, kinds


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
