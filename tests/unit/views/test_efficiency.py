"""What a job asked for beside what it used."""

from datetime import timedelta
from typing import Any

import pytest

from headway.core.model.job import Job, Usage
from headway.core.model.spec import Attributes, Resources, Spec
from headway.core.model.state import Reason, State
from headway.testing.fakes import NOON
from headway.testing.samples import a_command
from headway.views.efficiency import cores_asked, efficiency

GIB = 1 << 30


def ended(
    resources: Resources,
    *,
    cpu_s: float | None = 110.0,
    wall_s: float | None = 100.0,
    memory: int | None = 3 * GIB,
    **more: Any,
) -> Job:
    usage = Usage(cpu_s=cpu_s, wall_s=wall_s, max_memory_bytes=memory)
    fields = {"state": State.SUCCEEDED, "usage": usage, **more}
    return a_command(spec=Spec(command=("x",), resources=resources), **fields)


def test_memory_and_cores_are_one_sentence_and_one_suggestion() -> None:
    asked = Resources(memory=64 * GIB, process_count=4, cpu_cores_per_process=4)
    found = efficiency(ended(asked))
    assert found is not None
    assert found.words == (
        "asked for 64.0 GiB, its largest process used 3.0 GiB; asked for 16 cores, used 1.1"
    )
    assert (found.cpu_asked, found.cpu_used) == (16, 1.1)
    assert (found.memory_asked_bytes, found.memory_used_bytes) == (64 * GIB, 3 * GIB)
    assert found.suggest == "Next time 3.8 GiB of memory and 2 cores would do."


@pytest.mark.parametrize(
    "job",
    [
        a_command(),
        ended(Resources(memory=GIB), state=State.RUNNING),
        ended(Resources()),
        ended(Resources(memory=GIB), memory=None),
        ended(Resources(process_count=2), cpu_s=None),
        ended(Resources(process_count=2), wall_s=None),
        ended(Resources(process_count=2), wall_s=0.0),
        ended(Resources(memory=GIB), usage=None),
        ended(Resources(node_count=2, gpu_cores_per_process=1)),
    ],
)
def test_there_is_nothing_to_say_when_nothing_was_asked_or_measured(job: Job) -> None:
    assert efficiency(job) is None


def test_wall_time_is_told_from_the_jobs_own_times_when_nobody_measured() -> None:
    end = NOON + timedelta(seconds=200)
    found = efficiency(ended(Resources(process_count=2), wall_s=None, started=NOON, ended=end))
    assert found is not None
    assert found.cpu_used == 0.55


@pytest.mark.parametrize(
    "job",
    [
        ended(Resources(memory=4 * GIB)),
        ended(Resources(process_count=1)),
        ended(Resources(memory=64 * GIB), state=State.FAILED, reason=Reason.NONZERO_EXIT),
        ended(Resources(memory=64 * GIB), wall_s=5.0, cpu_s=5.0),
        # With several processes the sum of their memory is not known.
        ended(Resources(memory=64 * GIB), cpu_s=700.0),
        ended(Resources(memory=64 * GIB), cpu_s=None),
    ],
)
def test_nothing_is_suggested_that_cannot_be_known(job: Job) -> None:
    found = efficiency(job)
    assert found is not None
    assert found.suggest is None


def test_a_job_that_ran_out_of_memory_is_told_to_ask_for_more() -> None:
    job = ended(Resources(memory=4 * GIB), state=State.FAILED, reason=Reason.OUT_OF_MEMORY)
    found = efficiency(job)
    assert found is not None
    assert found.suggest == "It ran out of memory: next time ask for 8.0 GiB."


@pytest.mark.parametrize(
    ("resources", "cores"),
    [
        (Resources(), None),
        (Resources(node_count=4), None),
        (Resources(cpu_cores_per_process=8), 8),
        (Resources(process_count=16), 16),
        (Resources(node_count=2, processes_per_node=4), 8),
        (Resources(processes_per_node=4, cpu_cores_per_process=2), 8),
        (Resources(process_count=3, processes_per_node=4, cpu_cores_per_process=2), 6),
    ],
)
def test_cores_are_counted_over_all_processes(resources: Resources, cores: int | None) -> None:
    assert cores_asked(resources) == cores


def test_what_a_limit_on_the_time_says_is_not_compared() -> None:
    spec = Spec(command=("x",), attributes=Attributes(duration=3600))
    job = a_command(spec=spec, state=State.SUCCEEDED, usage=Usage(cpu_s=1.0, wall_s=1.0))
    assert efficiency(job) is None
