"""The pass settle ends jobs that only report when their reports say so."""

from datetime import timedelta

import pytest

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.change import Change, Retention
from headway.core.model.job import Job, Kind
from headway.core.model.names import WorkerId
from headway.core.model.principal import Principal
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.core.operations.finish import finish
from headway.core.operations.named import open_named
from headway.core.operations.report import report_workers
from headway.core.passes.settle import Settle
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


async def a_named_job(core: Core, actor: Principal, workers: int | None = None) -> Job:
    opened = await open_named(
        core,
        actor=actor,
        protocol="progress",
        namespace="mwa",
        key="demo1",
        shown="demo1",
        name="demo",
        max_age_s=3600.0,
        worker_count=workers,
    )
    return opened.job


async def say(
    core: Core, actor: Principal, job: Job, current: float, *, worker: str = "1", ok: bool = True
) -> Job:
    said = Report(worker=WorkerId(worker), current=current, total=10.0, ok=ok, at=core.clock.now())
    reported = await report_workers(
        core, actor=actor, protocol="progress", job_id=job.id, reports=[said]
    )
    return reported.job


async def state_of(core: Core, job: Job) -> tuple[State, Reason | None]:
    now = await core.store.job(job.id)
    return now.state, now.reason


async def test_a_job_has_succeeded_when_all_are_done_and_quiet(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice)
    await say(core, alice, job, 10)
    await settle.round()
    assert await state_of(core, job) == (State.RUNNING, None)
    clock.advance(seconds=61)
    await settle.round()
    assert await state_of(core, job) == (State.SUCCEEDED, None)


async def test_a_job_waits_for_the_workers_that_were_announced(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice, workers=2)
    await say(core, alice, job, 10)
    clock.advance(seconds=61)
    await settle.round()
    assert await state_of(core, job) == (State.RUNNING, None)


async def test_a_job_has_failed_when_one_has_a_problem_and_the_rest_are_done_or_silent(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice)
    await say(core, alice, job, 10, worker="a", ok=False)
    await say(core, alice, job, 4, worker="b")
    await settle.round()
    clock.advance(seconds=61)
    await settle.round()
    assert await state_of(core, job) == (State.FAILED, Reason.WORKER_NOT_OK)


async def test_a_job_that_nobody_reports_on_expires(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice)
    await say(core, alice, job, 4)
    await settle.round()
    clock.advance(seconds=3601)
    await settle.round()
    assert await state_of(core, job) == (State.FAILED, Reason.EXPIRED)


async def test_a_new_report_reopens_a_job_that_had_ended_by_itself(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice)
    await say(core, alice, job, 10)
    clock.advance(seconds=61)
    await settle.round()
    clock.advance(seconds=1)
    await say(core, alice, job, 11)
    assert await state_of(core, job) == (State.RUNNING, None)


async def test_a_report_from_before_the_end_reopens_nothing(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    job = await a_named_job(core, alice)
    await finish(core, actor=alice, protocol="rest", job_id=job.id, exit_code=0)
    late = Report(
        worker=WorkerId("1"), current=9.0, total=10.0, at=clock.now() - timedelta(seconds=1)
    )
    await report_workers(core, actor=alice, protocol="rest", job_id=job.id, reports=[late])
    assert await state_of(core, job) == (State.SUCCEEDED, None)


async def test_what_the_client_says_of_the_end_wins_over_what_was_concluded(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    job = await a_named_job(core, alice)
    await say(core, alice, job, 10)
    clock.advance(seconds=61)
    await settle.round()
    await finish(core, actor=alice, protocol="rest", job_id=job.id, exit_code=4)
    assert await state_of(core, job) == (State.FAILED, Reason.NONZERO_EXIT)


async def test_a_new_pass_finds_what_the_old_one_was_watching(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    job = await a_named_job(core, alice)
    await say(core, alice, job, 10)
    clock.advance(seconds=61)
    await Settle(core).round()
    assert await state_of(core, job) == (State.SUCCEEDED, None)


async def test_a_job_that_outlives_the_calendar_keeps_no_other_from_its_end(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    now = clock.now()
    for_ever = Job(
        id=core.ids.new_job_id(),
        kind=Kind.REPORT,
        protocol="progress",
        owner="",
        max_age_s=1e300,
        created=now,
        updated=now,
    )
    await core.store.write(Change(jobs=(for_ever,)))
    job = await a_named_job(core, alice)
    await settle.round()
    clock.advance(seconds=3601)
    await settle.round()
    assert await state_of(core, job) == (State.FAILED, Reason.EXPIRED)
    assert await state_of(core, for_ever) == (State.ACCEPTED, None)


async def test_a_job_that_retention_let_go_keeps_no_other_from_its_end(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    settle = Settle(core)
    gone = await a_named_job(core, alice)
    await settle.round()
    await finish(core, actor=alice, protocol="rest", job_id=gone.id, exit_code=0, signal=None)
    clock.advance(seconds=2)
    retention = Retention(jobs=timedelta(seconds=1))
    while await core.store.forget(retention, at=clock.now(), limit=100):
        pass
    job = await a_named_job(core, alice)
    await settle.round()
    clock.advance(seconds=3601)
    await settle.round()
    with pytest.raises(NotFound):
        await core.store.job(gone.id)
    assert await state_of(core, job) == (State.FAILED, Reason.EXPIRED)
