"""Whatever happens to groups and jobs, and however late it is followed: a client that followed knows what one that asks now is told."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.properties import examples
from tests.protocols.moi.conftest import OWN

from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Change, Written
from headway.core.model.names import GroupId
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.operations import groups
from headway.core.operations.annotate import set_status_text
from headway.core.operations.submit import Submission, submit
from headway.protocols.moi.nodes import Within
from headway.protocols.moi.session import Session
from headway.protocols.moi.wire.messages import Request, Verb
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeIds, FakeSeal

_REST: Final[dict[str, Any]] = {"actor": OWN, "protocol": "rest"}
_PICKS: Final = st.integers(0, 9)


class Client:
    """A session, and what its client knows by what it was told."""

    def __init__(self, core: Core, within: Within) -> None:
        self.known: dict[str, Any] = {}
        self.session = Session(core, OWN, within, self._tell)
        self._waiting: list[Written] = []
        core.store.listen(self._waiting.extend)

    async def _tell(self, messages: Sequence[bytes]) -> None:
        for message in messages:
            ((verb, info),) = json.loads(message).items()
            if verb == "remove":
                self.known.pop(info["id"], None)
            else:
                self.known[info["id"]] = info

    async def ask(self, verb: Verb, *ids: str) -> None:
        await self.follow()
        await self.session.answer(Request(verb, ids))

    async def follow(self) -> None:
        """Follow all that has happened since it was last followed."""
        while self._waiting:
            await self.session.follow(self._waiting.pop(0))


class World:
    """Two users' groups and jobs, and a client who has asked for all of them, or all of one user's."""

    def __init__(self) -> None:
        self.core = Core(
            store=MemoryStore(), executors={}, clock=FakeClock(), ids=FakeIds(), seal=FakeSeal()
        )
        self.groups: list[str] = []
        self.jobs: list[str] = []

    async def begin(self, *, of_one: bool) -> None:
        for name in ("one", "two"):
            root = await groups.root_group(self.core, name=name, **_REST)
            self.groups.append(root.id)
        self._within = Within(user="one") if of_one else Within()
        self.client = Client(self.core, self._within)
        await self.client.session.begin()
        await self.client.ask(Verb.GET)

    def _group(self, pick: int) -> GroupId:
        return GroupId(self.groups[pick % len(self.groups)])

    def _node(self, pick: int) -> str:
        return (self.groups + self.jobs)[pick % len(self.groups + self.jobs)]

    async def create(self, one: int, other: int) -> None:
        made = await groups.create_group(
            self.core, name=f"group {other}", parent=self._group(one), **_REST
        )
        self.groups.append(made.group.id)

    async def submit(self, one: int, other: int) -> None:
        places = {self._group(one), self._group(other)}
        submission = Submission(spec=Spec(command=("true",)), groups=tuple(places))
        made = await submit(self.core, submission=submission, **_REST)
        self.jobs.append(made.job.id)

    async def add(self, one: int, other: int) -> None:
        await groups.add_members(self.core, group_id=self._group(one), **self._members(other))

    async def remove(self, one: int, other: int) -> None:
        await groups.remove_members(self.core, group_id=self._group(one), **self._members(other))

    def _members(self, pick: int) -> dict[str, Any]:
        node = self._node(pick)
        return {"groups" if node in self.groups else "jobs": [node], **_REST}

    async def delete(self, one: int, _: int) -> None:
        await groups.delete_group(self.core, group_id=self._group(one), **_REST)

    async def rename(self, one: int, other: int) -> None:
        if one % len(self.groups) > 1:  # the users keep their names
            await groups.change_group(
                self.core, group_id=self._group(one), name=f"renamed {other}", **_REST
            )

    async def say(self, one: int, other: int) -> None:
        job = await self.core.store.job(self.jobs[one % len(self.jobs)])  # type: ignore[arg-type]
        if job.state is State.ACCEPTED:
            job = job.moved_to(State.RUNNING, at=self.core.clock.now())
            await self.core.store.write(Change(jobs=(job,)))
        await set_status_text(self.core, job_id=job.id, text=f"step {other}", **_REST)

    async def ask(self, one: int, other: int) -> None:
        await self.client.ask((Verb.ADD, Verb.REMOVE)[one % 2], self._node(other))

    async def follow(self, _: int, __: int) -> None:
        await self.client.follow()

    async def check(self) -> None:
        """See that the client knows what another one is told who asks for all now and prefers the same groups."""
        await self.client.follow()
        fresh = Client(self.core, self._within)
        await fresh.session.begin()
        fresh.session._view._asked = set(self.client.session._view._asked)
        await fresh.ask(Verb.GET)
        # The uppermost groups are told when they change, and not to those who ask for all.
        roots = {group.id for group in fresh.session._view.roots}
        known = {one: info for one, info in self.client.known.items() if one not in roots}
        assert known == {one: info for one, info in fresh.known.items() if one not in roots}


_STEPS: Final[Sequence[Callable[[World, int, int], Coroutine[Any, Any, None]]]] = (
    World.create,
    World.submit,
    World.add,
    World.remove,
    World.delete,
    World.rename,
    World.say,
    World.ask,
    World.follow,
)
Steps = Sequence[tuple[Callable[[World, int, int], Coroutine[Any, Any, None]], int, int]]


@settings(max_examples=examples(300))
@given(
    st.lists(st.tuples(st.sampled_from(_STEPS), _PICKS, _PICKS), min_size=3, max_size=40),
    st.booleans(),
)
@example(  # a group is renamed before it is followed that it is in another one now
    [
        (World.create, 0, 0),
        (World.create, 0, 1),
        (World.follow, 0, 0),
        (World.add, 3, 2),
        (World.rename, 2, 9),
    ],
    False,
)
@example(  # a job is in another group too, and then in that one only
    [
        (World.create, 0, 0),
        (World.submit, 0, 2),
        (World.follow, 0, 0),
        (World.remove, 0, 3),
    ],
    False,
)
@example(  # a job in two groups comes into one that was asked for
    [
        (World.create, 0, 0),
        (World.ask, 0, 2),
        (World.submit, 0, 0),
        (World.follow, 0, 0),
        (World.add, 2, 3),
    ],
    False,
)
def test_who_follows_knows_what_is_told_to_who_asks(steps: Steps, of_one: bool) -> None:
    asyncio.run(_play(steps, of_one=of_one))


async def _play(steps: Steps, *, of_one: bool) -> None:
    world = World()
    await world.begin(of_one=of_one)
    for step, one, other in steps:
        with suppress(
            HeadwayError, ZeroDivisionError
        ):  # what cannot be is refused; there may be no job
            await step(world, one, other)
    await world.check()
    await world.core.store.close()
