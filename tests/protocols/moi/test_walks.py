"""What is read for one answer: nothing twice, however many ways lead to it."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from tests.protocols.moi.conftest import OWN, NewGroup, NewJob

from headway.core.core import Core
from headway.core.model.group import Group, Member, Subtree
from headway.core.model.names import GroupId
from headway.core.operations.groups import add_members, remove_members
from headway.protocols.moi.nodes import Within
from headway.protocols.moi.session import Session
from headway.protocols.moi.wire.messages import Request, Verb

pytestmark = pytest.mark.anyio

LEVELS = 20


class Asking:
    """A session, what it told, how often each group's places were read, and how many there were in all walks."""

    def __init__(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[tuple[str, str]] = []
        self.read: Counter[str] = Counter()
        self.places = 0
        self._session = Session(core, OWN, Within(), self._tell)
        members, subtree = core.store.members, core.store.subtree

        async def counted(owner: str, group_id: GroupId, *args: Any, **kwargs: Any) -> list[Member]:
            self.read[group_id] += 1
            return await members(owner, group_id, *args, **kwargs)

        async def counted_below(owner: str, group_id: GroupId, **kwargs: Any) -> Subtree:
            found = await subtree(owner, group_id, **kwargs)
            self.places += len(found.memberships)
            return found

        monkeypatch.setattr(core.store, "members", counted)
        monkeypatch.setattr(core.store, "subtree", counted_below)

    async def get(self, *ids: str) -> None:
        await self._session.begin()
        await self._session.answer(Request(Verb.GET, ids))

    async def _tell(self, messages: Sequence[bytes]) -> None:
        for message in messages:
            ((verb, info),) = json.loads(message).items()
            self.told.append((verb, info["id"]))


@pytest.fixture
def asking(core: Core, monkeypatch: pytest.MonkeyPatch) -> Asking:
    return Asking(core, monkeypatch)


async def chain(top: Group, new_group: NewGroup) -> list[Group]:
    groups = [top]
    for _ in range(LEVELS - 1):
        groups.append(await new_group(groups[-1].id))
    return groups


@pytest.mark.parametrize("step", [1, -1], ids=["from-above", "from-below"])
async def test_each_group_of_a_chain_is_read_once_for_a_get_of_all_of_them(
    asking: Asking, new_user: NewGroup, new_group: NewGroup, new_job: NewJob, step: int
) -> None:
    groups = await chain(await new_user("example"), new_group)
    jobs = [await new_job(group.id) for group in groups]
    await asking.get(*[group.id for group in groups[::step]])
    assert asking.read == Counter([group.id for group in groups])
    ids = [*[group.id for group in groups], *[job.id for job in jobs]]
    assert sorted(asking.told) == sorted(("get", one) for one in ids)


async def test_a_job_that_was_told_with_its_group_is_not_told_again_in_the_same_answer(
    asking: Asking, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    await asking.get(user.id, job.id)
    assert asking.told == [("get", user.id), ("get", job.id)]


async def test_what_is_below_many_users_is_read_and_told_once_for_a_get_of_all(
    asking: Asking, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    users = [await new_user(f"example-{number}") for number in range(5)]
    group = await new_group(users[0].id)
    job = await new_job(group.id)
    for user in users[1:]:
        await add_members(core, actor=OWN, protocol="rest", group_id=user.id, groups=[group.id])
    await asking.get()
    assert asking.read == Counter([group.id, *[user.id for user in users]])
    assert sorted(asking.told) == sorted(("get", one.id) for one in (group, job))


async def test_a_user_below_another_is_told_and_read_once_for_a_get_of_all(
    asking: Asking, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    below, above = await new_user("below"), await new_user("above")
    job = await new_job(below.id)
    await add_members(core, actor=OWN, protocol="rest", group_id=above.id, groups=[below.id])
    await asking.get()
    assert asking.read == Counter([below.id, above.id])
    assert sorted(asking.told) == sorted(("get", one.id) for one in (below, job))


async def test_what_is_below_many_groups_that_hang_nowhere_is_looked_at_once(
    asking: Asking, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    groups = await chain(await new_group(user.id), new_group)
    shared = await new_group(groups[-1].id)
    for group in groups[:-1]:
        await add_members(core, actor=OWN, protocol="rest", group_id=group.id, groups=[shared.id])
    jobs = [await new_job(shared.id) for _ in range(3)]
    top = groups[0].id
    await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, groups=[top])
    await asking.get(*[group.id for group in groups[::-1]])
    assert asking.places == len(groups) - 1 + len(groups) + len(jobs)
    assert len(asking.told) == len(set(asking.told)) == len(groups) + 1 + len(jobs)
