"""Runs each job of a batch cluster as the account of its owner, behind the port Executor."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import (
    ExecutorRejected,
    ExecutorUnavailable,
    HeadwayError,
    InvalidRequest,
    NotFound,
)
from headway.core.model.job import Kind
from headway.core.model.names import Tag
from headway.core.model.spec import Spec
from headway.core.ports.clock import Clock
from headway.core.ports.executor import (
    Explanation,
    Launch,
    LogPart,
    Observation,
    Refusal,
    Stream,
)
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.executor import one_attempt_each
from headway.executors.batch.handing import tags_of
from headway.executors.batch.pace import Pace
from headway.executors.batch.run_as.accounts import Accounts, NoAccount
from headway.executors.batch.run_as.accounts_of_tags import AccountsOfTags
from headway.executors.batch.run_as.listings import ListsOthers
from headway.executors.batch.run_as.members import Members, Shared
from headway.executors.batch.run_as.one_account import OneAccount

logger = logging.getLogger(__name__)

_MOST_ELEMENTS: Final = 1000
_FORGETTING_S: Final = 60.0
#: What the server's own user only could use.
_NOT_FOR_OTHERS: Final = ("HEADWAY_SPOOL",)


class RunAs:
    """Runs jobs through a batch scheduler as their owners. See headway.core.ports.executor.Executor.

    What is done as one account is done in a task of its own: nothing that a user can do to their own account holds up others.

    Args:
        pace: decides on listings.
        data: this cluster's own directory here, private to the server.

    Raises:
        InvalidRequest: the scheduler's listing cannot tell the jobs of several accounts apart.
    """

    def __init__(
        self, shared: Shared, *, accounts: Accounts, clock: Clock, pace: Pace, data: Path
    ) -> None:
        dialect = shared.make_dialect()
        if not isinstance(dialect, ListsOthers):
            raise InvalidRequest(
                f"run_as: jobs cannot be run as their owners on {dialect.name} yet", field="run_as"
            )
        self._shared = shared
        self._dialect: Dialect = dialect
        self._accounts = accounts
        self._clock = clock
        self._members = Members(
            shared, dialect, accounts=accounts, clock=clock, pace=pace, say=self._say
        )
        self._listings = self._members.listings
        self._of_tags = AccountsOfTags(data)
        self._news: list[Observation] = []
        self._arriving = 0  # launches that no account has been given yet

    async def start(self) -> None:
        """See that what root installs is there, and that the scheduler answers."""
        sudo = self._shared.sudo
        if not os.access(sudo.program, os.X_OK):
            raise ExecutorUnavailable(
                f"run_as: {sudo.program} is not there or cannot be run; `headway run-as --help` says what root installs"
            )
        await self._of_tags.start()
        await self._shared.transport.start()
        try:
            output = await self._shared.transport.run(self._dialect.version())
            self._dialect.read_version(output)
        except ExecutorRejected as error:
            raise ExecutorUnavailable(str(error)) from None

    def room(self) -> int:
        """Tell how many more attempts may be handed over."""
        most = self._shared.jobs_at_once
        executors = [one.executor for one in self._members if one.executor is not None]
        there = sum(most - one.room() for one in executors)
        held = sum(one.held_count for one in self._members)
        return max(0, most - there - held - self._arriving)

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what the scheduler is not asked for."""
        return self._dialect.unheeded(spec)

    def takes(self, kind: Kind) -> bool:
        """Take commands."""
        return kind is Kind.COMMAND

    def array_limit(self) -> int:
        """Take so many elements as one native array."""
        return _MOST_ELEMENTS

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Hand attempts over; each is its owner's account's business from when its account has been written down."""
        refusals = [each for launch in launches for each in _impossible(launch)]
        never = {each.tag for each in refusals}
        groups: dict[str, list[Launch]] = {}
        accounts: dict[Tag, str] = {}
        for launch in launches:
            if launch.tag not in never:
                name = self._accounts.name_for(launch.owner)
                groups.setdefault(name, []).append(_for_others(launch))
                accounts |= dict.fromkeys(tags_of(launch), name)
        self._arriving += len(accounts)
        try:
            refusals += await self._refused(groups)
            await self._of_tags.write(
                {tag: name for tag, name in accounts.items() if name in groups}
            )
        finally:
            self._arriving -= len(accounts)
        members = {name: self._members.of(name) for name in groups}
        for found in await asyncio.gather(
            *(members[name].submit(group) for name, group in groups.items())
        ):
            refusals += found
        self._listings.pace.want(at_s=self._now_s())
        self._listings.wake.set()
        if not refusals and any(one.trouble and one.held_count for one in members.values()):
            await (
                self._listings.fresh()
            )  # raises where it is the scheduler that is away, not an account
        return refusals

    async def _refused(self, groups: dict[str, list[Launch]]) -> list[Refusal]:
        """Take out the groups of those who have no account, and refuse their launches."""
        refusals: list[Refusal] = []
        for name in list(groups):
            try:
                await self._accounts.named(name)
            except NoAccount as error:
                refusals += [
                    Refusal(tag=tag, message=str(error))
                    for launch in groups.pop(name)
                    for tag in tags_of(launch)
                ]
        return refusals

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which attempts are in the hands of their accounts."""
        groups = self._by_account(tags)
        for name in groups:
            self._members.of(name)
        await self._listings.fresh()
        found = await asyncio.gather(
            *(self._members.of(name).find(group) for name, group in groups.items())
        )
        self._listings.wake.set()
        return {tag for group in found for tag in group}

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what jobs tell at once, and what each listing tells."""
        listings = self._listings
        while True:
            if news := self._take_news():
                yield news
                continue
            if not self._members.listed():
                listings.wake.clear()
                await listings.wake.wait()
                listings.pace.rested(at_s=self._now_s())
                continue
            wait_s = listings.pace.next_s(at_s=self._now_s()) - self._now_s()
            if wait_s <= 0:
                listing = await listings.fresh()
                for member in self._members:
                    member.hear(listing)
                continue
            listings.wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await listings.wake.wait()

    def _take_news(self) -> Sequence[Observation]:
        if self._news:
            told, self._news = one_attempt_each(self._news)
            return told
        for member in self._members:
            if member.executor is not None and (news := member.executor.take_news()):
                return news
        return ()

    async def settled(self, tags: Collection[Tag]) -> None:
        """Follow ended attempts no more."""
        for name, group in self._by_account(tags).items():
            member = self._members.get(name)
            if member is not None and member.executor is not None:
                await member.executor.settled(group)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Have attempts ended, each as its own account."""
        groups = self._by_account(tags)
        await asyncio.gather(*(self._members.of(name).cancel(own) for name, own in groups.items()))

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Say at once what a wrapper tells of itself."""
        member = self._members.get(self._of_tags.of(tag))
        if member is not None and member.executor is not None:
            await member.executor.heard(tag, record)

    def account_of(self, tag: Tag) -> str | None:
        """Give the account that an attempt was handed over as."""
        return self._of_tags.of(tag)

    def hurry(self) -> None:
        """List every second for the next seconds."""
        self._listings.pace.watched(at_s=self._now_s())
        self._listings.wake.set()

    async def explain(self, tag: Tag) -> Explanation | None:
        """Tell what the last listing said of an attempt, or that its account cannot be used now."""
        member = self._members.get(self._of_tags.of(tag))
        if member is None:
            return None
        if member.trouble and member.holds(tag):
            return Explanation(why=member.trouble, at=self._clock.now())
        return None if member.executor is None else await member.executor.explain(tag)

    async def native_detail(self, tag: Tag) -> str:
        """Ask the scheduler, as the job's account, for all it has on an attempt."""
        return await (await self._executor_of(tag)).native_detail(tag)

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what the job wrote, as the job's account."""
        member = self._members.get(self._of_tags.of(tag))
        if member is not None and member.holds(tag):
            return await _log_so_far(member.executor, tag, stream, offset=offset, limit=limit)
        executor = await self._executor_of(tag)
        return await executor.read_log(tag, stream, offset=offset, limit=limit)

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the attempts' directories, each as its own account; those of an account that is gone stay."""
        groups = self._by_account(tags)
        await asyncio.gather(*(self._forget(name, own) for name, own in groups.items()))
        await self._of_tags.forget(tags)

    async def _forget(self, name: str, tags: Collection[Tag]) -> None:
        try:
            async with asyncio.timeout(_FORGETTING_S):
                await (await self._members.of(name).ready()).forget(tags)
        except (HeadwayError, TimeoutError) as error:
            logger.warning("what jobs of %s left is not deleted: %s", name, error)

    def foreign(self) -> None:
        """Give no other jobs: whose they are is not this server's to show."""
        return

    async def close(self) -> None:
        """Let go of all accounts."""
        await self._members.close()
        await self._shared.transport.close()
        self._accounts.close()
        self._of_tags.close()

    async def _executor_of(self, tag: Tag) -> OneAccount:
        name = self._of_tags.of(tag)
        if name is None:
            raise NotFound(
                f"the cluster has nothing of attempt {tag}: it was never handed over, or is forgotten"
            )
        return await self._members.of(name).ready()

    def _by_account(self, tags: Collection[Tag]) -> dict[str, list[Tag]]:
        groups: dict[str, list[Tag]] = {}
        for tag in tags:
            name = self._of_tags.of(tag)
            if name is not None:
                groups.setdefault(name, []).append(tag)
        return groups

    def _say(self, news: Sequence[Observation]) -> None:
        if news:
            self._news += news
            self._listings.wake.set()

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _impossible(launch: Launch) -> list[Refusal]:
    """Refuse what only the server's own user could do."""
    if launch.spec.sandbox is None:
        return []
    words = "files cannot be brought to and from a job that runs as its owner: leave stage_in and stage_out out"
    return [Refusal(tag=tag, message=words) for tag in tags_of(launch)]


def _for_others(launch: Launch) -> Launch:
    environment = {
        name: value for name, value in launch.environment.items() if name not in _NOT_FOR_OTHERS
    }
    return msgspec.structs.replace(launch, environment=environment)


async def _log_so_far(
    executor: OneAccount | None, tag: Tag, stream: Stream, *, offset: int, limit: int
) -> LogPart:
    """Read the log of an attempt of which it is not known yet that it was handed over: it may have told itself that it ended."""
    if executor is not None:
        with contextlib.suppress(NotFound):
            return await executor.read_log(tag, stream, offset=offset, limit=limit)
    return LogPart(data=b"", size=0)
