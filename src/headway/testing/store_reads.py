"""What a Store promises about lists: pages, visibility, events, and what a live client missed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.core.model.change import Change, Reports, Written
from headway.core.model.condition import (
    Begins,
    Condition,
    Contains,
    Equals,
    Exists,
    Field,
    Test,
    Within,
)
from headway.core.model.event import EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import Reason, State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, LOCAL, a_command, a_job, a_report, an_event, job_id
from headway.testing.store_progress import counted, reported
from headway.testing.store_writes import LATER, stored

EVERY: Final = Selection(children=True, hidden=True)
_WORDS: Final = ("", "night", "Night", "a%b", "_", "x,y", '"', "\\", "ß", "É", "\x00", "[", "NI")
_words: Final = st.sampled_from(_WORDS)
#: SQLite ends a text that it takes out of JSON at a NUL; no door lets one in.
_json_words: Final = st.sampled_from([word for word in _WORDS if "\x00" not in word])
_times: Final = st.builds(lambda hours: NOON + timedelta(hours=hours), st.integers(0, 4))


@st.composite
def jobs(draw: st.DrawFn) -> dict[str, object]:
    """Draw the fields of a job that selections look at."""
    return {
        "state": draw(st.sampled_from(State)),
        "name": draw(_words),
        "status_text": draw(_words),
        "labels": tuple(draw(st.lists(_json_words, max_size=3, unique=True))),
        "owner": draw(st.sampled_from(["ada", "grace"])),
        "cluster": draw(st.sampled_from([None, "local", "slurm"])),
        "created": NOON + timedelta(hours=draw(st.integers(0, 3))),
        "parent": draw(st.sampled_from([None, None, job_id(1), job_id(2)])),
        "hidden": draw(st.sampled_from([None, None, LATER])),
        "kind": draw(st.sampled_from(Kind)),
        "protocol": draw(_words),
        "project": draw(st.none() | _words),
        "reason": draw(st.none() | st.sampled_from(Reason)),
        "exit_code": draw(st.none() | st.integers(-1, 2)),
        "signal": draw(st.none() | st.integers(1, 2)),
        "native_id": draw(st.none() | _json_words),
        "attempt": draw(st.integers(1, 2)),
        "started": draw(st.none() | _times),
        "ended": draw(st.none() | _times),
    }


_WORDED: Final = (
    *(Field.REASON, Field.LABEL, Field.NAME, Field.OWNER, Field.CLUSTER, Field.PROTOCOL),
    *(Field.KIND, Field.PROJECT, Field.STATUS_TEXT, Field.TEXT, Field.NATIVE_ID),
)
_TIMED: Final = (Field.CREATED, Field.QUEUED, Field.STARTED, Field.ENDED, Field.HIDDEN)
_NUMBERED: Final = (Field.NUMBER, Field.ATTEMPT, Field.EXIT_CODE, Field.SIGNAL)
_said: Final = _words | st.sampled_from(["timeout", "report", "ada", "local", "\U0010ffff", "nigh"])


def _conditions(
    fields: Sequence[Field], tests: st.SearchStrategy[Test]
) -> st.SearchStrategy[Condition]:
    any_of = st.lists(tests, max_size=2).map(tuple)
    return st.builds(Condition, st.sampled_from(fields), any_of, st.booleans())


_exists: Final[st.SearchStrategy[Test]] = st.just(Exists())
any_condition: Final = st.one_of(
    _conditions(
        _WORDED,
        st.builds(Equals, _said) | st.builds(Begins, _said) | st.builds(Contains, _said) | _exists,
    ),
    _conditions(_TIMED, st.builds(Within, st.none() | _times, st.none() | _times) | _exists),
    _conditions(
        _NUMBERED,
        st.builds(Within, st.none() | st.integers(-1, 3), st.none() | st.integers(-1, 3))
        | st.builds(Equals, st.integers(-1, 3))
        | _exists,
    ),
    _conditions((Field.STATE,), st.builds(Equals, st.sampled_from([*State, "odd"])) | _exists),
    _conditions(
        (Field.PARENT, Field.ID),
        st.builds(Equals, st.sampled_from([job_id(1), job_id(2), "no id", 1])) | _exists,
    ),
)


selections: Final = st.builds(
    Selection,
    states=st.frozensets(st.sampled_from(State), max_size=3),
    labels=st.frozensets(_words, max_size=2),
    name=st.none() | _words,
    owner=st.none() | st.sampled_from(["ada", "grace", "nobody"]),
    cluster=st.none() | st.sampled_from([Cluster("local"), Cluster("slurm")]),
    since=st.none() | st.builds(lambda h: NOON + timedelta(hours=h), st.integers(0, 4)),
    text=st.none() | _words,
    parent=st.sampled_from([None, None, job_id(1)]),
    children=st.booleans(),
    hidden=st.booleans(),
    where=st.lists(any_condition, max_size=2).map(tuple),
)
visibilities: Final = st.sampled_from(
    [
        ALL,
        Visibility(owner="ada"),
        Visibility(job=job_id(1)),
        Visibility(owner="grace", job=job_id(2)),
        Visibility(),
    ]
)
#: Simple filters are as likely as crowded ones, which match hardly anything.
any_selection: Final = st.one_of(
    st.builds(Selection, text=_words, hidden=st.booleans()),
    st.builds(Selection, labels=st.frozensets(_words, min_size=1, max_size=1)),
    st.builds(Selection, name=_words, children=st.booleans()),
    st.builds(Selection, states=st.frozensets(st.sampled_from(State), min_size=1)),
    st.builds(
        Selection,
        where=st.lists(any_condition, min_size=1, max_size=2).map(tuple),
        children=st.booleans(),
        hidden=st.sampled_from([True]),
    ),
    selections,
)


class Pages:
    """Lists of jobs. Each test takes an empty store."""

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(jobs(), max_size=4), any_selection, visibilities, st.integers(1, 5))
    async def test_a_page_has_what_the_selection_matches_and_the_caller_may_see(
        self,
        store: Store,
        new: list[dict[str, object]],
        selection: Selection,
        visibility: Visibility,
        limit: int,
    ) -> None:
        everything = await store.jobs(EVERY, ALL, limit=10_000)
        for fields in new:
            number = 1 + len(everything)
            everything.insert(0, await stored(store, a_job(number, **fields)))
        expected = [job for job in everything if selection.matches(job) and visibility.covers(job)]
        assert await store.jobs(selection, visibility, limit=limit) == expected[:limit]
        assert await self.paged(store, selection, visibility, limit) == expected

    async def paged(
        self, store: Store, selection: Selection, visibility: Visibility, limit: int
    ) -> list[Job]:
        """Read all pages."""
        found: list[Job] = []
        before = None
        while page := await store.jobs(selection, visibility, limit=limit, before=before):
            found += page
            before = page[-1].number
        return found

    async def test_a_page_shows_labels_and_states_as_they_are_now(self, store: Store) -> None:
        job = await stored(store, a_job(labels=("a", "b")))
        await store.write(Change(jobs=(job.moved_to(State.RUNNING, at=LATER, labels=("b", "c")),)))
        found = [
            len(
                await store.jobs(
                    Selection(labels=frozenset({label}), states=frozenset({state})), ALL, limit=5
                )
            )
            for label, state in (
                ("a", State.RUNNING),
                ("b", State.ACCEPTED),
                ("b", State.RUNNING),
                ("c", State.RUNNING),
            )
        ]
        assert found == [0, 0, 1, 1]

    async def test_jobs_of_a_cluster_come_oldest_first(self, store: Store) -> None:
        first = await stored(store, a_command(1))
        await stored(store, a_command(2))
        await stored(store, a_command(3, cluster=Cluster("slurm")))
        await stored(store, a_job(4))
        gone = await stored(store, a_command(5))
        await store.write(Change(jobs=(gone.moved_to(State.SUCCEEDED, at=LATER),)))
        await store.write(Change(jobs=(first.moved_to(State.QUEUED, at=LATER),)))
        await stored(store, a_command(6))
        assert [job.number for job in await store.unfinished(LOCAL)] == [1, 2, 6]
        assert [job.number for job in await store.accepted(LOCAL, limit=9)] == [2, 6]
        assert [job.number for job in await store.accepted(LOCAL, limit=1)] == [2]

    async def test_accepted_jobs_that_wait_for_others_are_not_in_the_way(
        self, store: Store
    ) -> None:
        for number, reason in enumerate((Reason.DEPENDENCY, None, Reason.EXECUTOR_DOWN), start=1):
            job = await stored(store, a_command(number))
            await store.write(Change(jobs=(job.moved_to(job.state, at=LATER, reason=reason),)))
        assert [job.number for job in await store.accepted(LOCAL, limit=2)] == [2, 3]
        assert [job.number for job in await store.unfinished(LOCAL)] == [1, 2, 3]


class Events:
    """News and what a live client missed. Each test takes an empty store."""

    async def test_events_are_read_from_a_sequence_on(self, store: Store) -> None:
        first, second = a_job(1), a_job(2)
        written = await store.write(
            Change(
                jobs=(first, second),
                events=(an_event(first.id), an_event(second.id), an_event(first.id)),
            )
        )
        seqs = [event.seq for event in written.events]
        assert await store.events(ALL, job=None, after=Seq(0), limit=9) == list(written.events)
        later = await store.events(ALL, job=None, after=seqs[0], limit=1)
        assert [event.seq for event in later] == [seqs[1]]
        assert await store.events(ALL, job=None, after=Seq(10**30), limit=9) == []
        of_first = await store.events(ALL, job=first.id, after=Seq(0), limit=9)
        assert [event.seq for event in of_first] == [seqs[0], seqs[2]]

    async def test_events_are_seen_by_those_who_see_their_job(self, store: Store) -> None:
        mine, other = a_job(1), a_job(2, owner="grace")
        await store.write(
            Change(
                jobs=(mine, other),
                events=(
                    an_event(mine.id),
                    an_event(other.id),
                    an_event(None, EventType.TOKEN_CREATED),
                ),
            )
        )
        for visibility, expected in (
            (ALL, [mine.id, other.id, None]),
            (Visibility(owner="ada"), [mine.id]),
            (Visibility(job=other.id), [other.id]),
            (Visibility(), []),
        ):
            events = await store.events(visibility, job=None, after=Seq(0), limit=9)
            assert [event.job for event in events] == expected

    async def test_a_client_is_told_each_row_once_as_it_is_now(self, store: Store) -> None:
        job = await stored(store, a_job(1))
        seq = store.last_seq()
        await reported(store, a_report(current=1), a_report("w2"))
        await reported(store, a_report(current=2, at=LATER))
        await counted(store, ("k", 1, None))
        moved = job.moved_to(State.RUNNING, at=LATER)
        await store.write(Change(jobs=(moved,), events=(an_event(job.id, EventType.RUNNING),)))
        missed = await self.missed(store, seq)
        assert [(w.id, w.current) for one in missed for w in one.workers] == [("w2", 1), ("w1", 2)]
        assert [counter.key for one in missed for counter in one.counters] == ["k"]
        assert [one.counters_of for one in missed if one.counters_of] == [job.id]
        assert [new.rev for one in missed for new in one.jobs] == [2]
        assert [event.type for one in missed for event in one.events] == [EventType.RUNNING]
        assert [one.seq for one in missed] == sorted({one.seq for one in missed})
        assert await self.missed(store, store.last_seq()) == []

    async def missed(
        self,
        store: Store,
        seq: Seq,
        selection: Selection = EVERY,
        visibility: Visibility = ALL,
        job: JobId | None = None,
    ) -> list[Written]:
        """Read what a client missed that was not too much."""
        missed = await store.changed_since(seq, selection, visibility, job=job, limit=100)
        assert missed is not None
        return list(missed)

    async def test_deleted_counters_are_told_of(self, store: Store) -> None:
        await stored(store, a_job(1))
        await counted(store, ("k", 1, None))
        seq = store.last_seq()
        await counted(store, ("k", None, None))
        (missed,) = await self.missed(store, seq)
        assert (missed.counters_of, missed.counters) == (job_id(1), ())

    async def test_a_client_is_told_of_what_it_selected_and_may_see(self, store: Store) -> None:
        for number, owner in ((1, "ada"), (2, "grace")):
            job = a_job(number, owner=owner, labels=(owner,))
            await store.write(
                Change(
                    jobs=(job,),
                    reports=Reports(job=job.id, reports=(a_report(),)),
                    events=(an_event(job.id),),
                )
            )
        for selection, visibility, job_given in (
            (EVERY, Visibility(owner="ada"), None),
            (Selection(labels=frozenset({"ada"})), ALL, None),
            (Selection(), ALL, job_id(1)),
        ):
            missed = await self.missed(store, Seq(0), selection, visibility, job_given)
            assert {row.id for one in missed for row in one.jobs} == {job_id(1)}
            assert {row.job for one in missed for row in one.workers} == {job_id(1)}
            assert {row.job for one in missed for row in one.events} == {job_id(1)}
        assert await self.missed(store, Seq(0), EVERY, Visibility(), None) == []

    async def test_a_client_that_asks_for_one_job_is_told_of_it_whatever_it_is(
        self, store: Store
    ) -> None:
        await stored(store, a_job(1))
        await stored(store, a_job(2, parent=job_id(1), hidden=LATER))
        missed = await self.missed(store, Seq(0), Selection(), ALL, job_id(2))
        assert [job.id for one in missed for job in one.jobs] == [job_id(2)]

    async def test_too_much_or_too_new_cannot_be_told(self, store: Store) -> None:
        for number in range(1, 5):
            await stored(store, a_job(number))
        assert await store.changed_since(Seq(0), EVERY, ALL, job=None, limit=3) is None
        assert await store.changed_since(Seq(0), EVERY, ALL, job=None, limit=4) is not None
        assert await store.changed_since(Seq(99), EVERY, ALL, job=None, limit=9) is None
