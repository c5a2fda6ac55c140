"""Redis goes and comes back; it is not there, refuses, or there is too much to tell."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from redis.asyncio import Redis
from tests.protocols.moi.bus.conftest import (
    Listener,
    Noticed,
    Raw,
    RedisProcess,
    RunBus,
    cut,
    info,
    members,
    own_redis,
    until,
)
from tests.protocols.moi.conftest import OWN, NewGroup, NewJob

from headway.core.core import Core
from headway.core.model.change import Change, Written
from headway.core.model.state import State
from headway.core.operations.groups import delete_group, remove_members
from headway.protocols.moi.bus.bus import make_bus
from headway.protocols.moi.bus.pending import Pending
from headway.protocols.moi.bus.settings import BusSettings

pytestmark = [pytest.mark.anyio, pytest.mark.service("redis-server")]


@pytest.fixture
async def redis_process() -> AsyncIterator[RedisProcess]:
    """A Redis of a test's own, which may end it."""
    with own_redis() as process:
        await process.wait()
        yield process


async def test_what_changed_while_redis_was_away_is_there_when_it_is_back(
    core: Core,
    redis: "Redis",
    redis_process: RedisProcess,
    run_bus: RunBus,
    new_user: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    old = await new_job(user.id)
    async with run_bus() as noticed:
        redis_process.kill()
        await until(lambda: _has_trouble(noticed))
        running = old.moved_to(State.RUNNING, at=core.clock.now())
        await core.store.write(Change(jobs=(running,)))
        new = await new_job(user.id)
        await redis_process.start()
        await until(noticed.is_well)
        assert (await info(redis, old.id))["status"] == "Running"
        assert await members(redis, user.id) == {old.id, new.id}
        late = await new_job(user.id)
        await until(lambda: redis.exists(late.id))
        # Said once, however often it was tried.
        assert len([words for words in noticed.said if words]) == 1
        assert "is away" in noticed.said[1]


async def _has_trouble(noticed: Noticed) -> bool:
    return bool(noticed.present)


async def test_a_redis_that_kept_all_is_told_only_what_changed_meanwhile(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    changed, gone, same = [await new_job(user.id) for _ in range(3)]
    async with run_bus():
        pass
    async with Listener(redis, user.id) as listener, Raw(redis) as raw:
        running = changed.moved_to(State.RUNNING, at=core.clock.now())
        await core.store.write(Change(jobs=(running,)))
        await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, jobs=[gone.id])
        new = await new_job(user.id)
        await redis.sadd(f"{user.id}:children", "theirs")
        await redis.set("theirs", '{"id": "theirs"}')
        async with run_bus():
            heard = [(verb, told["id"]) for verb, told in await listener.all()]
        assert sorted(heard) == [("add", new.id), ("remove", gone.id), ("update", changed.id)]
        assert len(await raw.all()) == 3
    assert await members(redis, user.id) >= {changed.id, same.id, new.id, "theirs"}
    assert gone.id not in await members(redis, user.id)


async def test_groups_that_were_deleted_while_redis_was_away_are_gone_when_it_is_back(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_group: NewGroup
) -> None:
    user, other = await new_user("ada"), await new_user("eve")
    group = await new_group(user.id)
    async with run_bus() as noticed:
        await redis.config_set("requirepass", "secret")
        await cut(redis, "pubsub")
        await until(lambda: _has_trouble(noticed))
        for one in (group, other):
            await delete_group(core, actor=OWN, protocol="rest", group_id=one.id)
        await redis.config_set("requirepass", "")
        await until(noticed.is_well)
        assert await members(redis, user.id) == set()
        assert set(await redis.hkeys("user-id-map")) == {b"ada", user.id.encode()}
        assert not await redis.exists(group.id, other.id)


async def test_a_connection_that_is_cut_is_opened_again(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus() as noticed:
        for kind in ("pubsub", "normal"):
            times = noticed.said.count("")
            await cut(redis, kind)
            job = await new_job(user.id)  # who asks and writes finds out by this
            await until(lambda job=job: redis.exists(job.id))  # type: ignore[misc]
            await until(lambda times=times: _is_more(noticed, times))  # type: ignore[misc]


async def _is_more(noticed: Noticed, times: int) -> bool:
    return noticed.said.count("") > times


async def test_a_server_goes_on_without_its_redis_and_finds_it_when_it_comes(
    core: Core, redis_process: RedisProcess, run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    redis_process.kill()
    user = await new_user("ada")
    async with run_bus(wait=False) as noticed:
        await until(lambda: _has_trouble(noticed))
        job = await new_job(user.id)
        await redis_process.start()
        await until(noticed.is_well)
        client = redis_process.client()
        assert await client.exists(job.id)
        await client.aclose()


async def test_a_redis_that_wants_a_password_says_so(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup
) -> None:
    await redis.config_set("requirepass", "secret")
    await new_user("ada")
    async with run_bus(wait=False) as noticed:
        await until(lambda: _has_trouble(noticed))
        (words,) = noticed.present.values()
        assert "refuses" in words
        assert "uthentication" in words
        await redis.config_set("requirepass", "")
        await until(noticed.is_well)


async def test_a_redis_without_memory_is_no_reason_to_stop(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus() as noticed:
        await redis.config_set("maxmemory", "1")
        job = await new_job(user.id)
        await until(lambda: _has_trouble(noticed))
        assert "refuses" in noticed.said[-1]
        await redis.config_set("maxmemory", "0")
        await until(lambda: redis.exists(job.id))
        await until(noticed.is_well)


async def test_a_password_is_in_no_words(core: Core, new_user: NewGroup) -> None:
    noticed = Noticed()
    settings = BusSettings(url="redis://ada:hunter2@127.0.0.1:1/0", user="alice")
    task = asyncio.create_task(make_bus(core, settings, noticed).run())
    await until(lambda: _has_trouble(noticed))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "127.0.0.1:1 is away" in noticed.said[0]
    assert "hunter2" not in noticed.said[0]


async def test_where_too_much_waits_all_is_compared_anew(new_job: NewJob, core: Core) -> None:
    pending = Pending("alice")
    batches: list[Sequence[Written]] = []
    core.store.listen(batches.append)
    await new_job()
    await new_job()
    pending.happen(batches[0])
    assert await pending.take() == list(batches[0])
    for _ in range(6_000):
        for batch in batches:
            pending.happen(batch)
    assert await pending.take() is None
    assert len(pending._items) == 0
    pending.begin()
    pending.happen(batches[1])
    assert await pending.take() == list(batches[1])
