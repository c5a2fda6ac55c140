"""What programs ask for on the bus, and what others send there."""

import json
import logging
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from tests.protocols.moi.bus.conftest import Listener, Raw, RunBus, info, members, until, value_of
from tests.protocols.moi.conftest import OWN, NewGroup, NewJob

from headway.core.core import Core
from headway.core.model import group as group_model
from headway.core.model.change import Change
from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.operations.groups import add_members, remove_members, root_group
from headway.core.operations.submit import Submission, submit
from headway.protocols.moi.bus import whole
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeIds
from headway.testing.samples import ALL

pytestmark = [pytest.mark.anyio, pytest.mark.service("redis-server")]


async def publish(redis: "Redis", node: str, **verbs: Any) -> None:
    await redis.publish(f"{node}:pubsub", json.dumps(verbs))


async def is_in(core: Core, group: str, node: str) -> bool:
    places = await core.store.subtree("alice", group, limit=1000)  # type: ignore[arg-type]
    return any((one.group, one.member) == (group, node) for one in places.memberships)


async def begin(core: Core, job_id: str, text: str = "") -> None:
    job = await core.store.job(job_id)  # type: ignore[arg-type]
    running = job.moved_to(State.RUNNING, at=core.clock.now(), status_text=text)
    await core.store.write(Change(jobs=(running,)))


async def test_add_puts_a_job_into_a_group_and_those_who_could_not_read_it_are_told(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user, job = await new_user("ada"), await new_job()
    async with run_bus(), Listener(redis, user.id) as listener:
        await publish(redis, user.id, add=[job.id])
        verb, told = await listener.next()
        assert (verb, told["id"], told["parent"]) == ("add", job.id, user.id)
        assert await is_in(core, user.id, job.id)
        assert await members(redis, user.id) == {job.id}


async def test_add_of_what_is_on_the_bus_already_is_not_said_again(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id)
    job = await new_job(user.id)
    async with run_bus(), Raw(redis) as raw:
        await publish(redis, group.id, add=[job.id])
        await until(lambda: redis.sismember(f"{group.id}:children", job.id))
        assert len(await raw.all()) == 1
        assert await is_in(core, group.id, job.id)


async def test_a_group_can_be_added_and_one_that_would_be_below_itself_is_not(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_group: NewGroup
) -> None:
    user, other = await new_user("ada"), await new_user("eve")
    group = await new_group(user.id)
    async with run_bus():
        await publish(redis, group.id, add=[user.id])
        await publish(redis, other.id, add=[group.id])
        await until(lambda: redis.sismember(f"{other.id}:children", group.id))
        assert not await is_in(core, group.id, user.id)


async def test_a_group_that_would_be_too_deep_is_not_added_and_ends_nothing(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await new_user("ada")
    group, other, job = await new_group(user.id), await new_group(user.id), await new_job()
    monkeypatch.setattr(group_model, "DEEPEST", 2)
    async with run_bus() as noticed:
        await publish(redis, group.id, add=[other.id])
        await publish(redis, group.id, add=[job.id])
        await until(lambda: redis.sismember(f"{group.id}:children", job.id))
        assert not await is_in(core, group.id, other.id)
        assert noticed.said == [""]


async def test_remove_takes_out_of_the_group_or_of_those_below_it(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
) -> None:
    user, other = await new_user("ada"), await new_user("eve")
    group = await new_group(user.id)
    one, two = await new_job(user.id, other.id), await new_job(group.id)
    async with run_bus(), Raw(redis) as raw:
        await publish(redis, user.id, remove=[one.id, two.id])
        await until(lambda: _are_gone(redis, user.id, one.id, group.id, two.id))
        assert not await is_in(core, user.id, one.id)
        assert not await is_in(core, group.id, two.id)
        assert await is_in(core, other.id, one.id)
        assert not (await core.store.job(one.id)).state.is_final
        assert len(await raw.all()) == 1


async def _are_gone(redis: "Redis", *pairs: str) -> bool:
    return not any(
        [
            await redis.sismember(f"{group}:children", node)
            for group, node in zip(pairs[::2], pairs[1::2], strict=True)
        ]
    )


@pytest.mark.parametrize("of", ["the job", "the group", "nothing"])
async def test_get_has_keys_written_again_that_are_gone(
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
    of: str,
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id)
    job = await new_job(group.id)
    async with run_bus(), Raw(redis) as raw:
        before = await redis.get(job.id)
        await redis.delete(job.id)
        ids = {"the job": [job.id], "the group": [group.id], "nothing": []}[of]
        await publish(redis, user.id, get=ids)
        await until(lambda: redis.exists(job.id))
        assert await redis.get(job.id) == before
        assert len(await raw.all()) == 1  # who asked for it reads it


async def test_update_on_a_jobs_channel_takes_over_its_status(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    job = await new_job((await new_user("ada")).id)
    await begin(core, job.id)
    async with run_bus(), Raw(redis) as raw:
        said = await info(redis, job.id)
        await redis.set(job.id, json.dumps(said | {"status": "half way", "name": "forged"}))
        await publish(redis, job.id, update=[job.id])
        await until(lambda: _has_text(core, job.id, "half way"))
        await until(lambda: _has_name(redis, job.id, job.name))
        assert (await info(redis, job.id))["status"] == "half way"
        assert len(await raw.all()) == 1


async def _has_text(core: Core, job_id: str, text: str) -> bool:
    return (await core.store.job(job_id)).status_text == text  # type: ignore[arg-type]


async def _has_name(redis: "Redis", job_id: str, name: str) -> bool:
    return bool((await info(redis, job_id))["name"] == name)


@pytest.mark.parametrize("status", ["Success", "Failed", "Queued", None, 7, "x" * 10_001, ""])
async def test_update_ends_no_job_and_takes_no_nonsense(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob, status: object
) -> None:
    job = await new_job((await new_user("ada")).id)
    await begin(core, job.id, "at work")
    async with run_bus():
        value = await value_of(redis, job.id)
        await redis.set(job.id, json.dumps(json.loads(value) | {"status": status}))
        await publish(redis, job.id, update=[job.id])
        await until(lambda: _is_value(redis, job.id, value))
        after = await core.store.job(job.id)
        assert (after.state, after.status_text) == (State.RUNNING, "at work")


async def _is_value(redis: "Redis", key: str, value: bytes) -> bool:
    return bool(await redis.get(key) == value)


async def test_what_is_said_itself_is_not_done_again_when_it_comes_back(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user, job = await new_user("ada"), await new_job()
    async with run_bus():
        # What is said of each of these comes back while others are on their way.
        for _ in range(20):
            await add_members(core, actor=OWN, protocol="rest", group_id=user.id, jobs=[job.id])
            await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, jobs=[job.id])
        last = await new_job(user.id)
        await until(lambda: redis.exists(last.id))
        await _all_done(redis, user.id, new_job)
        assert not await is_in(core, user.id, job.id)
        events = await core.store.events(ALL, job=None, after=Seq(0), limit=10_000)
        assert len([one for one in events if one.group == ("alice", user.id)]) == 1 + 40 + 2
    assert await members(redis, user.id) >= {last.id}


async def _all_done(redis: "Redis", group: str, new_job: NewJob) -> None:
    """Wait until all that was published before was looked at."""
    job = await new_job()
    await publish(redis, group, add=[job.id])
    await until(lambda: redis.sismember(f"{group}:children", job.id))


async def test_two_servers_on_one_bus_that_know_the_same_come_to_rest(
    core: Core, redis: "Redis", run_bus: RunBus
) -> None:
    other = msgspec.structs.replace(core, store=MemoryStore(), ids=FakeIds())
    user, job = await _user_and_job(core)
    assert await _user_and_job(other) == (user, job)
    heard = 0

    async def is_quiet() -> bool:
        before = heard
        await count()
        return heard == before

    async def count() -> None:
        nonlocal heard
        heard += len(await raw.all())

    async with run_bus(), run_bus(core=other), Raw(redis) as raw:
        for one in (core, other) * 3:
            await add_members(one, actor=OWN, protocol="rest", group_id=user, jobs=[job])
            await remove_members(one, actor=OWN, protocol="rest", group_id=user, jobs=[job])
        for _ in range(20):
            await until(is_quiet)
    # Each says once what it was told; what it has heard it says again only where both happened at the same moment.
    assert 0 < heard <= 3 * 12
    await other.store.close()


async def _user_and_job(core: Core) -> tuple[GroupId, JobId]:
    user = await root_group(core, actor=OWN, protocol="moi", name="ada")
    submission = Submission(name="job", spec=Spec(command=("true",)))
    made = await submit(core, actor=OWN, protocol="moi", submission=submission)
    return user.id, made.job.id


NONSENSE = [
    b"",
    b"\xff\xfe",
    b"no JSON",
    b"null",
    b"[]",
    b'"add"',
    b"{",
    b'{"add": null}',
    b'{"add": 1}',
    b'{"add": {"a": 1}}',
    b'{"add": [1, null, {}]}',
    b'{"add": [["a"]]}',
    b'{"add": ["\\ud800"]}',
    b'{"drop": ["a"]}',
    b'{"": []}',
    b'{"add": ' + b"[" * 100_000,
    b'{"a": ' * 50_000,
    b'{"add": ["' + b"x" * 400_000 + b'"]}',
    b'{"add": ["nobody", "user-id-map", "", "1", "a:pubsub", "../..", "\\u0000"]}',
    b'{"remove": ["nobody", "", "1"]}',
    b'{"get": ["nobody", "", "1"]}',
    b'{"update": ["nobody", "", "1"]}',
    b'{"close": null}',
]


async def test_whatever_is_published_ends_nothing_and_is_logged_once(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_job: NewJob,
    caplog: pytest.LogCaptureFixture,
) -> None:
    user = await new_user("ada")
    job = await new_job(user.id)
    async with run_bus() as noticed:
        for payload in NONSENSE:
            for channel in (f"{user.id}:pubsub", f"{job.id}:pubsub", ":pubsub", "a:pubsub"):
                await redis.publish(channel, payload)
        await redis.publish(b"\xff:pubsub", b'{"add": []}')
        await _all_done(redis, user.id, new_job)
        assert noticed.said == [""]
    warned = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warned) == 1
    assert len(warned[0].getMessage()) < 400
    assert not any(one.exc_info for one in caplog.records)


async def test_a_flood_is_left_and_does_not_stop_what_the_bus_says(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus() as noticed:
        flood = redis.pipeline(transaction=False)
        for number in range(2_500):
            flood.publish(f"{user.id}:pubsub", json.dumps({"add": [str(number)]}))
        await flood.execute()
        job = await new_job(user.id)
        await until(lambda: redis.exists(job.id))
        assert noticed.said == [""]


async def test_keys_that_others_use_for_something_else_are_left_or_taken_and_end_nothing(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id)
    job = await new_job(user.id, group.id)
    await redis.set(f"{user.id}:children", "no set")
    await redis.rpush("user-id-map", "no hash")
    await redis.hset(job.id, "no", "string")
    async with run_bus() as noticed:
        late = await new_job(user.id, group.id)
        await until(lambda: redis.sismember(f"{group.id}:children", late.id))
        assert await redis.get(f"{user.id}:children") == b"no set"
        assert await redis.type("user-id-map") == b"list"
        assert (await info(redis, job.id))["id"] == job.id
        await publish(redis, user.id, get=[])
        await publish(redis, job.id, update=[job.id])
        await _all_done(redis, group.id, new_job)
        assert noticed.said == [""]


async def test_a_value_of_any_length_under_one_of_our_keys_is_not_read(
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_job: NewJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await new_user("ada")
    job = await new_job(user.id)
    monkeypatch.setattr(whole, "_MOST_BYTES", 1_000_000)
    await redis.set(job.id, b"x" * 2_000_000)
    await redis.hset("user-id-map", user.id, b"x" * 2_000_000)
    await redis.sadd(f"{user.id}:children", b"x" * 2_000_000)
    async with run_bus() as noticed:
        assert (await info(redis, job.id))["id"] == job.id
        assert await redis.hget("user-id-map", user.id) == b"ada"
        assert not await redis.sismember(f"{user.id}:children", job.id)
        assert noticed.said == [""]
