"""An answer of the scheduler's that is lost half way never becomes two jobs."""

import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from tests.faults.batch.scheduler import FakeSlurm
from tests.faults.batch.served import Served
from tests.faults.counts import rounds

from headway.core.model.job import Job
from headway.core.model.names import JobId

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

AT_ONCE: Final = 25
#: What becomes of an sbatch: most of them take the job all the same, some long after they were given up.
LOSSES: Final = (
    "hang before",
    "hang after",
    "die before",
    "die after",
    "late hang",
    "late die",
    "half",
    "nothing",
    "other words",
    "many ids",
    "timed out",
    "silent no",
)
LOST_IN: Final = 0.7
ENDS: Final = {"exit 0": (0, None), "exit 3": (3, None), "kill -9 $$": (None, 9)}


@pytest.fixture
def slow_after_s() -> float:
    return 1.0


async def test_a_lost_answer_never_becomes_two_jobs(
    served: Served, scheduler: FakeSlurm, dice: random.Random, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    total, wanted = rounds(1_000), dict[JobId, str]()
    while len(wanted) < total:
        batch: dict[JobId, str] = {}
        for _ in range(min(AT_ONCE, total - len(wanted))):
            name, end = f"job{len(wanted) + len(batch)}", dice.choice(list(ENDS))
            batch[(await served.submit(f"echo {name} >>{ledger}; {end}", name=name)).id] = end
        scheduler.be(sbatch=(LOST_IN, LOSSES))
        await served.send_for(dice.random() * 4)
        await served.send()
        scheduler.be()
        await served.until_all_ended(list(batch))
        wanted |= batch
    jobs = [await served.job(job_id) for job_id in wanted]
    ran = Counter(ledger.read_text().split())
    print(f"{len(jobs)} jobs", dict(scheduler.lies), f"{served.troubles} troubles")  # noqa: T201 -- the figure
    assert {job.name: end_of(job) for job in jobs} == {
        job.name: ENDS[wanted[job.id]] for job in jobs
    }
    assert ran == Counter(job.name for job in jobs)


def end_of(job: Job) -> tuple[int | None, int | None]:
    return job.exit_code, job.signal
