"""What is said of an attempt: rows, records and verdicts as observations. Pure, but for what the entry keeps of it."""

import logging
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from headway.core.model.names import NativeId, job_of_tag, tag_of
from headway.core.model.state import REASONS, Reason, State
from headway.core.ports.executor import Observation
from headway.executors.batch import verdict
from headway.executors.batch.entries import Entries, Entry, Told, Waiting
from headway.executors.batch.native import NativeJob
from headway.executors.batch.record import Ended, Started
from headway.executors.batch.verdict import Verdict

logger = logging.getLogger(__name__)

_NOTHING: Final = Told(State.ACCEPTED, None, "")


def alive(entry: Entry, row: NativeJob, at: datetime) -> list[Observation]:
    """Say what a row tells of an attempt that has not ended; nothing where it tells what was said last."""
    entry.waiting = Waiting(row.why, row.expected_start, row.position, row.queue, row.host, at)
    if entry.told is not None and _is_behind(row, entry.told):
        return []
    if row.state is None:  # a word that nobody here knows: kept, shown, and nothing guessed
        if entry.told is None or entry.was_told(entry.told._replace(native_state=row.word)):
            return []
        state, reason, started = entry.told.state, entry.told.reason, None
    else:
        state, reason = row.state, row.reason if row.reason in REASONS[row.state] else None
        started = (entry.started or row.started) if state is State.RUNNING else None
    if entry.was_told(Told(state, reason, row.word)):
        return []
    return entry.news(
        Observation(
            tag=entry.tag,
            state=state,
            reason=reason,
            native_id=row.id,
            native_state=row.word,
            host=row.host,
            started=started,
            at=started or at,
            message=row.why,
        )
    )


def _is_behind(row: NativeJob, told: Told) -> bool:
    """Tell whether the job itself has said that it had begun, or ended, while this was being listed."""
    if told.state.is_final:
        return told.reason is not Reason.LOST
    return row.state is State.QUEUED and told.state is State.RUNNING


def began(entry: Entry, record: Started, now: datetime) -> list[Observation]:
    """Say that an attempt has begun, by its own word, but not later than now."""
    entry.started = at = min(record.at, now)
    return entry.news(
        Observation(
            tag=entry.tag,
            state=State.RUNNING,
            native_id=entry.native_id or (NativeId(record.native_id) if record.native_id else None),
            native_state=entry.told.native_state if entry.told else "",
            host=record.host,
            started=at,
            at=at,
        )
    )


def ended(
    entry: Entry, judged: Verdict, now: datetime, *, record: Ended | None, row: NativeJob | None
) -> list[Observation]:
    """Say how an attempt has ended, with what the record, or else the row, knows besides.

    It is over by now: what a node's clock that is ahead, or the job itself, says of a later time would have it kept for as long.
    """
    if entry.cancelled:
        waited = bool(entry.ending) and entry.told is not None and entry.told.state is State.QUEUED
        judged = verdict.of_cancelled(judged, record, waited=waited)
    host = record.host if record is not None else row.host if row is not None else ""
    usage = record.usage if record is not None else row.usage if row is not None else None
    started = record.started if record is not None else row.started if row is not None else None
    said = record.at if record is not None else row.ended if row is not None else None
    at = min(said or now, now)
    begun = started or entry.started
    end = Observation(
        tag=entry.tag,
        state=judged.state,
        reason=judged.reason,
        native_id=entry.native_id,
        native_state=row.word if row is not None else "",
        host=host,
        exit_code=judged.exit_code if judged.signal is None else None,
        signal=judged.signal,
        usage=usage,
        started=None if begun is None else min(begun, at),
        at=at,
        message=judged.message,
    )
    entry.end = end if row is None and record is not None and entry.follows is None else None
    return entry.news(end)


def called_otherwise(entry: Entry, row: NativeJob) -> list[Observation]:
    """Say what the scheduler calls an end that the job's own record alone had told, where that is something else.

    Slurm calls a job OUT_OF_MEMORY of which a part was killed for want of it, and which has ended with exit code 0 all the same.
    """
    end, entry.end = entry.end, None
    if end is None or not verdict.is_otherwise(end.state, end.reason, row):
        return []
    return entry.news(replace(end, native_state=row.word))


def put_back(entries: Entries, entry: Entry, at: datetime) -> Observation:
    """Say that an attempt is over and has begun again as the next one.

    So an attempt is always as many after its base as its run is after the first, and its log is found without anybody's
    memory.
    """
    job_id, no = job_of_tag(entry.tag)
    before = entry.tag
    entry.run += 1
    entry.started, entry.told = None, None
    entries.rename(entry, tag_of(job_id, no + 1))
    logger.info("attempt %s was put back into the queue", before)
    return Observation(
        tag=before,
        state=State.QUEUED,
        reason=Reason.PREEMPTED,
        again=True,
        native_id=entry.native_id,
        at=at,
        message="the scheduler ended it and put it back into its queue",
    )


def sent_again(entry: Entry, at: datetime) -> Observation:
    """Say that an attempt never begins, and that its job is to be handed over anew."""
    logger.warning("attempt %s: the scheduler has forgotten it; it is sent again", entry.tag)
    return Observation(
        tag=entry.tag,
        state=State.ACCEPTED,
        reason=Reason.LOST,
        again=True,
        native_id=entry.native_id,
        at=at,
        message="the scheduler had taken it and forgot it before it began",
    )
