"""When a sandbox goes: by what was asked for, and never while something may still be wanted from it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from headway.core.model.job import CancelRequest, Job
from headway.core.model.spec import Deletion, Sandbox
from headway.core.model.state import Reason, State, pairs
from headway.core.policy.sandboxes import delete_at, is_fetched_from
from headway.testing.fakes import NOON
from headway.testing.samples import a_job

ENDED = NOON + timedelta(hours=1)


def ended(
    state: State, reason: Reason | None, delete: Deletion, *, keep_s: float = 0.0, attempt: int = 1
) -> Job:
    sandbox = Sandbox(delete=delete, keep_s=keep_s)
    job = a_job(1)
    return replace(
        job,
        spec=replace(job.spec, sandbox=sandbox),
        state=state,
        reason=reason,
        ended=ENDED if state.is_final else None,
        attempt=attempt,
    )


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_a_sandbox_outlives_no_end_it_was_not_to(state: State, reason: Reason | None) -> None:
    is_kept = not state.is_final or reason in {Reason.STAGING_FAILED, Reason.LOST}
    always = delete_at(ended(state, reason, Deletion.ALWAYS), attempt=1)
    assert always == (None if is_kept else ENDED)
    on_success = delete_at(ended(state, reason, Deletion.ON_SUCCESS), attempt=1)
    assert on_success == (ENDED if state is State.SUCCEEDED else None)
    assert delete_at(ended(state, reason, Deletion.NEVER), attempt=1) is None


def test_it_stays_as_long_as_was_asked() -> None:
    job = ended(State.SUCCEEDED, None, Deletion.ON_SUCCESS, keep_s=90)
    assert delete_at(job, attempt=1) == ENDED + timedelta(seconds=90)
    for_ever = ended(State.SUCCEEDED, None, Deletion.ON_SUCCESS, keep_s=1e300)
    assert delete_at(for_ever, attempt=1) is None


def test_a_cancel_that_gives_up_the_outputs_counts_only_where_it_took_effect() -> None:
    wish = CancelRequest(by="ada", at=NOON, keep_outputs=False)
    cancelled = replace(ended(State.CANCELLED, Reason.BY_USER, Deletion.NEVER), cancel=wish)
    assert delete_at(cancelled, attempt=1) == ENDED
    done = replace(ended(State.SUCCEEDED, None, Deletion.NEVER), cancel=wish)
    assert delete_at(done, attempt=1) is None


@pytest.mark.parametrize(
    ("delete", "goes"), [(Deletion.ALWAYS, True), (Deletion.ON_SUCCESS, False)]
)
def test_an_earlier_attempts_sandbox_goes_if_all_do(delete: Deletion, goes: bool) -> None:
    job = ended(State.RUNNING, None, delete, attempt=2)
    assert (delete_at(job, attempt=1) is not None) is goes


def test_a_job_without_a_sandbox_has_none_to_go() -> None:
    assert delete_at(a_job(1), attempt=1) is None


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_results_are_fetched_from_what_ended_by_itself(state: State, reason: Reason | None) -> None:
    own = {None, Reason.NONZERO_EXIT, Reason.SIGNAL, Reason.OUT_OF_MEMORY}
    by_itself = state in {State.SUCCEEDED, State.FAILED} and reason in own
    assert is_fetched_from(state, reason) is by_itself
