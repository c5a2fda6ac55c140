"""The operation bulk: the same action on many jobs."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, HeadwayError, InvalidRequest
from headway.core.model.action import MOST_JOBS, Action
from headway.core.model.change import Change, Written
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection
from headway.core.operations.annotate import hiding, labelling
from headway.core.operations.apply import Decide, apply_change
from headway.core.operations.cancel import cancelling
from headway.core.operations.find import find_many, find_one
from headway.core.operations.retry import retrying
from headway.core.operations.select import select

_AT_ONCE: Final = 200


class NotDone(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it was named, and why nothing was done to it, in words."""

    ref: str
    detail: str


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """What was done.

    Attributes:
        matched: how many jobs there were to act on.
        ids: those that were changed (or would be). A job that is as wished already is neither here nor in ``failed``.
    """

    matched: int
    ids: list[JobId]
    failed: list[NotDone]


async def bulk(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    action: Action,
    refs: Sequence[str] = (),
    query: str | None = None,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    dry_run: bool = False,
) -> Bulk:
    """Do one action to many jobs, each on its own: what fails for one does not hold the others back. Durable on return.

    Args:
        refs: UUIDs or numbers; or else
        query: finds the jobs, among those that the actor may see and that lists show.
        add: labels, for ``Action.LABEL``; so is ``remove``.
        dry_run: tell what would be done, and do nothing.

    Raises:
        InvalidRequest: more than 1,000 jobs, a query that cannot be understood, labels for another action than ``label``,
            or none for it.
        Forbidden: the actor may not read.
    """
    if bool(add or remove) != (action is Action.LABEL):
        raise InvalidRequest(
            "add and remove are for the action label, which needs one of them", field="add"
        )
    decide = _decide(core, actor, protocol, action, add=add, remove=remove)
    jobs, failed = (
        await _named(core, actor, refs) if query is None else (await _found(core, actor, query), [])
    )
    changes: list[Change] = []
    for job in jobs:
        try:
            change = decide(job)
        except HeadwayError as error:
            failed.append(NotDone(ref=job.id, detail=str(error)))
        else:
            changes += [] if change is None else [change]
    if dry_run:
        ids = [change.jobs[0].id for change in changes]
    else:
        ids = await _write(core, changes, decide, failed)
    return Bulk(matched=len(jobs), ids=ids, failed=failed)


def _decide(
    core: Core,
    actor: Principal,
    protocol: str,
    action: Action,
    *,
    add: Sequence[str],
    remove: Sequence[str],
) -> Decide:
    match action:
        case Action.CANCEL:
            return cancelling(core, actor=actor, protocol=protocol)
        case Action.RETRY:
            return retrying(core, actor=actor, protocol=protocol)
        case Action.LABEL:
            return labelling(core, actor=actor, protocol=protocol, add=add, remove=remove)
        case Action.HIDE | Action.UNHIDE:
            hidden = action is Action.HIDE
            return hiding(core, actor=actor, protocol=protocol, hidden=hidden)


async def _named(
    core: Core, actor: Principal, refs: Sequence[str]
) -> tuple[list[Job], list[NotDone]]:
    if len(refs) > MOST_JOBS:
        raise InvalidRequest(f"at most {MOST_JOBS:,} jobs at once, not {len(refs):,}", field="ids")
    found: dict[JobId, Job] = {}
    failed: list[NotDone] = []
    for ref in dict.fromkeys(refs):
        try:
            job = await find_one(core, actor=actor, ref=ref)
        except HeadwayError as error:
            failed.append(NotDone(ref=ref, detail=str(error)))
        else:
            found[job.id] = job
    return list(found.values()), failed


async def _found(core: Core, actor: Principal, query: str) -> list[Job]:
    selection = await select(core, actor=actor, q=query, within=Selection())
    page = await find_many(core, actor=actor, selection=selection, limit=MOST_JOBS)
    if page.next is not None:
        raise InvalidRequest(
            f"more than {MOST_JOBS:,} jobs match, and at most so many are changed at once;"
            " narrow the query",
            field="q",
        )
    return page.jobs


async def _write(
    core: Core, changes: Sequence[Change], decide: Decide, failed: list[NotDone]
) -> list[JobId]:
    done: list[JobId] = []
    for start in range(0, len(changes), _AT_ONCE):
        some = changes[start : start + _AT_ONCE]
        for change, answer in zip(some, await core.store.write_many(some), strict=True):
            job_id = change.jobs[0].id
            try:
                if await _is_done(core, job_id, answer, decide):
                    done.append(job_id)
            except HeadwayError as error:
                failed.append(NotDone(ref=job_id, detail=str(error)))
    return done


async def _is_done(
    core: Core, job_id: JobId, answer: Written | HeadwayError, decide: Decide
) -> bool:
    """Tell whether a job was changed, once more from the start when somebody else changed it meanwhile."""
    if isinstance(answer, Conflict):
        applied = await apply_change(core, job_id=job_id, decide=decide)
        return applied.written is not None
    if isinstance(answer, HeadwayError):
        raise answer
    return True
