"""What a Store promises about groups: places, circles, what is below what, and whose they are."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

import pytest
from msgspec.structs import replace

from headway.core.errors import Conflict, NotFound
from headway.core.model import group as model
from headway.core.model.change import Change, Retention, Written
from headway.core.model.event import Event, EventType
from headway.core.model.group import (
    DEEPEST,
    DroppedGroup,
    Group,
    InGroups,
    MemberKind,
    Membership,
    Removal,
)
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, a_job, job_id
from headway.testing.store_writes import LATER, stored

DAY: Final = timedelta(days=1)
OWN: Final = Visibility(owner="ada")


def a_group(group_id: str, **fields: object) -> Group:
    """Make a new group of ada's."""
    plain: dict[str, object] = {"owner": "ada", "name": group_id, "created": NOON}
    return Group(id=GroupId(group_id), **plain | fields)  # type: ignore[arg-type]


def a_place(group: str, member: str | Job, *, owner: str = "ada") -> Membership:
    """Put a group, by its id, or a job into a group."""
    is_job = isinstance(member, Job)
    return Membership(
        owner=owner,
        group=GroupId(group),
        member=member.id if isinstance(member, Job) else GroupId(member),
        kind=MemberKind.JOB if is_job else MemberKind.GROUP,
        added=NOON,
    )


def a_removal(group: str, member: str | Job) -> Removal:
    """Take it out again."""
    place = a_place(group, member)
    return Removal(
        owner=place.owner, group=place.group, member=place.member, kind=place.kind, at=LATER
    )


def below(*groups: str, negated: bool = False) -> Selection:
    """Select the jobs below some of ada's groups."""
    any_of = tuple(GroupId(one) for one in groups)
    wanted = InGroups(owner="ada", any_of=any_of, negated=negated)
    return Selection(groups=(wanted,), children=True)


async def chain(store: Store, name: str, levels: int) -> list[GroupId]:
    """Store so many groups in one another, the uppermost first."""
    ids = [GroupId(f"{name}{number}") for number in range(levels)]
    places = tuple(a_place(upper, lower) for upper, lower in pairwise(ids))
    await store.write(Change(groups=tuple(map(a_group, ids)), memberships=places))
    return ids


async def put(store: Store, *places: Membership) -> Written:
    """Store places."""
    return await store.write(Change(memberships=places))


async def numbers(store: Store, selection: Selection, seen: Visibility = ALL) -> list[int]:
    """Give the numbers of the jobs that are selected."""
    return [job.number for job in await store.jobs(selection, seen, limit=100)]


async def tree(store: Store) -> list[Job]:
    """Store ``top`` with ``left`` and ``right`` in it, both with ``low``, and three jobs, of which low has two."""
    await store.write(Change(groups=tuple(map(a_group, ("top", "left", "right", "low")))))
    jobs = [await stored(store, a_job(number)) for number in (1, 2, 3)]
    await put(
        store,
        a_place("top", "left"),
        a_place("top", "right"),
        a_place("left", "low"),
        a_place("right", "low"),
        a_place("low", jobs[0]),
        a_place("low", jobs[1]),
        a_place("top", jobs[1]),
        a_place("right", jobs[2]),
    )
    return jobs


class Grouping:
    """Each test takes an empty store."""

    async def test_a_group_is_kept_and_changed_by_its_rev(self, store: Store) -> None:
        group = a_group("a ☂ %_\\", name="Ä", url="https://example.org/")
        written = await store.write(Change(groups=(group,)))
        assert written.groups == (replace(group, loose=NOON),)
        assert await store.group("ada", group.id) == written.groups[0]
        changed = replace(group, name="b", url=None, rev=2)
        await store.write(Change(groups=(changed,)))
        assert (await store.group("ada", group.id)).name == "b"
        for wrong in (group, changed, replace(group, rev=4)):
            with pytest.raises(Conflict):
                await store.write(Change(groups=(wrong,)))

    async def test_owners_have_groups_of_one_id_apart(self, store: Store) -> None:
        await tree(store)
        theirs = a_group("top", owner="grace", is_root=True)
        await store.write(Change(groups=(theirs,)))
        assert await store.group("grace", theirs.id) == theirs
        assert (await store.subtree("grace", theirs.id, limit=9)).memberships == []
        assert await store.groups("grace", limit=9) == [theirs]
        with pytest.raises(NotFound):
            await store.group("grace", GroupId("low"))
        with pytest.raises(NotFound):
            await put(store, a_place("top", "low", owner="grace"))
        within = InGroups(owner="grace", any_of=(theirs.id,))
        assert (await store.below(within)).jobs == frozenset()

    async def test_a_roots_name_is_taken_once_and_free_again(self, store: Store) -> None:
        root = a_group("1", name="me", is_root=True)
        await store.write(Change(groups=(root,)))
        second = a_group("2", name="me", is_root=True)
        with pytest.raises(Conflict):
            await store.write(Change(groups=(second,)))
        await store.write(Change(groups=(a_group("3", name="me"),)))
        assert await store.root("ada", "me") == root
        assert await store.root("grace", "me") is None
        await store.write(
            Change(groups=(replace(root, name="other", rev=2), second)),
        )
        assert await store.root("ada", "me") == second

    async def test_circles_are_refused_also_within_one_commit(self, store: Store) -> None:
        await tree(store)
        for group, member in (("low", "top"), ("low", "left"), ("low", "low")):
            with pytest.raises(Conflict, match=f"{member} > .*{group}|{member} > {member}"):
                await put(store, a_place(group, member))
        await store.write(Change(groups=(a_group("a"), a_group("b"))))
        answers = await store.write_many(
            [Change(memberships=(a_place("a", "b"),)), Change(memberships=(a_place("b", "a"),))]
        )
        assert [isinstance(answer, Conflict) for answer in answers] == [False, True]
        with pytest.raises(Conflict):
            await put(store, a_place("top", "a"), a_place("b", "top"))
        assert await store.parents("ada", GroupId("a"), MemberKind.GROUP) == []

    async def test_groups_are_as_many_levels_deep_as_the_limit_and_no_more(
        self, store: Store
    ) -> None:
        long, short = await chain(store, "l", DEEPEST - 1), await chain(store, "s", 2)
        await store.write(Change(groups=(a_group("one"),)))
        for upper, lower in ((long[-1], short[0]), (short[-1], long[0]), (long[9], long[0])):
            with pytest.raises(Conflict, match=f"{DEEPEST} is the limit|below itself"):
                await put(store, a_place(upper, lower))
        await put(store, a_place(long[-1], "one"))
        for upper, lower in ((GroupId("one"), short[0]), (short[0], long[0])):
            with pytest.raises(Conflict, match=f"{DEEPEST + 1} levels|{DEEPEST + 2} levels"):
                await put(store, a_place(upper, lower))
        await put(store, a_place(long[-2], short[1]), a_place(long[-3], short[0]))
        assert len((await store.below(below(long[0]).groups[0])).groups) == DEEPEST + 2

    async def test_levels_are_counted_on_the_longest_way(self, store: Store) -> None:
        await tree(store)
        long = await chain(store, "l", DEEPEST - 2)
        await put(store, a_place("top", "low"), a_place("left", "right"))
        with pytest.raises(Conflict, match=f"{DEEPEST + 2} levels"):
            await put(store, a_place(long[-1], "top"))
        with pytest.raises(Conflict, match=f"{DEEPEST + 2} levels"):
            await put(store, a_place("low", long[0]))
        await put(store, a_place("top", long[0]))

    async def test_levels_count_what_the_same_commit_puts_and_takes(self, store: Store) -> None:
        long = await chain(store, "l", DEEPEST - 1)
        await store.write(Change(groups=(a_group("a"), a_group("b"), a_group("c"))))
        answers = await store.write_many(
            [
                Change(memberships=(a_place("a", "b"),)),
                Change(memberships=(a_place("b", long[0]),)),
                Change(removals=(a_removal("a", "b"),)),
                Change(memberships=(a_place("b", long[0]),)),
                Change(memberships=(a_place(long[-1], "c"),)),
                Change(dropped_groups=(DroppedGroup(owner="ada", id=long[5], at=LATER),)),
                Change(memberships=(a_place(long[4], "a"), a_place("c", "a"))),
                Change(groups=(a_group(long[5]),), memberships=(a_place(long[4], long[5]),)),
                Change(memberships=(a_place(long[5], long[6]),)),
                Change(memberships=(a_place(long[-1], "c"),)),
            ]
        )
        refused = [at for at, answer in enumerate(answers) if isinstance(answer, Conflict)]
        assert refused == [1, 4, 9]
        assert not any(isinstance(answer, NotFound) for answer in answers)

    async def test_too_many_places_to_look_at_are_refused_and_a_place_that_is_there_needs_none(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(model, "MOST_LINKS", 5)
        await store.write(Change(groups=tuple(map(a_group, ("high", "wide", "narrow", *"abcdef")))))
        await put(store, *(a_place("wide", one) for one in "abcdef"))
        await put(store, *(a_place("narrow", one) for one in "abcde"), a_place("high", "narrow"))
        with pytest.raises(Conflict, match="more than 5 places"):
            await put(store, a_place("high", "wide"))
        with pytest.raises(Conflict, match="more than 5 places"):
            await put(store, a_place("f", "narrow"))
        again = await put(store, a_place("high", "narrow"), a_place("wide", "a"))
        assert again.memberships == ()

    async def test_only_what_is_new_or_was_there_is_told(self, store: Store) -> None:
        jobs = await tree(store)
        again = await put(store, a_place("top", "left"), a_place("top", jobs[0]))
        assert [one.member for one in again.memberships] == [jobs[0].id]
        gone = await store.write(
            Change(removals=(a_removal("top", jobs[0]), a_removal("top", jobs[2])))
        )
        assert [one.member for one in gone.removals] == [jobs[0].id]
        dropped = DroppedGroup(owner="ada", id=GroupId("never"), at=LATER)
        assert (await store.write(Change(dropped_groups=(dropped,)))).dropped_groups == ()

    async def test_what_is_not_stored_has_no_place(self, store: Store) -> None:
        await tree(store)
        for place in (
            a_place("top", a_job(77)),
            a_place("top", "never"),
            a_place("never", "top"),
        ):
            with pytest.raises(NotFound):
                await put(store, place)

    async def test_members_come_oldest_first_in_pages(self, store: Store) -> None:
        jobs = await tree(store)
        first = await store.members("ada", GroupId("top"), ALL, limit=2)
        assert [one.group and one.group.id for one in first] == ["left", "right"]
        after = first[-1].membership.position
        (last,) = await store.members("ada", GroupId("top"), ALL, limit=9, after=after)
        assert last.job == jobs[1]
        hidden = await store.members("ada", GroupId("top"), Visibility(), limit=9, after=after)
        assert [(one.membership, one.job) for one in hidden] == [(last.membership, None)]
        assert await store.members("ada", GroupId("never"), ALL, limit=9) == []

    async def test_members_of_one_kind_are_a_page_of_their_own(self, store: Store) -> None:
        jobs = await tree(store)
        top = GroupId("top")
        first = await store.members("ada", top, ALL, limit=1, kind=MemberKind.JOB)
        assert [one.job for one in first] == [jobs[1]]
        groups = await store.members("ada", top, ALL, limit=9, kind=MemberKind.GROUP)
        assert [one.membership.member for one in groups] == ["left", "right"]

    async def test_a_subtree_of_groups_alone_counts_no_jobs_places(self, store: Store) -> None:
        await tree(store)
        found = await store.subtree("ada", GroupId("top"), limit=4, groups_only=True)
        assert [(one.group, one.member) for one in found.memberships] == [
            ("top", "left"),
            ("top", "right"),
            ("left", "low"),
            ("right", "low"),
        ]
        assert found.is_whole

    async def test_parents_are_those_directly_above(self, store: Store) -> None:
        jobs = await tree(store)
        above = await store.parents("ada", GroupId("low"), MemberKind.GROUP)
        assert [group.id for group in above] == ["left", "right"]
        above = await store.parents("ada", jobs[1].id, MemberKind.JOB)
        assert [group.id for group in above] == ["low", "top"]
        assert await store.parents("grace", jobs[1].id, MemberKind.JOB) == []
        assert await store.parents("ada", JobId("no id"), MemberKind.JOB) == []

    async def test_a_subtree_has_each_group_once_and_all_its_places(self, store: Store) -> None:
        jobs = await tree(store)
        found = await store.subtree("ada", GroupId("top"), limit=100)
        assert [group.id for group in found.groups] == ["top", "left", "right", "low"]
        assert [(one.group, one.member) for one in found.memberships] == [
            ("top", "left"),
            ("top", "right"),
            ("top", jobs[1].id),
            ("left", "low"),
            ("right", "low"),
            ("right", jobs[2].id),
            ("low", jobs[0].id),
            ("low", jobs[1].id),
        ]
        assert found.is_whole
        for limit in range(8):
            some = await store.subtree("ada", GroupId("top"), limit=limit)
            assert (some.memberships, some.is_whole) == (found.memberships[:limit], False)
        with pytest.raises(NotFound):
            await store.subtree("ada", GroupId("never"), limit=9)

    async def test_a_subtree_does_not_look_into_groups_that_are_known(self, store: Store) -> None:
        await tree(store)
        known = {GroupId("low"), GroupId("left"), GroupId("never")}
        found = await store.subtree("ada", GroupId("top"), limit=4, groups_only=True, but=known)
        assert [group.id for group in found.groups] == ["top", "right"]
        assert [(one.group, one.member) for one in found.memberships] == [
            ("top", "left"),
            ("top", "right"),
            ("right", "low"),
        ]
        top = await store.subtree("ada", GroupId("left"), limit=4, groups_only=True, but=known)
        assert [(one.group, one.member) for one in top.memberships] == [("left", "low")]

    async def test_jobs_are_selected_by_where_they_are(self, store: Store) -> None:
        await tree(store)
        await stored(store, a_job(4, parent=job_id(1)))
        assert await numbers(store, below("top")) == [3, 2, 1]
        assert await numbers(store, below("low", "right")) == [3, 2, 1]
        assert await numbers(store, below("low", "never")) == [2, 1]
        assert await numbers(store, below("never")) == []
        assert await numbers(store, below("low", negated=True)) == [4, 3]
        both = replace(
            below("right"), groups=below("right").groups + below("low", negated=True).groups
        )
        assert await numbers(store, both) == [3]
        assert await numbers(store, replace(below("top"), states=frozenset({State.RUNNING}))) == []
        assert await numbers(store, below("top"), Visibility(owner="grace")) == []
        assert (await store.below(below("low", "never").groups[0])).missing == {"never"}

    async def test_a_roll_up_counts_each_job_once(self, store: Store) -> None:
        jobs = await tree(store)
        ids = [GroupId(one) for one in ("top", "low", "never")]
        await store.write(Change(jobs=(jobs[0].moved_to(State.RUNNING, at=LATER),)))
        await store.write(Change(jobs=(jobs[2].changed(at=LATER, hidden=LATER),)))
        found = await store.roll_ups("ada", ids, ALL)
        counted = {one: {state: n for state, n in found.get(one, {}).items() if n} for one in ids}
        assert counted == {
            "top": {"accepted": 1, "running": 1},
            "low": {"accepted": 1, "running": 1},
            "never": {},
        }
        unseen = await store.roll_ups("ada", ids, Visibility(owner="grace"))
        assert not any(n for states in unseen.values() for n in states.values())

    async def test_what_leaves_its_last_place_is_loose_until_it_has_another(
        self, store: Store
    ) -> None:
        await tree(store)
        await store.write(Change(removals=(a_removal("left", "low"),)))
        assert (await store.group("ada", GroupId("low"))).loose is None
        written = await store.write(Change(removals=(a_removal("right", "low"),)))
        assert [(one.id, one.loose) for one in written.groups] == [("low", LATER)]
        assert await numbers(store, below("top")) == [3, 2]
        written = await put(store, a_place("left", "low"))
        assert [(one.id, one.loose) for one in written.groups] == [("low", None)]
        assert await numbers(store, below("top")) == [3, 2, 1]

    async def test_a_dropped_group_leaves_what_was_in_it(self, store: Store) -> None:
        await tree(store)
        dropped = DroppedGroup(owner="ada", id=GroupId("right"), at=LATER)
        written = await store.write(Change(dropped_groups=(dropped,)))
        assert written.dropped_groups == (dropped,)
        with pytest.raises(NotFound):
            await store.group("ada", GroupId("right"))
        assert await numbers(store, below("top")) == [2, 1]
        await store.write(Change(dropped_groups=(replace(dropped, id=GroupId("left")),)))
        assert (await store.group("ada", GroupId("low"))).loose == LATER
        again = await store.write(Change(groups=(a_group("right"),)))
        assert again.groups[0].rev == 1
        assert await numbers(store, below("right")) == []

    async def test_groups_are_listed_as_they_were_made(self, store: Store) -> None:
        second = 2
        made = [
            a_group(str(n), created=NOON + n * DAY, is_root=n == second) for n in (1, second, 3)
        ]
        await store.write(Change(groups=tuple(reversed(made))))
        found = await store.groups("ada", limit=9)
        assert [group.id for group in found] == ["1", "2", "3"]
        rest = await store.groups("ada", limit=1, after=(found[0].created, found[0].id))
        assert [group.id for group in rest] == ["2"]
        assert [group.id for group in await store.groups("ada", limit=9, roots=True)] == ["2"]
        assert [group.id for group in await store.groups("ada", limit=9, name="3")] == ["3"]
        assert await store.group_names("ada", "", limit=2) == ["1", "2"]
        assert await store.group_names("ada", "3", limit=2) == ["3"]

    async def test_events_of_groups_are_their_owners(self, store: Store) -> None:
        event = Event(
            job=None,
            time=NOON,
            type=EventType.GROUP_CREATED,
            actor="ada",
            protocol="rest",
            group=("ada", GroupId("a")),
        )
        (told,) = (await store.write(Change(groups=(a_group("a"),), events=(event,)))).events
        for visibility, expected in ((ALL, [told]), (OWN, [told]), (Visibility(owner="x"), [])):
            assert await store.events(visibility, job=None, after=Seq(0), limit=9) == expected

    async def test_new_jobs_in_a_group_are_told_to_who_comes_back_and_more_is_not(
        self, store: Store
    ) -> None:
        jobs = await tree(store)
        seq = store.last_seq()
        new, outside = a_job(4), a_job(5)
        await store.write(Change(jobs=(new,), memberships=(a_place("low", new),)))
        await stored(store, outside)
        missed = await store.changed_since(seq, below("top"), ALL, job=None, limit=9)
        assert missed is not None
        assert [job.id for one in missed for job in one.jobs] == [new.id]
        assert not any(one.gone for one in missed)
        changes: Sequence[Change] = (
            Change(memberships=(a_place("left", jobs[0]),)),
            Change(removals=(a_removal("low", jobs[0]),)),
            Change(dropped_groups=(DroppedGroup(owner="ada", id=GroupId("low"), at=LATER),)),
        )
        for change in changes:
            seq = store.last_seq()
            await store.write(change)
            assert await store.changed_since(seq, below("top"), ALL, job=None, limit=9) is None

    async def test_a_forgotten_job_is_out_of_its_groups(self, store: Store) -> None:
        await tree(store)
        gone = a_job(9, state=State.SUCCEEDED, ended=NOON)
        await store.write(Change(jobs=(gone,), memberships=(a_place("low", gone),)))
        jobs = Retention(detail=None, events=None, jobs=DAY)
        assert await store.forget(jobs, at=NOON + 5 * DAY, limit=100) > 0
        assert await numbers(store, below("top")) == [3, 2, 1]
        found = await store.subtree("ada", GroupId("low"), limit=9)
        assert gone.id not in [one.member for one in found.memberships]

    async def test_a_group_that_was_loose_for_long_is_forgotten_and_others_stay(
        self, store: Store
    ) -> None:
        await tree(store)
        await store.write(Change(groups=(a_group("root", is_root=True),)))
        await put(store, a_place("root", "right"))
        detail = Retention(detail=DAY, events=None)
        went = [await store.forget(detail, at=NOON + 5 * DAY, limit=2) for _ in range(3)]
        assert went == [2, 2, 0]  # top, with its three places
        assert [group.id for group in await store.groups("ada", limit=9)] == [
            "left",
            "low",
            "right",
            "root",
        ]
        assert (await store.group("ada", GroupId("left"))).loose == NOON + 5 * DAY
        assert await numbers(store, below("root")) == [3, 2, 1]
