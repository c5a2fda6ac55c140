"""What live clients who watch a group are told: who comes into it, who leaves it, and how its jobs are."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.event import Event
from headway.core.model.group import InGroups
from headway.core.model.job import Job, Kind
from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.principal import Principal, Scope, widened
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.model.worker import Counter, Tally, Worker
from headway.core.operations.groups import add_members, create_group, remove_members
from headway.core.operations.submit import Submission, submit
from headway.protocols.http.live.hub import Hub, HubLimits
from headway.protocols.http.live.subscriber import QueuedSubscriber
from headway.protocols.http.live.wanted import Wanted

pytestmark = pytest.mark.anyio

ADA = Principal(name="ada", scopes=widened(frozenset({Scope.RUN})))
TOP, LOW = GroupId("top"), GroupId("low")
BELOW_TOP = Selection(groups=(InGroups(owner="ada", any_of=(TOP,)),), children=True)
NOT_BELOW_TOP = Selection(groups=(InGroups(owner="ada", any_of=(TOP,), negated=True),))


class Words:
    """Changes as short texts, so that a test can compare them."""

    def job(self, job: Job, _tally: Tally) -> object:
        return f"{job.name} {job.state}"

    def worker(self, worker: Worker) -> object:
        return worker.id

    def counters(self, job_id: JobId, _counters: Sequence[Counter]) -> object:
        return job_id

    def event(self, event: Event) -> object:
        return event.type if event.group is None else f"{event.type} {event.group[1]}"

    def gone(self, job_id: JobId) -> object:
        return f"gone {job_id}"

    def reset(self) -> object:
        return "reset"


WORDS = Words()


class Watcher:
    """A client of ada's, and what it was told."""

    def __init__(self, core: Core) -> None:
        self.hub = Hub(core.store, limits=HubLimits(batch_s=0.01))
        self.subscriber = QueuedSubscriber()

    async def watch(self, selection: Selection, after: Seq | None = None) -> None:
        seen = Visibility(owner="ada")
        wanted = Wanted(rendering=WORDS, visibility=seen, selection=selection, after=after)
        self.wanted = wanted
        await self.hub.subscribe(wanted, self.subscriber)

    async def told(self) -> list[Any]:
        """Give the changes of the next frame."""
        async with asyncio.timeout(60):
            frame = await self.subscriber.next()
        assert frame is not None
        changes: list[Any] = json.loads(frame.text)[1]
        return changes


@pytest.fixture
async def watcher(core: Core) -> AsyncIterator[Watcher]:
    watcher = Watcher(core)
    yield watcher
    watcher.hub.unsubscribe(watcher.wanted, watcher.subscriber)


@pytest.fixture
async def tree(core: Core) -> None:
    for name, parent in ((TOP, None), (LOW, TOP)):
        await create_group(core, actor=ADA, protocol="", name=name, group_id=name, parent=parent)


async def job_in(core: Core, name: str, *groups: str) -> Job:
    submission = Submission(kind=Kind.REPORT, name=name, groups=groups)
    return (await submit(core, actor=ADA, protocol="", submission=submission)).job


async def move(core: Core, job: Job, *, into: GroupId | None, out_of: GroupId | None) -> None:
    if into is not None:
        await add_members(core, actor=ADA, protocol="", group_id=into, jobs=[job.id])
    if out_of is not None:
        await remove_members(core, actor=ADA, protocol="", group_id=out_of, jobs=[job.id])


@pytest.mark.usefixtures("tree")
async def test_a_job_submitted_into_a_group_below_is_told_with_its_news(
    core: Core, watcher: Watcher
) -> None:
    await watcher.watch(BELOW_TOP)
    assert await watcher.told() == []
    await job_in(core, "elsewhere")
    await job_in(core, "fit", LOW)
    assert await watcher.told() == ["fit accepted", "job.accepted", "group.added low"]


@pytest.mark.usefixtures("tree")
async def test_a_job_that_comes_and_goes_is_told_and_gone(core: Core, watcher: Watcher) -> None:
    job = await job_in(core, "fit")
    await watcher.watch(BELOW_TOP)
    assert await watcher.told() == []
    await move(core, job, into=LOW, out_of=None)
    assert await watcher.told() == ["fit accepted", "group.added low"]
    await move(core, job, into=None, out_of=LOW)
    assert await watcher.told() == [f"gone {job.id}", "group.removed low"]
    await core.store.write(Change(jobs=(job.moved_to(State.RUNNING, at=core.clock.now()),)))
    other = await job_in(core, "other", TOP)
    assert await watcher.told() == ["other accepted", "job.accepted", "group.added top"], other


@pytest.mark.usefixtures("tree")
async def test_a_group_that_is_unlinked_takes_its_jobs_with_it(
    core: Core, watcher: Watcher
) -> None:
    job = await job_in(core, "fit", LOW)
    stays = await job_in(core, "stays", LOW, TOP)
    await watcher.watch(BELOW_TOP)
    assert await watcher.told() == []
    await remove_members(core, actor=ADA, protocol="", group_id=TOP, groups=[LOW])
    assert await watcher.told() == [f"gone {job.id}", "group.removed top"]
    await add_members(core, actor=ADA, protocol="", group_id=TOP, groups=[LOW])
    assert await watcher.told() == ["fit accepted", "group.added top"], stays


@pytest.mark.usefixtures("tree")
async def test_who_watches_all_but_a_group_is_told_the_other_way_round(
    core: Core, watcher: Watcher
) -> None:
    job = await job_in(core, "fit")
    await watcher.watch(NOT_BELOW_TOP)
    assert await watcher.told() == []
    await move(core, job, into=LOW, out_of=None)
    assert await watcher.told() == [f"gone {job.id}"]
    await move(core, job, into=None, out_of=LOW)
    assert await watcher.told() == ["fit accepted"]


@pytest.mark.usefixtures("tree")
async def test_who_comes_back_misses_nothing_of_a_group(core: Core, watcher: Watcher) -> None:
    old = await job_in(core, "old")
    seq = core.store.last_seq()
    await job_in(core, "fit", LOW)
    await watcher.watch(BELOW_TOP, seq)
    assert await watcher.told() == ["fit accepted", "job.accepted"]
    await move(core, old, into=LOW, out_of=None)
    assert await watcher.told() == ["old accepted", "group.added low"]


@pytest.mark.usefixtures("tree")
async def test_who_was_away_while_a_group_changed_starts_anew(core: Core, watcher: Watcher) -> None:
    job = await job_in(core, "fit", LOW)
    seq = core.store.last_seq()
    await move(core, job, into=None, out_of=LOW)
    await watcher.watch(BELOW_TOP, seq)
    assert await watcher.told() == ["reset"]


@pytest.mark.usefixtures("tree")
async def test_who_watches_everything_of_theirs_hears_of_their_groups(
    core: Core, watcher: Watcher
) -> None:
    await watcher.watch(Selection(children=True, hidden=True))
    assert await watcher.told() == []
    await create_group(core, actor=ADA, protocol="", name="new", group_id="new", parent=TOP)
    assert await watcher.told() == ["group.created new", "group.added top"]
