"""The bus's life: it opens the connections, compares everything, follows what happens, and begins anew when Redis was away."""

import asyncio
import logging
import random
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Written
from headway.plugins import Noted
from headway.protocols.moi.bus.commands import Commands
from headway.protocols.moi.bus.echoes import Echoes, Known
from headway.protocols.moi.bus.limited import Limited
from headway.protocols.moi.bus.link import Address, Away, Link, Refused, opened
from headway.protocols.moi.bus.mirror import Mirror
from headway.protocols.moi.bus.ours import Ours, actor_of
from headway.protocols.moi.bus.pending import Pending
from headway.protocols.moi.bus.settings import BusSettings
from headway.protocols.moi.bus.users import Users
from headway.protocols.moi.bus.waiting import Waiting
from headway.protocols.moi.bus.whole import Whole

logger = logging.getLogger(__name__)

NAME: Final = "moi's Redis"  #: of the trouble
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
_BEHIND_PAUSE_S: Final = 5.0
_MOST_DROPPED: Final = 10_000
_ANEW_EVERY_S: Final = 12 * 3600.0  # keys live for fourteen days


class Bus:
    """One user's groups and jobs in a Redis, as long as ``run`` runs.

    Raises:
        InvalidRequest: the address is none.
    """

    def __init__(self, core: Core, settings: BusSettings, troubles: Noted) -> None:
        self._core = core
        self._address = Address(settings.url)
        self._user = settings.user
        self._troubles = troubles
        self._pause_s = _FIRST_PAUSE_S
        self._dropped: dict[str, None] = {}  # groups that are no more, since all was compared

    async def run(self) -> None:
        """Be the bus, until it is cancelled; it never ends by itself."""
        unlisten = self._core.store.listen(self._happen)
        try:
            await self._repeat()
        finally:
            unlisten()

    async def _repeat(self) -> None:
        while True:
            try:
                await self._session()
            except Refused as error:
                self._note(f"the Redis at {self._address.shown} refuses: {error}")
            except Away as error:
                logger.debug("%s: %s", NAME, error)
                self._note(f"the Redis at {self._address.shown} is away")
            except HeadwayError as error:
                self._note(str(error))
            except Exception as error:
                logger.exception("%s: what it says stops until it is opened again", NAME)
                self._note(f"it had to be opened again: {type(error).__name__}")
            await asyncio.sleep(self._pause_s * random.uniform(0.75, 1.25))  # noqa: S311 -- no secret
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    async def _session(self) -> None:
        """Open the connections, and work until one of them ends."""
        async with opened(self._address) as link:
            pending = Pending(self._user)
            unlisten = self._core.store.listen(pending.happen)
            try:
                await self._work(link, pending)
            finally:
                unlisten()

    async def _work(self, link: Link, pending: Pending) -> None:
        echoes, known, waiting = Echoes(), Known(), Waiting()
        log = Limited(logger, asyncio.get_running_loop().time)
        ours = Ours(self._core, actor_of(self._user))
        users = Users(link, log)
        whole = Whole(ours, users, link, echoes, log)
        commands = Commands(ours, link, whole, known, log)
        mirror = Mirror(ours, users, link, echoes, known)
        await _first_error(
            self._follow(pending, mirror, whole, known),
            _hear(link, echoes, waiting, log),
            _do(waiting, commands),
            link.keep(),
        )

    async def _follow(self, pending: Pending, mirror: Mirror, whole: Whole, known: Known) -> None:
        """Write all that is, then all that happens."""
        while True:
            pending.begin()
            known.clear()
            until_anew = asyncio.get_running_loop().call_later(_ANEW_EVERY_S, pending.end)
            try:
                dropped = list(self._dropped)
                await whole.write(dropped)
                for group in dropped:
                    self._dropped.pop(group, None)
                self._pause_s = _FIRST_PAUSE_S
                self._troubles.over(NAME)
                is_first = True
                while (commits := await pending.take()) is not None:
                    await mirror.follow(commits, reread=is_first)
                    is_first = False
            finally:
                until_anew.cancel()
            logger.debug("%s: everything is compared anew", NAME)
            await asyncio.sleep(_BEHIND_PAUSE_S)

    def _happen(self, commits: Sequence[Written]) -> None:
        """Remember what is no more: nothing else could tell it from what others have in Redis."""
        for written in commits:
            for one in written.dropped_groups:
                if one.owner == self._user and len(self._dropped) < _MOST_DROPPED:
                    self._dropped[one.id] = None

    def _note(self, words: str) -> None:
        self._troubles.note(
            NAME, f"{words}; what happens meanwhile is written there when that is over"
        )


async def _hear(link: Link, echoes: Echoes, waiting: Waiting, log: Limited) -> None:
    """Take what is published, at the pace at which it can be looked at."""
    while True:
        channel, payload = await link.hear()
        if echoes.is_own(channel, payload):
            continue
        if not waiting.put(channel, payload):
            log.say("more is published on the bus than can be done: some of it is left")
        await waiting.pace()


async def _do(waiting: Waiting, commands: Commands) -> None:
    while True:
        await commands.do(*await waiting.take())


async def _first_error(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of these until one raises; that is raised when the others are ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def make_bus(core: Core, settings: BusSettings, troubles: Noted) -> Bus:
    """Make the bus; see Bus."""
    return Bus(core, settings, troubles)
