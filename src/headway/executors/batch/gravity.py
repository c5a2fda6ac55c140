"""Which of the jobs that a listing says to wait wait in vain. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from headway.core.model.state import Reason, State
from headway.executors.batch.native import NativeJob
from headway.views.scheduler_hints import cannot_start


def judged(rows: Sequence[NativeJob], kind: str) -> Sequence[NativeJob]:
    """Give the rows of a listing, with that reason on those of jobs that no waiting helps; all others are the same objects."""
    return [
        replace(row, reason=Reason.CANNOT_START)
        if row.state is State.QUEUED and row.why and cannot_start(kind, row.why)
        else row
        for row in rows
    ]
