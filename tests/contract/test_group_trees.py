"""Whatever is put into groups and taken out: both stores agree with each other and with a plain count, and no group is below itself or too deep."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule
from tests.properties import examples
from typing_extensions import override

from headway.core.errors import HeadwayError
from headway.core.model import group as group_model
from headway.core.model.change import Change, Written
from headway.core.model.group import (
    DroppedGroup,
    Group,
    InGroups,
    MemberKind,
    Membership,
    Removal,
)
from headway.core.model.names import GroupId, JobId
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.stores.memory import MemoryStore
from headway.stores.sql import SqlStore, open_store
from headway.testing.fakes import FakeClock
from headway.testing.samples import ALL, a_job, job_id

T = TypeVar("T")
OWNERS = ("ada", "grace")
LEVELS = 3
NAMES = tuple(GroupId(name) for name in "abcde")
GROUPS = st.sampled_from(NAMES)
SEEN = (ALL, Visibility(owner="ada"))


def _broken(error: BaseException) -> None:
    raise AssertionError("the store says that its disk is broken") from error


class Trees(RuleBasedStateMachine):
    """Each rule does the same to both stores and to ``edges``, which knows what is in what and nothing else."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(group_model, "DEEPEST", LEVELS)
        self.runner = asyncio.Runner()
        self.clock = FakeClock()
        self.directory = Path(tempfile.mkdtemp())
        self.memory = MemoryStore()
        self.sql = self.run(self.opened())
        self.count = 0
        self.edges: dict[tuple[str, GroupId], list[tuple[MemberKind, str]]] = {}

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    async def opened(self) -> SqlStore:
        return open_store(self.directory, clock=self.clock, fatal=_broken, held_by="this test")

    @override
    def teardown(self) -> None:
        """Compare all that there is: once for each run, as it takes longer than what led there."""
        try:
            self.no_group_is_below_itself()
            self.no_group_is_too_deep()
            self.all_is_as_a_plain_walk_finds_it()
            self.both_stores_have_the_same()
        finally:
            self.close()

    def close(self) -> None:
        self.patch.undo()
        self.run(self.sql.close())
        self.runner.close()
        shutil.rmtree(self.directory)

    def write(self, *changes: Change) -> Sequence[Written | HeadwayError]:
        """Write to both; the answers must be alike, errors included."""
        self.clock.advance(seconds=1)
        first = self.run(self.memory.write_many(changes))
        second = self.run(self.sql.write_many(changes))
        assert list(map(_told, first)) == list(map(_told, second))
        for change, answer in zip(changes, first, strict=True):
            if isinstance(answer, Written):
                self.follow(change)
            elif "levels deep" in str(answer):
                self.would_be_too_deep(change)
        return first

    def follow(self, change: Change) -> None:
        for group in change.groups:
            self.edges.setdefault(group.key, [])
        for gone in change.removals:
            members = self.edges.get((gone.owner, gone.group), [])
            if (gone.kind, gone.member) in members:
                members.remove((gone.kind, gone.member))
        for place in change.memberships:
            members = self.edges[place.owner, place.group]
            if (place.kind, place.member) not in members:
                members.append((place.kind, place.member))
        for dropped in change.dropped_groups:
            self.edges.pop((dropped.owner, dropped.id), None)
            for (owner, _), members in self.edges.items():
                if owner == dropped.owner and (MemberKind.GROUP, dropped.id) in members:
                    members.remove((MemberKind.GROUP, dropped.id))

    def below(self, owner: str, top: GroupId) -> tuple[set[GroupId], set[JobId]]:
        """Walk down, slowly and plainly."""
        groups, jobs, todo = set(), set(), [top]
        while todo:
            group = todo.pop()
            if group in groups or (owner, group) not in self.edges:
                continue
            groups.add(group)
            for kind, member in self.edges[owner, group]:
                if kind is MemberKind.JOB:
                    jobs.add(JobId(member))
                else:
                    todo.append(GroupId(member))
        return groups, jobs

    def place(self, owner: str, group: GroupId, kind: MemberKind, member: str) -> Membership:
        return Membership(
            owner=owner, group=group, member=JobId(member), kind=kind, added=self.clock.now()
        )

    @initialize()
    def some_groups(self) -> None:
        now = self.clock.now()
        groups = [Group(id=name, owner="ada", name=name, created=now) for name in NAMES]
        self.write(Change(groups=tuple(groups)))

    @rule(target=jobs, owner=st.sampled_from(OWNERS), into=st.sets(GROUPS), hidden=st.booleans())
    def submit(self, owner: str, into: set[GroupId], hidden: bool) -> JobId:
        self.count += 1
        now = self.clock.now()
        job = a_job(self.count, owner=owner, created=now, hidden=now if hidden else None)
        places = [self.place("ada", group, MemberKind.JOB, job.id) for group in sorted(into)]
        self.write(Change(jobs=(job,), memberships=tuple(places)), Change(jobs=(a_job(500),)))
        return job_id(self.count)

    @rule(job=jobs, state=st.sampled_from([State.RUNNING, State.FAILED]))
    def move(self, job: JobId, state: State) -> None:
        try:
            before = self.run(self.memory.job(job))
            self.write(Change(jobs=(before.moved_to(state, at=self.clock.now()),)))
        except HeadwayError:  # it was never stored, its group being gone, or cannot step so
            return

    @rule(owner=st.sampled_from(OWNERS), group=GROUPS, root=st.booleans())
    def make(self, owner: str, group: GroupId, root: bool) -> None:
        now = self.clock.now()
        made = Group(id=group, owner=owner, name="same", created=now, is_root=root)
        self.write(Change(groups=(made,)))

    @rule(links=st.lists(st.tuples(GROUPS, GROUPS), min_size=1, max_size=4), apart=st.booleans())
    def link(self, links: list[tuple[GroupId, GroupId]], apart: bool) -> None:
        places = [self.place("ada", one, MemberKind.GROUP, other) for one, other in links]
        if apart:
            self.write(*(Change(memberships=(place,)) for place in places))
        else:
            self.write(Change(memberships=tuple(places)))

    @rule(group=GROUPS, job=jobs)
    def put_job(self, group: GroupId, job: JobId) -> None:
        self.write(Change(memberships=(self.place("ada", group, MemberKind.JOB, job),)))

    @rule(group=GROUPS, member=jobs | GROUPS)
    def remove(self, group: GroupId, member: str) -> None:
        kind = MemberKind.GROUP if member in NAMES else MemberKind.JOB
        now = self.clock.now()
        gone = Removal(owner="ada", group=group, member=JobId(member), kind=kind, at=now)
        self.write(Change(removals=(gone,)))

    @rule(group=GROUPS, again=st.booleans())
    def drop(self, group: GroupId, again: bool) -> None:
        now = self.clock.now()
        dropped = Change(dropped_groups=(DroppedGroup(owner="ada", id=group, at=now),))
        made = Group(id=group, owner="ada", name=group, created=now)
        self.write(dropped, *([Change(groups=(made,))] if again else []))

    @rule()
    def reopen(self) -> None:
        self.run(self.sql.close())
        self.sql = self.run(self.opened())

    def no_group_is_below_itself(self) -> None:
        for owner, group in self.edges:
            children = self.children(owner, group)
            assert not any(group in self.below(owner, child)[0] for child in children)

    def children(self, owner: str, group: GroupId) -> list[GroupId]:
        members = self.edges[owner, group]
        return [GroupId(member) for kind, member in members if kind is MemberKind.GROUP]

    def levels(self, owner: str, top: GroupId) -> int:
        """Count the groups on the longest way down, slowly and plainly."""
        return 1 + max(
            (self.levels(owner, child) for child in self.children(owner, top)), default=0
        )

    def no_group_is_too_deep(self) -> None:
        assert all(self.levels(owner, group) <= LEVELS for owner, group in self.edges)

    def would_be_too_deep(self, refused: Change) -> None:
        """Put one after the other: that which is refused comes before all that could not be there at all."""
        before = {key: list(members) for key, members in self.edges.items()}
        for place in refused.memberships:
            self.follow(Change(memberships=(place,)))
            if any(self.levels(owner, group) > LEVELS for owner, group in self.edges):
                break
        else:
            raise AssertionError("no group would have been too deep")
        self.edges = before

    def all_is_as_a_plain_walk_finds_it(self) -> None:
        for owner, group in self.edges:
            groups, jobs = self.below(owner, group)
            within = InGroups(owner=owner, any_of=(group,))
            for store in (self.memory, self.sql):
                found = self.run(store.below(within))
                assert (set(found.groups), set(found.jobs)) == (groups, jobs)
                listed = self.run(
                    store.jobs(
                        Selection(groups=(within,), children=True, hidden=True), ALL, limit=999
                    )
                )
                assert {job.id for job in listed} == jobs
            self.roll_up_is_a_plain_count(owner, group, jobs)

    def roll_up_is_a_plain_count(self, owner: str, group: GroupId, jobs: set[JobId]) -> None:
        rows = [self.run(self.memory.job(one)) for one in jobs]
        for visibility in SEEN:
            seen = [job for job in rows if job.hidden is None and visibility.covers(job)]
            plain = Counter(job.state.value for job in seen)
            for store in (self.memory, self.sql):
                found = self.run(store.roll_ups(owner, [group], visibility))
                assert {s: n for s, n in found.get(group, {}).items() if n} == plain

    def both_stores_have_the_same(self) -> None:
        for owner in OWNERS:
            answers = [self.run(store.groups(owner, limit=99)) for store in (self.memory, self.sql)]
            assert answers[0] == answers[1]
            for group in answers[0]:
                trees = [
                    self.run(store.subtree(owner, group.id, limit=99))
                    for store in (self.memory, self.sql)
                ]
                assert list(trees[0].groups) == list(trees[1].groups)
                assert list(trees[0].memberships) == list(trees[1].memberships)
                members = self.edges[owner, group.id]
                direct = [one for one in trees[0].memberships if one.group == group.id]
                assert [(one.kind, one.member) for one in direct] == members


def _told(answer: Written | HeadwayError) -> object:
    return answer if isinstance(answer, Written) else (type(answer), str(answer))


TestTrees = Trees.TestCase
TestTrees.settings = settings(max_examples=examples(8), stateful_step_count=15, deadline=None)
