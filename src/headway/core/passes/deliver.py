"""The pass deliver: calls those who asked to be told, at least once for each event and in the order of events.

What is to be told was stored with the event itself; each call and what came of it is stored before the next one to the same
callback. A call whose answer was not stored when the server ended is made again.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, NotFound
from headway.core.model.callback import Callback
from headway.core.model.change import Change, Written
from headway.core.model.delivery import Delivery, DeliveryState, Try
from headway.core.model.event import Event, EventType
from headway.core.model.names import Seq
from headway.core.model.principal import SYSTEM
from headway.core.passes.lanes import Caller, Lanes
from headway.core.ports.callbacks import Answer, Rendered, Sender

logger = logging.getLogger(__name__)

_GROWTH: Final = 3
_SOONER: Final = 0.2  # of a wait, at most: those that failed together do not come back together
_AFTER_TROUBLE: Final = timedelta(seconds=5)
_LEAST_ANSWER: Final = 200
_ROUNDS: Final = 5


class _Called(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was made and may not be stored yet."""

    delivery: Delivery
    word: str
    one: Try

    @property
    def is_acknowledged(self) -> bool:
        return self.one.status is not None and (
            _LEAST_ANSWER <= self.one.status < HTTPStatus.MULTIPLE_CHOICES
        )


class Deliver:
    """All callbacks of one server. ``start`` comes first; then ``deliver`` for what ``take`` gives, many at once."""

    def __init__(self, core: Core, *, sender: Sender, chance: Callable[[], float]) -> None:
        """Make the pass; ``chance`` gives numbers from 0 to below 1."""
        self._core = core
        self._sender = sender
        self._chance = chance
        self._lanes = Lanes()
        self._called: dict[Caller, _Called] = {}  # what there was no space to store
        self._own: set[tuple[Seq, int, int]] = set()  # being stored by this pass

    async def start(self) -> None:
        """Take up what waits from before."""
        for backlog in await self._core.store.backlogs():
            self._lanes.add(Caller(backlog.job, backlog.place), backlog.origin, backlog.due)

    def heard(self, written: Written) -> None:
        """Hear of a commit."""
        for one in written.deliveries:
            caller = Caller(one.job, one.place)
            if one.rev == 1:
                self._lanes.add(caller, one.origin, one.due)
            elif (one.seq, one.place, one.rev) not in self._own:
                self._lanes.hasten(caller, one.origin, self._core.clock.now())

    def take(self) -> Sequence[Caller]:
        """Give the callbacks whose turn it is; ``deliver`` must be called for each."""
        return self._lanes.take(self._core.clock.now())

    def next_due(self) -> datetime | None:
        """Tell when ``take`` may give more though nothing is heard; None for never."""
        return self._lanes.next_due()

    async def deliver(self, caller: Caller) -> None:
        """Tell one callback the first of what waits for it.

        Raises:
            StorageFull: there is no space to store what came of the call; that is done first when it is its turn again.
        """
        due: datetime | None = self._core.clock.now() + _AFTER_TROUBLE
        answered = None
        try:
            due, answered = await self._turn(caller)
        finally:
            self._lanes.done(caller, now=self._core.clock.now(), due=due, answered=answered)

    async def _turn(self, caller: Caller) -> tuple[datetime | None, bool | None]:
        """Do what is to be done now; gives when to look again, and whether the receiver acknowledged."""
        called = self._called.get(caller)
        if called is None:
            now = self._core.clock.now()
            delivery = await self._core.store.next_delivery(*caller)
            if delivery is None or delivery.due > now:
                return (None if delivery is None else delivery.due), None
            called = await self._call(delivery)
            if called is None:
                return now, None
            self._called[caller] = called
        due = await self._record(called)
        del self._called[caller]
        return due, called.is_acknowledged

    async def _call(self, delivery: Delivery) -> _Called | None:
        """Make one call, unless there is nothing to say."""
        callback = await self._callback(delivery)
        if callback is None:
            return None
        words = self._core.words.get(callback.words)
        if words is None:
            detail = (
                f"no protocol called {callback.words!r} that has words for callbacks is installed"
            )
            return self._not_sent(delivery, detail)
        rendered = words(delivery.snapshot, delivery.event)
        if rendered is None or await self._is_known(delivery, rendered):
            await self._store(delivery.changed(state=DeliveryState.SILENT))
            return None
        at = self._core.clock.now()
        answer = await self._sender.send(
            callback.url,
            rendered,
            message_id=f"{delivery.job}-{delivery.seq}-{delivery.place}",
            at=at,
            secret=callback.secret,
        )
        return _Called(delivery=delivery, word=rendered.word, one=_try_of(answer, at))

    def _not_sent(self, delivery: Delivery, detail: str) -> _Called:
        at = self._core.clock.now()
        return _Called(
            delivery=delivery, word="", one=Try(at=at, status=None, detail=detail, took_s=0.0)
        )

    async def _callback(self, delivery: Delivery) -> Callback | None:
        try:
            job = await self._core.store.job(delivery.job)
        except NotFound:  # retention has let it go, and the delivery with it
            return None
        return job.callbacks[delivery.place]

    async def _is_known(self, delivery: Delivery, rendered: Rendered) -> bool:
        if delivery.replays:
            return False
        return rendered.word == await self._core.store.last_word(delivery.job, delivery.place)

    async def _record(self, called: _Called) -> datetime:
        """Store what came of a call; gives when the callback is to be looked at again."""
        delivery = called.delivery
        for _ in range(_ROUNDS):
            after = self._after(delivery, called)
            try:
                await self._store(after)
            except Conflict:  # somebody dropped it, or wants it again
                delivery = await self._core.store.delivery(delivery.seq, delivery.place)
            except NotFound:
                break
            else:
                return after.due if after.state is DeliveryState.WAITING else called.one.at
        return called.one.at

    def _after(self, delivery: Delivery, called: _Called) -> Delivery:
        one = called.one
        if called.is_acknowledged:
            return delivery.after(one, state=DeliveryState.DELIVERED, word=called.word)
        if delivery.rev != called.delivery.rev:  # as somebody wants it
            return delivery.after(one, state=delivery.state)
        ends = delivery.since + self._core.settings.patience.gives_up_after
        if one.at >= ends or one.status == HTTPStatus.GONE:
            return delivery.after(one, state=DeliveryState.DEAD)
        due = min(one.at + self._wait(delivery), ends)
        return delivery.after(one, state=DeliveryState.WAITING, due=due)

    def _wait(self, delivery: Delivery) -> timedelta:
        """Give how long to wait after one more failure."""
        patience = self._core.settings.patience
        failures = sum(one.at >= delivery.since for one in delivery.tries)
        wait = patience.first
        for _ in range(failures):
            if wait >= patience.longest:
                break
            wait *= _GROWTH
        return min(wait, patience.longest) * (1 - _SOONER * self._chance())

    async def _store(self, delivery: Delivery) -> None:
        """Store a delivery that this pass has changed.

        Raises:
            Conflict: somebody else has changed it.
            NotFound: it has gone with its job.
            StorageFull: no space.
        """
        mark = (delivery.seq, delivery.place, delivery.rev)
        events = (self._died(delivery),) if delivery.state is DeliveryState.DEAD else ()
        self._own.add(mark)
        try:
            await self._core.store.write(Change(deliveries=(delivery,), events=events))
        finally:
            self._own.discard(mark)

    def _died(self, delivery: Delivery) -> Event:
        logger.warning(
            "job %s: event %d could not be told to %s and is given up: %r",
            delivery.job,
            delivery.seq,
            delivery.origin,
            delivery.tries[-1].detail,
        )
        return Event(
            job=delivery.job,
            time=self._core.clock.now(),
            type=EventType.CALLBACK_DEAD,
            actor=SYSTEM.name,
            protocol="",
            data={"event": delivery.seq, "callback": delivery.place},
        )


def _try_of(answer: Answer, at: datetime) -> Try:
    return Try(at=at, status=answer.status, detail=answer.detail, took_s=answer.took_s)
