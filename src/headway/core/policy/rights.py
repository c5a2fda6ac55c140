"""What somebody may do with a job: a page shows what it then need not be refused. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from headway.core.model.job import Job
from headway.core.model.principal import Principal, Scope
from headway.core.policy.access import is_user, permits


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
    Right.CANCEL: Scope.REPORT,
    Right.CLONE: Scope.REPORT,
}
#: A link or a job's own token makes nothing new: it could not be ended with them.
_FOR_USERS: Final = frozenset({Right.CLONE, Right.SHARE})


def needed(right: Right, job: Job) -> Scope:
    """Give the scope that something takes."""
    if job.only_reports:
        return _ONLY_REPORTED.get(right, _NEEDS[right])
    return _NEEDS[right]


def rights_of(actor: Principal, job: Job) -> tuple[Right, ...]:
    """Give what the actor may do with a job, whether or not its state allows it now."""
    return tuple(right for right in Right if _may(actor, right, job))


def _may(actor: Principal, right: Right, job: Job) -> bool:
    if right is Right.RETRY and job.only_reports:  # nothing of ours could run it again
        return False
    if right in _FOR_USERS and not (is_user(actor) and permits(actor, Scope.READ, job)):
        return False
    return permits(actor, needed(right, job), job)
