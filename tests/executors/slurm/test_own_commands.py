"""Scripts that call sbatch themselves: the job that they submit is the one that is followed, on a real Slurm."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
import pytest
from tests.executors.test_executor_suite import Batch
from tests.rigs.slurm import Slurm

from headway.core.model.spec import Submits
from headway.core.model.state import State
from headway.core.ports.executor import Launch, Stream
from headway.executors.slurm.plugin import plugin
from headway.testing.executor_witness import Witness

pytestmark = pytest.mark.anyio


@pytest.fixture
async def witness(slurm: Slurm, tmp_path: Path) -> AsyncIterator[Witness]:
    witness = Witness(Batch(tmp_path, plugin, {"environment": slurm.environment}))
    await witness.start()
    yield witness
    await witness.clear()
    await witness.stop()
    assert witness.contradictions() == []


def submitting(
    witness: Witness, script: str, *, log: str | None = None, added: Mapping[str, str] | None = None
) -> Launch:
    launch = witness.shell(script, added=added)
    return msgspec.structs.replace(
        launch, spec=msgspec.structs.replace(launch.spec, submits=Submits(log=log))
    )


async def test_the_last_id_that_a_script_prints_is_followed_to_its_end(
    witness: Witness, tmp_path: Path
) -> None:
    log = tmp_path / "out"
    script = f"""
    echo Submitted batch job 1
    echo preparing
    sbatch --output={log}-%j.log --wrap='echo from $HEADWAY_JOB_ID; exit 5'
    """
    launch = submitting(witness, script, log=f"{log}-%J.log", added={"HEADWAY_JOB_ID": "the job"})
    end = await witness.run_one(launch)
    assert (end.state, end.exit_code) == (State.FAILED, 5)
    assert await witness.until_written(launch.tag, b"from the job\n")


async def test_its_log_is_found_by_a_server_that_did_not_submit_it(
    witness: Witness, tmp_path: Path
) -> None:
    log = tmp_path / "out"
    script = f"sbatch --output={log}-%j.log --wrap='echo said'"
    launch = submitting(witness, script, log=f"{log}-%J.log")
    await witness.run_one(launch)
    await witness.executor.settled([launch.tag])
    await witness.restart()
    assert await witness.output(launch.tag) == b"said\n"
    assert await witness.output(launch.tag, Stream.STDERR) == b""


async def test_a_new_server_goes_on_following_it(witness: Witness) -> None:
    launch = submitting(witness, "sbatch --output=/dev/null --wrap='sleep 1; exit 4'")
    await witness.submit(launch)
    await witness.restart()
    assert await witness.find(launch.tag) == {launch.tag}
    end = await witness.until_over(launch.tag)
    assert (end.state, end.exit_code) == (State.FAILED, 4)


async def test_it_is_cancelled_like_any_other(witness: Witness) -> None:
    launch = submitting(witness, "sbatch --output=/dev/null --wrap='sleep 600'")
    await witness.submit(launch)
    await witness.until(launch.tag, State.RUNNING)
    await witness.cancel(launch.tag)
    assert (await witness.until_over(launch.tag)).state is State.CANCELLED


async def test_a_script_that_submits_nothing_is_refused_in_its_own_words(witness: Witness) -> None:
    launch = submitting(witness, "echo no quota left >&2; exit 2")
    [refusal] = await witness.try_to_submit(launch)
    assert refusal.message.endswith(
        "ended with exit code 2 and printed no id of a job of slurm; it said: no quota left"
    )


async def test_a_script_is_never_run_twice(witness: Witness, tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"echo x >>{count}; sbatch --output=/dev/null --wrap=true"
    launch = submitting(witness, script)
    await witness.run_one(launch)
    await witness.executor.settled([launch.tag])
    [refusal] = await witness.try_to_submit(launch)
    assert "was cut off; whether it has submitted a job is not known" in refusal.message
    assert count.read_text() == "x\n"


async def test_a_log_must_be_an_absolute_path(witness: Witness) -> None:
    launch = submitting(witness, "true", log="relative")
    [refusal] = await witness.try_to_submit(launch)
    assert "submits.log" in refusal.message
    assert refusal.message.startswith("submits.log: 'relative' must begin with")
