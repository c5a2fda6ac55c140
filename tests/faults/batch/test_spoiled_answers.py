"""Answers of every wrong kind: no job is ever said to have ended that has not, and all end truly once the commands are whole."""

import random
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.faults.batch.conftest import SHORT
from tests.faults.batch.scheduler import FakeSlurm
from tests.faults.batch.served import Served
from tests.faults.counts import rounds

from headway.core.model.names import JobId
from headway.core.model.state import Reason
from headway.executors.batch.patience import Patience

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

WAITING: Final = 4
RUNNING: Final = 8
SHORT_ONE_IN: Final = (
    10  #: polls; a job is submitted that ends at once, and so is seen ended beside the others
)
RESTART_ONE_IN: Final = 40
LIES_IN: Final = 0.9
SPOILED: Final = (
    "hang",
    "half then hang",
    "die",
    "any code",
    "half",
    "nothing",
    "huge",
    "odd bytes",
    "other words",
    "unknown words",
    "ids twice",
    "marks twice",
    "strangers",
    "alive again",
    "rows gone",
    "none",
)


@pytest.fixture
def patience() -> Patience:
    """As it is in life: a job that nobody lists for so long, from its beginning, would be sent again."""
    return msgspec.structs.replace(SHORT, forgotten=Patience().forgotten)


@pytest.fixture
def slow_after_s() -> float:
    return 0.5


async def test_no_spoiled_answer_ends_a_job_that_goes_on(
    served: Served, scheduler: FakeSlurm, dice: random.Random, tmp_path: Path
) -> None:
    ledger, gate = tmp_path / "ledger", tmp_path / "gate"
    ledger.touch()
    run_on = f"while ! [ -e {gate} ]; do sleep 0.2; done"
    wanted: dict[JobId, int] = {}
    scheduler.be(hold=True)
    for number in range(WAITING):
        job = await served.submit(f"echo wait{number} >>{ledger}", name=f"wait{number}")
        wanted[job.id] = 0
    await served.send()
    scheduler.be()
    for number in range(RUNNING):
        script = f"echo run{number} >>{ledger}; {run_on}; exit {number}"
        wanted[(await served.submit(script, name=f"run{number}")).id] = number
    await served.send()
    go_on, polls, answered = list(wanted), rounds(1_000), 0
    for number in range(polls):
        scheduler.be(
            accounting=dice.random() < 0.5, squeue=(LIES_IN, SPOILED), sacct=(LIES_IN, SPOILED)
        )
        answered += await served.poll()
        if number % SHORT_ONE_IN == 0:
            code = dice.choice([0, 0, 5])
            job = await served.submit(
                f"echo short{number} >>{ledger}; exit {code}", name=f"short{number}"
            )
            wanted[job.id] = code
            await served.send()
        if number % RESTART_ONE_IN == RESTART_ONE_IN - 1:
            await served.die()
            await served.live()
    early = [
        (job.name, job.attempt, job.state, job.reason)
        for job_id in go_on
        for job in served.told[job_id]
        if job.state.is_final
    ]
    scheduler.be()
    gate.touch()
    scheduler.release()
    jobs = await served.until_all_ended(list(wanted))
    print(f"{polls} polls, {answered} of them answered", dict(scheduler.lies))  # noqa: T201 -- the figure
    assert early == []
    assert {job.name: job.exit_code for job in jobs} == {job.name: wanted[job.id] for job in jobs}
    assert not [job for job in jobs if job.reason is Reason.LOST]
    assert Counter(ledger.read_text().split()) == Counter(job.name for job in jobs)
    assert {
        job.name: len([one for one in served.told[job.id] if one.state.is_final]) for job in jobs
    } == {job.name: 1 for job in jobs}


async def test_a_job_whose_answer_was_lost_is_not_lost_when_a_new_server_is_told_of_no_jobs(
    served: Served, scheduler: FakeSlurm
) -> None:
    scheduler.be(hold=True, sbatch=(1.0, ["timed out"]))
    job = await served.submit("exit 4", name="waits")
    await served.send()
    scheduler.be(hold=True, squeue=(1.0, ["none"]))
    await served.die()
    await served.live()
    assert not [told for told in served.told[job.id] if told.state.is_final]
    scheduler.be()
    scheduler.release()
    [ended] = await served.until_all_ended([job.id])
    assert (ended.attempt, ended.exit_code) == (1, 4)
