"""What is to be done as one account, in a task of its own: an account that hangs or fails holds up no other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import Tag
from headway.core.model.state import Reason, State
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Launch, Observation, Refusal
from headway.executors.batch.handing import tags_of
from headway.executors.batch.run_as.accounts import NoAccount
from headway.executors.batch.run_as.listings import ListingOfAll
from headway.executors.batch.run_as.one_account import OneAccount

logger = logging.getLogger(__name__)

_PATIENCE_S: Final = 5.0  #: so long whoever asks waits for this account; it goes on after that
_FIND_PATIENCE_S: Final = 30.0  #: longer, for what is not found later is lost
_BACK_OFF_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_LOST: Final = "the cluster does not know the job any more; how it ended is unknown"


class _Held:
    """A launch that the scheduler does not have yet, as far as is known.

    Attributes:
        is_doubtful: it was sent, and what came of that is not known.
        is_late: nobody waits for ``outcome`` any more; it is told as news.
    """

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.is_doubtful = False
        self.is_late = False
        self.outcome: asyncio.Future[Sequence[Refusal]] = asyncio.get_running_loop().create_future()


class Member:
    """Hands over, looks for, ends and follows the jobs of one account.

    Args:
        name: the account's.
        make: makes its executor, started; raises NoAccount or ExecutorUnavailable.
        say: is told news.
        lost_after: what cannot be looked for is lost when nothing can be run as this account for so long.

    Attributes:
        trouble: why nothing can be done as this account now; "" when all is well.
    """

    def __init__(
        self,
        name: str,
        *,
        make: Callable[[], Awaitable[OneAccount]],
        clock: Clock,
        say: Callable[[Sequence[Observation]], None],
        lost_after: timedelta,
    ) -> None:
        self.name = name
        self.trouble = ""
        self.executor: OneAccount | None = None
        self._make = make
        self._clock = clock
        self._tell = say
        self._lost_after = lost_after
        self._refused_since: datetime | None = None
        self._making = asyncio.Lock()
        self._held: dict[Tag, _Held] = {}
        self._sought: dict[Tag, asyncio.Future[bool]] = {}
        self._late: set[Tag] = set()  # of those sought: nobody waits for the answer any more
        self._ending: set[Tag] = set()
        self._listing: ListingOfAll | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._task = asyncio.create_task(self._work())

    async def ready(self) -> OneAccount:
        """Give the executor, started.

        Raises:
            NoAccount: nothing can be run as this account.
            ExecutorUnavailable: not now.
        """
        async with self._making:
            if self.executor is None:
                self.executor = await self._make()
            return self.executor

    @property
    def held_count(self) -> int:
        """Tell how many attempts wait here."""
        return sum(len(tags_of(one.launch)) for one in self._held.values())

    def holds(self, tag: Tag) -> bool:
        """Tell whether an attempt waits here, or is looked for."""
        return tag in self._sought or any(tag in tags_of(one.launch) for one in self._held.values())

    @property
    def is_seeking(self) -> bool:
        """Tell whether a listing is needed to find something."""
        return bool(self._sought) or any(one.is_doubtful for one in self._held.values())

    async def submit(self, launches: Sequence[Launch]) -> list[Refusal]:
        """Take launches over; gives the refusals that come soon. Later ones are told as news."""
        new = [_Held(launch) for launch in launches if launch.tag not in self._held]
        self._held |= {one.launch.tag: one for one in new}
        self._wake_up()
        if not new:
            return []
        await asyncio.wait([one.outcome for one in new], timeout=_PATIENCE_S)
        refusals: list[Refusal] = []
        for one in new:
            if one.outcome.done():
                refusals += one.outcome.result()
            else:
                one.is_late = True
        return refusals

    async def find(self, tags: Collection[Tag]) -> set[Tag]:
        """Tell which attempts are here; of those that cannot be looked for soon it is told later if they are not."""
        held = {tag for one in self._held.values() for tag in tags_of(one.launch)}
        loop = asyncio.get_running_loop()
        asked = {tag: self._sought.get(tag) or loop.create_future() for tag in {*tags} - held}
        self._sought |= asked
        self._wake_up()
        if asked:
            await asyncio.wait(asked.values(), timeout=_FIND_PATIENCE_S)
        self._late |= {tag for tag, found in asked.items() if not found.done()}
        there = {tag for tag, found in asked.items() if not found.done() or found.result()}
        return there | (held & {*tags})

    async def cancel(self, tags: Collection[Tag]) -> None:
        """End attempts; those that cannot be ended soon are later."""
        self._ending |= set(tags)
        self._wake_up()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._idle.wait()
        except TimeoutError:
            logger.info("%s: jobs are ended as soon as that can be done", self.name)

    def hear(self, listing: ListingOfAll) -> None:
        """Hear what a listing of all accounts says."""
        if self.executor is not None and self.executor.has_jobs:
            self._listing = listing
            self._wake_up()

    def _wake_up(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            tries = 0
            while not await self._try_round():
                rest_s = _BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]
                await asyncio.sleep(rest_s)
                tries += 1
            if not self._wake.is_set():
                self._idle.set()

    async def _try_round(self) -> bool:
        """Do what is to be done; gives whether that worked."""
        try:
            await self._round()
        except NoAccount as error:
            self._refuse_all(str(error))
            self._give_up(str(error))
            self._note(str(error))
        except ExecutorUnavailable as error:
            self._note(str(error))
        except Exception as error:
            logger.exception("%s: a round failed", self.name)
            self._note(f"{type(error).__name__}: {error}")
        else:
            self.trouble = ""
            self._refused_since = None
            return True
        return not (self._held or self._sought or self._ending)

    async def _round(self) -> None:
        self._drop_cancelled()
        executor = await self.ready()
        await self._look_for(executor)
        self._drop_cancelled()
        await self._hand_over(executor)
        await self._end(executor)
        listing, self._listing = self._listing, None
        if listing is not None:
            await executor.hear(listing)

    async def _look_for(self, executor: OneAccount) -> None:
        doubtful = {
            tag: one
            for one in self._held.values()
            if one.is_doubtful
            for tag in tags_of(one.launch)
        }
        sought = dict(self._sought)
        if not doubtful and not sought:
            return
        there = set(await executor.find([*doubtful, *sought]))
        for one in set(doubtful.values()):
            if there.intersection(tags_of(one.launch)):
                self._decide(one, [])
            else:
                one.is_doubtful = False
        for tag, found in sought.items():
            del self._sought[tag]
            if not found.done():
                found.set_result(tag in there)
            if tag in self._late:
                self._late.discard(tag)
                if tag not in there:
                    self._say([tag], State.FAILED, Reason.LOST, _LOST)

    def _drop_cancelled(self) -> None:
        """Let go of launches whose end was asked for before they were sent."""
        for one in list(self._held.values()):
            if not one.is_doubtful and self._ending.issuperset(tags_of(one.launch)):
                self._ending.difference_update(tags_of(one.launch))
                self._decide(one, [])
                self._say(tags_of(one.launch), State.CANCELLED, Reason.BY_USER, "")

    async def _hand_over(self, executor: OneAccount) -> None:
        ready = [one for one in self._held.values() if not one.is_doubtful]
        if not ready:
            return
        await (
            executor.greet()
        )  # what cannot be done as this account is known before anything is sent
        for one in ready:
            one.is_doubtful = True
        refusals = await executor.submit([one.launch for one in ready])
        for one in ready:
            own = set(tags_of(one.launch))
            self._decide(one, [each for each in refusals if each.tag in own])

    async def _end(self, executor: OneAccount) -> None:
        ending = set(self._ending)
        if ending:
            await executor.cancel(ending)
            self._ending -= ending

    def _refuse_all(self, words: str) -> None:
        """Refuse what was never sent: nothing can be run as this account."""
        for one in list(self._held.values()):
            if not one.is_doubtful:
                tags = tags_of(one.launch)
                self._ending.difference_update(tags)
                self._decide(one, [Refusal(tag=tag, message=words) for tag in tags])

    def _give_up(self, words: str) -> None:
        """Call lost what cannot be looked for, when that has lasted."""
        now = self._clock.now()
        self._refused_since = self._refused_since or now
        if now - self._refused_since < self._lost_after:
            return
        doubtful = list(self._held.values())
        lost = [*self._sought, *(tag for one in doubtful for tag in tags_of(one.launch))]
        for one in doubtful:
            self._decide(one, [])
        for found in self._sought.values():
            if not found.done():
                found.set_result(True)
        self._sought.clear()
        self._late.clear()
        self._ending.clear()
        self._say(lost, State.FAILED, Reason.LOST, f"{_LOST}: {words}")

    def _decide(self, one: _Held, refusals: Sequence[Refusal]) -> None:
        """Let go of a launch, and tell its refusals to whoever waits for them, or as news."""
        self._held.pop(one.launch.tag, None)
        if not one.is_late:
            if not one.outcome.done():
                one.outcome.set_result(refusals)
            return
        for each in refusals:
            self._say([each.tag], State.FAILED, Reason.NOT_STARTED, each.message)

    def _note(self, trouble: str) -> None:
        """Have attempts that wait here say why, once."""
        if trouble == self.trouble:
            return
        self.trouble = trouble
        logger.warning("jobs as %s: %s", self.name, trouble)
        for one in (
            self._held.values()
        ):  # what was told once is told on in the same way, or the two could cross
            one.is_late = True
            if not one.outcome.done():
                one.outcome.set_result([])
        waiting = [tag for one in self._held.values() for tag in tags_of(one.launch)]
        self._say(waiting, State.ACCEPTED, Reason.EXECUTOR_DOWN, trouble)

    def _say(self, tags: Sequence[Tag], state: State, reason: Reason, message: str) -> None:
        now = self._clock.now()
        self._tell(
            [
                Observation(tag=tag, state=state, reason=reason, at=now, message=message)
                for tag in tags
            ]
        )

    async def close(self) -> None:
        """End the task, and disconnect."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if self.executor is not None:
            await self.executor.close()
