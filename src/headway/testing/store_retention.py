"""What a Store promises about forgetting."""

from datetime import datetime, timedelta
from typing import Final

import pytest

from headway.core.errors import NotFound
from headway.core.model.change import Alias, Change, Reports, RequestKey, Retention
from headway.core.model.names import Seq
from headway.core.model.selection import Selection
from headway.core.model.state import State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, a_command, a_job, a_report, an_attempt, an_event, job_id
from headway.testing.store_progress import counted, reported
from headway.testing.store_writes import stored

DAY: Final = timedelta(days=1)
WORKERS: Final = 3  # of each job here
NEVER: Final = Retention(detail=None, events=None, jobs=None, request_keys=1000 * DAY)


async def ended(store: Store, number: int = 1, *, at: datetime = NOON, **fields: object) -> None:
    """Store a job that has ended, with something of everything."""
    job = a_command(number, labels=("x", "y"), **fields)
    key = RequestKey(caller="ada", key=str(number), digest=b"", job=job.id, at=NOON)
    await store.write(
        Change(
            jobs=(job,),
            attempts=(an_attempt(job.id),),
            reports=Reports(job=job.id, reports=tuple(a_report(str(n)) for n in range(WORKERS))),
            aliases=(Alias(namespace="n", key=str(number), job=job.id),),
            request_key=key,
            events=(an_event(job.id),),
        )
    )
    await store.write(Change(jobs=(job.moved_to(State.SUCCEEDED, at=at),)))


class Forgetting:
    """Retention. Each test takes an empty store."""

    async def test_nothing_is_forgotten_before_its_time(self, store: Store) -> None:
        await ended(store)
        keep = Retention(detail=DAY, events=DAY, jobs=DAY, request_keys=DAY)
        assert await store.forget(keep, at=NOON + DAY, limit=100) == 0
        assert await store.forget(NEVER, at=NOON + 900 * DAY, limit=100) == 0

    async def test_jobs_that_ended_are_found_by_when(self, store: Store) -> None:
        await ended(store, 1, at=NOON + DAY)
        await ended(store, 2, at=NOON)
        await ended(store, 3, at=NOON + 2 * DAY)
        await stored(store, a_job(4))
        found = await store.ended(before=NOON + 2 * DAY, limit=9)
        assert [job.id for job in found] == [job_id(2), job_id(1)]
        assert [job.id for job in await store.ended(before=NOON + 3 * DAY, limit=1)] == [job_id(2)]

    async def test_request_keys_are_free_again(self, store: Store) -> None:
        await ended(store)
        hours = Retention(detail=None, events=None, request_keys=timedelta(hours=24))
        assert await store.forget(hours, at=NOON + 2 * DAY, limit=100) == 1
        assert await store.request_key("ada", "1") is None
        key = RequestKey(caller="ada", key="1", digest=b"new", job=job_id(1), at=NOON)
        await store.write(Change(request_key=key))

    async def test_detail_goes_and_the_job_stays(self, store: Store) -> None:
        await ended(store, 1)
        await stored(store, a_job(2))
        await reported(store, a_report(), number=2)
        await counted(store, ("k", 1, None))
        job = await store.job(job_id(1))
        detail = Retention(detail=DAY, events=None, request_keys=1000 * DAY)
        went = await store.forget(detail, at=NOON + 2 * DAY, limit=100)
        assert went == WORKERS
        assert await store.workers(job_id(1), limit=9) == []
        assert len(await store.counters(job_id(1))) == 1
        assert len(await store.workers(job_id(2), limit=9)) == 1
        assert await store.job(job_id(1)) == job

    async def test_forgetting_goes_on_where_the_limit_cut_it(self, store: Store) -> None:
        await ended(store, 1)
        await ended(store, 2)
        detail = Retention(detail=DAY, events=None, request_keys=1000 * DAY)
        went = [await store.forget(detail, at=NOON + 2 * DAY, limit=4) for _ in range(3)]
        assert went == [4, 2, 0]

    async def test_a_client_from_before_forgotten_events_starts_anew(self, store: Store) -> None:
        await ended(store, 1)
        seq = store.last_seq()
        job = a_job(2)
        late = an_event(job.id, time=NOON + 2 * DAY)
        await store.write(Change(jobs=(job,), events=(late,)))
        events = Retention(detail=None, events=DAY, request_keys=1000 * DAY)
        assert await store.forget(events, at=NOON + 2 * DAY, limit=100) == 1
        assert len(await store.events(ALL, job=None, after=Seq(0), limit=9)) == 1
        assert await store.changed_since(Seq(0), Selection(), ALL, job=None, limit=100) is None
        assert await store.changed_since(seq, Selection(), ALL, job=None, limit=100) is not None

    async def test_a_forgotten_job_takes_all_of_its_own_with_it(self, store: Store) -> None:
        await ended(store, 1)
        await ended(store, 2, at=NOON + 9 * DAY)
        jobs = Retention(detail=None, events=None, jobs=DAY, request_keys=1000 * DAY)
        assert await store.forget(jobs, at=NOON + 5 * DAY, limit=100) > 0
        with pytest.raises(NotFound):
            await store.job(job_id(1))
        with pytest.raises(NotFound):
            await store.job_by_number(1)
        assert await store.attempts(job_id(1)) == []
        assert await store.alias("n", "1") is None
        assert await store.request_key("ada", "1") is None
        assert await store.alias("n", "2") is not None
        found = await store.jobs(Selection(labels=frozenset({"x"})), ALL, limit=9)
        assert [job.number for job in found] == [2]
        assert (await store.counts())["succeeded"] == 1
        assert await store.changed_since(Seq(0), Selection(), ALL, job=None, limit=99) is None

    async def test_numbers_and_sequences_of_forgotten_jobs_do_not_come_back(
        self, store: Store
    ) -> None:
        await ended(store, 1)
        seq = store.last_seq()
        jobs = Retention(detail=None, events=None, jobs=DAY, request_keys=1000 * DAY)
        await store.forget(jobs, at=NOON + 5 * DAY, limit=100)
        job = await stored(store, a_job(1))
        assert (job.number, job.seq > seq) == (2, True)

    async def test_a_parent_is_kept_as_long_as_its_children(self, store: Store) -> None:
        await ended(store, 1)
        await ended(store, 2, at=NOON + 9 * DAY, parent=job_id(1))
        jobs = Retention(detail=None, events=None, jobs=DAY, request_keys=1000 * DAY)
        await store.forget(jobs, at=NOON + 5 * DAY, limit=100)
        assert (await store.job(job_id(1))).number == 1
