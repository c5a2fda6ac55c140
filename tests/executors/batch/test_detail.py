"""All that a scheduler has on a job: what its queue says, and its accounting of one that the queue has forgotten."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from tests.executors.batch.follower import Follower
from tests.rigs.recorded import output

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Output
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect

pytestmark = pytest.mark.anyio

RECORDED: Final = Path(__file__).parents[1]
ENDED: Final = NativeJob(id=NativeId("1"), state=State.SUCCEEDED, word="COMPLETED", exit_code=0)


def said(stderr: str, exit_code: int = 1) -> Output:
    return Output(stderr=stderr.encode(), exit_code=exit_code)


#: What each of them was seen to say of a job that it does not know, or where a site has no such thing.
SILENT: Final[list[tuple[Callable[[], Dialect], str, Output]]] = [
    (SlurmDialect, "scontrol", said("slurm_load_jobs error: Invalid job id specified\n")),
    (SlurmDialect, "sacct", output(RECORDED / "slurm/recorded", "sacct-disabled")),
    (LsfDialect, "bjobs", output(RECORDED / "lsf/recorded", "bjobs-unknown")),
    (LsfDialect, "bhist", said("Job <99999>: No matching job found\n", 255)),
    (LsfDialect, "bhist", Output(stdout=b"No matching job found\n")),
    (PbsDialect, "qstat", output(RECORDED / "pbs/recorded", "qstat-unknown")),
    (PbsDialect, "qstat", output(RECORDED / "pbs/recorded", "qstat-ended")),
    (PbsDialect, "qstat -x", output(RECORDED / "pbs/recorded", "qstat-unknown")),
    (
        PbsDialect,
        "qstat -x",
        said("qstat: PBS is not configured to maintain job history 10.pbs1\n", 0),
    ),
    (SgeDialect, "qstat", said("Following jobs do not exist: \n99999\n")),
    (SgeDialect, "qacct", output(RECORDED / "sge/recorded", "qacct-never")),
    (SgeDialect, "qacct", output(RECORDED / "sge/recorded", "qacct-no-file")),
    (SgeDialect, "qacct", said("error: Job-array tasks 2.9-9:1 not found\n")),
]
#: What they say when nobody answers them.
AWAY: Final[list[tuple[Callable[[], Dialect], str, Output]]] = [
    (
        SlurmDialect,
        "scontrol",
        said("slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"),
    ),
    (
        SlurmDialect,
        "sacct",
        said("sacct: error: slurm_persist_conn_open_without_init: failed to open\n"),
    ),
    (LsfDialect, "bjobs", said("batch daemon not responding ... still trying\n", 255)),
    (PbsDialect, "qstat", said("qstat: cannot connect to server pbs1 (errno=111)\n", 255)),
    (SgeDialect, "qstat", said("error: commlib error: got select error (Connection refused)\n")),
    (SgeDialect, "qacct", said("critical error: Please set the environment variable SGE_ROOT.\n")),
]


@pytest.mark.parametrize(("make", "name", "answer"), SILENT)
def test_a_job_that_is_not_known_is_told_from_no_answer(
    make: Callable[[], Dialect], name: str, answer: Output
) -> None:
    (detail,) = (each for each in make().details if each.name == name)
    assert detail.read(answer) == ""


@pytest.mark.parametrize(("make", "name", "answer"), AWAY)
def test_a_scheduler_that_does_not_answer_does_not_know_nothing(
    make: Callable[[], Dialect], name: str, answer: Output
) -> None:
    (detail,) = (each for each in make().details if each.name == name)
    with pytest.raises(ExecutorUnavailable, match=name):
        detail.read(answer)


async def test_of_a_job_that_the_queue_knows_no_accounting_is_asked(follower: Follower) -> None:
    tag, native_id = await follower.running()
    follower.cluster.accounts[native_id] = ENDED
    words = await follower.executor.native_detail(tag)
    assert words == repr(follower.cluster.rows[native_id])
    assert ("recall", native_id) not in follower.cluster.commands


async def test_of_a_job_that_the_queue_has_forgotten_the_accountings_words_are_shown_as_such(
    follower: Follower,
) -> None:
    tag, native_id = await follower.running()
    follower.cluster.forget(native_id)
    follower.cluster.accounts[native_id] = ENDED
    words = await follower.executor.native_detail(tag)
    assert words == (
        f"detail does not know job {native_id} any more. This is what recall has of it:\n\n{ENDED!r}"
    )


async def test_a_job_that_nobody_knows_is_not_found(follower: Follower) -> None:
    tag, native_id = await follower.running()
    follower.cluster.forget(native_id)
    with pytest.raises(NotFound, match=f"of {native_id}: no such job; recall has nothing of it"):
        await follower.executor.native_detail(tag)


async def test_an_accounting_that_is_not_installed_has_nothing(follower: Follower) -> None:
    follower.cluster.lacks.add("recall")
    tag, native_id = await follower.running()
    follower.cluster.forget(native_id)
    with pytest.raises(NotFound, match=r"no such job$"):
        await follower.executor.native_detail(tag)


@pytest.mark.parametrize("away", ["detail", "recall"])
async def test_what_cannot_be_asked_is_not_said_to_know_nothing(
    follower: Follower, away: str
) -> None:
    tag, native_id = await follower.running()
    follower.cluster.forget(native_id)
    follower.cluster.away.add(away)
    with pytest.raises(ExecutorUnavailable):
        await follower.executor.native_detail(tag)
