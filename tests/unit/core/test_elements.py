"""How many elements an array has."""

import pytest
from msgspec.structs import replace

from headway.core.model.array import Array, as_text, count_of
from headway.core.model.elements import all_parts
from headway.core.model.job import Job, Kind
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.testing.samples import a_command


def an_array(kind: Kind = Kind.ADOPTED, state: State = State.RUNNING) -> Job:
    return replace(a_command(), kind=kind, state=state, spec=Spec(array=Array(indices="1-300")))


@pytest.mark.parametrize(
    "indices", [[4], [0, 1, 2], [1, 3, 5], [0, 1, 7], [*range(12_000), 4_000_000]]
)
def test_what_is_written_short_is_counted_whole(indices: list[int]) -> None:
    assert count_of(as_text(indices)) == len(indices)


def test_elements_of_an_adopted_array_that_are_no_jobs_yet_wait() -> None:
    told = {"succeeded": 2, "running": 2, "queued": 200}
    assert all_parts(an_array(), told) == {"succeeded": 2, "running": 2, "queued": 296}


@pytest.mark.parametrize("job", [an_array(Kind.COMMAND), an_array(state=State.CANCELLED)])
def test_our_own_elements_are_all_jobs_and_of_what_has_ended_none_waits(job: Job) -> None:
    assert all_parts(job, {"succeeded": 2}) == {"succeeded": 2}


def test_elements_that_came_later_than_the_array_was_first_seen_count_too() -> None:
    assert all_parts(an_array(), {"running": 301}) == {"running": 301}
