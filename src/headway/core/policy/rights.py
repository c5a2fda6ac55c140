"""What somebody may do with a job: a page shows what it then need not be refused. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from headway.core.errors import Conflict
from headway.core.model.job import Job, Kind
from headway.core.model.principal import Principal, Scope
from headway.core.policy.access import is_user, may_touch


class Right(StrEnum):
    """Something that can be done with a job, if its state allows it."""

    CANCEL = "cancel"
    RETRY = "retry"
    CLONE = "clone"
    LABEL = "label"
    HIDE = "hide"
    REPORT = "report"
    SHARE = "share"


#: What each takes. For a job that only reports, whoever may report is whoever runs it.
_NEEDS: Final[Mapping[Right, Scope]] = {
    Right.CANCEL: Scope.RUN,
    Right.RETRY: Scope.RUN,
    Right.CLONE: Scope.RUN,
    Right.LABEL: Scope.RUN,
    Right.HIDE: Scope.RUN,
    Right.REPORT: Scope.REPORT,
    Right.SHARE: Scope.READ,
}
_ONLY_REPORTED: Final[Mapping[Right, Scope]] = {
    right: Scope.REPORT if right in {Right.CANCEL, Right.CLONE} else scope
    for right, scope in _NEEDS.items()
    if right is not Right.RETRY  # nothing of ours could run it again
}
#: What Headway did not hand over it can neither end nor begin again.
_ADOPTED: Final[Mapping[Right, Scope]] = {
    right: scope
    for right, scope in _NEEDS.items()
    if right not in {Right.CANCEL, Right.RETRY, Right.CLONE}
}
_BY_KIND: Final[Mapping[Kind, Mapping[Right, Scope]]] = {
    Kind.REPORT: _ONLY_REPORTED,
    Kind.ADOPTED: _ADOPTED,
}
#: A link or a job's own token makes nothing new: it could not be ended with them.
_FOR_USERS: Final = frozenset({Right.CLONE, Right.SHARE})


def needed(right: Right, job: Job) -> Scope:
    """Give the scope that something takes."""
    return _BY_KIND.get(job.kind, _NEEDS).get(right, _NEEDS[right])


def check_own(job: Job, *, own_command: str = "") -> None:
    """Check that a job is one that Headway runs, or that only reports.

    Args:
        own_command: what does it on the job's cluster, with ``{native}`` for its id there; "" where none is known.

    Raises:
        Conflict: it was handed to its cluster by hand.
    """
    if not job.is_adopted:
        return
    there = f"use the own commands of cluster {job.cluster}, where it is {job.native_id}"
    if own_command and job.native_id:
        there = f"on the cluster {job.cluster} itself this does it: {own_command}"
        there = there.replace("{native}", job.native_id)
    raise Conflict(
        f"job {job.number} was not submitted through Headway, which only looks at it; {there}"
    )


def rights_of(actor: Principal, job: Job) -> tuple[Right, ...]:
    """Give what the actor may do with a job, whether or not its state allows it now."""
    if not may_touch(actor, job):
        return ()
    return _rights(actor.scopes, is_user(actor), job.kind)


@lru_cache(maxsize=256)  # every document of a job says them, and there are few kinds of callers
def _rights(
    scopes: frozenset[Scope],
    by_user: bool,  # noqa: FBT001 -- kept by their values
    kind: Kind,
) -> tuple[Right, ...]:
    needs = _BY_KIND.get(kind, _NEEDS)
    return tuple(
        right
        for right, scope in needs.items()
        if scope in scopes and (right not in _FOR_USERS or (by_user and Scope.READ in scopes))
    )
