"""What a job's workers say is kept as one."""

import pytest

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest
from headway.core.model.job import Job, Kind
from headway.core.model.names import WorkerId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import State
from headway.core.model.worker import Report
from headway.core.operations.annotate import change_labels
from headway.core.operations.named import open_named
from headway.core.operations.report import report_workers
from headway.core.operations.submit import Submission, submit
from headway.testing.fakes import NOON

pytestmark = pytest.mark.anyio

HALF = Report(worker=WorkerId("1"), current=5.0, total=10.0, at=NOON)


async def a_job(core: Core, actor: Principal) -> Job:
    told = Submission(kind=Kind.REPORT, name="elsewhere")
    return (await submit(core, actor=actor, protocol="rest", submission=told)).job


async def test_workers_counters_and_words_are_one_change(core: Core, alice: Principal) -> None:
    job = await a_job(core, alice)
    commits: list[int] = []
    core.store.listen(lambda batch: commits.append(len(batch)))
    reported = await report_workers(
        core,
        actor=alice,
        protocol="rest",
        job_id=job.id,
        reports=[HALF],
        counters=[("events", 7, None)],
        status_text="flagging",
    )
    [counter] = await core.store.counters(job.id)
    assert commits == [1]
    assert (reported.job.state, reported.job.status_text) == (State.RUNNING, "flagging")
    assert (counter.value, reported.job.rev) == (7, job.rev + 1)


async def test_progress_alone_does_not_raise_the_revision(core: Core, alice: Principal) -> None:
    job = await a_job(core, alice)
    first = await report_workers(core, actor=alice, protocol="rest", job_id=job.id, reports=[HALF])
    again = await report_workers(core, actor=alice, protocol="rest", job_id=job.id, reports=[HALF])
    assert first.job.rev == again.job.rev


async def test_counters_alone_do_not_start_a_job(core: Core, alice: Principal) -> None:
    job = await a_job(core, alice)
    said = await report_workers(
        core, actor=alice, protocol="rest", job_id=job.id, counters=[("a", 1, None)]
    )
    assert said.job.state is State.ACCEPTED


async def test_a_jobs_own_token_opens_no_other_job(core: Core, alice: Principal) -> None:
    job = await a_job(core, alice)
    itself = Principal(name="alice", scopes=frozenset({Scope.REPORT}), job=job.id)
    with pytest.raises(Forbidden):
        await open_named(
            core, actor=itself, protocol="x", namespace="n", key="k", shown="k", name="k"
        )


async def test_a_job_has_a_limit_of_labels(core: Core, alice: Principal) -> None:
    job = await a_job(core, alice)
    many = [f"l{n}" for n in range(101)]
    with pytest.raises(InvalidRequest, match="100"):
        await change_labels(core, actor=alice, protocol="rest", job_id=job.id, add=many)
