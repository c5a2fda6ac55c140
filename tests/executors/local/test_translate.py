"""What a record means, and which launches can never run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.spec import Attributes, Resources, Spec
from headway.core.model.state import REASONS, Reason, State
from headway.executors.local import translate
from headway.executors.local.record import Cause, End, Phase, Record


def ended(end: End, value: int = 0, *, cause: Cause = Cause.NONE, caught: bool = False) -> Record:
    entry = Record(serial=1, brand=0, tag=b"job.1", reserved=1.0)
    entry.phase, entry.end, entry.value = Phase.GONE, end, value
    entry.cause, entry.caught = cause, caught
    return entry


@pytest.mark.parametrize(
    ("entry", "state", "reason"),
    [
        (ended(End.EXITED, 0), State.SUCCEEDED, None),
        (ended(End.EXITED, 1), State.FAILED, Reason.NONZERO_EXIT),
        (ended(End.SIGNALLED, 9), State.FAILED, Reason.SIGNAL),
        (ended(End.UNKNOWN), State.FAILED, Reason.LOST),
        (ended(End.NOT_STARTED), State.FAILED, Reason.NOT_STARTED),
        (ended(End.SIGNALLED, 15, cause=Cause.CANCEL), State.CANCELLED, Reason.BY_USER),
        (ended(End.SIGNALLED, 9, cause=Cause.LIMIT), State.FAILED, Reason.TIMEOUT),
        (ended(End.EXITED, 1, cause=Cause.CANCEL), State.CANCELLED, Reason.BY_USER),
        (ended(End.EXITED, 0, cause=Cause.CANCEL), State.SUCCEEDED, None),
        (ended(End.EXITED, 0, cause=Cause.CANCEL, caught=True), State.CANCELLED, Reason.BY_USER),
        (ended(End.EXITED, 0, cause=Cause.LIMIT), State.SUCCEEDED, None),
        (ended(End.UNKNOWN, cause=Cause.CANCEL), State.CANCELLED, Reason.BY_USER),
    ],
)
def test_an_end_has_its_word(entry: Record, state: State, reason: Reason | None) -> None:
    said = translate.observation(entry, host="here")
    assert said is not None
    assert (said.state, said.reason) == (state, reason)


@given(
    st.sampled_from(Phase),
    st.sampled_from(End),
    st.sampled_from(Cause),
    st.integers(0, 255),
    st.booleans(),
)
def test_whatever_a_record_holds_its_words_are_allowed(
    phase: Phase, end: End, cause: Cause, value: int, caught: bool
) -> None:
    entry = ended(end, value, cause=cause, caught=caught)
    entry.phase = phase
    said = translate.observation(entry, host="here")
    if said is None:
        assert phase < Phase.RUNNING
    else:
        assert said.reason in REASONS[said.state]
        assert said.exit_code is None or said.signal is None
        assert said.state.is_final == (phase is Phase.GONE)


def test_this_machine_heeds_the_duration_and_names_all_else_that_is_asked_for() -> None:
    spec = Spec(
        resources=Resources(memory=1 << 30, process_count=2, exclusive_node_use=False),
        attributes=Attributes(duration=60, queue_name="long"),
    )
    names = ["resources.process_count", "resources.memory", "attributes.queue_name"]
    assert translate.unheeded(spec) == names
    assert translate.unheeded(Spec(attributes=Attributes(duration=60))) == []
