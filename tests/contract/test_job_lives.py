"""Whatever happens to jobs, the store in SQLite has the same to tell as the one in memory."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace
from tests.properties import examples
from typing_extensions import override

from headway.core.errors import HeadwayError
from headway.core.model.change import (
    Alias,
    Change,
    CounterPatch,
    Reports,
    RequestKey,
    Retention,
    Written,
)
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Attempt, CancelRequest, Job
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import FINAL, REASONS, Reason, State, check_step
from headway.core.model.worker import NO_TALLY, Tally
from headway.stores.memory import MemoryStore
from headway.stores.sql import SqlStore, open_store
from headway.testing.fakes import FakeClock, FakeIds
from headway.testing.samples import ALL, LOCAL, a_command, a_job, a_report

T = TypeVar("T")
EVERY = Selection(children=True, hidden=True)
WORKERS = st.sampled_from(["w1", "w2", "w3"])
NUMBERS = st.sampled_from([-1.0, 0.0, 1.0, 7.5, 20.0])


def _broken(error: BaseException) -> None:
    raise AssertionError("the store says that its disk is broken") from error


def _reasons(state: State) -> list[Reason | None]:
    return sorted(REASONS[state], key=str)


class JobLives(RuleBasedStateMachine):
    """Each rule does the same to both stores and compares what they answer; the invariants compare all that they have."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock, self.ids = FakeClock(), FakeIds()
        self.directory = Path(tempfile.mkdtemp())
        self.memory = MemoryStore()
        self.sql = self.run(self.opened())
        self.heard: list[list[Written]] = [[], []]
        self.memory.listen(self.heard[0].extend)
        self.sql.listen(self.heard[1].extend)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    async def opened(self) -> SqlStore:
        return open_store(self.directory, clock=self.clock, fatal=_broken, held_by="this test")

    @override
    def teardown(self) -> None:
        self.run(self.sql.close())
        self.runner.close()
        shutil.rmtree(self.directory)

    def write(self, *changes: Change) -> None:
        """Write to both; the answers must be alike, errors included."""
        self.clock.advance(seconds=1)
        first = self.run(self.memory.write_many(changes))
        second = self.run(self.sql.write_many(changes))
        assert list(map(_told, first)) == list(map(_told, second))

    def job(self, job_id: JobId) -> Job:
        return self.run(self.memory.job(job_id))

    def changed(self, job: Job, kind: EventType, *attempts: Attempt) -> None:
        event = Event(job=job.id, time=job.updated, type=kind, actor="ada", protocol="rest")
        self.write(Change(jobs=(job,), attempts=attempts, events=(event,)))

    @rule(target=jobs, reports=st.booleans(), labels=st.sets(st.sampled_from("abc")))
    def submit(self, reports: bool, labels: set[str]) -> JobId:
        now = self.clock.now()
        make = a_job if reports else a_command
        job = make(id=self.ids.new_job_id(), labels=tuple(sorted(labels)), created=now, updated=now)
        key = RequestKey(caller="ada", key=f"{now}", digest=b"d", job=job.id, at=now)
        event = Event(job=job.id, time=now, type=EventType.ACCEPTED, actor="ada", protocol="rest")
        self.write(Change(jobs=(job,), request_key=key, events=(event,)))
        return job.id

    @rule(target=jobs, parent=jobs)
    def submit_child(self, parent: JobId) -> JobId:
        now = self.clock.now()
        job = a_command(id=self.ids.new_job_id(), parent=parent, index=1, created=now, updated=now)
        self.write(Change(jobs=(job,)))
        return job.id

    @rule(job_id=jobs, data=st.data())
    def step(self, job_id: JobId, data: st.DataObject) -> None:
        job = self.job(job_id)
        state = data.draw(st.sampled_from(State))
        reason = data.draw(st.sampled_from(_reasons(state)))
        try:
            check_step(job.state, state, reason)
        except HeadwayError:
            return
        moved = job.moved_to(state, at=self.clock.now(), reason=reason)
        attempt = Attempt(job=job.id, no=job.attempt, cluster=LOCAL, started=moved.started)
        self.changed(moved, of_state(state), attempt)

    @rule(job_id=jobs, state=st.sampled_from(sorted(FINAL)))
    def correct(self, job_id: JobId, state: State) -> None:
        job = self.job(job_id)
        if job.state.is_final:
            reason = _reasons(state)[0]
            corrected = job.corrected(state, at=self.clock.now(), reason=reason)
            self.changed(corrected, EventType.CORRECTED)

    @rule(job_id=jobs)
    def reopen_or_try_again(self, job_id: JobId) -> None:
        job, now = self.job(job_id), self.clock.now()
        if job.state.is_final and job.only_reports:
            self.changed(job.reopened(at=now), EventType.REOPENED)
        else:
            self.changed(job.next_attempt(at=now), EventType.REQUEUED)

    @rule(job_id=jobs)
    def ask_to_cancel(self, job_id: JobId) -> None:
        job, now = self.job(job_id), self.clock.now()
        wish = CancelRequest(by="ada", at=now)
        self.changed(job.changed(at=now, cancel=wish), EventType.CANCEL_REQUESTED)

    @rule(job_id=jobs, labels=st.sets(st.sampled_from("abcd")), hidden=st.booleans())
    def annotate(self, job_id: JobId, labels: set[str], hidden: bool) -> None:
        job, now = self.job(job_id), self.clock.now()
        at = now if hidden else None
        self.changed(
            job.changed(at=now, labels=tuple(sorted(labels)), hidden=at, extra={"n": job.rev}),
            EventType.LABELS,
        )

    @rule(job_id=jobs, skew=st.integers(-3, 0))
    def change_an_old_revision(self, job_id: JobId, skew: int) -> None:
        job = self.job(job_id)
        self.write(Change(jobs=(replace(job, rev=job.rev + skew, name="late"),)))

    @rule(
        job_id=jobs,
        worker=WORKERS,
        current=NUMBERS,
        total=st.none() | NUMBERS,
        age=st.integers(0, 5),
    )
    def report(
        self, job_id: JobId, worker: str, current: float, total: float | None, age: int
    ) -> None:
        at = self.clock.now() - timedelta(seconds=age)
        first = a_report(worker, current, total=total, at=at)
        second = a_report("w1", current, ok=current > 0, at=self.clock.now())
        self.write(
            Change(reports=Reports(job=job_id, reports=(first,))),
            Change(reports=Reports(job=job_id, reports=(second, first))),
        )

    @rule(
        job_id=jobs, value=st.none() | st.integers(), key=st.sampled_from("xyz"), all_=st.booleans()
    )
    def count(self, job_id: JobId, value: int | None, key: str, all_: bool) -> None:
        values = ((key, value, None), ("k", 1, "red"))
        at = self.clock.now()
        self.write(Change(counters=CounterPatch(job=job_id, values=values, replace=all_, at=at)))

    @rule(job_id=jobs, key=st.sampled_from("pq"), generation=st.integers(1, 3))
    def name(self, job_id: JobId, key: str, generation: int) -> None:
        alias = Alias(namespace="n", key=key, job=job_id, generation=generation)
        self.write(Change(aliases=(alias,)), Change(aliases=(alias,)))

    @rule(jobs=st.lists(jobs, min_size=2, max_size=4))
    def many_at_once(self, jobs: list[JobId]) -> None:
        """When a job is drawn twice, its second change comes too late."""
        known = [self.job(job_id) for job_id in jobs]
        now = self.clock.now()
        changes = [
            Change(jobs=(job.changed(at=now, status_text=str(n)),)) for n, job in enumerate(known)
        ]
        self.write(*changes)

    @rule(days=st.sampled_from([1, 20, 50]))
    def forget(self, days: int) -> None:
        self.clock.advance(seconds=days * 86_400)
        retention = Retention(detail=timedelta(days=30), events=timedelta(days=60))
        first = self.run(self.memory.forget(retention, at=self.clock.now(), limit=1_000))
        second = self.run(self.sql.forget(retention, at=self.clock.now(), limit=1_000))
        assert first == second

    @rule()
    def restart(self) -> None:
        self.run(self.sql.close())
        self.sql = self.run(self.opened())
        self.sql.listen(self.heard[1].extend)

    @invariant()
    def both_told_their_listeners_the_same(self) -> None:
        assert self.heard[0] == self.heard[1]
        for heard in self.heard:
            heard.clear()

    @invariant()
    def both_have_the_same_jobs(self) -> None:
        mine = self.run(_jobs(self.memory))
        assert mine == self.run(_jobs(self.sql))

    @invariant()
    def both_have_the_same_of_each_job(self) -> None:
        ids = [job.id for job in self.run(self.memory.jobs(EVERY, ALL, limit=999))]
        assert self.run(_details(self.memory, ids)) == self.run(_details(self.sql, ids))

    @invariant()
    def both_tell_the_same_to_a_client_that_was_away(self) -> None:
        for seq in (0, self.memory.last_seq() // 2):
            assert self.run(_missed(self.memory, Seq(seq))) == self.run(_missed(self.sql, Seq(seq)))


def _told(answer: Written | HeadwayError) -> object:
    return type(answer) if isinstance(answer, HeadwayError) else answer


async def _jobs(store: MemoryStore | SqlStore) -> list[object]:
    labelled = Selection(labels=frozenset("a"), states=frozenset({State.RUNNING, State.FAILED}))
    return [
        await store.jobs(EVERY, ALL, limit=999),
        await store.jobs(labelled, Visibility(owner="ada"), limit=3),
        await store.accepted(LOCAL, limit=3),
        await store.unfinished(LOCAL),
        await store.reporting(),
        await store.counts(),
        store.last_seq(),
        [await store.alias("n", key) for key in "pq"],
        await store.events(ALL, job=None, after=Seq(0), limit=999),
    ]


async def _details(store: MemoryStore | SqlStore, ids: list[JobId]) -> list[object]:
    tallies = await store.tallies(ids)
    return [
        (
            await store.job(job_id),
            await store.attempts(job_id),
            await store.workers(job_id, limit=99),
            await store.counters(job_id),
            _rounded(tallies.get(job_id, NO_TALLY)),
        )
        for job_id in ids
    ]


def _rounded(tally: Tally) -> Tally:
    progress = tally.progress  # the order of a sum shows in its last digit
    return tally if progress is None else replace(tally, progress=round(progress, 12))


async def _missed(store: MemoryStore | SqlStore, seq: Seq) -> object:
    return await store.changed_since(seq, EVERY, ALL, job=None, limit=500)


JobLives.TestCase.settings = settings(
    max_examples=examples(20), stateful_step_count=20, deadline=None
)
TestJobLives = JobLives.TestCase
