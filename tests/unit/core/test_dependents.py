"""Jobs that come after others are sent when all of those have succeeded, and cost nothing while they wait."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ALICE

from headway.core.core import Core
from headway.core.model.change import Change, Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId
from headway.core.model.principal import Principal
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.operations.cancel import cancel
from headway.core.operations.retry import retry
from headway.core.operations.submit import Submission, submit
from headway.core.passes.after import Dependents
from headway.core.passes.dispatch import Dispatch
from headway.stores.memory import MemoryStore
from headway.testing.fakes import NOON, FakeClock, FakeExecutor, FakeIds, FakeSeal, exited
from headway.testing.samples import LOCAL, a_command
from headway.testing.samples import a_job as a_reporter

pytestmark = pytest.mark.anyio


async def a_job(core: Core, alice: Principal, *after: Job) -> Job:
    submission = Submission(spec=Spec(command=("/bin/true",), after=ids_of(after)))
    return (await submit(core, actor=alice, protocol="rest", submission=submission)).job


def ids_of(jobs: Sequence[Job]) -> tuple[JobId, ...]:
    return tuple(job.id for job in jobs)


async def send_all(dispatch: Dispatch) -> None:
    while await dispatch.send():
        pass


def hear(dispatch: Dispatch, batch: Sequence[Written]) -> None:
    for written in batch:
        for job in written.jobs:
            dispatch.noticed(job)


async def end(dispatch: Dispatch, job: Job, exit_code: int = 0) -> None:
    await dispatch.observe([exited(job.tag, exit_code=exit_code)])
    await send_all(dispatch)


@pytest.fixture
def reads(core: Core, monkeypatch: pytest.MonkeyPatch) -> Counter[JobId]:
    """How often each job was read."""
    counted: Counter[JobId] = Counter()
    read = core.store.job

    async def counting(job_id: JobId) -> Job:
        counted[job_id] += 1
        return await read(job_id)

    monkeypatch.setattr(core.store, "job", counting)
    return counted


async def test_jobs_that_wait_for_one_cost_nothing_until_it_has_ended(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor, reads: Counter[JobId]
) -> None:
    first = await a_job(core, alice)
    others = [await a_job(core, alice, first) for _ in range(300)]
    await send_all(dispatch)
    reads.clear()
    await end(dispatch, await a_job(core, alice))
    assert sum(reads[job.id] for job in (first, *others)) == 0
    await end(dispatch, first)
    assert set(executor.sent) >= {job.tag for job in others}
    assert sum(reads[job.id] for job in (first, *others)) <= 3 * len(others) + 1


async def test_a_job_that_waits_for_many_looks_at_each_about_twice(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor, reads: Counter[JobId]
) -> None:
    many = [await a_job(core, alice) for _ in range(100)]
    last = await a_job(core, alice, *many)
    await send_all(dispatch)
    reads.clear()
    for job in random.sample(many, len(many)):
        assert last.tag not in executor.sent
        await end(dispatch, job)
    assert executor.sent[-1] == last.tag
    assert sum(reads[job.id] for job in many) <= 5 * len(many)


async def test_jobs_that_wait_are_in_nobodys_way(
    core: Core, alice: Principal, executor: FakeExecutor
) -> None:
    first = await a_job(core, alice)
    spec = Spec(command=("true",), after=(first.id,))
    waiting = (a_command(n, spec=spec, reason=Reason.DEPENDENCY) for n in range(2, 2502))
    await core.store.write_many([Change(jobs=(job,)) for job in waiting])
    free = await a_job(core, alice)
    dispatch = Dispatch(core, cluster=Cluster("local"))
    await dispatch.start()
    executor.places = 2
    await dispatch.send()
    assert executor.sent == [first.tag, free.tag]


async def test_a_new_server_looks_at_all_that_waits(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    first = await a_job(core, alice)
    second = await a_job(core, alice, first)
    third = await a_job(core, alice, second)
    await send_all(dispatch)
    await dispatch.observe([exited(first.tag)])
    again = Dispatch(core, cluster=Cluster("local"))
    await again.start()
    await send_all(again)
    assert executor.sent == [first.tag, second.tag]
    assert (await core.store.job(third.id)).reason is Reason.DEPENDENCY


async def test_a_job_that_only_reports_is_waited_for_too(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    (before,) = (await core.store.write(Change(jobs=(a_reporter(7, owner=alice.name),)))).jobs
    second = await a_job(core, alice, before)
    await send_all(dispatch)
    assert executor.sent == []
    running = before.moved_to(State.RUNNING, at=NOON)
    (running,) = (await core.store.write(Change(jobs=(running,)))).jobs
    ended = running.moved_to(State.SUCCEEDED, at=NOON)
    (ended,) = (await core.store.write(Change(jobs=(ended,)))).jobs
    assert [dispatch.over(running), dispatch.over(ended)] == [False, False]  # heard already
    await send_all(dispatch)
    assert executor.sent == [second.tag]


async def test_a_job_that_was_cancelled_while_it_waited_is_never_sent(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    first = await a_job(core, alice)
    second = await a_job(core, alice, first)
    third = await a_job(core, alice, second)
    await send_all(dispatch)
    await cancel(core, actor=alice, protocol="rest", job_id=second.id)
    await dispatch.cancel()
    await end(dispatch, first)
    assert executor.sent == [first.tag]
    assert (await core.store.job(third.id)).state is State.FAILED


async def test_one_that_succeeded_and_runs_again_is_waited_for_again(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    first, second = await a_job(core, alice), await a_job(core, alice)
    third = await a_job(core, alice, first, second)
    await send_all(dispatch)
    await end(dispatch, first)
    first = await retry(core, actor=alice, protocol="rest", job_id=first.id)
    await end(dispatch, second)
    assert third.tag not in executor.sent
    await end(dispatch, first)
    assert executor.sent[-1] == third.tag


async def test_an_end_that_comes_while_it_is_looked_is_not_missed() -> None:
    store = MemoryStore()
    (before,) = (await store.write(Change(jobs=(a_command(1),)))).jobs
    job = a_command(2, spec=Spec(command=("true",), after=(before.id,)), reason=Reason.DEPENDENCY)
    (job,) = (await store.write(Change(jobs=(job,)))).jobs
    dependents = Dependents(store)
    read = store.job

    async def late(job_id: JobId) -> Job:
        found = await read(job_id)
        dependents.over(before.moved_to(State.CANCELLED, at=NOON, reason=Reason.BY_USER))
        return found

    store.job = late  # type: ignore[method-assign]
    assert (await dependents.needs(job)).waits
    store.job = read  # type: ignore[method-assign]
    assert [each.id for each in await dependents.due()] == [job.id]


@given(
    links=st.lists(st.sets(st.integers(0, 9), max_size=4), min_size=1, max_size=10),
    seed=st.integers(0, 2**32),
    fails=st.sets(st.integers(0, 9), max_size=2),
)
async def test_whatever_comes_after_whatever_nothing_is_sent_too_early_or_never(
    links: list[set[int]], seed: int, fails: set[int]
) -> None:
    executor = FakeExecutor()
    core = Core(
        store=MemoryStore(),
        executors={LOCAL: executor},
        clock=FakeClock(),
        ids=FakeIds(),
        seal=FakeSeal(),
    )
    dispatch = Dispatch(core, cluster=LOCAL)
    core.store.listen(lambda batch: hear(dispatch, batch))
    await dispatch.start()
    jobs: list[Job] = []
    for number, link in enumerate(links):
        jobs.append(await a_job(core, ALICE, *(jobs[each] for each in link if each < number)))
    await send_all(dispatch)
    order = random.Random(seed)
    codes = {job.tag: int(number in fails) for number, job in enumerate(jobs)}
    while left := [tag for tag in executor.launches if tag in codes]:
        tag = order.choice(left)
        await dispatch.observe([exited(tag, exit_code=codes.pop(tag))])
        for _ in jobs:  # an end that comes of an end wakes the loop again
            await send_all(dispatch)
    ended = [await core.store.job(job.id) for job in jobs]
    good = {job.id for job in ended if job.state is State.SUCCEEDED}
    assert all(job.state.is_final for job in ended)
    for number, job in enumerate(ended):
        may_run = good.issuperset(job.spec.after)
        assert (job.tag in executor.launches) is may_run
        assert (job.id in good) is (may_run and number not in fails)
