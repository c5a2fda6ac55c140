"""What a worker says of an end is checked: it may be anything."""

import json
from datetime import UTC, datetime
from typing import Final

import pytest

from headway.core.model.names import Tag
from headway.core.model.state import REASONS, Reason, State
from headway.executors.functions import observing
from headway.executors.functions.engine import Death, Where

_NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_TAG: Final = Tag("019b796d-d601-7000-8000-000000000001.1")
_ENDED: Final = {"state": "succeeded", "media_type": "application/json", "type": "int"}


@pytest.mark.parametrize(
    ("outcome", "data"),
    [
        (b"", b""),
        (b"\xff{", b""),
        (b"[" * 100_000, b""),
        (b"null", b""),
        (b'{"state": "running"}', b""),
        (b'{"state": "succeeded", "reason": "exception"}', b""),
        (b'{"state": "failed", "reason": "sending"}', b""),
        (b'{"state": "failed", "error": 3}', b""),
        (json.dumps(_ENDED).encode(), b"no json"),
        (json.dumps(_ENDED).encode(), b"[" * 100_000),
        (json.dumps(_ENDED).encode(), b'"\\ud800"'),
        (json.dumps({**_ENDED, "media_type": "text/html"}).encode(), b"<script>"),
    ],
)
def test_an_outcome_that_cannot_be_read_is_an_end_all_the_same(outcome: bytes, data: bytes) -> None:
    seen = observing.ended(_TAG, Where(), outcome, data, now=_NOW)
    assert (seen.state, seen.reason, seen.result) == (State.FAILED, Reason.LOST, None)
    assert "cannot be read" in seen.message


@pytest.mark.parametrize("seconds", [-1e300, 1e300, 0.0, 1e12])
def test_times_that_are_none_are_left_out(seconds: float) -> None:
    outcome = json.dumps({**_ENDED, "started": seconds, "ended": seconds}).encode()
    seen = observing.ended(_TAG, Where(), outcome, b"1", now=_NOW)
    assert seen.state is State.SUCCEEDED
    assert seen.at.tzinfo is not None
    assert seen.started is None or seen.started <= seen.at


@pytest.mark.parametrize("cause", ["", "cancel", "limit"])
@pytest.mark.parametrize("signal", [None, 9])
@pytest.mark.parametrize("rerun", [0, 1])
def test_a_death_is_an_end_whose_state_has_its_reason(
    cause: str, signal: int | None, rerun: int
) -> None:
    death = Death(message="died", signal=signal, cause=cause, rerun=rerun)
    seen = observing.died(_TAG, Where(), death, now=_NOW)
    assert seen.again is (rerun == 1 and not cause)
    assert seen.reason in REASONS[State.FAILED if seen.again else seen.state]
