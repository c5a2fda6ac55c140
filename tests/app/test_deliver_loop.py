"""The loop that calls: receivers that never answer hold up nobody else."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from headway.app.deliver_loop import DeliverLoop
from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.model.callback import Callback
from headway.core.model.change import Change
from headway.core.model.delivery import DeliveryState
from headway.core.model.event import EventType
from headway.core.model.job import Job
from headway.core.model.state import State
from headway.core.passes.deliver import Deliver
from headway.core.ports.callbacks import Answer
from headway.testing.fake_sender import TAKEN, FakeSender, Told, says_event
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, a_command, an_event

pytestmark = pytest.mark.anyio

HEALTHY = "http://healthy.example/"
DEAD = 100


class Receivers:
    """One that answers, and others that hang until they are let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.hanging = 0
        self.told = asyncio.Queue[str]()

    async def answer(self, told: Told) -> Answer:
        if told.url == HEALTHY:
            self.told.put_nowait(told.word.split()[1])
            return TAKEN
        self.hanging += 1
        await self.let_go.wait()
        return TAKEN


@pytest.fixture
async def receivers() -> Receivers:
    return Receivers()


@pytest.fixture
async def calling(core: Core, receivers: Receivers) -> AsyncIterator[Core]:
    """A core whose callbacks are made."""
    sender = FakeSender(receivers.answer)
    core = msgspec.structs.replace(core, sender=sender, words={"event": says_event})
    deliver = Deliver(core, sender=sender, chance=lambda: 0.0)
    loop = DeliverLoop(core, deliver, troubles=Troubles(core.troubles))
    unlisten = core.store.listen(loop.heard)
    task = asyncio.create_task(loop.run())
    yield core
    unlisten()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def stored(core: Core, number: int, url: str) -> Job:
    job = a_command(number, callbacks=(Callback(url=url, words="event"),))
    return (await core.store.write(Change(jobs=(job,), events=(an_event(job.id),)))).jobs[0]


async def test_a_hundred_receivers_that_hang_do_not_hold_up_one_that_answers(
    calling: Core, receivers: Receivers
) -> None:
    for number in range(DEAD):
        for again in range(3):
            await stored(calling, 1 + 3 * number + again, f"http://dead{number}.example/")
    for number in range(1000, 1020):
        job = await stored(calling, number, HEALTHY)
        assert await receivers.told.get() == "job.accepted"
        moved = job.moved_to(State.RUNNING, at=NOON)
        event = an_event(job.id, EventType.RUNNING)
        await calling.store.write(Change(jobs=(moved,), events=(event,)))
        assert await receivers.told.get() == "job.running"
    assert receivers.hanging == DEAD
    assert not receivers.let_go.is_set()


async def test_what_hung_is_told_when_it_answers_and_stored(
    calling: Core, receivers: Receivers
) -> None:
    job = await stored(calling, 1, "http://slow.example/")
    receivers.let_go.set()
    told = asyncio.Event()
    calling.store.listen(lambda commits: told.set() if commits[0].deliveries else None)
    await told.wait()
    (delivery,) = await calling.store.deliveries(ALL, job=job.id, states=frozenset(), limit=9)
    assert delivery.state is DeliveryState.DELIVERED
