"""Callbacks are told every event, in order, at least once; what failed is tried again, for three days."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace
from typing_extensions import override

from headway.core.core import Core
from headway.core.errors import Forbidden, NotFound, StorageFull
from headway.core.model.callback import Callback
from headway.core.model.change import Change, Retention, Written
from headway.core.model.delivery import Delivery, DeliveryState, Patience
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import Seq
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import State
from headway.core.operations.callbacks import drop, find_deliveries, replay
from headway.core.passes.deliver import Deliver
from headway.core.ports.callbacks import Answer
from headway.stores.memory import MemoryStore
from headway.testing.fake_sender import (
    BUSY,
    SILENT,
    TAKEN,
    FakeSender,
    Told,
    says_event,
    says_state,
)
from headway.testing.fakes import FakeClock, FakeIds, FakeSeal
from headway.testing.samples import ALL, a_command, an_event

pytestmark = pytest.mark.anyio

URL = "http://one.example/hook"
ADA = Principal(name="ada", scopes=frozenset({Scope.RUN, Scope.READ}), via="token")
ANY = frozenset[DeliveryState]()


class Rig:
    """A store, a sender and the pass between them."""

    def __init__(self, clock: FakeClock, store: MemoryStore | None = None) -> None:
        self.clock = clock
        self.store = MemoryStore() if store is None else store
        self.sender = FakeSender()
        self.core = Core(
            store=self.store,
            executors={},
            clock=clock,
            ids=FakeIds(),
            seal=FakeSeal(),
            words={"state": says_state, "event": says_event},
            sender=self.sender,
        )
        self.deliver = self._new_pass()
        self.store.listen(self._heard)

    def crash(self) -> None:
        """Forget what the pass had in mind."""
        self.deliver = self._new_pass()

    def _new_pass(self) -> Deliver:
        return Deliver(self.core, sender=self.sender, chance=lambda: 0.0)

    def _heard(self, commits: Sequence[Written]) -> None:
        for written in commits:
            self.deliver.heard(written)

    async def round(self) -> None:
        """Call whoever is to be called now, until nobody is."""
        while callers := self.deliver.take():
            for caller in callers:
                await self.deliver.deliver(caller)

    async def job(self, *callbacks: Callback, number: int = 1) -> Job:
        callbacks = callbacks or (Callback(url=URL, words="event"),)
        job = a_command(number, callbacks=callbacks)
        return (await self.store.write(Change(jobs=(job,), events=(self.event(job),)))).jobs[0]

    async def step(self, job: Job, state: State, kind: EventType) -> Job:
        after = job.moved_to(state, at=self.clock.now())
        change = Change(jobs=(after,), events=(self.event(job, kind),))
        return (await self.store.write(change)).jobs[0]

    def event(self, job: Job, kind: EventType = EventType.ACCEPTED) -> Event:
        return an_event(job.id, kind, time=self.clock.now())

    async def deliveries(self) -> list[Delivery]:
        found = await find_deliveries(self.core, actor=ADA, job_id=None, states=ANY, limit=99)
        return found[::-1]

    def words(self, url: str = URL) -> list[str]:
        return [told.word for told in self.sender.told if told.url == url]


class FullOfDeliveries(MemoryStore):
    """A store that has no space for what came of a call while it ``is_full``."""

    is_full = False

    @override
    async def write(self, change: Change) -> Written:
        if self.is_full and change.deliveries:
            raise StorageFull("no space")
        return await super().write(change)


@pytest.fixture
def rig(clock: FakeClock) -> Rig:
    return Rig(clock)


def failing(count: int, answer: Answer = BUSY) -> FakeSender:
    """Give a sender whose receivers fail so often, and then take everything."""
    sender = FakeSender()

    async def answers(_told: Told) -> Answer:
        return answer if len(sender.told) <= count else TAKEN

    sender.answers = answers
    return sender


async def use(rig: Rig, sender: FakeSender) -> FakeSender:
    rig.sender.answers = sender.answers
    sender.told = rig.sender.told
    return sender


async def test_each_event_is_told_once_in_order_and_stored_as_delivered(rig: Rig) -> None:
    job = await rig.job()
    await rig.step(job, State.RUNNING, EventType.RUNNING)
    await rig.round()
    assert [word.split()[1] for word in rig.words()] == ["job.accepted", "job.running"]
    assert {one.state for one in await rig.deliveries()} == {DeliveryState.DELIVERED}
    assert [one.tries[0].status for one in await rig.deliveries()] == [204, 204]
    rig.clock.advance(seconds=100)
    await rig.round()
    assert len(rig.sender.told) == 2


async def test_what_fails_is_tried_again_after_longer_and_longer_waits_and_holds_up_what_follows(
    rig: Rig,
) -> None:
    await use(rig, failing(3))
    job = await rig.job()
    await rig.round()
    await rig.step(job, State.RUNNING, EventType.RUNNING)
    for wait_s in (5, 15, 45):
        rig.clock.advance(seconds=wait_s - 1)
        before = len(rig.sender.told)
        await rig.round()
        assert len(rig.sender.told) == before
        rig.clock.advance(seconds=1)
        await rig.round()
    assert [word.split()[1] for word in rig.words()] == ["job.accepted"] * 4 + ["job.running"]
    first, second = await rig.deliveries()
    assert [one.status for one in first.tries] == [503, 503, 503, 204]
    assert (first.tried, first.word, second.tried) == (4, rig.words()[0], 1)
    assert len({told.message_id for told in rig.sender.told}) == 2


async def test_waits_are_up_to_a_fifth_shorter_and_never_longer_than_six_hours(rig: Rig) -> None:
    await use(rig, failing(1000))
    rig.deliver._chance = lambda: 0.5
    await rig.job()
    await rig.round()
    (delivery,) = await rig.deliveries()
    assert delivery.due - rig.clock.now() == timedelta(seconds=4.5)
    longest = timedelta()
    while delivery.state is DeliveryState.WAITING:
        longest = max(longest, delivery.due - rig.clock.now())
        rig.clock.advance(seconds=(delivery.due - rig.clock.now()).total_seconds())
        await rig.round()
        (delivery,) = await rig.deliveries()
    assert longest == timedelta(hours=6) * 0.9


async def test_waits_stay_as_long_as_they_are_however_often_a_call_fails(clock: FakeClock) -> None:
    rig = Rig(clock)
    settings = replace(rig.core.settings, patience=Patience(gives_up_after=timedelta(days=30)))
    rig.core = replace(rig.core, settings=settings)
    rig.crash()
    await use(rig, failing(1000))
    await rig.job()
    await rig.round()
    while (delivery := (await rig.deliveries())[0]).state is DeliveryState.WAITING:
        rig.clock.advance(seconds=(delivery.due - rig.clock.now()).total_seconds())
        await rig.round()
    assert delivery.tried > 100
    assert rig.clock.now() - delivery.since == timedelta(days=30)


async def test_after_three_days_it_is_given_up_with_an_event_and_what_follows_is_told(
    rig: Rig,
) -> None:
    await use(rig, failing(1000, SILENT))
    job = await rig.job()
    await rig.round()
    while (delivery := (await rig.deliveries())[0]).state is DeliveryState.WAITING:
        rig.clock.advance(seconds=(delivery.due - rig.clock.now()).total_seconds())
        await rig.round()
    assert delivery.state is DeliveryState.DEAD
    assert rig.clock.now() - delivery.since == timedelta(days=3)
    assert delivery.tried == len(rig.sender.told)
    (news,) = await rig.store.events(ALL, job=job.id, after=Seq(1), limit=9)
    assert (news.type, news.data["callback"]) == (EventType.CALLBACK_DEAD, 0)
    await use(rig, FakeSender())
    await rig.step(job, State.RUNNING, EventType.RUNNING)
    await rig.round()
    assert rig.words()[-1].endswith("job.running")


async def test_a_receiver_that_is_gone_for_good_is_not_tried_again(rig: Rig) -> None:
    await use(rig, failing(1, Answer(status=410, detail="gone", took_s=0.0)))
    await rig.job()
    await rig.round()
    assert [one.state for one in await rig.deliveries()] == [DeliveryState.DEAD]


async def test_the_same_word_is_not_said_twice_and_a_protocol_may_have_no_word(rig: Rig) -> None:
    job = await rig.job(Callback(url=URL, words="state"))
    job = await rig.step(job, State.RUNNING, EventType.RUNNING)
    corrected = rig.event(job, EventType.CORRECTED)
    await rig.store.write(Change(events=(corrected,)))
    await rig.step(job, State.SUCCEEDED, EventType.SUCCEEDED)
    await rig.round()
    assert rig.words() == ["running", "succeeded"]
    states = [one.state.value for one in await rig.deliveries()]
    assert states == ["silent", "delivered", "silent", "delivered"]


async def test_words_that_no_installed_protocol_has_are_a_failure_that_says_so(rig: Rig) -> None:
    await rig.job(Callback(url=URL, words="elsewhere"))
    await rig.round()
    (delivery,) = await rig.deliveries()
    assert delivery.state is DeliveryState.WAITING
    assert "'elsewhere'" in delivery.tries[0].detail
    assert rig.sender.told == []


async def test_callbacks_of_a_job_do_not_wait_for_one_another(rig: Rig) -> None:
    async def answers(told: Told) -> Answer:
        return BUSY if told.url == URL else TAKEN

    rig.sender.answers = answers
    other = "http://two.example/"
    job = await rig.job(Callback(url=URL, words="event"), Callback(url=other, words="event"))
    await rig.step(job, State.RUNNING, EventType.RUNNING)
    await rig.round()
    assert len(rig.words()) == 1
    assert len(rig.words(other)) == 2


async def test_what_waited_when_the_server_ended_is_told_by_the_next_one_when_it_is_due(
    rig: Rig,
) -> None:
    await use(rig, failing(1))
    await rig.job()
    await rig.round()
    rig.crash()
    await rig.deliver.start()
    await rig.round()
    assert len(rig.sender.told) == 1
    rig.clock.advance(seconds=5)
    await rig.round()
    assert [one.state for one in await rig.deliveries()] == [DeliveryState.DELIVERED]


async def test_what_was_told_and_could_not_be_stored_is_stored_later_and_not_told_again(
    clock: FakeClock,
) -> None:
    store = FullOfDeliveries()
    rig = Rig(clock, store)
    await rig.job()
    store.is_full = True
    (caller,) = rig.deliver.take()
    with pytest.raises(StorageFull):
        await rig.deliver.deliver(caller)
    clock.advance(seconds=5)
    (caller,) = rig.deliver.take()
    with pytest.raises(StorageFull):
        await rig.deliver.deliver(caller)
    store.is_full = False
    clock.advance(seconds=5)
    await rig.round()
    assert len(rig.sender.told) == 1
    assert [one.state for one in await rig.deliveries()] == [DeliveryState.DELIVERED]


async def test_what_is_dropped_is_not_told_and_what_follows_is(rig: Rig) -> None:
    await use(rig, failing(1))
    job = await rig.job()
    await rig.round()
    await rig.step(job, State.RUNNING, EventType.RUNNING)
    (first, _) = await rig.deliveries()
    dropped = await drop(rig.core, actor=ADA, protocol="rest", seq=first.seq, place=0)
    assert dropped.state is DeliveryState.DROPPED
    await rig.round()
    assert rig.words()[-1].endswith("job.running")
    again = await drop(rig.core, actor=ADA, protocol="rest", seq=first.seq, place=0)
    assert again == dropped


async def test_what_is_dropped_while_it_is_told_has_been_told_or_stays_dropped(rig: Rig) -> None:
    async def dropped_meanwhile(told: Told) -> Answer:
        seq = int(told.word.split()[0])
        await drop(rig.core, actor=ADA, protocol="rest", seq=Seq(seq), place=0)
        return BUSY if len(rig.sender.told) == 1 else TAKEN

    rig.sender.answers = dropped_meanwhile
    await rig.job(number=1)
    await rig.round()
    await rig.job(number=2)
    await rig.round()
    first, second = await rig.deliveries()
    assert (first.state, first.tried) == (DeliveryState.DROPPED, 1)
    assert (second.state, second.tried) == (DeliveryState.DELIVERED, 1)


async def test_a_dead_one_is_told_again_on_wish_and_so_is_one_that_was_told(rig: Rig) -> None:
    await use(rig, failing(1, Answer(status=410, detail="gone", took_s=0.0)))
    await rig.job()
    await rig.round()
    (delivery,) = await rig.deliveries()
    for times in (1, 2):
        rig.clock.advance(seconds=10)
        again = await replay(rig.core, actor=ADA, protocol="rest", seq=delivery.seq, place=0)
        assert (again.state, again.replays) == (DeliveryState.WAITING, times)
        await rig.round()
        (after,) = await rig.deliveries()
        assert (after.state, after.tried) == (DeliveryState.DELIVERED, times + 1)
    events = await rig.store.events(ALL, job=delivery.job, after=Seq(0), limit=9)
    assert [event.type for event in events][-1] is EventType.CALLBACK_REPLAYED


async def test_nobody_replays_or_drops_what_is_told_of_another_ones_job(rig: Rig) -> None:
    await rig.job()
    grace = Principal(name="grace", scopes=frozenset({Scope.RUN, Scope.READ}), via="token")
    (delivery,) = await rig.deliveries()
    for operation in (replay, drop):
        with pytest.raises(NotFound):
            await operation(rig.core, actor=grace, protocol="rest", seq=delivery.seq, place=0)
        with pytest.raises(NotFound):
            await operation(rig.core, actor=ADA, protocol="rest", seq=delivery.seq, place=1)
    assert await find_deliveries(rig.core, actor=grace, job_id=None, states=ANY, limit=9) == []


async def test_who_may_not_run_jobs_does_not_learn_what_others_are_told(rig: Rig) -> None:
    await rig.job()
    reader = Principal(name="grace", scopes=frozenset({Scope.READ}), via="token")
    (delivery,) = await rig.deliveries()
    for seq in (delivery.seq, Seq(delivery.seq + 99)):
        with pytest.raises(Forbidden):
            await replay(rig.core, actor=reader, protocol="rest", seq=seq, place=0)


async def test_what_a_receiver_answers_makes_no_lines_in_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await use(rig, failing(1, Answer(status=410, detail="no\nall is well \x1b[2J", took_s=0.0)))
    await rig.job()
    await rig.round()
    assert "given up" in caplog.text
    assert "\x1b" not in caplog.text
    assert "\nall is well" not in caplog.text


async def test_a_job_that_retention_forgets_while_it_is_told_of_is_no_trouble(rig: Rig) -> None:
    job = await rig.job()
    job = await rig.step(job, State.SUCCEEDED, EventType.SUCCEEDED)

    async def forgotten_meanwhile(_told: Told) -> Answer:
        later = rig.clock.now() + timedelta(days=2)
        await rig.store.forget(Retention(jobs=timedelta(days=1)), at=later, limit=99)
        return TAKEN

    rig.sender.answers = forgotten_meanwhile
    await rig.round()
    assert len(rig.sender.told) == 1
    assert rig.deliver.take() == []
