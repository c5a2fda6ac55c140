"""Why jobs are where they are."""

from datetime import datetime

import msgspec

from headway.sdk.model.jobs import JobFailure


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job waits, or how it failed.

    Attributes:
        headline: one sentence; ``words`` are further ones, the most telling first.
        advice: what to do next; None when there is nothing.
        kind: which executor its cluster is: ``slurm``.
        native_state: the scheduler's own word, and ``native_reason`` its own words for why.
        position: its place in the queue, 1 and up.
        expected_start: the scheduler's own estimate.
        as_of: when the scheduler said so.
        runs_as: the account that it runs as, or ran; "" where that is not known.
        last_lines: the end of what a failed job wrote.
    """

    id: str
    number: int
    state: str
    reason: str | None = None
    headline: str
    words: tuple[str, ...] = ()
    advice: str | None = None
    error: JobFailure | None = None
    exit_code: int | None = None
    signal: int | None = None
    cluster: str | None = None
    kind: str = ""
    attempt: int = 1
    native_id: str | None = None
    native_state: str = ""
    native_reason: str = ""
    queue: str = ""
    host: str = ""
    runs_as: str = ""
    position: int | None = None
    expected_start: datetime | None = None
    as_of: datetime | None = None
    last_lines: tuple[str, ...] = ()
