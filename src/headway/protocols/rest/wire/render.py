"""The core's values as documents."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from headway.core.model.callback import Callback
from headway.core.model.elements import all_parts
from headway.core.model.event import Event
from headway.core.model.function import Function
from headway.core.model.group import Group
from headway.core.model.job import Attempt, Job, Usage
from headway.core.model.principal import Principal, Scope, Token
from headway.core.model.worker import STALLED_FLOOR_S, Counter, Tally, Worker
from headway.core.policy.rights import Right
from headway.protocols.rest.wire.documents import (
    AskedJob,
    AttemptDocument,
    CallbackDocument,
    CounterDocument,
    EfficiencyDocument,
    EventDocument,
    FunctionDocument,
    JobDocument,
    JobFacts,
    JobGroup,
    JobSummary,
    Links,
    OriginDocument,
    ReportedWorker,
    UsageDocument,
    WorkerDocument,
    WorkersSummary,
)
from headway.protocols.rest.wire.people import NewTokenDocument, TokenDocument, WhoAmI
from headway.views.efficiency import efficiency

# What a job has under the same names is given in a document's own order: thirty keywords take longer than all else in it.
#: All are of the job's own form, but for ``usage``.
_FACTS: Final = JobFacts.__struct_fields__
_USAGE: Final = _FACTS.index("usage")
_facts_of: Final = attrgetter(*_FACTS)
_ASKED: Final = AskedJob.__struct_fields__[len(JobSummary.__struct_fields__) :]
_UNHEEDED: Final = _ASKED.index("unheeded")
_FUNCTION: Final = _ASKED.index("function")
_spec_of: Final = attrgetter(*_ASKED[:_UNHEEDED])
_given_of: Final = attrgetter(*_ASKED[_UNHEEDED + 1 :])


def summary(job: Job, tally: Tally) -> JobSummary:
    """Make the short form of a job."""
    return JobSummary(*_facts(job), *_tallied(job, tally))


def facts(job: Job) -> JobFacts:
    """Make what a job says of itself alone."""
    return JobFacts(*_facts(job))


def document(
    job: Job,
    tally: Tally,
    *,
    attempts: Sequence[Attempt],
    counters: Sequence[Counter],
    groups: Sequence[JobGroup],
    links: Links,
    may: Sequence[Right],
    unheeded: Sequence[str] = (),
    runs_as: str | None = None,
    report_token: str | UnsetType = UNSET,
) -> JobDocument:
    """Make the long form of a job.

    Args:
        groups: those of whoever sees it that it is in.
        may: what they may do.
        unheeded: what its cluster takes no notice of.
        runs_as: its account.
    """
    return JobDocument(
        *_facts(job),
        *_tallied(job, tally),
        *_asked(job, unheeded),
        callbacks=[callback_document(callback) for callback in job.callbacks],
        origin=None
        if job.origin is None
        else OriginDocument(job=job.origin.job, how=job.origin.how),
        efficiency=_efficiency(job),
        runs_as=runs_as,
        attempts=[_attempt(attempt) for attempt in attempts],
        counters=[counter_document(counter) for counter in counters],
        groups=groups,
        may=may,
        links=links,
        report_token=report_token,
    )


def callback_document(callback: Callback) -> CallbackDocument:
    """Make a callback's document, without its secret."""
    return CallbackDocument(
        url=callback.url,
        words=callback.words,
        events=callback.events,
        signed=bool(callback.secret),
    )


def links_of(job: Job, *, root: str, api: str) -> Links:
    """Give a job's links. ``root`` is the address of the whole server, ``api`` that of this protocol, without end slashes."""
    own = f"{api}/jobs/{job.id}"
    return Links(
        self=own,
        workers=f"{own}/workers",
        events=f"{own}/events",
        callbacks=f"{own}/callbacks",
        stdout=f"{own}/log/stdout" if job.has_log else UNSET,
        stderr=f"{own}/log/stderr" if job.has_stderr else UNSET,
        page=f"{root}/j/{job.number}",
        light=f"{root}/progress/show?id={job.id}",
    )


def job_group(group: Group, *, root: str) -> JobGroup:
    """Name a group in a job's document; ``root`` is the address of the whole server."""
    return JobGroup(id=group.id, name=group.name, page=group_page(group, root=root))


def group_page(group: Group, *, root: str) -> str:
    """Give the address of a group's page."""
    return f"{root}/groups?id={quote(group.id, safe='')}"


def worker_document(
    worker: Worker, *, at: datetime, floor_s: float = STALLED_FLOOR_S
) -> WorkerDocument:
    """Make a worker's document as of ``at``; silent for less than ``floor_s`` it is never stalled."""
    return WorkerDocument(**_worker(worker, at, floor_s))


def reported_document(
    worker: Worker, *, at: datetime, floor_s: float, next_report_s: float
) -> ReportedWorker:
    """Make the document of a worker that has just reported."""
    return ReportedWorker(**_worker(worker, at, floor_s), next_report_s=next_report_s)


def counter_document(counter: Counter) -> CounterDocument:
    """Make a counter's document."""
    return CounterDocument(
        key=counter.key, value=counter.value, colour=counter.colour, updated=counter.updated
    )


def event_document(event: Event) -> EventDocument:
    """Make an event's document."""
    return EventDocument(
        seq=event.seq,
        job=event.job,
        time=event.time,
        type=event.type,
        actor=event.actor,
        protocol=event.protocol,
        data=event.data,
        group=UNSET if event.group is None else event.group[1],
    )


def token_document(token: Token) -> TokenDocument:
    """Make a token's document."""
    return TokenDocument(**_token(token))


def new_token_document(token: Token, secret: str) -> NewTokenDocument:
    """Make the only document that shows a token's secret."""
    return NewTokenDocument(**_token(token), token=secret)


def who_am_i(actor: Principal) -> WhoAmI:
    """Say who the caller is."""
    return WhoAmI(name=actor.name, scopes=_sorted(actor.scopes), job=actor.job, via=actor.via)


def _usage(usage: Usage | None) -> UsageDocument | None:
    if usage is None:
        return None
    return UsageDocument(
        cpu_s=usage.cpu_s, max_memory_bytes=usage.max_memory_bytes, wall_s=usage.wall_s
    )


def _efficiency(job: Job) -> EfficiencyDocument | None:
    found = efficiency(job)
    return None if found is None else EfficiencyDocument(**msgspec.structs.asdict(found))


def _tallied(job: Job, tally: Tally) -> Sequence[Any]:
    """Give the fields that JobSummary adds."""
    workers = WorkersSummary(
        count=tally.workers,
        finished=tally.finished,
        not_ok=tally.not_ok,
        announced=job.worker_count,
    )
    return tally.progress_in(job.state), workers, all_parts(job, tally.children)


def _facts(job: Job) -> Sequence[Any]:
    """Give the fields of JobFacts in their order."""
    values = _facts_of(job)
    if job.usage is None:
        return values
    return *values[:_USAGE], _usage(job.usage), *values[_USAGE + 1 :]


def _asked(job: Job, unheeded: Sequence[str]) -> Sequence[Any]:
    """Give the fields that AskedJob adds."""
    if job.spec.function is None:
        return *_spec_of(job.spec), unheeded, *_given_of(job)
    values = list(_spec_of(job.spec))
    values[_FUNCTION] = _function(job.spec.function)
    return *values, unheeded, *_given_of(job)


def _function(function: Function) -> FunctionDocument:
    return FunctionDocument(
        pickled_bytes=len(function.pickled),
        source=function.source,
        shell=function.shell,
        rerun=function.rerun,
    )


def _worker(worker: Worker, at: datetime, floor_s: float) -> dict[str, Any]:
    return {
        "id": worker.id,
        "current": worker.current,
        "total": worker.total,
        "ok": worker.ok,
        "desc": worker.desc,
        "fraction": worker.fraction,
        "finished": worker.finished,
        "rate_per_s": worker.rate_per_s,
        "eta_s": worker.eta_s(at=at),
        "stalled": worker.stalled(at=at, floor_s=floor_s),
        "first_seen": worker.first_seen,
        "updated": worker.updated,
    }


def _attempt(attempt: Attempt) -> AttemptDocument:
    return AttemptDocument(
        no=attempt.no,
        cluster=attempt.cluster,
        native_id=attempt.native_id,
        native_state=attempt.native_state,
        native_info=attempt.native_info,
        host=attempt.host,
        sent=attempt.sent,
        started=attempt.started,
        ended=attempt.ended,
        exit_code=attempt.exit_code,
        signal=attempt.signal,
        usage=_usage(attempt.usage),
        state=attempt.state,
        reason=attempt.reason,
        message=attempt.message,
    )


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": token.user,
        "note": token.note,
        "scopes": _sorted(token.scopes),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }


def _sorted(scopes: frozenset[Scope]) -> list[Scope]:
    return [scope for scope in Scope if scope in scopes]
