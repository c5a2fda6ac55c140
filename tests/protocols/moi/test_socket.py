"""The websocket: what clients ask for, and what they are told of what happens."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from tests.protocols.moi.conftest import OWN, Connect, NewGroup, NewJob, Told
from tests.protocols.rest.conftest import NewToken, new_token

from headway.core.core import Core
from headway.core.model import group as group_model
from headway.core.model.change import Change, Written
from headway.core.model.group import MemberKind
from headway.core.model.names import GroupId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import State
from headway.core.operations.annotate import set_status_text
from headway.core.operations.groups import add_members, delete_group, remove_members
from headway.protocols.moi import socket as socket_module
from headway.protocols.moi.nodes import Within
from headway.protocols.moi.session import Session
from headway.protocols.moi.wire.messages import Request, Verb
from headway.testing.samples import ALL

pytestmark = pytest.mark.anyio

__all__ = ["new_token"]


def ids(heard: list[Told]) -> list[tuple[str, str]]:
    return [(verb, info["id"]) for verb, info in heard]


async def test_get_gives_one_message_for_each_node_below_a_group(
    connect: Connect, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    first, second = await new_job(user.id), await new_job(group.id)
    async with connect() as talk:
        talk.say(get=[user.id])
        heard = await talk.hear_all()
    assert sorted(ids(heard)) == sorted(
        ("get", one) for one in (user.id, group.id, first.id, second.id)
    )


async def test_get_of_nothing_gives_all_of_the_user_but_the_users_own_group(
    connect: Connect, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    job = await new_job(group.id)
    async with connect("example") as talk:
        talk.say(get=[])
        assert ids(await talk.hear_all()) == [("get", group.id), ("get", job.id)]


async def test_a_job_in_two_groups_is_told_once_with_the_parent_that_was_asked_for(
    connect: Connect, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    one, two = await new_group(user.id, "one"), await new_group(user.id, "two")
    job = await new_job(one.id, two.id)
    async with connect() as talk:
        talk.say(get=[])
        (told,) = [info for _, info in await talk.hear_all() if info["type"] == "job"]
        assert told["parent"] == one.id
        talk.say(get=[two.id])
        (told,) = [info for _, info in await talk.hear_all() if info["type"] == "job"]
        assert told["parent"] == two.id
        await _set_text(core, job.id, "half")
        verb, info = await talk.hear()
        assert (verb, info["parent"]) == ("update", two.id)


async def _set_text(core: Core, job_id: str, text: str) -> None:
    job = await core.store.job(job_id)  # type: ignore[arg-type]
    if job.state is State.ACCEPTED:
        await core.store.write(Change(jobs=(job.moved_to(State.RUNNING, at=core.clock.now()),)))
    await set_status_text(core, actor=OWN, protocol="rest", job_id=job.id, text=text)


async def test_each_change_is_told_by_itself(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    async with connect() as talk:
        talk.say(get=[])
        await talk.hear_all()
        for text in ("one", "two", "three"):
            await _set_text(core, job.id, text)
        told = [(verb, info["status"]) for verb, info in await talk.hear_all()]
    assert told == [("update", word) for word in ("Running", "one", "two", "three")]


async def test_a_new_job_is_added_and_one_taken_out_is_removed(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    async with connect() as talk:
        await talk.hear_all()
        job = await new_job(user.id, name="late")
        verb, info = await talk.hear()
        assert (verb, info["id"], info["parent"], info["status"]) == (
            "add",
            job.id,
            user.id,
            "Queued",
        )
        await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, jobs=[job.id])
        verb, info = await talk.hear()
        assert (verb, info["id"], info["parent"]) == ("remove", job.id, user.id)
        await _set_text(core, job.id, "unseen")
        assert await talk.hear_all() == []


@pytest.mark.parametrize("as_list", [True, False])
async def test_remove_takes_an_id_or_a_list_and_ends_nothing(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob, as_list: bool
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    async with connect() as talk:
        talk.say(remove=[job.id] if as_list else job.id)
        assert ids(await talk.hear_some(1)) == [("remove", job.id)]
        talk.say(get=[])
        assert await talk.hear_all() == []
    assert not (await core.store.job(job.id)).state.is_final


async def test_removing_a_group_removes_all_below_it_that_is_nowhere_else(
    connect: Connect, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    deep = await new_group(group.id)
    job, other = await new_job(deep.id), await new_job(deep.id, user.id)
    async with connect() as talk:
        talk.say(remove=[group.id])
        heard = await talk.hear_some(3)
        assert sorted(ids(heard)) == sorted(("remove", one) for one in (group.id, deep.id, job.id))
        talk.say(get=[])
        assert ids(await talk.hear_all()) == [("get", other.id)]


async def test_what_was_removed_can_be_added_again(
    connect: Connect, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    job = await new_job(group.id)
    async with connect("example") as talk:
        talk.say(remove=group.id)
        await talk.hear_some(2)
        talk.say(add=group.id)
        assert ids(await talk.hear_some(2)) == [("add", group.id), ("add", job.id)]
        assert await talk.hear_all() == []


async def test_adding_what_would_be_too_deep_is_answered_and_not_fatal(
    connect: Connect, new_user: NewGroup, new_group: NewGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    async with connect("example") as talk:
        talk.say(remove=group.id)
        assert ids(await talk.hear_some(1)) == [("remove", group.id)]
        monkeypatch.setattr(group_model, "DEEPEST", 1)
        talk.say(add=group.id)
        verb, said = await talk.hear()
        assert verb == "error"
        assert "2 levels deep, and 1 is the limit" in said
        talk.say(get=[])
        assert await talk.hear_all() == []


async def test_adding_what_is_there_tells_it_again(
    connect: Connect, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    async with connect("example") as talk:
        talk.say(add=[job.id])
        assert ids(await talk.hear_all()) == [("add", job.id)]


async def test_a_group_that_comes_with_all_below_it_is_told_with_all_of_it(
    connect: Connect, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user, other = await new_user("example"), await new_user("other")
    group = await new_group(other.id)
    job = await new_job(group.id)
    async with connect("example") as talk:
        await talk.hear_all()
        await add_members(core, actor=OWN, protocol="rest", group_id=user.id, groups=[group.id])
        assert ids(await talk.hear_some(2)) == [("add", group.id), ("add", job.id)]


async def test_a_deleted_group_is_removed_with_all_below_it(
    connect: Connect, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    job = await new_job(group.id)
    async with connect() as talk:
        await talk.hear_all()
        await delete_group(core, actor=OWN, protocol="rest", group_id=group.id)
        assert sorted(ids(await talk.hear_all())) == sorted(
            [("remove", group.id), ("remove", job.id)]
        )


async def test_a_user_who_comes_later_is_seen_from_then_on(
    connect: Connect, new_user: NewGroup, new_job: NewJob
) -> None:
    async with connect("late") as talk:
        talk.say(get=[])
        assert await talk.hear_all() == []
        user = await new_user("late")
        job = await new_job(user.id)
        assert ids(await talk.hear_all()) == [("add", user.id), ("add", job.id)]


async def test_one_user_is_not_shown_what_is_anothers(
    connect: Connect, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    mine, theirs = await new_user("me"), await new_user("them")
    group = await new_group(theirs.id)
    job = await new_job(group.id)
    async with connect("me") as talk:
        for verb in ("get", "add", "remove"):
            for one in (job.id, group.id, theirs.id):
                talk.say_text(f'{{"{verb}": ["{one}"]}}')
                assert (await talk.hear_all_but_errors()) == []
        await _set_text(core, job.id, "secret")
        await new_job(group.id)
        assert await talk.hear_all() == []
    assert await core.store.parents("alice", job.id, MemberKind.JOB) != []
    assert await core.store.members("alice", mine.id, ALL, limit=10) == []


async def test_another_principal_sees_nothing_of_it(
    connect: Connect,
    core: Core,
    new_user: NewGroup,
    new_job: NewJob,
    new_token: NewToken,
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    secret = await new_token("bob", Scope.RUN)
    for name in ("", "example"):
        async with connect(name, token=secret) as talk:
            talk.say(get=[user.id, job.id])
            talk.say(get=[])
            talk.say(add=[job.id])
            assert await talk.hear_all_but_errors() == []
            await _set_text(core, job.id, f"secret of {name}")
            assert await talk.hear_all() == []


async def test_an_admins_groups_are_theirs_and_nobody_elses(
    connect: Connect, new_user: NewGroup, new_job: NewJob
) -> None:
    carol = Principal(name="carol", scopes=frozenset(Scope))
    theirs = await new_user("example", carol)
    await new_job(theirs.id, actor=carol)
    async with connect() as talk:
        talk.say(get=[])
        talk.say(get=[theirs.id])
        assert await talk.hear_all() == []


async def test_who_may_only_read_is_told_so_and_changes_nothing(
    connect: Connect, core: Core, new_token: NewToken
) -> None:
    secret = await new_token("bob", Scope.READ)
    async with connect(token=secret) as talk:
        talk.say(add=["00000000-0000-7000-8000-000000000000"])
        assert (await talk.hear())[0] == "error"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not JSON"),
        ("[1]", "JSON object"),
        ('{"fly": []}', "unknown verb 'fly'"),
        ('{"get": 7}', "a list of ids"),
        ('{"get": [7]}', "a list of ids"),
        ('{"update": []}', "unknown verb"),
    ],
)
async def test_a_message_that_makes_no_sense_is_answered_and_not_fatal(
    connect: Connect, text: str, words: str
) -> None:
    async with connect() as talk:
        talk.say_text(text)
        verb, said = await talk.hear()
        assert verb == "error"
        assert words in said
        talk.say(get=[])
        assert await talk.hear_all() == []


async def test_close_closes(connect: Connect) -> None:
    async with connect() as talk:
        talk.say(close=None)
        assert await talk.next() == {"type": "websocket.close", "code": 1000}


async def test_who_comes_back_gets_the_present_state(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    async with connect() as talk:
        talk.say(get=[user.id])
        await talk.hear_all()
    await _set_text(core, job.id, "meanwhile")
    async with connect() as talk:
        talk.say(get=[user.id])
        assert [info["status"] for _, info in await talk.hear_all()] == [None, "meanwhile"]


async def test_what_happens_while_a_get_is_read_is_told_behind_it_or_in_it(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    async with connect() as talk:
        talk.say(get=[user.id])
        for number in range(20):
            await _set_text(core, job.id, str(number))
        told = [info["status"] for _, info in await talk.hear_all() if info["type"] == "job"]
    assert told[-1] == "19"
    numbers = [int(text) for text in told if text.isdigit()]
    assert numbers == sorted(numbers)


async def test_one_user_can_have_so_many_open_and_others_theirs(
    connect: Connect, new_token: NewToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "MOST_EACH", 2)
    secret = await new_token("bob", Scope.READ)
    async with connect() as first, connect("example"):
        for _ in range(2):
            with pytest.raises(AssertionError, match=r"websocket\.close"):
                async with connect():
                    pass
        async with connect(token=secret) as other:
            assert await other.hear_all() == []
        first.say(close=None)
        assert (await first.next())["type"] == "websocket.close"
    async with connect(), connect() as again:
        assert await again.hear_all() == []


async def test_nobody_unknown_gets_in(connect: Connect) -> None:
    with pytest.raises(AssertionError):
        async with connect(token="hw_nonsense"):
            pass


async def test_a_group_that_only_its_id_names_is_seen_when_it_is_asked_for(
    connect: Connect, core: Core, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    job = await new_job(group.id)
    gone = GroupId(group.id)
    await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, groups=[gone])
    async with connect() as talk:
        talk.say(get=[])
        assert await talk.hear_all() == []
        talk.say(get=[group.id])
        assert ids(await talk.hear_all()) == [("get", group.id), ("get", job.id)]
        await _set_text(core, job.id, "seen")
        assert [verb for verb, _ in await talk.hear_all()] == ["update", "update"]


async def test_what_came_between_the_handshake_and_the_first_look_is_told_once(
    core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    waiting: list[Written] = []
    core.store.listen(waiting.extend)
    job = await new_job(user.id)
    told: list[bytes] = []

    async def tell(messages: Sequence[bytes]) -> None:
        told.extend(messages)

    session = Session(core, OWN, Within(), tell)
    await session.begin()
    for written in (*waiting, *waiting):
        await session.follow(written)
    assert [next(iter(json.loads(one))) for one in told] == ["add"]
    assert json.loads(told[0])["add"]["id"] == job.id


async def test_others_have_their_turns_while_much_is_removed_that_is_nowhere(core: Core) -> None:
    async def tell(messages: Sequence[bytes]) -> None:
        assert not messages

    session = Session(core, OWN, Within(), tell)
    await session.begin()
    ids = tuple(str(number) for number in range(10_000))
    removing = asyncio.ensure_future(session.answer(Request(Verb.REMOVE, ids)))
    turns = 0
    while not removing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50  # two, where all is looked for at once
    await removing
