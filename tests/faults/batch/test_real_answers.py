"""Answers of a real Slurm that are lost half way, forgotten after a crash, or cut off with the connection that they came by."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from tests.executors.batch.transports.login import over_ssh
from tests.faults.batch.conftest import SHORT
from tests.faults.batch.served import Served
from tests.faults.counts import rounds
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd

from headway.app.system import SystemClock
from headway.core.model.job import Job
from headway.core.model.state import State
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.here import Here
from headway.executors.batch.transport import Transport
from headway.executors.slurm.dialect import SlurmDialect

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

#: sbatch that loses most of its answers, though the job is taken.
SBATCH: Final = """\
#!/bin/sh
case $(($$ % 7)) in
0) sbatch "$@" >/dev/null; exec sleep 1000 ;;
1) sbatch "$@" >/dev/null; kill -9 $$ ;;
2) sbatch "$@" | head -c 1 ;;
3) sbatch "$@" >/dev/null ;;
4) sbatch "$@" >/dev/null; exit 1 ;;
5) exec sleep 1000 ;;
*) exec sbatch "$@" ;;
esac
"""
AT_ONCE: Final = 10
MOST_STRANGERS: Final = (
    60  #: those ids come first that were given out since slurmctld has saved its state
)
CUTS: Final = 4  #: of the connection, for each so many jobs
MOST_BETWEEN_CUTS_S: Final = 1.5


@asynccontextmanager
async def serving(make_transport: Callable[[], Transport], root: Path) -> AsyncIterator[Served]:
    """Serve over a real cluster."""
    made = Served(
        lambda: BatchExecutor(
            dialect=SlurmDialect(),
            transport=make_transport(),
            clock=SystemClock(),
            root=str(root),
            jobs_at_once=1_000,
            defaults={},
            idle_s=1e9,
            patience=SHORT,
        )
    )
    await made.live()
    yield made
    await made.die()


def here(slurm: Slurm, *, timeout_s: float = 20.0, **programs: str) -> Transport:
    environment = {"PATH": f"{os.defpath}:/usr/local/bin", **slurm.environment}
    return Here(programs, environment, timeout_s=timeout_s)


async def batch_of(served: Served, ledger: Path, names: list[str]) -> list[Job]:
    return [await served.submit(f"echo {name} >>{ledger}; exit 3", name=name) for name in names]


async def told_id(served: Served, job: Job) -> str:
    """Give the id that the scheduler has answered; a moment passes before that is written."""
    async with asyncio.timeout(60):
        while (native_id := (await served.job(job.id)).native_id) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return native_id


async def check(served: Served, jobs: list[Job], ledger: Path) -> list[Job]:
    """See all end as they should, each after one run."""
    ended = await served.until_all_ended([job.id for job in jobs])
    assert {(job.state, job.exit_code) for job in ended} == {(State.FAILED, 3)}
    ran = await asyncio.to_thread(ledger.read_text)
    assert Counter(ran.split()) == Counter(job.name for job in jobs)
    return ended


async def test_a_real_sbatch_whose_answers_are_lost_never_makes_two_jobs(
    slurm: Slurm, tmp_path: Path
) -> None:
    ledger, sbatch = tmp_path / "ledger", tmp_path / "sbatch"
    sbatch.write_text(SBATCH)
    sbatch.chmod(0o755)
    jobs: list[Job] = []
    total = rounds(400)
    root = tmp_path / "cluster"
    async with serving(lambda: here(slurm, timeout_s=2.0, sbatch=str(sbatch)), root) as served:
        while len(jobs) < total:
            count = min(AT_ONCE, total - len(jobs))
            jobs += await batch_of(served, ledger, [f"job{len(jobs) + n}" for n in range(count)])
            await served.send()
            await served.until_all_ended([job.id for job in jobs[-count:]])
        await check(served, jobs, ledger)
        print(f"{len(jobs)} jobs, {served.troubles} troubles")  # noqa: T201 -- the figure


async def test_ids_that_slurm_gives_out_again_after_a_crash_are_the_strangers(
    slurm: Slurm, tmp_path: Path
) -> None:
    ledger, crashes, lost = tmp_path / "ledger", rounds(20), 0
    jobs: list[Job] = []
    async with serving(lambda: here(slurm), tmp_path / "cluster") as served:
        for crash in range(crashes):
            slurm.run(["scontrol", "update", "partitionname=batch", "state=down"])
            batch = await batch_of(served, ledger, [f"job{crash}-{n}" for n in range(3)])
            await served.send()
            slurm.kill_controller()
            ids = {await told_id(served, job) for job in batch}
            slurm.start_controller()
            strangers: list[str] = []
            while not ids <= set(strangers) and len(strangers) < MOST_STRANGERS:
                strangers.append(slurm.submit("exec sleep 300", "--nodelist=n1"))
            recycled = ids & set(strangers)
            lost += len(recycled)
            slurm.run(["scontrol", "update", "partitionname=batch", "state=up"])
            ended = await served.until_all_ended([job.id for job in batch])
            jobs += batch
            assert {job.attempt for job in ended if job.native_id in recycled} <= {1}
            states = {slurm.job(native_id)["JobState"] for native_id in strangers}
            assert states <= {"PENDING", "RUNNING"}
            slurm.ask("scancel", *strangers)
        await check(served, jobs, ledger)
    print(f"{crashes} crashes, {lost} of {len(jobs)} ids given to strangers")  # noqa: T201 -- the figure
    assert lost


async def test_a_connection_that_is_cut_again_and_again_loses_and_doubles_nothing(
    login_node: Sshd, dice: random.Random, tmp_path: Path
) -> None:
    ledger, jobs, cuts = tmp_path / "ledger", list[Job](), 0

    async def cut_now_and_then() -> None:
        nonlocal cuts
        for _ in range(CUTS):
            await asyncio.sleep(dice.random() * MOST_BETWEEN_CUTS_S)
            await asyncio.to_thread(login_node.cut_connections)
            cuts += 1

    root = tmp_path / "cluster"
    async with serving(lambda: over_ssh(login_node, tmp_path, timeout_s=10.0), root) as served:
        total = rounds(400)
        while len(jobs) < total:
            count = min(AT_ONCE, total - len(jobs))
            batch = await batch_of(served, ledger, [f"job{len(jobs) + n}" for n in range(count)])
            cutting = asyncio.create_task(cut_now_and_then())
            await served.send()
            await served.until_all_ended([job.id for job in batch])
            await cutting
            jobs += batch
        await check(served, jobs, ledger)
        print(f"{len(jobs)} jobs, {cuts} cuts, {served.troubles} troubles")  # noqa: T201 -- the figure
