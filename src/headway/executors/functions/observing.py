"""What becomes of what workers say: outcomes and deaths as observations. Pure, and trusts nothing that a worker says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from headway.core.model.job import JobError, Usage
from headway.core.model.names import Tag, job_of_tag
from headway.core.model.result import JSON, MOST_BYTES, PICKLE, Returned
from headway.core.model.state import REASONS, Reason, State
from headway.core.ports.executor import Observation
from headway.executors.functions.engine import Death, Where

_LONGEST_MESSAGE: Final = 20_000
_UNREADABLE: Final = "what its worker said of its end cannot be read"


class _Error(msgspec.Struct):
    type: str
    message: str
    traceback: Sequence[str] = ()


class _Outcome(msgspec.Struct):
    """What ``runner.run`` gives; see there."""

    state: State
    reason: Reason | None = None
    exit_code: int | None = None
    signal: int | None = None
    message: str = ""
    error: _Error | None = None
    media_type: str = ""
    type: str = ""
    started: float | None = None
    ended: float | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    max_memory_bytes: int | None = None


_decode: Final = msgspec.json.Decoder(_Outcome).decode


def began(tag: Tag, where: Where, *, now: datetime) -> Observation:
    """Say that an attempt runs."""
    started = where.started or now
    return Observation(
        tag=tag,
        state=State.RUNNING,
        native_id=where.native_id,
        host=where.host,
        started=started,
        at=started,
    )


def ended(tag: Tag, where: Where, outcome: bytes, data: bytes, *, now: datetime) -> Observation:
    """Say how an attempt ended."""
    try:
        said = _decode(outcome)
        result = _returned(said, data)
    except (msgspec.DecodeError, RecursionError) as error:
        return _failed(tag, where, Reason.LOST, f"{_UNREADABLE}: {error}", now=now)
    if not said.state.is_final or said.reason not in REASONS[said.state]:
        return _failed(tag, where, Reason.LOST, f"{_UNREADABLE}: {said.state}", now=now)
    at = _time(said.ended) or now
    started = _time(said.started) or where.started
    return Observation(
        tag=tag,
        state=said.state,
        reason=said.reason,
        native_id=where.native_id,
        host=where.host,
        exit_code=said.exit_code,
        signal=None if said.exit_code is not None else said.signal,
        usage=Usage(cpu_s=said.cpu_s, max_memory_bytes=said.max_memory_bytes, wall_s=said.wall_s),
        started=None if started is None else min(started, at),
        at=at,
        message=said.message[:_LONGEST_MESSAGE],
        result=result,
        error=_error(said),
    )


def died(tag: Tag, where: Where, death: Death, *, now: datetime) -> Observation:
    """Say that an attempt's worker died: it ended so, unless it may be run once more."""
    if death.cause == "cancel":
        return _over(tag, where, State.CANCELLED, Reason.BY_USER, death, now=now)
    if death.cause == "limit":
        words = msgspec.structs.replace(
            death, message="its wall-time limit passed; it did not end when told to and was killed"
        )
        return _over(tag, where, State.FAILED, Reason.TIMEOUT, words, now=now)
    if death.exit_code is not None:
        reason = Reason.NONZERO_EXIT if death.exit_code else Reason.EXCEPTION
        return _over(tag, where, State.FAILED, reason, death, now=now)
    _, no = job_of_tag(tag)
    if no <= death.rerun:
        return Observation(
            tag=tag,
            state=State.ACCEPTED,
            # Not LOST, which of an attempt that is over means that it may yet turn up: this one cannot.
            reason=Reason.NODE_FAIL if death.signal is None else Reason.SIGNAL,
            again=True,
            native_id=where.native_id,
            host=where.host,
            signal=death.signal,
            started=where.started,
            at=now,
            message=f"{death.message}; it is run again, as its rerun allows",
        )
    reason = Reason.LOST if death.signal is None else Reason.SIGNAL
    return _over(tag, where, State.FAILED, reason, death, now=now)


def cancelled(tag: Tag, *, now: datetime) -> Observation:
    """Say that an attempt was cancelled before it began."""
    return Observation(tag=tag, state=State.CANCELLED, reason=Reason.BY_USER, at=now)


def _over(
    tag: Tag, where: Where, state: State, reason: Reason, death: Death, *, now: datetime
) -> Observation:
    return Observation(
        tag=tag,
        state=state,
        reason=reason,
        native_id=where.native_id,
        host=where.host,
        exit_code=death.exit_code,
        signal=death.signal,
        started=where.started,
        at=now,
        message=death.message,
    )


def _failed(tag: Tag, where: Where, reason: Reason, message: str, *, now: datetime) -> Observation:
    return _over(tag, where, State.FAILED, reason, Death(message=message), now=now)


def _returned(said: _Outcome, data: bytes) -> Returned | None:
    """Give the result, which is stored as it is; JSON that cannot be read by ours is kept and not shown.

    Raises:
        msgspec.DecodeError: it is longer than may be, or of no kind that there is.
    """
    if said.media_type not in {JSON, PICKLE} or len(data) > MOST_BYTES:
        if said.media_type:
            raise msgspec.DecodeError(f"a result of {len(data)} bytes, {said.media_type!r}")
        return None
    if not data:
        return None
    returned = Returned(data=data, media_type=said.media_type, type=said.type)
    if said.media_type == JSON:
        msgspec.json.decode(data)
    return returned


def _error(said: _Outcome) -> JobError | None:
    if said.error is None:
        return None
    return JobError(
        type=said.error.type,
        message=said.error.message,
        traceback="".join(said.error.traceback),
    )


def _time(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
