"""What is kept of a job that somebody watches."""

from msgspec.structs import replace

from headway.core.model.array import Array
from headway.core.model.elements import all_parts
from headway.core.model.job import Kind
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.protocols.http.live.batch import watched
from headway.testing.samples import a_command

SPEC = Spec(command=("x",), environment={"BIG": "x" * 1000}, array=Array(indices="1-300"))


def test_what_is_large_is_left_out() -> None:
    assert watched(replace(a_command(), spec=SPEC, extra={"a": 1})).spec == Spec()


def test_how_many_elements_an_adopted_array_has_is_kept() -> None:
    job = watched(replace(a_command(), kind=Kind.ADOPTED, state=State.RUNNING, spec=SPEC))
    assert job.spec == Spec(array=SPEC.array)
    assert all_parts(job, {"queued": 200}) == {"queued": 300}
