"""What live clients are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

import pytest

from headway.core.core import Core
from headway.core.model.change import Change, CounterPatch, Reports
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.principal import SYSTEM, Scope
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.model.worker import Counter, Report, Tally, Worker
from headway.core.operations.tokens import create_token, revoke_token
from headway.protocols.http.live.frame import Frame
from headway.protocols.http.live.hub import Hub, HubLimits
from headway.protocols.http.live.subscriber import QueuedSubscriber
from headway.protocols.http.live.wanted import Wanted

pytestmark = pytest.mark.anyio

Change_: TypeAlias = tuple[Any, ...]
ALL = Visibility(everything=True)
ANY = Selection(children=True)


class Words:
    """Changes as short lists, so that a test can compare them."""

    def job(self, job: Job, tally: Tally) -> object:
        return ["job", job.id, job.state, list(job.labels), tally.progress, tally.children]

    def worker(self, worker: Worker) -> object:
        return ["worker", worker.job, worker.id, worker.current]

    def counters(self, job_id: JobId, counters: Sequence[Counter]) -> object:
        return ["counters", job_id, [[one.key, one.value] for one in counters]]

    def event(self, event: Event) -> object:
        return ["event", event.job, event.type]

    def gone(self, job_id: JobId) -> object:
        return ["gone", job_id]

    def reset(self) -> object:
        return ["reset"]


WORDS = Words()


class Watcher:
    """A subscriber, and what it was told."""

    def __init__(self, hub: Hub, **wanted: Any) -> None:
        self.hub = hub
        self.wanted = Wanted(rendering=WORDS, **{"visibility": ALL, "selection": ANY, **wanted})
        self.subscriber = QueuedSubscriber()

    async def frame(self) -> Frame:
        async with asyncio.timeout(60):
            frame = await self.subscriber.next()
        assert frame is not None
        return frame

    async def told(self) -> list[Any]:
        """Give the changes of the next frame."""
        changes: list[Any] = json.loads((await self.frame()).text)[1]
        return changes


@pytest.fixture
def hub(core: Core) -> Hub:
    return Hub(core.store, limits=HubLimits(batch_s=0.05))


@pytest.fixture
async def watch(hub: Hub) -> AsyncIterator[Callable[..., Any]]:
    begun: list[Watcher] = []

    async def begin(**wanted: Any) -> Watcher:
        watcher = Watcher(hub, **wanted)
        begun.append(watcher)
        await hub.subscribe(watcher.wanted, watcher.subscriber)
        return watcher

    yield begin
    for watcher in begun:
        hub.unsubscribe(watcher.wanted, watcher.subscriber)
    assert hub.figures.clients == 0


async def new_job(core: Core, **fields: Any) -> Job:
    now = core.clock.now()
    known = {"owner": "alice", "kind": Kind.REPORT, "protocol": "", "created": now, "updated": now}
    job = Job(id=core.ids.new_job_id(), **{**known, **fields})
    return (await core.store.write(Change(jobs=(job,)))).jobs[0]


async def report(core: Core, job: Job, worker: str, current: float) -> None:
    one = Report(worker=WorkerId(worker), current=current, total=10, at=core.clock.now())
    await core.store.write(Change(reports=Reports(job=job.id, reports=(one,))))


async def test_a_client_is_first_told_where_it_is(core: Core, watch: Callable[..., Any]) -> None:
    await new_job(core)
    watcher = await watch()
    frame = await watcher.frame()
    assert json.loads(frame.text) == [core.store.last_seq(), []]


async def test_a_lone_change_is_told_at_once(core: Core) -> None:
    hub = Hub(core.store, limits=HubLimits(batch_s=3600))
    watcher = Watcher(hub)
    await hub.subscribe(watcher.wanted, watcher.subscriber)
    await watcher.told()
    job = await new_job(core)
    assert await watcher.told() == [["job", job.id, "accepted", [], None, {}]]
    hub.unsubscribe(watcher.wanted, watcher.subscriber)


async def test_changes_that_follow_are_told_together_the_latest_only(
    core: Core, watch: Callable[..., Any]
) -> None:
    job = await new_job(core)
    watcher = await watch()
    await watcher.told()
    await report(core, job, "a", 1)
    await watcher.told()
    for current in range(2, 6):
        await report(core, job, "a", current)
        await report(core, job, "b", current)
    told = await watcher.told()
    assert told == [
        ["job", job.id, "accepted", [], 0.5, {}],
        ["worker", job.id, "a", 5.0],
        ["worker", job.id, "b", 5.0],
    ]


async def test_counters_and_events_are_told(core: Core, watch: Callable[..., Any]) -> None:
    job = await new_job(core)
    watcher = await watch()
    await watcher.told()
    now = core.clock.now()
    patch = CounterPatch(job=job.id, values=(("hits", 3, None),), at=now)
    event = Event(job=job.id, time=now, type=EventType.COUNTERS, actor="", protocol="")
    lone = Event(job=None, time=now, type=EventType.TOKEN_CREATED, actor="", protocol="")
    await core.store.write(Change(counters=patch, events=(event, lone)))
    assert await watcher.told() == [
        ["counters", job.id, [["hits", 3]]],
        ["event", job.id, "job.counters"],
        ["event", None, "token.created"],
    ]


async def test_clients_that_want_the_same_get_the_same_bytes(
    core: Core, watch: Callable[..., Any]
) -> None:
    first, second = await watch(), await watch()
    await first.told()
    await second.told()
    await new_job(core)
    assert await first.frame() is await second.frame()


async def test_a_client_is_told_what_it_may_see_and_wants(
    core: Core, watch: Callable[..., Any]
) -> None:
    bobs = await watch(visibility=Visibility(owner="bob"))
    red = await watch(selection=Selection(children=True, labels=frozenset({"red"})))
    await bobs.told()
    await red.told()
    job = await new_job(core, owner="alice", labels=("red",))
    assert (await red.told())[0][1] == job.id
    own = await new_job(core, owner="bob")
    assert (await bobs.told())[0][1] == own.id


async def test_a_client_of_one_job_is_told_of_no_other(
    core: Core, watch: Callable[..., Any]
) -> None:
    job, other = await new_job(core), await new_job(core)
    watcher = await watch(job=job.id)
    await watcher.told()
    await report(core, other, "a", 1)
    await report(core, job, "b", 1)
    told = await watcher.told()
    assert {change[1] for change in told} == {job.id}


async def test_a_job_that_is_no_longer_among_those_wanted_is_told_once_more_and_is_gone(
    core: Core, watch: Callable[..., Any]
) -> None:
    watcher = await watch(selection=Selection(children=True, labels=frozenset({"red"})))
    await watcher.told()
    job = await new_job(core, labels=("red",))
    await watcher.told()
    await core.store.write(Change(jobs=(job.changed(at=core.clock.now(), labels=()),)))
    assert await watcher.told() == [["job", job.id, "accepted", [], None, {}], ["gone", job.id]]


async def test_a_job_that_was_there_before_anybody_watched_is_gone_when_it_is_not_wanted_any_more(
    core: Core, watch: Callable[..., Any]
) -> None:
    job = await new_job(core)
    await new_job(core, state=State.RUNNING)
    watcher = await watch(selection=Selection(states=frozenset({State.ACCEPTED})))
    await watcher.told()
    await core.store.write(Change(jobs=(job.moved_to(State.RUNNING, at=core.clock.now()),)))
    assert await watcher.told() == [["job", job.id, "running", [], None, {}], ["gone", job.id]]


async def test_a_client_that_comes_back_is_told_which_jobs_went_meanwhile(
    core: Core, watch: Callable[..., Any]
) -> None:
    job = await new_job(core)
    await new_job(core, state=State.RUNNING)
    seq = core.store.last_seq()
    await core.store.write(Change(jobs=(job.moved_to(State.RUNNING, at=core.clock.now()),)))
    watcher = await watch(selection=Selection(states=frozenset({State.ACCEPTED})), after=seq)
    assert await watcher.told() == [["gone", job.id]]


async def test_a_childs_change_tells_its_parents_roll_up(
    core: Core, watch: Callable[..., Any]
) -> None:
    parent = await new_job(core)
    watcher = await watch(job=parent.id)
    await watcher.told()
    await new_job(core, parent=parent.id, index=1)
    assert await watcher.told() == [["job", parent.id, "accepted", [], None, {"accepted": 1}]]


async def test_a_client_that_comes_back_is_told_what_it_missed(
    core: Core, watch: Callable[..., Any]
) -> None:
    job = await new_job(core)
    after = core.store.last_seq()
    await report(core, job, "a", 1)
    await report(core, job, "a", 2)
    watcher = await watch(after=after)
    assert await watcher.told() == [
        ["job", job.id, "accepted", [], 0.2, {}],
        ["worker", job.id, "a", 2.0],
    ]


@pytest.mark.parametrize("after", [Seq(-1), Seq(10_000)])
async def test_a_client_that_was_elsewhere_starts_anew(
    core: Core, watch: Callable[..., Any], after: Seq
) -> None:
    await new_job(core)
    watcher = await watch(after=after)
    assert await watcher.told() == [["reset"]]


async def test_more_than_can_be_told_is_a_reset(core: Core) -> None:
    hub = Hub(core.store, limits=HubLimits(batch_s=0.05, changes=5, missed_changes=5))
    watcher = Watcher(hub)
    await hub.subscribe(watcher.wanted, watcher.subscriber)
    await watcher.told()
    for _ in range(6):
        await new_job(core)
    assert await watcher.told() == [["reset"]]
    late = Watcher(hub, after=Seq(0))
    await hub.subscribe(late.wanted, late.subscriber)
    assert await late.told() == [["reset"]]
    hub.unsubscribe(watcher.wanted, watcher.subscriber)
    hub.unsubscribe(late.wanted, late.subscriber)


async def test_a_bug_in_the_words_is_a_reset_and_not_the_end(
    core: Core,
    watch: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    watcher = await watch()
    await watcher.told()
    with monkeypatch.context() as patched:
        patched.delattr(Words, "job")
        await new_job(core)
        assert await watcher.told() == [["reset"]]
    job = await new_job(core)
    assert (await watcher.told())[0][1] == job.id
    assert "could not be told" in caplog.text


async def test_a_client_that_does_not_keep_up_starts_anew(
    core: Core, watch: Callable[..., Any]
) -> None:
    watcher = await watch()
    for _ in range(3):
        watcher.subscriber.offer(Frame(Seq(1), [b'"%b"' % (b"x" * 400_000)]))
    assert len((await watcher.frame()).text) < 100
    assert len((await watcher.frame()).text) > 400_000
    assert (await watcher.frame()).is_reset


async def test_a_revoked_token_ends_the_streams_that_may_have_come_by_it(
    core: Core, watch: Callable[..., Any]
) -> None:
    made = await create_token(core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}))
    watcher = await watch()
    await watcher.frame()
    await revoke_token(core, actor=SYSTEM, token_id=made.token.id)
    async with asyncio.timeout(60):
        while await watcher.subscriber.next() is not None:
            pass
    assert watcher.subscriber.has_ended


async def test_a_quiet_channel_is_told_how_far_it_is(core: Core) -> None:
    hub = Hub(core.store, limits=HubLimits(batch_s=0.0, quiet_s=0.0))
    watcher = Watcher(hub, visibility=Visibility(owner="bob"))
    await hub.subscribe(watcher.wanted, watcher.subscriber)
    await watcher.told()
    await new_job(core, owner="alice")
    frame = await watcher.frame()
    assert json.loads(frame.text) == [core.store.last_seq(), []]
    hub.unsubscribe(watcher.wanted, watcher.subscriber)


async def test_whenever_a_client_comes_it_ends_with_the_newest(core: Core) -> None:
    hub = Hub(core.store, limits=HubLimits(batch_s=0.002))
    job = await new_job(core)
    begin = core.store.last_seq()
    watchers: list[Watcher] = []
    for current in range(1, 61):
        watcher = Watcher(hub, after=Seq(begin + current // 2))
        watchers.append(watcher)
        joining = asyncio.create_task(hub.subscribe(watcher.wanted, watcher.subscriber))
        await report(core, job, f"w{current % 3}", current)
        await joining
    running = job.moved_to(State.RUNNING, at=core.clock.now())
    await core.store.write(Change(jobs=(running,)))
    for watcher in watchers:
        assert await latest(watcher) == {"w0": 60.0, "w1": 58.0, "w2": 59.0}
        hub.unsubscribe(watcher.wanted, watcher.subscriber)


async def latest(watcher: Watcher) -> dict[str, float]:
    """Follow until the job runs; gives the workers as they are known then."""
    known: dict[str, float] = {}
    seq = 0
    while True:
        frame = await watcher.frame()
        assert frame.seq >= seq
        seq = frame.seq
        changes = json.loads(frame.text)[1]
        known.update({change[2]: change[3] for change in changes if change[0] == "worker"})
        if any(change[0] == "job" and change[2] == "running" for change in changes):
            return known


async def test_a_client_whose_token_has_ended_is_dropped_and_the_others_stay(core: Core) -> None:
    hub = Hub(core.store, limits=HubLimits(batch_s=0.05, recheck_s=0.01))
    is_good = True
    looked = asyncio.Event()

    async def still_known() -> bool:
        looked.set()
        return is_good

    with_token = Watcher(hub, still_known=still_known)
    without = Watcher(hub)
    for watcher in (with_token, without):
        await hub.subscribe(watcher.wanted, watcher.subscriber)
        await watcher.frame()
    async with asyncio.timeout(60):
        await looked.wait()
        assert not with_token.subscriber.has_ended
        is_good = False
        assert await with_token.subscriber.next() is None
    assert not without.subscriber.has_ended
    for watcher in (with_token, without):
        hub.unsubscribe(watcher.wanted, watcher.subscriber)
