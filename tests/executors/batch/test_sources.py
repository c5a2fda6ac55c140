"""Sources of a scheduler that are not there, or are away: the first are silent, the others make nobody lost."""

from collections.abc import Sequence
from typing import Final

import pytest
from tests.executors.batch.follower import Follower

from headway.core.errors import ExecutorRejected
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.accounting import Accounting as GridEnginesAccounting
from headway.executors.slurm.accounting import Accounting as SlurmsAccounting
from headway.testing.fake_cluster import FakeSource, read_rows

pytestmark = pytest.mark.anyio

NO_SLURMDBD: Final = Output(stderr=b"Slurm accounting storage is disabled\n", exit_code=1)
NO_FILE: Final = Output(
    stdout=b"no jobs running since startup\n",
    stderr=b"/opt/sge/default/common/accounting: No such file or directory\n",
    exit_code=1,
)


class Accounting:
    """Keeps accounts, when it is there."""

    name = "accounting"

    def __init__(self) -> None:
        self.is_there = False

    def ask(self, ids: Sequence[NativeId]) -> Command:
        return Command(argv=("ask", *ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        if not self.is_there:
            raise ExecutorRejected("there is no accounting")
        return read_rows(output)


@pytest.mark.parametrize(
    ("source", "said"), [(SlurmsAccounting("f"), NO_SLURMDBD), (GridEnginesAccounting(), NO_FILE)]
)
def test_a_site_without_accounting_says_that_it_has_none(
    source: SlurmsAccounting | GridEnginesAccounting, said: Output
) -> None:
    with pytest.raises(ExecutorRejected):
        source.read(said)


async def test_a_vanished_job_is_lost_where_there_is_no_accounting(follower: Follower) -> None:
    follower.dialect.sources = (FakeSource(), Accounting())
    _, native_id = await follower.running()
    follower.cluster.forget(native_id)
    assert await follower.look_for(300) == []
    (end,) = await follower.look()
    assert end.reason is Reason.LOST


async def test_a_vanished_job_is_lost_where_the_program_that_would_know_is_not_installed(
    follower: Follower,
) -> None:
    follower.cluster.lacks.add("ask")
    _, native_id = await follower.running()
    follower.cluster.forget(native_id)
    (end,) = await follower.look_for(330)
    assert end.reason is Reason.LOST


async def test_an_accounting_that_has_answered_before_and_is_gone_makes_nobody_lost(
    follower: Follower,
) -> None:
    accounting = Accounting()
    follower.dialect.sources = (accounting,)
    _, first = await follower.running()
    _, second = await follower.running()
    accounting.is_there = True
    follower.cluster.forget(first)
    await follower.look()
    accounting.is_there = False
    follower.cluster.forget(second)
    assert await follower.look_for(3600) == []
    accounting.is_there = True
    follower.cluster.accounts[first] = NativeJob(
        id=first, mark="mark:" + follower.said[0][0].tag, state=State.SUCCEEDED, exit_code=0
    )
    ends = await follower.look_for(30)
    assert {end.reason for end in ends} == {None, Reason.LOST}
