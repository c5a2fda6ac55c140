"""The operation find_clusters: where jobs run, how many wait and run there, and whether all is well."""

from enum import StrEnum

import msgspec

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection
from headway.core.model.state import FINAL, State
from headway.core.model.trouble import Trouble
from headway.core.policy.access import require_user, visibility_of


class Health(StrEnum):
    """How a cluster is."""

    OK = "ok"
    TROUBLE = "trouble"


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster now. The counts are everybody's jobs; ``room`` is how many more attempts it would take.

    Attributes:
        trouble: what is amiss and since when; None while all is well. ``detail`` are its words.
        concerns_actor: it is in trouble, and whoever asks sees jobs there that have not ended.
        adopts: jobs there that Headway did not hand over are shown too.
        runs_as: the account that jobs run as; "" where it is not known here, None where each runs as its owner's.
        others: how many of those it lists now; None where none can be seen, or before the first listing.
    """

    name: Cluster
    kind: str
    health: Health
    detail: str
    accepted: int
    queued: int
    running: int
    room: int
    runs_as: str | None
    trouble: Trouble | None = None
    concerns_actor: bool = False
    adopts: bool = False
    others: int | None = None


async def find_clusters(
    core: Core, *, actor: Principal, in_trouble: bool = False
) -> list[ClusterState]:
    """Read every configured cluster's state, by name. Any user with the scope read may: there are no names of jobs in it.

    Args:
        in_trouble: only of those that are in trouble. Costs nothing while there is none.

    Raises:
        Unauthenticated: nobody knows who asks.
        Forbidden: the actor may not read, or came by a link or a job's token.
    """
    require_user(actor, Scope.READ)
    names = [
        name
        for name in sorted(core.executors)
        if not in_trouble or _trouble_of(core, name) is not None
    ]
    return [await _state_of(core, actor, name) for name in names]


def _trouble_of(core: Core, name: Cluster) -> Trouble | None:
    return core.troubles.get(f"cluster {name}")


async def _state_of(core: Core, actor: Principal, name: Cluster) -> ClusterState:
    counts = await core.store.unfinished_counts(name)
    trouble = _trouble_of(core, name)
    foreign = core.executors[name].foreign()
    listing = None if foreign is None else foreign.listing()
    return ClusterState(
        name=name,
        kind=core.kinds.get(name, ""),
        health=Health.OK if trouble is None else Health.TROUBLE,
        detail="" if trouble is None else trouble.words,
        trouble=trouble,
        concerns_actor=trouble is not None and await _has_jobs(core, actor, name),
        accepted=counts.get(State.ACCEPTED, 0),
        queued=counts.get(State.QUEUED, 0),
        running=counts.get(State.RUNNING, 0),
        room=core.executors[name].room(),
        runs_as=core.runs_as.get(name, core.own_user),
        adopts=foreign is not None and name in core.adopting,
        others=None if listing is None else len(listing.jobs),
    )


async def _has_jobs(core: Core, actor: Principal, name: Cluster) -> bool:
    """Tell whether the actor sees jobs on a cluster that have not ended."""
    there = Selection(cluster=name, states=frozenset(State) - FINAL, children=True)
    return bool(await core.store.jobs(there, visibility_of(actor), limit=1))
