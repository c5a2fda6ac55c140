"""Which ids a scheduler's sources are asked about, and whose answers are taken."""

from collections.abc import Sequence

import pytest

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.batch.sources import Sources
from headway.testing.fake_cluster import FakeCluster, FakeDialect, FakeSource
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


class _Strict:
    """A source that takes numbers only, as real ones do."""

    name = "ask"

    def ask(self, ids: Sequence[NativeId]) -> Command:
        if not all(each.isdigit() for each in ids):
            raise InvalidRequest("this is no id")
        return FakeSource().ask(ids)

    def read(self, output: Output) -> Sequence[NativeJob]:
        return FakeSource().read(output)


class _ByName(_Strict):
    """A source that finds all jobs with marks, whoever gave them those."""

    marked_only = True


async def test_what_is_no_id_is_left_out_and_the_others_are_asked_about() -> None:
    cluster = FakeCluster(FakeClock())
    sources = Sources(FakeDialect(), cluster)
    assert await sources.ask(_Strict(), [NativeId("--all"), NativeId("7")]) == []
    assert await sources.ask(_Strict(), [NativeId("; id")]) == []
    assert cluster.commands == [("ask", "7")]


async def test_a_job_that_was_not_asked_for_is_left_out_whatever_it_is_called() -> None:
    cluster = FakeCluster(FakeClock())
    own = NativeJob(id=NativeId("7"), mark="mark:7", state=State.FAILED, word="DONE")
    forged = NativeJob(id=NativeId("8"), mark="mark:7", state=State.SUCCEEDED, word="DONE")
    cluster.accounts = {NativeId("7"): own, NativeId("9"): forged}
    found = await Sources(FakeDialect(), cluster).ask(_ByName(), [NativeId("7"), NativeId("9")])
    assert found == [own]
