"""What a Store promises about what callbacks have to be told."""

from datetime import timedelta
from typing import Final

import pytest
from msgspec.structs import replace

from headway.core.errors import Conflict, NotFound
from headway.core.model.callback import Callback
from headway.core.model.change import Change, Retention, Written
from headway.core.model.delivery import Backlog, Delivery, DeliveryState, Try
from headway.core.model.event import EventType
from headway.core.model.job import Job
from headway.core.model.names import Seq
from headway.core.model.selection import Visibility
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, a_command, a_full_job, a_job, an_event, job_id

DAY: Final = timedelta(days=1)
LATER: Final = NOON + timedelta(seconds=10)
FIRST: Final = Callback(url="http://one.example/hook", words="rest", secret="whsec_c2VjcmV0")  # noqa: S106
SECOND: Final = Callback(
    url="https://two.example:8443/", words="rest", events=(EventType.SUCCEEDED,)
)


async def told(store: Store, number: int = 1, *, callbacks: tuple[Callback, ...] = (FIRST,)) -> Job:
    """Store a job with callbacks, accepted."""
    job = a_command(number, callbacks=callbacks)
    return (await store.write(Change(jobs=(job,), events=(an_event(job.id),)))).jobs[0]


async def moved(store: Store, job: Job, state: State, kind: EventType) -> Written:
    """Store a job's next step."""
    event = an_event(job.id, kind, time=LATER)
    return await store.write(Change(jobs=(job.moved_to(state, at=LATER),), events=(event,)))


async def settled(store: Store, delivery: Delivery, state: DeliveryState, **fields: object) -> None:
    """Store that a delivery has come so far."""
    await store.write(Change(deliveries=(delivery.changed(state=state, **fields),)))


class Callbacks:
    """The outbox. Each test takes an empty store."""

    async def test_an_event_is_stored_with_what_callbacks_have_to_be_told_of_it(
        self, store: Store
    ) -> None:
        job = replace(a_full_job(), callbacks=(FIRST,))
        written = await store.write(Change(jobs=(job,), events=(an_event(job.id),)))
        (delivery,) = written.deliveries
        (stored,) = written.jobs
        assert (delivery.seq, delivery.place, delivery.job) == (written.events[0].seq, 0, job.id)
        assert delivery.origin == "http://one.example:80"
        assert delivery.event == written.events[0]
        assert delivery.snapshot.spec == Spec()
        assert delivery.snapshot.callbacks == ()
        assert job.inputs
        assert not delivery.snapshot.inputs
        assert not delivery.snapshot.extra
        assert delivery.snapshot.number == stored.number
        assert delivery.state is DeliveryState.WAITING
        assert await store.delivery(delivery.seq, 0) == delivery
        assert await store.next_delivery(job.id, 0) == delivery

    async def test_a_job_without_callbacks_and_an_event_that_nobody_asked_for_tell_nobody(
        self, store: Store
    ) -> None:
        plain = a_job(1)
        assert not (
            await store.write(Change(jobs=(plain,), events=(an_event(plain.id),)))
        ).deliveries
        job = await told(store, 2)
        labels = an_event(job.id, EventType.LABELS)
        written = await store.write(Change(jobs=(job.changed(at=LATER),), events=(labels,)))
        assert written.deliveries == ()

    async def test_a_callback_is_told_of_the_events_that_it_named(self, store: Store) -> None:
        job = await told(store, callbacks=(FIRST, SECOND))
        running = await moved(store, job, State.RUNNING, EventType.RUNNING)
        ended = await moved(store, running.jobs[0], State.SUCCEEDED, EventType.SUCCEEDED)
        assert [one.place for one in running.deliveries] == [0]
        assert [one.place for one in ended.deliveries] == [0, 1]
        assert ended.deliveries[1].origin == "https://two.example:8443"
        next_one = await store.next_delivery(job.id, 1)
        assert next_one is not None
        assert next_one.snapshot.state is State.SUCCEEDED

    async def test_an_event_without_a_new_document_is_told_with_the_stored_one(
        self, store: Store
    ) -> None:
        job = await told(store)
        written = await store.write(Change(events=(an_event(job.id, EventType.CORRECTED),)))
        assert written.deliveries[0].snapshot.rev == job.rev

    async def test_backlogs_are_the_callbacks_with_something_waiting_and_when_it_is_due(
        self, store: Store
    ) -> None:
        one = await told(store, 1)
        await moved(store, one, State.RUNNING, EventType.RUNNING)
        two = await told(store, 2, callbacks=(FIRST, FIRST))
        first = await store.next_delivery(one.id, 0)
        assert first is not None
        await settled(store, first, DeliveryState.WAITING, due=NOON + DAY)
        done = await store.next_delivery(two.id, 1)
        assert done is not None
        await settled(store, done, DeliveryState.DELIVERED)
        origin = "http://one.example:80"
        assert await store.backlogs() == [
            Backlog(job=two.id, place=0, origin=origin, due=NOON),
            Backlog(job=one.id, place=0, origin=origin, due=NOON + DAY),
        ]

    async def test_deliveries_of_a_callback_come_in_the_order_of_events(self, store: Store) -> None:
        job = await told(store)
        await moved(store, job, State.RUNNING, EventType.RUNNING)
        seen = []
        while (delivery := await store.next_delivery(job.id, 0)) is not None:
            seen.append(delivery.event.type)
            assert await store.last_word(job.id, 0) == ("" if len(seen) == 1 else "word 1")
            await settled(store, delivery, DeliveryState.DELIVERED, word=f"word {len(seen)}")
        assert seen == [EventType.ACCEPTED, EventType.RUNNING]
        assert await store.last_word(job.id, 0) == "word 2"

    async def test_calls_come_back_as_they_were_stored(self, store: Store) -> None:
        job = await told(store)
        delivery = await store.next_delivery(job.id, 0)
        assert delivery is not None
        one = Try(at=LATER, status=503, detail="busy ☂", took_s=0.25)
        other = Try(at=LATER, status=None, detail="no answer", took_s=10.0)
        tried = delivery.after(one, state=DeliveryState.WAITING, due=LATER).after(
            other, state=DeliveryState.DEAD
        )
        with pytest.raises(Conflict):
            await store.write(Change(deliveries=(tried,)))
        tried = delivery.changed(tries=tried.tries, tried=2, state=DeliveryState.DEAD, replays=1)
        written = await store.write(Change(deliveries=(tried,)))
        assert written.deliveries == (tried,)
        assert await store.delivery(delivery.seq, 0) == tried
        assert await store.next_delivery(job.id, 0) is None

    async def test_the_second_of_two_changes_of_a_delivery_is_refused(self, store: Store) -> None:
        job = await told(store)
        delivery = await store.next_delivery(job.id, 0)
        assert delivery is not None
        dropped = Change(deliveries=(delivery.changed(state=DeliveryState.DROPPED),))
        dead = Change(deliveries=(delivery.changed(state=DeliveryState.DEAD),))
        first, second = await store.write_many((dropped, dead))
        assert isinstance(first, Written)
        assert isinstance(second, Conflict)
        assert (await store.delivery(delivery.seq, 0)).state is DeliveryState.DROPPED

    async def test_a_delivery_that_is_not_there_is_not_found(self, store: Store) -> None:
        job = await told(store)
        delivery = await store.next_delivery(job.id, 0)
        assert delivery is not None
        with pytest.raises(NotFound):
            await store.delivery(delivery.seq, 1)
        with pytest.raises(NotFound):
            await store.delivery(Seq(10**30), 0)
        other = replace(delivery, place=5, rev=2)
        with pytest.raises(NotFound):
            await store.write(Change(deliveries=(other,)))

    async def test_lists_show_the_newest_first_in_pages_and_by_state(self, store: Store) -> None:
        one = await told(store, 1, callbacks=(FIRST, FIRST))
        await told(store, 2)
        page = await store.deliveries(ALL, job=None, states=frozenset(), limit=2)
        assert [(d.job, d.place) for d in page] == [(job_id(2), 0), (one.id, 1)]
        last = (page[-1].seq, page[-1].place)
        rest = await store.deliveries(ALL, job=None, states=frozenset(), limit=2, before=last)
        assert [(d.job, d.place) for d in rest] == [(one.id, 0)]
        await settled(store, rest[0], DeliveryState.DEAD)
        dead = frozenset({DeliveryState.DEAD})
        assert [d.place for d in await store.deliveries(ALL, job=None, states=dead, limit=9)] == [0]
        some = frozenset({DeliveryState.DEAD, DeliveryState.WAITING})
        both = await store.deliveries(ALL, job=one.id, states=some, limit=9)
        assert [d.place for d in both] == [1, 0]

    async def test_lists_show_nobody_the_callbacks_of_others(self, store: Store) -> None:
        await told(store)
        for visibility, count in (
            (Visibility(owner="ada"), 1),
            (Visibility(owner="grace"), 0),
            (Visibility(), 0),
            (Visibility(job=job_id(1)), 1),
        ):
            found = await store.deliveries(visibility, job=None, states=frozenset(), limit=9)
            assert len(found) == count

    async def test_a_forgotten_job_takes_its_deliveries_with_it(self, store: Store) -> None:
        job = await told(store)
        await moved(store, job, State.SUCCEEDED, EventType.SUCCEEDED)
        jobs = Retention(detail=None, events=None, jobs=DAY, request_keys=1000 * DAY)
        await store.forget(jobs, at=NOON + 5 * DAY, limit=100)
        assert await store.deliveries(ALL, job=None, states=frozenset(), limit=9) == []
        assert await store.backlogs() == []

    async def test_old_deliveries_go_with_old_events_but_for_those_that_wait(
        self, store: Store
    ) -> None:
        job = await told(store, callbacks=(FIRST, FIRST))
        delivery = await store.next_delivery(job.id, 0)
        assert delivery is not None
        await settled(store, delivery, DeliveryState.DELIVERED)
        events = Retention(detail=None, events=DAY, request_keys=1000 * DAY)
        await store.forget(events, at=NOON + 2 * DAY, limit=100)
        left = await store.deliveries(ALL, job=None, states=frozenset(), limit=9)
        assert [one.place for one in left] == [1]
        assert left[0].event.type is EventType.ACCEPTED
