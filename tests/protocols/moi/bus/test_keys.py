"""What programs of moi find in Redis, and hear there."""

import json
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from tests.protocols.moi.bus.conftest import Listener, Raw, RunBus, info, members, until, value_of
from tests.protocols.moi.conftest import OWN, NewGroup, NewJob
from tests.protocols.moi.test_results import give_back

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.job import Job, JobError
from headway.core.model.principal import Principal, Scope
from headway.core.model.result import JSON, Returned
from headway.core.model.state import Reason, State
from headway.core.operations.annotate import set_status_text
from headway.core.operations.groups import (
    add_members,
    change_group,
    create_group,
    delete_group,
    remove_members,
    root_group,
)
from headway.testing.fakes import NOON

pytestmark = [pytest.mark.anyio, pytest.mark.service("redis-server")]

BOB = Principal(name="bob", scopes=frozenset(Scope), via="own-user")


async def begin(core: Core, job: Job) -> Job:
    (job,) = (
        await core.store.write(Change(jobs=(job.moved_to(State.RUNNING, at=core.clock.now()),)))
    ).jobs
    return job


def local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")


async def test_a_job_is_written_byte_for_byte_as_moi_did(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    job = await new_job(user.id, name="The hello jöb")
    async with run_bus():
        value = await value_of(redis, job.id)
    wanted = (
        f'{{"id": "{job.id}", "type": "job", "pubsub": "{job.id}:pubsub", "url": null,'
        f' "parent": "{user.id}", "context": "local", "name": "The hello j\\u00f6b",'
        f' "status": "Queued", "date_start": null, "date_end": null,'
        f' "date_created": "{local(job.created)}", "result": null}}'
    )
    assert json.loads(value) == json.loads(wanted)
    # Keys were in the order of Python 2's dict, which means nothing; all else is as json.dumps has it.
    assert value == wanted.encode()
    assert value == json.dumps(json.loads(wanted)).encode()


async def test_keys_expire_after_the_two_weeks_of_moi(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    job = await new_job(user.id)
    async with run_bus():
        late = await new_job(user.id)
        await until(lambda: redis.exists(late.id))
        for key in (job.id, late.id, user.id, f"{user.id}:children", f"{user.id}:jobs"):
            assert 84600 * 14 - 60 <= await redis.ttl(key) <= 84600 * 14
    assert await redis.ttl("user-id-map") == -1


async def test_sets_and_users_are_as_moi_and_its_readme_had_them(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id, "herd")
    job = await new_job(group.id)
    async with run_bus():
        assert await members(redis, user.id) == {group.id}
        assert await members(redis, user.id, "jobs") == set()
        assert await members(redis, group.id) == {job.id}
        assert await members(redis, group.id, "jobs") == {job.id}
        assert await redis.hget("user-id-map", "ada") == user.id.encode()
        assert await redis.hget("user-id-map", user.id) == b"ada"
        told = await info(redis, group.id)
        assert (told["type"], told["parent"], told["status"]) == ("group", user.id, None)


async def test_a_job_is_told_from_its_submission_to_its_end(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus(), Listener(redis, user.id) as listener:
        job = await new_job(user.id)
        verb, told = await listener.next()
        assert (verb, told["id"], told["status"]) == ("add", job.id, "Queued")
        await begin(core, await core.store.job(job.id))
        verb, told = await listener.next()
        assert (verb, told["status"], told["date_start"]) == ("update", "Running", local(NOON))
        await set_status_text(core, actor=OWN, protocol="rest", job_id=job.id, text="half")
        verb, told = await listener.next()
        assert (verb, told["status"]) == ("update", "half")
        job = await core.store.job(job.id)
        failed = job.moved_to(
            State.FAILED,
            at=core.clock.now(),
            reason=Reason.NONZERO_EXIT,
            exit_code=1,
            error=JobError(type="ValueError", message="no"),
        )
        await core.store.write(Change(jobs=(failed,)))
        verb, told = await listener.next()
        assert (verb, told["status"], told["date_end"]) == ("update", "Failed", local(NOON))
        assert told["result"] == ["Traceback (most recent call last):\n", "ValueError: no\n"]


async def test_publications_are_as_moi_made_them(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus(), Raw(redis) as raw:
        job = await new_job(user.id)
        await until(lambda: redis.exists(job.id))
        await begin(core, await core.store.job(job.id))
        await until(lambda: _is(redis, job.id, "Running"))
        await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, jobs=[job.id])
        await until(lambda: _is_empty(redis, user.id))
        assert await raw.all() == [
            (f"{user.id}:pubsub", f'{{"add": ["{job.id}"]}}'.encode()),
            (f"{job.id}:pubsub", f'{{"update": ["{job.id}"]}}'.encode()),
            (f"{user.id}:pubsub", f'{{"remove": ["{job.id}"]}}'.encode()),
        ]


async def _is(redis: "Redis", node: str, status: str) -> bool:
    return bool((await info(redis, node))["status"] == status)


async def _is_empty(redis: "Redis", group: str) -> bool:
    return not await redis.scard(f"{group}:children")


async def test_a_group_with_all_below_it_comes_and_goes(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    async with run_bus(), Listener(redis, user.id) as listener:
        group = await new_group(user.id, "herd")
        assert (await listener.next())[1]["name"] == "herd"
        job = await new_job(group.id)
        verb, told = await listener.next()
        assert (verb, told["id"], told["parent"]) == ("add", job.id, group.id)
        await remove_members(core, actor=OWN, protocol="rest", group_id=user.id, groups=[group.id])
        verb, told = await listener.next()
        assert (verb, told["id"]) == ("remove", group.id)
        assert await members(redis, user.id) == set()
        assert await members(redis, group.id) == {job.id}


async def test_a_group_that_is_renamed_or_deleted_is_so_on_the_bus(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_group: NewGroup
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id, "herd")
    async with run_bus(), Listener(redis, user.id) as listener:
        await change_group(core, actor=OWN, protocol="rest", group_id=group.id, name="flock")
        verb, told = await listener.next()
        assert (verb, told["name"]) == ("update", "flock")
        await change_group(core, actor=OWN, protocol="rest", group_id=user.id, name="eve")
        await until(lambda: redis.hexists("user-id-map", "eve"))
        assert await redis.hgetall("user-id-map") == {
            b"eve": user.id.encode(),
            user.id.encode(): b"eve",
        }
        await delete_group(core, actor=OWN, protocol="rest", group_id=group.id)
        await until(lambda: _is_empty(redis, user.id))
        assert not await redis.exists(group.id, f"{group.id}:children")
        await delete_group(core, actor=OWN, protocol="rest", group_id=user.id)
        await until(lambda: _is_gone(redis, "user-id-map"))


async def _is_gone(redis: "Redis", key: str) -> bool:
    return not await redis.exists(key)


async def test_a_job_in_two_groups_is_in_both_sets_and_told_of_with_the_first(
    core: Core,
    redis: "Redis",
    run_bus: RunBus,
    new_user: NewGroup,
    new_group: NewGroup,
    new_job: NewJob,
) -> None:
    user = await new_user("ada")
    groups = sorted([(await new_group(user.id, name)).id for name in ("one", "two")])
    job = await new_job(groups[1])
    async with run_bus():
        assert (await info(redis, job.id))["parent"] == groups[1]
        await add_members(core, actor=OWN, protocol="rest", group_id=groups[0], jobs=[job.id])
        await until(lambda: redis.sismember(f"{groups[0]}:children", job.id))
        assert (await info(redis, job.id))["parent"] == groups[0]
        await remove_members(core, actor=OWN, protocol="rest", group_id=groups[0], jobs=[job.id])
        await until(lambda: _is_empty(redis, groups[0]))
        assert (await info(redis, job.id))["parent"] == groups[1]


async def test_what_has_not_changed_is_not_told_again_by_a_server_that_starts(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    group = await new_group(user.id)
    await new_job(group.id)
    await new_job(user.id, group.id)
    async with run_bus():
        pass
    async with Raw(redis) as raw, run_bus():
        assert await raw.all() == []


async def test_two_principals_do_not_mix(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    theirs = await root_group(core, actor=BOB, protocol="moi", name="ada")
    secret = await new_job(theirs.id, name="secret", actor=BOB)
    user = await new_user("ada")
    async with run_bus():
        late = await new_job(theirs.id, name="secret too", actor=BOB)
        ours = await new_job(user.id)
        await until(lambda: redis.exists(ours.id))
        keys = {str(key) for key in await redis.keys()}
        assert not any(one.id in key for key in keys for one in (theirs, secret, late))
        assert await redis.hget("user-id-map", "ada") == user.id.encode()
        # Neither can be had by asking.
        for verb in ("add", "get", "update"):
            await redis.publish(f"{user.id}:pubsub", json.dumps({verb: [secret.id, theirs.id]}))
            await redis.publish(f"{theirs.id}:pubsub", json.dumps({verb: [ours.id]}))
            await redis.publish(f"{secret.id}:pubsub", json.dumps({"update": [secret.id]}))
        last = await new_job(name="last")
        await redis.publish(f"{user.id}:pubsub", json.dumps({"add": [last.id]}))
        await until(lambda: redis.exists(last.id))
        assert not await redis.exists(secret.id, theirs.id)
        assert await members(redis, user.id) == {ours.id, last.id}


async def test_a_long_result_is_written_whole(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    before, late = await new_job(user.id), await new_job(user.id)
    returned = Returned(data=json.dumps("x" * 500_000).encode(), media_type=JSON, type="str")
    await give_back(core, before, returned)
    async with run_bus():
        assert (await info(redis, before.id))["result"] == "x" * 500_000
        await give_back(core, late, returned)
        await until(lambda: _is(redis, late.id, "Success"))
        assert (await info(redis, late.id))["result"] == "x" * 500_000


async def test_an_id_that_is_the_name_of_another_key_of_mois_is_not_written(
    core: Core, redis: "Redis", run_bus: RunBus, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("ada")
    async with run_bus():
        for name in ("user-id-map", f"{user.id}:children", f"{user.id}:jobs"):
            await create_group(
                core, actor=OWN, protocol="moi", name="bad", group_id=name, parent=user.id
            )
        job = await new_job("user-id-map", user.id)
        await until(lambda: redis.exists(job.id))
        assert await redis.hget("user-id-map", "ada") == user.id.encode()
        assert await members(redis, user.id) == {job.id}


async def test_a_time_of_another_zone_is_written_in_the_servers_own(
    redis: "Redis", run_bus: RunBus, new_user: NewGroup
) -> None:
    user = await new_user("ada")
    async with run_bus():
        assert (await info(redis, user.id))["date_created"] == local(NOON.astimezone(UTC))
