"""What a Store promises about documents: all or nothing, one after the other, and told to listeners."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest
from msgspec.structs import replace

from headway.core.errors import Conflict, NotFound
from headway.core.model.change import Alias, Change, CounterPatch, Reports, RequestKey, Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId
from headway.core.model.principal import Scope, Token
from headway.core.model.result import PICKLE, Returned
from headway.core.model.state import Reason, State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import (
    LOCAL,
    a_command,
    a_full_job,
    a_job,
    a_report,
    an_attempt,
    an_event,
    job_id,
)

LATER: Final = NOON + timedelta(seconds=10)
NOBODY: Final = job_id(999)


async def stored(store: Store, job: Job) -> Job:
    """Store a new job; gives it as stored."""
    return (await store.write(Change(jobs=(job,)))).jobs[0]


class WritingJobs:
    """Documents, their revisions and numbers. Each test takes an empty store."""

    async def test_a_job_comes_back_as_it_went_in_with_a_number_and_a_sequence(
        self, store: Store
    ) -> None:
        written = await store.write(Change(jobs=(a_full_job(),)))
        (job,) = written.jobs
        assert job == replace(a_full_job(), number=1, seq=written.seq)
        assert await store.job(job.id) == job
        assert await store.job_by_number(1) == job

    async def test_an_unknown_id_or_number_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            await store.job(NOBODY)
        with pytest.raises(NotFound):
            await store.job_by_number(1)
        with pytest.raises(NotFound):
            await store.job_by_number(10**30)

    async def test_an_id_is_taken_once(self, store: Store) -> None:
        job = await stored(store, a_job())
        with pytest.raises(Conflict):
            await store.write(Change(jobs=(a_job(),)))
        assert await store.job(job.id) == job

    async def test_the_second_of_two_changes_of_one_revision_is_refused(self, store: Store) -> None:
        job = await stored(store, a_job())
        first = await store.write(Change(jobs=(job.moved_to(State.RUNNING, at=LATER),)))
        with pytest.raises(Conflict):
            await store.write(Change(jobs=(job.changed(at=LATER, status_text="mine"),)))
        assert await store.job(job.id) == first.jobs[0]

    async def test_a_revision_cannot_be_skipped_or_come_from_nowhere(self, store: Store) -> None:
        job = await stored(store, a_job())
        with pytest.raises(Conflict):
            await store.write(Change(jobs=(replace(job, rev=3),)))
        with pytest.raises(Conflict):
            await store.write(Change(jobs=(replace(a_job(2), rev=2),)))

    async def test_every_field_of_a_job_can_be_changed(self, store: Store) -> None:
        job = await stored(store, a_job())
        other = replace(a_full_job(), rev=2)
        written = await store.write(Change(jobs=(other,)))
        assert await store.job(job.id) == replace(other, number=1, seq=written.seq)

    async def test_every_field_of_a_job_can_be_taken_away(self, store: Store) -> None:
        await stored(store, a_full_job())
        written = await store.write(Change(jobs=(replace(a_job(), rev=2),)))
        assert await store.job(job_id(1)) == replace(a_job(), rev=2, number=1, seq=written.seq)

    async def test_numbers_count_jobs_and_stay(self, store: Store) -> None:
        first = await stored(store, a_job(1))
        second = await stored(store, a_job(2))
        moved = await store.write(Change(jobs=(first.changed(at=LATER, name="new"),)))
        assert (first.number, second.number, moved.jobs[0].number) == (1, 2, 1)

    async def test_a_result_is_kept_beside_its_job_and_replaced_by_the_next(
        self, store: Store
    ) -> None:
        job = await stored(store, a_job())
        assert await store.result(job.id) is None
        for data in (b"\x80\x04N.", b"[1]"):
            result = Returned(data=data, media_type=PICKLE, type="NoneType")
            await store.write(Change(results=((job.id, result),)))
            assert await store.result(job.id) == result
        with pytest.raises(NotFound):
            await store.write(Change(results=((job_id(2), Returned(data=b"1")),)))

    async def test_a_refused_change_leaves_nothing_behind(self, store: Store) -> None:
        taken = await stored(store, a_job(1))
        change = Change(
            jobs=(a_job(2, labels=("x",)), a_job(1)),
            attempts=(an_attempt(taken.id),),
            reports=Reports(job=taken.id, reports=(a_report(),)),
            counters=CounterPatch(job=taken.id, values=(("k", 1, None),), at=NOON),
            results=((taken.id, Returned(data=b"1")),),
            aliases=(Alias(namespace="n", key="k", job=taken.id),),
            events=(an_event(taken.id),),
        )
        with pytest.raises(Conflict):
            await store.write(change)
        await self.nothing_but(store, taken)

    async def nothing_but(self, store: Store, job: Job) -> None:
        """Check that only this job is stored."""
        with pytest.raises(NotFound):
            await store.job(job_id(2))
        assert await store.attempts(job.id) == []
        assert await store.workers(job.id, limit=10) == []
        assert await store.counters(job.id) == []
        assert await store.result(job.id) is None
        assert await store.alias("n", "k") is None
        assert (await store.counts())["accepted"] == 1
        assert (await stored(store, a_job(3))).number == job.number + 1

    async def test_one_conflict_does_not_undo_its_neighbours(self, store: Store) -> None:
        job = await stored(store, a_job(1))
        wrong, right = replace(job, rev=7), job.changed(at=LATER, name="right")
        answers = await store.write_many(
            [Change(jobs=(one,)) for one in (a_job(2), wrong, right, a_job(2), a_job(3))]
        )
        assert [type(answer) for answer in answers] == [
            Written,
            Conflict,
            Written,
            Conflict,
            Written,
        ]
        assert (await store.job(job.id)).name == "right"
        assert [(await store.job(job_id(n))).number for n in (2, 3)] == [2, 3]

    async def test_changes_of_one_job_given_together_follow_one_another(self, store: Store) -> None:
        first = a_job(1, labels=("a",))
        second = first.moved_to(State.RUNNING, at=LATER, labels=("b",))
        third = second.moved_to(State.SUCCEEDED, at=LATER)
        await store.write_many([Change(jobs=(one,)) for one in (first, second, third)])
        job = await store.job(first.id)
        assert (job.rev, job.state, job.labels) == (3, State.SUCCEEDED, ("b",))
        assert (await store.counts())["succeeded"] == 1

    async def test_many_of_nothing_are_nothing(self, store: Store) -> None:
        assert list(await store.write_many([])) == []

    async def test_jobs_are_counted_in_each_state(self, store: Store) -> None:
        job = await stored(store, a_job(1))
        await stored(store, a_job(2))
        await store.write(Change(jobs=(job.moved_to(State.RUNNING, at=LATER),)))
        counts = await store.counts()
        assert (counts["accepted"], counts["running"], counts["failed"]) == (1, 1, 0)

    async def test_a_clusters_jobs_that_have_not_ended_are_counted(self, store: Store) -> None:
        job = await stored(store, a_command(1))
        await stored(store, a_command(2))
        await stored(store, a_command(3, cluster=Cluster("other")))
        await stored(store, a_job(4))
        counts = await store.unfinished_counts(LOCAL)
        assert {state: count for state, count in counts.items() if count} == {"accepted": 2}
        failed = job.moved_to(State.FAILED, at=LATER, reason=Reason.NOT_STARTED)
        await store.write(Change(jobs=(failed,)))
        counts = await store.unfinished_counts(LOCAL)
        assert {state: count for state, count in counts.items() if count} == {"accepted": 1}

    async def test_the_room_it_takes_is_told(self, store: Store) -> None:
        taken = await store.footprint()
        assert taken.bytes >= taken.reusable_bytes >= 0
        assert (taken.disk_bytes is None) == (taken.disk_free_bytes is None)

    async def test_a_part_that_names_an_unknown_job_is_not_found(self, store: Store) -> None:
        parts = (
            Change(reports=Reports(job=NOBODY, reports=(a_report(),))),
            Change(reports=Reports(job=NOBODY, reports=())),
            Change(counters=CounterPatch(job=NOBODY, values=(), at=NOON)),
            Change(attempts=(an_attempt(NOBODY),)),
            Change(events=(an_event(NOBODY),)),
            Change(aliases=(Alias(namespace="n", key="k", job=NOBODY),)),
            Change(request_key=_key(NOBODY)),
        )
        answers = await store.write_many(parts)
        assert {type(answer) for answer in answers} == {NotFound}


class WritingNames:
    """Sequences, listeners, aliases, keys, attempts and tokens."""

    async def test_sequences_rise_and_events_have_their_own(self, store: Store) -> None:
        job = a_job()
        first = await store.write(Change(jobs=(job,), events=(an_event(job.id), an_event(job.id))))
        second = await store.write(Change(events=(an_event(job.id),)))
        seqs = [event.seq for event in (*first.events, *second.events)]
        assert seqs == sorted(set(seqs))
        assert first.jobs[0].seq == first.seq == seqs[1]
        assert second.seq == seqs[2] == store.last_seq()

    async def test_listeners_hear_all_of_a_commit_before_its_callers(self, store: Store) -> None:
        heard: list[Written] = []
        store.listen(heard.extend)
        job = await stored(store, a_job())
        assert [written.jobs for written in heard] == [(job,)]
        answers = await store.write_many([Change(jobs=(a_job(n),)) for n in (1, 2, 3)])
        assert heard[1:] == [one for one in answers if isinstance(one, Written)]
        assert [one.seq for one in heard] == sorted(one.seq for one in heard)

    async def test_a_listener_that_left_hears_no_more(self, store: Store) -> None:
        heard: list[Sequence[Written]] = []
        leave = store.listen(heard.append)
        leave()
        await stored(store, a_job())
        assert heard == []

    async def test_an_alias_means_its_newest_generation(self, store: Store) -> None:
        first, second = await stored(store, a_job(1)), await stored(store, a_job(2))
        old = Alias(namespace="mwa", key="run", job=first.id, shown="Run", generation=1)
        new = Alias(namespace="mwa", key="run", job=second.id, shown="RUN", generation=2)
        await store.write(Change(aliases=(old,)))
        assert await store.alias("mwa", "run") == old
        await store.write(Change(aliases=(new,)))
        assert await store.alias("mwa", "run") == new
        assert await store.alias("moi", "run") is None

    async def test_an_older_generation_that_comes_later_is_not_what_an_alias_means(
        self, store: Store
    ) -> None:
        job = await stored(store, a_job())
        for generation in (2, 1):
            alias = Alias(namespace="n", key="k", job=job.id, generation=generation)
            await store.write(Change(aliases=(alias,)))
        found = await store.alias("n", "k")
        assert found is not None
        assert found.generation > 1

    async def test_a_generation_of_an_alias_is_taken_once(self, store: Store) -> None:
        job = await stored(store, a_job())
        alias = Alias(namespace="n", key="k", job=job.id)
        answers = await store.write_many([Change(aliases=(alias,)), Change(aliases=(alias,))])
        assert [type(answer) for answer in answers] == [Written, Conflict]
        with pytest.raises(Conflict):
            await store.write(Change(aliases=(alias,)))

    async def test_an_alias_and_its_job_come_together(self, store: Store) -> None:
        job = a_job()
        await store.write(Change(jobs=(job,), aliases=(Alias(namespace="n", key="k", job=job.id),)))
        alias = await store.alias("n", "k")
        assert alias is not None
        assert alias.job == job.id

    async def test_a_request_key_is_kept_and_taken_once(self, store: Store) -> None:
        job = await stored(store, a_job())
        await store.write(Change(request_key=_key(job.id)))
        assert await store.request_key("ada", "k1") == _key(job.id)
        assert await store.request_key("grace", "k1") is None
        with pytest.raises(Conflict):
            await store.write(Change(jobs=(a_job(2),), request_key=_key(job_id(2))))

    async def test_an_attempt_is_written_over(self, store: Store) -> None:
        job = await stored(store, a_job())
        await store.write(Change(attempts=(an_attempt(job.id, 2), an_attempt(job.id, 1))))
        ended = an_attempt(
            job.id, 1, host="node1", ended=LATER, exit_code=0, native_info={"queue": "q"}
        )
        await store.write(Change(attempts=(ended,)))
        assert await store.attempts(job.id) == [ended, an_attempt(job.id, 2)]

    async def test_a_token_is_found_by_its_hash_revoked_or_not(self, store: Store) -> None:
        token = Token(
            id="t1",
            user="ada",
            note="ci",
            scopes=frozenset({Scope.READ, Scope.RUN}),
            secret_hash=b"\x00" * 32,
            created=NOON,
            expires=LATER,
        )
        written = await store.write(Change(tokens=(token,), events=(an_event(None),)))
        assert written.tokens == (token,)
        assert await store.token_by_hash(token.secret_hash) == token
        revoked = replace(token, revoked=LATER)
        await store.write(Change(tokens=(revoked,)))
        assert await store.token_by_hash(token.secret_hash) == revoked
        assert await store.token_by_hash(b"\x01" * 32) is None
        assert await store.tokens() == [revoked]


def _key(job: JobId) -> RequestKey:
    return RequestKey(caller="ada", key="k1", digest=b"\x01\x02", job=job, at=NOON)
