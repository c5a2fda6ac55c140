"""Passes that hear of every commit, as in a server."""

from collections.abc import Sequence

import pytest

from headway.core.core import Core
from headway.core.model.change import Written
from headway.core.model.names import Cluster
from headway.core.passes.dispatch import Dispatch


@pytest.fixture
async def dispatch(core: Core) -> Dispatch:
    """Give the rounds of the cluster ``local``, started."""
    made = Dispatch(core, cluster=Cluster("local"))

    def heard(batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                made.noticed(job)

    core.store.listen(heard)
    await made.start()
    return made
