"""What a Store promises about workers, counters and roll-ups."""

from datetime import timedelta

import pytest

from headway.core.errors import InvalidRequest, NotFound
from headway.core.model.change import (
    MOST_COUNTERS,
    MOST_COUNTERS_TEXT,
    Change,
    CounterPatch,
    Reports,
)
from headway.core.model.names import WorkerId
from headway.core.model.state import State
from headway.core.model.worker import NO_TALLY, Report, Tally, Worker
from headway.core.ports.store import Store
from headway.lib.jsonvalue import JsonValue
from headway.testing.fakes import NOON
from headway.testing.samples import a_command, a_job, a_report, an_attempt, job_id
from headway.testing.store_writes import LATER, stored


async def reported(store: Store, *reports: Report, number: int = 1) -> tuple[Worker, ...]:
    """Write reports of one job in one Change; gives the workers that changed."""
    change = Change(reports=Reports(job=job_id(number), reports=reports))
    return (await store.write(change)).workers


async def counted(
    store: Store, *values: tuple[str, JsonValue, str | None], replace: bool = False
) -> list[tuple[str, JsonValue]]:
    """Patch the first job's counters; gives what is stored."""
    patch = CounterPatch(job=job_id(1), values=values, replace=replace, at=NOON)
    written = await store.write(Change(counters=patch))
    counters = await store.counters(job_id(1))
    assert list(written.counters) == counters
    assert written.counters_of == job_id(1)
    return [(counter.key, counter.value) for counter in counters]


class Progress:
    """Reports. Each test takes an empty store."""

    async def test_a_report_makes_a_worker_and_leaves_the_job_as_it_is(self, store: Store) -> None:
        job = await stored(store, a_job())
        (worker,) = await reported(store, a_report(current=3, total=20, desc="☂", ok=False))
        assert await store.workers(job.id, limit=10) == [worker]
        assert (worker.current, worker.total, worker.desc, worker.ok) == (3, 20, "☂", False)
        assert worker.seq == store.last_seq() > job.seq
        assert await store.job(job.id) == job

    async def test_one_worker_is_read_by_its_id(self, store: Store) -> None:
        await stored(store, a_job())
        first, _ = await reported(store, a_report("w1"), a_report("w10"))
        assert await store.worker(job_id(1), WorkerId("w1")) == first
        assert await store.worker(job_id(1), WorkerId("w")) is None
        assert await store.worker(job_id(2), WorkerId("w1")) is None

    async def test_what_nobody_owns_is_counted(self, store: Store) -> None:
        assert await store.nobodys() == 0
        nobodys = [a_job(1, owner=""), a_job(2, owner="")]
        for job in (*nobodys, a_job(3, owner="ada")):
            await stored(store, job)
        reports = [a_report("w1"), a_report("w2")]
        await reported(store, *reports, number=1)
        await reported(store, *reports, number=3)
        assert await store.nobodys() == len(nobodys) + len(reports)

    async def test_a_later_report_keeps_what_it_does_not_say(self, store: Store) -> None:
        await stored(store, a_job())
        await reported(store, a_report(current=1, total=9, desc="x", ok=False))
        (worker,) = await reported(store, a_report(current=2, at=LATER))
        assert (worker.current, worker.total, worker.desc, worker.ok) == (2, 9, "x", False)
        assert (worker.first_seen, worker.updated, worker.interval_s) == (NOON, LATER, 10.0)

    async def test_a_report_from_before_the_newest_changes_nothing(self, store: Store) -> None:
        await stored(store, a_job())
        (worker,) = await reported(store, a_report(current=5, at=LATER))
        assert await reported(store, a_report(current=3)) == ()
        assert await store.workers(job_id(1), limit=10) == [worker]

    async def test_reports_of_one_change_are_applied_in_their_order(self, store: Store) -> None:
        await stored(store, a_job())
        later = a_report(current=7, at=LATER)
        workers = await reported(store, a_report(current=1), a_report("w2"), later)
        assert [(worker.id, worker.current) for worker in workers] == [("w1", 7), ("w2", 1)]
        assert workers[0].interval_s == (LATER - NOON).total_seconds()

    async def test_reports_given_together_are_applied_in_their_order(self, store: Store) -> None:
        await stored(store, a_job())
        reports = [a_report(current=n, at=NOON + timedelta(seconds=n)) for n in (1, 2, 4)]
        await store.write_many(
            [Change(reports=Reports(job=job_id(1), reports=(report,))) for report in reports]
        )
        (worker,) = await store.workers(job_id(1), limit=10)
        assert (worker.current, worker.first_current) == (4, 1)

    async def test_workers_that_are_gone_leave_nothing_of_theirs_behind(self, store: Store) -> None:
        await stored(store, a_job())
        await reported(store, a_report(current=8, total=9, desc="x", ok=False), a_report("w2"))
        written = await store.write(Change(workers_gone=job_id(1)))
        assert written.workers_gone == job_id(1)
        assert await store.workers(job_id(1), limit=10) == []
        assert (await store.tallies([job_id(1)])).get(job_id(1), NO_TALLY).workers == 0
        (worker,) = await reported(store, a_report(current=1))
        assert (worker.total, worker.desc, worker.ok, worker.first_current) == (None, "", True, 1)

    async def test_workers_go_and_come_in_the_order_in_which_that_is_written(
        self, store: Store
    ) -> None:
        await stored(store, a_job())
        await stored(store, a_job(2))
        of = [Reports(job=job_id(n), reports=(a_report(current=7, total=9),)) for n in (1, 2)]
        anew = Reports(job=job_id(1), reports=(a_report("w2"), a_report(current=2)))
        await store.write_many(
            [
                Change(reports=of[0]),
                Change(reports=of[1]),
                Change(workers_gone=job_id(1), reports=anew),
                Change(reports=Reports(job=job_id(1), reports=(a_report(current=3, at=LATER),))),
            ]
        )
        first, second = await store.workers(job_id(1), limit=10)
        assert (first.id, first.current, first.total, first.first_current) == ("w1", 3, None, 2)
        assert second.id == "w2"
        (other,) = await store.workers(job_id(2), limit=10)
        assert (other.current, other.total) == (7, 9)

    async def test_workers_of_a_job_that_is_not_there_cannot_go(self, store: Store) -> None:
        with pytest.raises(NotFound):
            await store.write(Change(workers_gone=job_id(1)))

    async def test_a_number_that_is_not_finite_is_refused(self, store: Store) -> None:
        await stored(store, a_job())
        with pytest.raises(InvalidRequest):
            await reported(store, a_report(), a_report("w2", float("nan")))
        with pytest.raises(InvalidRequest):
            await reported(store, a_report(total=float("inf")))
        assert await store.workers(job_id(1), limit=10) == []

    async def test_workers_are_paged_in_the_order_of_code_points(self, store: Store) -> None:
        await stored(store, a_job())
        names = ["10", "2", "", "é", "z", "Z", "\U0001f600", "\uffff"]
        await reported(store, *[a_report(name) for name in names])
        first = await store.workers(job_id(1), limit=3)
        rest = await store.workers(job_id(1), limit=10, after=first[-1].id)
        assert [worker.id for worker in (*first, *rest)] == sorted(names)
        assert await store.workers(job_id(1), limit=5, after=WorkerId("\U0001f600")) == []

    async def test_a_tally_rolls_workers_up(self, store: Store) -> None:
        await stored(store, a_job())
        await reported(
            store,
            a_report("a", 5, total=10),
            a_report("b", 30, total=20, ok=False, at=LATER),
            a_report("c", 3),
            a_report("d", -3, total=10),
            a_report("e", 3, total=0),
        )
        tally = (await store.tallies([job_id(1)]))[job_id(1)]
        expected = Tally(workers=5, finished=1, not_ok=1, progress=0.5, last=LATER)
        assert tally == expected

    async def test_a_tally_counts_children_in_each_state(self, store: Store) -> None:
        parent = await stored(store, a_job(1))
        first = await stored(store, a_command(2, parent=parent.id, index=0))
        await stored(store, a_command(3, parent=parent.id, index=1))
        await store.write(Change(jobs=(first.moved_to(State.RUNNING, at=LATER),)))
        tallies = await store.tallies([parent.id, first.id])
        assert tallies[parent.id].children == {"accepted": 1, "running": 1}
        assert tallies.get(first.id, NO_TALLY) == NO_TALLY

    async def test_no_jobs_have_no_tallies(self, store: Store) -> None:
        assert dict(await store.tallies([])) == {}

    async def test_live_report_only_jobs_are_found(self, store: Store) -> None:
        await stored(store, a_job(1))
        await stored(store, a_command(2))
        ended = await stored(store, a_job(3))
        await store.write(Change(jobs=(ended.moved_to(State.SUCCEEDED, at=LATER),)))
        await stored(store, a_job(4))
        assert [job.id for job in await store.reporting()] == [job_id(1), job_id(4)]


class Counters:
    """A job's own numbers and words. Each test takes an empty store."""

    async def test_counters_keep_the_order_in_which_they_came(self, store: Store) -> None:
        await stored(store, a_job())
        await counted(store, ("z", 1, None), ("a", "two", "red"))
        assert await counted(store, ("m", 3.5, None), ("z", 9, None)) == [
            ("z", 9),
            ("a", "two"),
            ("m", 3.5),
        ]

    async def test_none_deletes_a_counter_known_or_not(self, store: Store) -> None:
        await stored(store, a_job())
        await counted(store, ("a", 1, None), ("b", 2, None))
        assert await counted(store, ("a", None, None), ("x", None, None)) == [("b", 2)]
        assert await counted(store, ("a", 3, None)) == [("b", 2), ("a", 3)]

    async def test_a_replacement_drops_all_others_and_has_its_own_order(self, store: Store) -> None:
        await stored(store, a_job())
        await counted(store, ("a", 1, None), ("b", 2, None), ("c", 3, None))
        assert await counted(store, ("c", 30, None), ("a", 10, None), replace=True) == [
            ("c", 30),
            ("a", 10),
        ]
        assert await counted(store, replace=True) == []

    async def test_more_counters_or_text_than_a_job_may_have_are_refused_and_nothing_is_changed(
        self, store: Store
    ) -> None:
        await stored(store, a_job())
        keys = [f"k{number}" for number in range(MOST_COUNTERS)]
        await counted(store, *((key, 1, None) for key in keys))
        with pytest.raises(InvalidRequest, match=f"{MOST_COUNTERS} counters"):
            await counted(store, ("k0", 2, None), ("more", 1, None))
        assert [one.key for one in await store.counters(job_id(1))] == keys
        assert len(await counted(store, ("k0", None, None), ("more", 1, None))) == MOST_COUNTERS
        long = "x" * (MOST_COUNTERS_TEXT // 2)
        with pytest.raises(InvalidRequest, match="characters"):
            await counted(store, ("k1", long, None), ("k2", long, None))
        assert await counted(store, ("k1", long, None), replace=True) == [("k1", long)]

    async def test_a_counter_comes_back_as_it_went_in(self, store: Store) -> None:
        await stored(store, a_job())
        await counted(store, ("k", {"a": [1, None, True]}, "#f00"))
        (counter,) = await store.counters(job_id(1))
        assert (counter.value, counter.colour) == ({"a": [1, None, True]}, "#f00")
        assert (counter.updated, counter.seq) == (NOON, store.last_seq())

    async def test_all_that_belongs_to_a_job_comes_at_once(self, store: Store) -> None:
        job = await stored(store, a_job())
        await reported(store, a_report("w1"), a_report("w2"))
        await counted(store, ("k", 1, None))
        await store.write(Change(attempts=(an_attempt(job.id, 2), an_attempt(job.id, 1))))
        found = await store.belongings(job.id)
        assert found.tally == (await store.tallies([job.id]))[job.id]
        assert list(found.attempts) == await store.attempts(job.id) != []
        assert list(found.counters) == await store.counters(job.id) != []
        nobodys = await store.belongings(job_id(2))
        assert (nobodys.tally, *nobodys.attempts, *nobodys.counters) == (NO_TALLY,)

    async def test_patches_given_together_follow_one_another(self, store: Store) -> None:
        await stored(store, a_job())
        patches = [
            CounterPatch(job=job_id(1), values=((key, 1, None),), at=NOON) for key in ("b", "a")
        ]
        await store.write_many([Change(counters=patch) for patch in patches])
        assert [counter.key for counter in await store.counters(job_id(1))] == ["b", "a"]
