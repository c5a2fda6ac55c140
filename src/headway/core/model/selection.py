"""Which jobs a caller wants to see, and which they may."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import msgspec

from headway.core.model.condition import Condition, folded
from headway.core.model.group import InGroups
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId
from headway.core.model.state import State


class Visibility(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may see: everything, or the jobs of one owner, or a single job."""

    everything: bool = False
    owner: str | None = None
    job: JobId | None = None

    def covers(self, job: Job) -> bool:
        """Tell whether a job may be seen."""
        return job.id == self.job or self.covers_owner(job.owner)

    def covers_owner(self, owner: str) -> bool:
        """Tell whether everything that is a user's may be seen."""
        return self.everything or (self.owner is not None and owner == self.owner)


_NOTHING: Final[Mapping[InGroups, Collection[JobId]]] = {}


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """A filter on jobs; every part that is given must hold. Empty sets do not filter.

    Attributes:
        labels: all of them.
        name: exactly this name.
        since: created at this time or later.
        text: these characters somewhere in name, status text or a label; upper and lower case of ASCII letters alike.
        parent: the children of this job; without it, jobs that have no parent (unless ``children`` is set).
        hidden: hidden jobs too.
        where: what else must hold (see ``headway.core.query``).
        groups: where the job must be, or must not be.
    """

    states: frozenset[State] = frozenset()
    labels: frozenset[str] = frozenset()
    name: str | None = None
    owner: str | None = None
    cluster: Cluster | None = None
    since: datetime | None = None
    text: str | None = None
    parent: JobId | None = None
    children: bool = False
    hidden: bool = False
    where: tuple[Condition, ...] = ()
    groups: tuple[InGroups, ...] = ()

    def matches(self, job: Job, below: Mapping[InGroups, Collection[JobId]] = _NOTHING) -> bool:
        """Tell whether a job is among those selected. The meaning that stores must have in SQL.

        ``below`` has the jobs of each of ``groups``: a job does not know itself where it is.
        """
        return (
            (not self.states or job.state in self.states)
            and self.labels <= set(job.labels)
            and (self.name is None or job.name == self.name)
            and (self.owner is None or job.owner == self.owner)
            and (self.cluster is None or job.cluster == self.cluster)
            and (self.since is None or job.created >= self.since)
            and (self.text is None or _has_text(job, self.text))
            and (self.children or job.parent == self.parent)
            and (self.hidden or job.hidden is None)
            and all(condition.holds(job) for condition in self.where)
            and all(within.holds(job.id, below[within]) for within in self.groups)
        )


def _has_text(job: Job, text: str) -> bool:
    wanted = folded(text)
    words = (job.name, job.status_text, *job.labels)
    return any(wanted in folded(word) for word in words)
