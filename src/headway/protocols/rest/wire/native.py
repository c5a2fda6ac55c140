"""What executors themselves know, as documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from headway.core.model.job import JobError
from headway.protocols.rest.wire.body import Body
from headway.protocols.rest.wire.documents import Document
from headway.protocols.rest.wire.queries import Query
from headway.protocols.rest.wire.words import Count, LongText, ShortText
from headway.views.standing import Known
from headway.views.why import why_words

Seconds: TypeAlias = Annotated[
    float, Meta(ge=0, le=253_402_300_799, description="Seconds since 1970 in UTC.")
]


class NativeQuery(Query, frozen=True, kw_only=True):
    """Which attempt."""

    attempt: Annotated[int, Meta(ge=1, le=1_000_000, description="Else the newest.")] | None = None


class RecordBody(Body, frozen=True, kw_only=True):
    """What an attempt's wrapper says: the record that it has written beside the job. With ``exit_code`` or ``signal`` it has ended."""

    native_id: ShortText
    at: Seconds
    host: Annotated[str, Meta(max_length=1000)] = ""
    pid: Count | None = None
    run: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    started: Seconds | None = None
    exit_code: Annotated[int, Meta(ge=0, le=255)] | None = None
    signal: Annotated[int, Meta(ge=1, le=255)] | None = None
    signals: Annotated[list[Annotated[int, Meta(ge=1, le=255)]], Meta(max_length=1000)] = (
        msgspec.field(default_factory=list)
    )
    timed_out: bool = False
    cpu_s: Annotated[float, Meta(ge=0, le=1e15)] | None = None
    max_memory_bytes: Annotated[int, Meta(ge=0, le=2**62)] | None = None
    wall_s: Annotated[float, Meta(ge=0, le=1e15)] | None = None
    not_started: LongText = ""


class NativeDocument(Document, frozen=True, kw_only=True):
    """All that an executor has to say of an attempt, in its own words."""

    text: str


class WhyDocument(Document, frozen=True, kw_only=True):
    """Why a job is where it is.

    Attributes:
        headline: one sentence; ``words`` are further ones, the most telling first.
        advice: what to do next, with the command that does it; null when there is nothing.
        kind: which executor its cluster is: ``slurm``; "" for none.
        native_state: the scheduler's own word, and ``native_reason`` its own words for why.
        position: the job's place in the queue, 1 and up.
        as_of: when the scheduler said so.
        runs_as: the account that it runs as, or ran; "" where that is not known.
        last_lines: the end of what a failed job wrote.
    """

    id: str
    number: int
    state: str
    reason: str | None
    headline: str
    words: list[str]
    advice: str | None
    error: JobError | None
    exit_code: int | None
    signal: int | None
    cluster: str | None
    kind: str
    attempt: int
    native_id: str | None
    native_state: str
    native_reason: str
    queue: str
    host: str
    runs_as: str
    position: int | None
    expected_start: datetime | None
    as_of: datetime | None
    last_lines: list[str]


def why_document(known: Known, last_lines: Sequence[str]) -> WhyDocument:
    """Give why a job is where it is as a document."""
    job, native, said = known.job, known.native, why_words(known)
    return WhyDocument(
        id=job.id,
        number=job.number,
        state=job.state,
        reason=job.reason,
        headline=said.headline,
        words=list(said.words),
        advice=said.advice,
        error=job.error,
        exit_code=job.exit_code,
        signal=job.signal,
        cluster=job.cluster,
        kind=known.kind,
        attempt=job.attempt,
        native_id=native.native_id if native and native.native_id else job.native_id,
        native_state=known.word,
        native_reason=native.why if native else "",
        queue=native.queue if native else "",
        host=known.host,
        runs_as=known.runs_as,
        position=native.position if native else None,
        expected_start=native.expected_start if native else None,
        as_of=native.at if native else None,
        last_lines=list(last_lines),
    )
