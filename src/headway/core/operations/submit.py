"""The operation submit: a request at any protocol becomes a stored Job."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import (
    Conflict,
    Forbidden,
    HeadwayError,
    InFlight,
    InvalidRequest,
    KeyReused,
)
from headway.core.model.callback import MOST_CALLBACKS, Callback
from headway.core.model.change import Alias, Change, RequestKey, merged
from headway.core.model.group import Group
from headway.core.model.job import Job, Kind, Origin
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.model.naming import name_of_command
from headway.core.model.principal import Principal, Scope
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.operations import sandboxes
from headway.core.operations.functions import check_function
from headway.core.operations.new_jobs import (
    accepted,
    beginning_of,
    check_after,
    check_parent,
    elements_of,
    places_in,
    told_where,
)
from headway.core.policy.access import require, require_user
from headway.lib.jsonvalue import JsonObject

# Looked up once: Python 3.11 takes two functions to find a member, and these are asked for several times a request.
_REPORT: Final = Kind.REPORT
_FUNCTION: Final = Kind.FUNCTION
_ACCEPTED: Final = State.ACCEPTED


MOST_AT_ONCE: Final = 1_000  #: jobs that are stored in one transaction


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants as a job, in nobody's wire words. See Job and Spec for the fields.

    Attributes:
        name: shown to people; when empty, its program, or how the line begins that a shell is to run.
        cluster: where to run; None for the default one, or for a job that only reports.
        will_finish: a job that only reports will say itself when it has ended.
        aliases: (namespace, key, as shown) of foreign ids that must be free.
        callbacks: who is told of the job's changes.
        groups: those of the caller's that it is put into: ids, names or paths.
    """

    kind: Kind = Kind.COMMAND
    name: str = ""
    spec: Spec = Spec()
    labels: tuple[str, ...] = ()
    cluster: Cluster | None = None
    inputs: JsonObject = msgspec.field(default_factory=dict)
    extra: JsonObject = msgspec.field(default_factory=dict)
    url: str | None = None
    parent: JobId | None = None
    index: int | None = None
    worker_count: int | None = None
    max_age_s: float | None = None
    will_finish: bool = False
    native_id: NativeId | None = None
    aliases: tuple[tuple[str, str, str], ...] = ()
    origin: Origin | None = None
    callbacks: tuple[Callback, ...] = ()
    groups: tuple[str, ...] = ()


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """The stored job; ``replayed`` when an earlier request with the same key had made it."""

    job: Job
    replayed: bool = False


async def submit(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    submission: Submission,
    key: str | None = None,
    digest: bytes = b"",
    stage_first: bool = False,
) -> Submitted:
    """Store a new job, accepted. The pass ``dispatch`` hands it to its executor; no executor is asked here.

    Args:
        key: an idempotency key of this actor's; the same key with the same digest gives the same job again.
        digest: of what was sent with the key.
        stage_first: bring the files into the job's sandbox before it is stored, so that what cannot be brought is told here.

    Raises:
        InvalidRequest: no such cluster or group, a command job without a command, a path that a sandbox may not have, or an address
            that may not be called.
        StagingFailed: a file cannot be brought; only with ``stage_first``, otherwise the job ends so.
        KeyReused: the key came before with another digest.
        InFlight: the same key is being worked on right now.
        Conflict: an alias is taken.
        NotFound: the parent is no job that the actor may see.
        Forbidden: the actor may not run jobs, or not report, or is a job that speaks only for itself.
        StorageFull: no space; nothing was stored.
    """
    require(actor, Scope.REPORT if submission.kind is _REPORT else Scope.RUN)
    if actor.job is not None:
        raise Forbidden("a job's own token speaks for that job only; it makes no other")
    if submission.callbacks:
        _check_callbacks(core, actor, submission.callbacks)
    if key is None:
        job = _job_of(core, actor, protocol, submission)
        return Submitted(
            job=await _store(core, actor, job, submission, None, stage_first=stage_first)
        )
    mark = (actor.name, key)
    if mark in core.in_flight or stage_first or submission.spec.sandbox is not None:
        replayed = await _replayed(core, actor, key, digest)
        if replayed is not None:
            return Submitted(job=replayed, replayed=True)
    if mark in core.in_flight:
        raise InFlight(f"a request with the key {key!r} is being worked on; ask again in a moment")
    core.in_flight.add(mark)
    try:
        job = _job_of(core, actor, protocol, submission)
        request_key = RequestKey(
            caller=actor.name, key=key, digest=digest, job=job.id, at=job.created
        )
        return Submitted(
            job=await _store(core, actor, job, submission, request_key, stage_first=stage_first)
        )
    except HeadwayError:
        # Most keys are new: only where something is wrong is it looked whether this is one that came before.
        replayed = await _replayed(core, actor, key, digest)
        if replayed is None:
            raise
        return Submitted(job=replayed, replayed=True)
    finally:
        core.in_flight.discard(mark)


async def submit_many(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    submissions: Sequence[Submission],
    key: str | None = None,
    digest: bytes = b"",
) -> list[Job]:
    """Store many new jobs in one transaction: all of them or none. In the order of ``submissions``, and numbered so.

    Args:
        key: an idempotency key of this actor's; the same key with the same digest gives the same jobs again.
        digest: of what was sent with the key.

    Raises:
        InvalidRequest: there are none or too many, or one is an array or has a sandbox; else as ``submit``, with the place of
            the submission before the field.
        Forbidden, NotFound, KeyReused, InFlight, Conflict, StorageFull: as ``submit``; nothing was stored.
    """
    for kind in {submission.kind for submission in submissions}:
        require(actor, Scope.REPORT if kind is _REPORT else Scope.RUN)
    if actor.job is not None:
        raise Forbidden("a job's own token speaks for that job only; it makes no other")
    if not 1 <= len(submissions) <= MOST_AT_ONCE:
        raise InvalidRequest(
            f"jobs: give 1 to {MOST_AT_ONCE} at once, not {len(submissions)}", field="jobs"
        )
    replayed = None if key is None else await _replayed(core, actor, key, digest)
    if replayed is None:
        try:
            return await _store_many(core, actor, protocol, submissions, key, digest)
        except Conflict:
            replayed = None if key is None else await _replayed(core, actor, key, digest)
            if replayed is None:
                raise
    numbers = range(replayed.number, replayed.number + len(submissions))
    return [await core.store.job_by_number(number) for number in numbers]


async def _store_many(
    core: Core,
    actor: Principal,
    protocol: str,
    submissions: Sequence[Submission],
    key: str | None,
    digest: bytes,
) -> list[Job]:
    changes: list[Change] = []
    groups: dict[str, Group] = {}
    for place, submission in enumerate(submissions):
        try:
            job = _job_of(core, actor, protocol, submission)
            _check_one_of_many(core, actor, job, submission)
            changes.append(await _change_of(core, actor, job, submission, groups=groups))
        except InvalidRequest as error:
            field = f"jobs[{place}]" + (f".{error.field}" if error.field else "")
            raise InvalidRequest(f"jobs[{place}]: {error}", field=field) from error
    first = changes[0].jobs[0]
    request_key = None
    if key is not None:
        request_key = RequestKey(
            caller=actor.name, key=key, digest=digest, job=first.id, at=first.created
        )
    written = await core.store.write(merged(changes, request_key=request_key))
    return list(written.jobs)


def _check_one_of_many(core: Core, actor: Principal, job: Job, submission: Submission) -> None:
    if job.is_array or job.spec.sandbox is not None:
        field = "array" if job.is_array else "sandbox"
        raise InvalidRequest(f"{field}: such a job is submitted by itself", field=field)
    if submission.callbacks:
        _check_callbacks(core, actor, submission.callbacks)


async def _replayed(core: Core, actor: Principal, key: str, digest: bytes) -> Job | None:
    known = await core.store.request_key(actor.name, key)
    if known is None:
        return None
    if known.digest != digest:
        raise KeyReused(
            f"the key {key!r} was used before with another request; use a new key for a new job",
            field="Idempotency-Key",
        )
    return await core.store.job(known.job)


async def _store(
    core: Core,
    actor: Principal,
    job: Job,
    submission: Submission,
    request_key: RequestKey | None,
    *,
    stage_first: bool,
) -> Job:
    change = await _change_of(core, actor, job, submission, request_key=request_key)
    sandbox = job.spec.sandbox
    if sandbox is None:
        core.foretell(job)
        return (await core.store.write(change)).jobs[0]
    sandboxes.check(core, sandbox, owner=job.owner)
    if not stage_first:
        return (await core.store.write(change)).jobs[0]
    async with sandboxes.prepared(core, job, sandbox):
        return (await core.store.write(change)).jobs[0]


async def _change_of(
    core: Core,
    actor: Principal,
    job: Job,
    submission: Submission,
    *,
    request_key: RequestKey | None = None,
    groups: dict[str, Group] | None = None,
) -> Change:
    """Give what stores a new job; ``groups`` are those that were looked up before, to which others are added."""
    if job.parent is not None:
        await check_parent(core, actor, job.parent)
    if job.spec.after:
        await check_after(core, actor, job.spec.after)
    known = {} if groups is None else groups
    places, placed = await places_in(core, actor, job, submission.groups, known)
    job = told_where(job, places)
    elements = elements_of(core, job)
    return Change(
        jobs=(job, *elements),
        memberships=places,
        request_key=request_key,
        aliases=tuple(
            Alias(namespace=namespace, key=name, job=job.id, shown=shown)
            for namespace, name, shown in submission.aliases
        ),
        events=(
            *beginning_of(job, actor),
            *(accepted(one, actor, one.protocol) for one in elements),
            *placed,
        ),
    )


def _check_callbacks(core: Core, actor: Principal, callbacks: Sequence[Callback]) -> None:
    require_user(actor, Scope.RUN)
    if core.sender is None:
        raise InvalidRequest("this server calls nobody", field="callbacks")
    if len(callbacks) > MOST_CALLBACKS:
        raise InvalidRequest(
            f"a job may have {MOST_CALLBACKS} callbacks, not {len(callbacks)}", field="callbacks"
        )
    for place, callback in enumerate(callbacks):
        core.sender.check(callback.url, field=f"callbacks[{place}].url")


def _has_begun(submission: Submission) -> bool:
    """Tell whether a job runs from its first moment: whoever tells of it will also say when it has ended."""
    return submission.kind is _REPORT and submission.will_finish


def _job_of(core: Core, actor: Principal, protocol: str, submission: Submission) -> Job:
    now = core.clock.now()
    begun = _has_begun(submission)
    return Job(
        id=core.ids.new_job_id(),
        state=State.RUNNING if begun else _ACCEPTED,
        started=now if begun else None,
        kind=submission.kind,
        protocol=protocol,
        owner=actor.name,
        parent=submission.parent,
        index=submission.index,
        name=submission.name or _name_of(submission.spec),
        spec=submission.spec,
        inputs=submission.inputs,
        extra=submission.extra,
        labels=submission.labels,
        url=submission.url,
        cluster=_cluster_of(core, submission, owner=actor.name),
        native_id=submission.native_id,
        worker_count=submission.worker_count,
        max_age_s=submission.max_age_s,
        will_finish=submission.will_finish,
        origin=submission.origin,
        callbacks=submission.callbacks,
        created=now,
        updated=now,
    )


def _cluster_of(core: Core, submission: Submission, *, owner: str) -> Cluster | None:
    if submission.kind is _REPORT:
        return submission.cluster
    function = submission.spec.function
    if submission.kind is _FUNCTION and function is not None:
        check_function(core, function, owner=owner)
    elif not submission.spec.command:
        raise InvalidRequest("command must have at least one word", field="command")
    cluster = submission.cluster or core.cluster_for(submission.kind)
    if not core.executor(cluster).takes(submission.kind):
        raise InvalidRequest(
            f"the cluster {cluster} runs no jobs of the kind {submission.kind}; take"
            f" {' or '.join(core.clusters_for(submission.kind)) or 'another server: this one has none that does'}",
            field="cluster",
        )
    if barred := core.barred(cluster, owner=owner):
        raise Forbidden(barred)
    return cluster


def _name_of(spec: Spec) -> str:
    if spec.function is not None:
        return (spec.function.shell or spec.function.source).strip().partition("\n")[0][:80]
    return name_of_command(spec.command)
