"""Jobs that were given up as lost before this server was started: how they have ended may still come to light."""

from datetime import timedelta
from typing import Final

from headway.core.core import Core
from headway.core.model.condition import Condition, Equals, Field, Within
from headway.core.model.names import Cluster, Tag
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import Reason, State

_FOR: Final = timedelta(days=1)  #: after that nobody looks any more
_MOST: Final = 1000  #: the newest of them


async def given_up(core: Core, *, cluster: Cluster) -> list[Tag]:
    """Give the attempts of a cluster's jobs that were given up, and are still to be looked for."""
    selection = Selection(
        states=frozenset({State.FAILED}),
        cluster=cluster,
        children=True,
        hidden=True,
        where=(
            Condition(Field.REASON, (Equals(Reason.LOST.value),)),
            Condition(Field.ENDED, (Within(core.clock.now() - _FOR, None),)),
        ),
    )
    jobs = await core.store.jobs(selection, Visibility(everything=True), limit=_MOST)
    return [job.tag for job in jobs if not (job.is_array or job.is_adopted)]
