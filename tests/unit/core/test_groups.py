"""Groups: each user has their own, a thing may hang in several places, and membership grants no rights."""

import pytest

from headway.core.core import Core
from headway.core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from headway.core.model.group import Group, MemberKind
from headway.core.model.job import Job, Kind
from headway.core.model.principal import Principal, Scope, widened
from headway.core.operations.find_groups import (
    find_group,
    find_groups,
    find_members,
    find_tree,
    resolve_path,
    roll_up,
)
from headway.core.operations.groups import (
    add_members,
    change_group,
    create_group,
    delete_group,
    remove_members,
    root_group,
)
from headway.core.operations.submit import Submission, submit

pytestmark = pytest.mark.anyio


def user(name: str, *scopes: Scope) -> Principal:
    return Principal(name=name, scopes=widened(frozenset(scopes or {Scope.RUN})))


ADA, GRACE = user("ada"), user("grace")


async def made(core: Core, name: str, parent: Group | None = None, actor: Principal = ADA) -> Group:
    created = await create_group(
        core,
        actor=actor,
        protocol="rest",
        name=name,
        group_id=name,
        parent=parent.id if parent else None,
    )
    return created.group


async def job_in(core: Core, *groups: str, actor: Principal = ADA, name: str = "") -> Job:
    submission = Submission(kind=Kind.REPORT, name=name, groups=groups)
    return (await submit(core, actor=actor, protocol="rest", submission=submission)).job


async def put(core: Core, group: Group, *groups: Group, jobs: tuple[Job, ...] = ()) -> None:
    await add_members(
        core,
        actor=ADA,
        protocol="rest",
        group_id=group.id,
        jobs=[job.id for job in jobs],
        groups=[one.id for one in groups],
    )


async def test_a_new_group_hangs_in_its_owners_root(core: Core) -> None:
    group = await made(core, "nightly")
    root = await root_group(core, actor=ADA, protocol="rest", name="ada", create=False)
    assert root.is_root
    assert [one.id for one in await core.store.parents("ada", group.id, MemberKind.GROUP)] == [
        root.id
    ]


async def test_the_same_group_made_again_stays_as_it_is(core: Core) -> None:
    first = await made(core, "a")
    other = await made(core, "b")
    again = await create_group(
        core, actor=ADA, protocol="rest", name="new name", group_id="a", parent=other.id
    )
    assert (again.group, again.is_new) == (first, False)
    tree = await find_tree(core, actor=ADA, group_id=other.id, limit=9)
    assert [group.id for group in tree.groups] == ["b", "a"]


async def test_a_group_cannot_be_below_itself(core: Core) -> None:
    top = await made(core, "top")
    middle = await made(core, "middle", top)
    low = await made(core, "low", middle)
    with pytest.raises(Conflict, match="top > middle > low > top"):
        await put(core, low, top)
    with pytest.raises(Conflict, match="low > low"):
        await put(core, low, low)


async def test_a_job_is_counted_once_however_it_hangs(core: Core) -> None:
    top = await made(core, "top")
    left, right = await made(core, "left", top), await made(core, "right", top)
    await job_in(core, "left", "right", "top")
    await job_in(core, "left")
    await put(core, right, left)
    assert await roll_up(core, actor=ADA, group_id=top.id) == {"accepted": 2}


async def test_a_submission_into_a_group_that_is_not_there_is_refused(core: Core) -> None:
    with pytest.raises(InvalidRequest, match="no group is called 'nightly'") as caught:
        await job_in(core, "nightly")
    assert caught.value.field == "groups[0]"


async def test_two_users_have_groups_of_one_id_and_see_their_own(core: Core) -> None:
    await made(core, "x")
    theirs = await made(core, "x", actor=GRACE)
    await job_in(core, "x", actor=GRACE)
    assert await roll_up(core, actor=ADA, group_id=theirs.id) == {}
    assert [group.owner for group in (await find_groups(core, actor=ADA, limit=9)).groups] == [
        "ada",
        "ada",
    ]
    with pytest.raises(NotFound):
        await find_group(core, actor=GRACE, ref="ada")


async def test_membership_shows_nobody_a_job_that_they_may_not_see(core: Core) -> None:
    boss = user("boss", Scope.ADMIN)
    group = await made(core, "all", actor=boss)
    theirs = await job_in(core)
    await add_members(core, actor=boss, protocol="rest", group_id=group.id, jobs=[theirs.id])
    assert await roll_up(core, actor=boss, group_id=group.id) == {"accepted": 1}
    less = user("boss")
    assert await roll_up(core, actor=less, group_id=group.id) == {}
    assert (await find_members(core, actor=less, group_id=group.id, limit=9)).members == []
    assert (await find_tree(core, actor=less, group_id=group.id, limit=9)).jobs == {}
    with pytest.raises(NotFound):
        await add_members(core, actor=less, protocol="rest", group_id=group.id, jobs=[theirs.id])


async def test_what_is_removed_leaves_with_all_below_it_and_lives_on(core: Core) -> None:
    top = await made(core, "top")
    low = await made(core, "low", top)
    job = await job_in(core, "low")
    await remove_members(core, actor=ADA, protocol="rest", group_id=top.id, groups=[low.id])
    assert await roll_up(core, actor=ADA, group_id=top.id) == {}
    assert (await core.store.job(job.id)).state == job.state
    assert (await find_group(core, actor=ADA, ref="low")).loose is not None
    await put(core, top, low)
    assert await roll_up(core, actor=ADA, group_id=top.id) == {"accepted": 1}
    assert (await find_group(core, actor=ADA, ref="low")).loose is None


async def test_a_deleted_group_leaves_its_jobs_and_loosens_its_groups(core: Core) -> None:
    top = await made(core, "top")
    await made(core, "low", top)
    job = await job_in(core, "top")
    await delete_group(core, actor=ADA, protocol="rest", group_id=top.id)
    assert await core.store.parents("ada", job.id, MemberKind.JOB) == []
    assert (await find_group(core, actor=ADA, ref="low")).loose is not None
    with pytest.raises(NotFound):
        await find_group(core, actor=ADA, ref="top")


async def test_the_own_root_can_neither_go_nor_be_renamed(core: Core) -> None:
    root = await root_group(core, actor=ADA, protocol="rest", name="ada")
    with pytest.raises(Conflict, match="stays"):
        await delete_group(core, actor=ADA, protocol="rest", group_id=root.id)
    with pytest.raises(Conflict, match="has your name"):
        await change_group(core, actor=ADA, protocol="rest", group_id=root.id, name="eve")


async def test_a_roots_name_is_its_owners_only_one(core: Core) -> None:
    first = await root_group(core, actor=ADA, protocol="moi", name="web-user")
    assert await root_group(core, actor=ADA, protocol="moi", name="web-user") == first
    assert (await root_group(core, actor=GRACE, protocol="moi", name="web-user")).id != first.id
    other = await root_group(core, actor=ADA, protocol="moi", name="other")
    with pytest.raises(Conflict, match="there is a root called 'web-user'"):
        await change_group(core, actor=ADA, protocol="moi", group_id=other.id, name="web-user")
    with pytest.raises(NotFound):
        await root_group(core, actor=ADA, protocol="moi", name="nobody", create=False)


async def test_a_path_goes_by_ids_and_names_with_colons_of_their_own(core: Core) -> None:
    top = await made(core, "a:b")
    low = await made(core, "c:d:e", top)
    job = await job_in(core, low.id, name="fit:1")
    await made(core, "fit:1")
    assert (await resolve_path(core, actor=ADA, path="a:b:c:d:e")).group == low
    assert (await resolve_path(core, actor=ADA, path="ada:a:b:c:d:e")).group == low
    for end in ("fit:1", str(job.number), job.id):
        assert (await resolve_path(core, actor=ADA, path=f"a:b:c:d:e:{end}")).job == job
    with pytest.raises(NotFound):
        await resolve_path(core, actor=ADA, path="a:b:fit:1")


async def test_a_path_that_may_mean_very_much_is_refused_and_a_long_one_is_not(core: Core) -> None:
    same = [
        (
            await create_group(core, actor=ADA, protocol="rest", name="a", group_id=f"a{number}")
        ).group
        for number in range(20)
    ]
    for number, group in enumerate(same[:-1]):
        await put(core, group, *same[number + 1 :])
    with pytest.raises(InvalidRequest, match="too many things to look through"):
        await resolve_path(core, actor=ADA, path=":".join(["a"] * 64))
    group = await made(core, "step-1")
    for number in range(2, 65):
        group = await made(core, f"step-{number}", group)
    path = ":".join(f"step-{number}" for number in range(1, 65))
    assert (await resolve_path(core, actor=ADA, path=path)).group == group


async def test_a_name_that_several_groups_have_must_be_said_more_closely(core: Core) -> None:
    for group_id in ("1", "2"):
        await create_group(core, actor=ADA, protocol="rest", name="fits", group_id=group_id)
    with pytest.raises(InvalidRequest, match="2 groups are called 'fits'"):
        await find_group(core, actor=ADA, ref="fits")


@pytest.mark.parametrize("group_id", ["", "x" * 201, "a\nb", "a\x00", "\ud800"])
async def test_an_id_that_cannot_be_one_is_refused(core: Core, group_id: str) -> None:
    with pytest.raises(InvalidRequest, match="a group's id must be"):
        await create_group(core, actor=ADA, protocol="rest", name="x", group_id=group_id)


async def test_groups_are_for_users_who_may_report(core: Core) -> None:
    for actor, error in (
        (user("ada", Scope.READ), Forbidden),
        (Principal(name="", scopes=widened(frozenset({Scope.RUN}))), Forbidden),
    ):
        with pytest.raises(error):
            await create_group(core, actor=actor, protocol="rest", name="x")
