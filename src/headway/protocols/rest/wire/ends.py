"""How functions ended, as it is told at once."""

from collections.abc import Iterable

import msgspec

from headway.core.model.job import Job, JobError
from headway.core.model.names import Seq
from headway.core.model.state import Reason, State
from headway.lib.jsonvalue import JsonValue
from headway.protocols.rest.wire.documents import Document


class FunctionEnd(Document, frozen=True, kw_only=True):
    """How a function ended. ``result`` is the value itself, or says where it is: see ``GET /jobs/{id}/result``."""

    id: str
    number: int
    state: State
    reason: Reason | None
    status_text: str
    exit_code: int | None
    signal: int | None
    error: JobError | None
    result: JsonValue


def end_of(job: Job) -> FunctionEnd:
    """Make the document of a function that has ended."""
    return FunctionEnd(
        id=job.id,
        number=job.number,
        state=job.state,
        reason=job.reason,
        status_text=job.status_text,
        exit_code=job.exit_code,
        signal=job.signal,
        error=job.error,
        result=job.result,
    )


def ends_event(seq: Seq, jobs: Iterable[Job]) -> bytes:
    """Give a server-sent event that tells of functions that ended up to a sequence."""
    told = msgspec.json.encode([end_of(job) for job in jobs])
    return b"id: %d\nevent: ends\ndata: %b\n\n" % (seq, told)


def missed_event(seq: Seq) -> bytes:
    """Give the event that says that some could not be told: whoever waits asks for the jobs themselves."""
    return b"id: %d\nevent: reset\ndata: []\n\n" % seq
