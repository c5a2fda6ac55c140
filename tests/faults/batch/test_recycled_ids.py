"""An id that a scheduler forgot and gave to a stranger is never adopted, followed or cancelled."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.faults.batch.conftest import SHORT
from tests.faults.batch.scheduler import FakeSlurm
from tests.faults.batch.served import Served
from tests.faults.counts import rounds

from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.state import Reason, State
from headway.executors.batch.patience import Patience

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

AT_ONCE: Final = 25
#: No comment, somebody's words, another server's job, and one of ours that was long ago.
COMMENTS: Final = (
    "",
    "tomorrow",
    "headway:0197f1c0-0000-7000-8000-00000000abcd.1",
    "headway:019b0000-0000-7000-8000-000000000001.1",
)
STATES: Final = ("RUNNING", "PENDING", "COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL")


@pytest.fixture
def patience() -> Patience:
    return msgspec.structs.replace(SHORT, lost=timedelta(seconds=1))


async def test_an_id_given_to_a_stranger_is_never_ours(
    served: Served, scheduler: FakeSlurm, dice: random.Random, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    total, wanted, unwanted, recycled = rounds(1_000), set[JobId](), set[JobId](), set[str]()
    # To a server that it has answered once it is there: such a one would wait for it without end.
    accounting = dice.random() < 0.5
    while len(wanted) + len(unwanted) < total:
        done = len(wanted) + len(unwanted)
        names = [f"job{number}" for number in range(done, min(done + AT_ONCE, total))]
        batch = [
            await served.submit(f"echo {name} >>{ledger}; exit 7", name=name) for name in names
        ]
        scheduler.be(hold=True)
        await served.send()
        if dice.random() < 0.2:
            await served.poll()
        ids = scheduler.crash(forgets=len(batch))
        scheduler.take_strangers(len(ids), COMMENTS, dice.sample(STATES, len(STATES)))
        recycled |= set(ids)
        scheduler.be(accounting=accounting)
        cancelled = {job.id for job in batch if dice.random() < 0.2}
        for job_id in cancelled:
            await served.wish_cancelled(job_id)
        if dice.random() < 0.3:
            await served.die()
            accounting = dice.random() < 0.5
            scheduler.be(accounting=accounting)
            await served.live()
        await served.until_all_ended([job.id for job in batch])
        wanted |= {job.id for job in batch} - cancelled
        unwanted |= cancelled
    jobs = [await served.job(job_id) for job_id in wanted]
    lost = [job for job in jobs if job.reason is Reason.LOST]
    kept = [job for job in jobs if job not in lost]
    figures = f"{len(recycled)} ids, {len(kept)} run, {len(lost)} lost, {len(unwanted)} cancelled"
    print(figures)  # noqa: T201 -- the figure
    # What was in the queue once and is not any more may have been cancelled there: it is not sent again.
    assert all(was_listed(served, job) for job in lost)
    assert {(job.state, job.exit_code) for job in kept} <= {(State.FAILED, 7)}
    assert Counter(ledger.read_text().split()) == Counter(job.name for job in kept)
    assert {(await served.job(job_id)).state for job_id in unwanted} <= {State.CANCELLED}
    assert scheduler.cancelled == []
    strangers = [job for job in scheduler.jobs() if job["name"] == "a stranger's"]
    assert len(strangers) == len(recycled)


def was_listed(served: Served, job: Job) -> bool:
    return any(told.reason is Reason.HELD for told in served.told[job.id])
