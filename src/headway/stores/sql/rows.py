"""All records but jobs, as rows and back."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from headway.core.model.change import Alias, RequestKey
from headway.core.model.event import Event, EventType
from headway.core.model.job import Attempt, Usage
from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.principal import Scope, Token
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.state import Reason, State
from headway.core.model.worker import Counter, Worker
from headway.lib.jsonvalue import JsonObject
from headway.stores.sql.job_rows import Value, json_text
from headway.stores.sql.times import micros, micros_or_none, time_of, time_or_none


class _AttemptBody(msgspec.Struct, frozen=True, omit_defaults=True):
    native_info: JsonObject = msgspec.field(default_factory=dict)
    usage: Usage | None = None
    state: State | None = None
    reason: Reason | None = None
    message: str = ""


_attempt_decoder: Final = msgspec.json.Decoder(_AttemptBody)
_NO_GROUP: Final = (None, None)
_json_decoder: Final = msgspec.json.Decoder()

WORKER_COLUMNS: Final = (
    'id, seq, current, total, ok, "desc", first_seen, first_current, updated, interval_s'
)
EVENT_COLUMNS: Final = "seq, job, time, type, actor, protocol, data, group_owner, group_id"
ATTEMPT_COLUMNS: Final = (
    "no, cluster, native_id, native_state, host, sent, started, ended, exit_code, signal, body"
)
COUNTER_COLUMNS: Final = "position, key, value, colour, updated, seq"
TOKEN_COLUMNS: Final = "id, owner, note, scopes, secret_hash, created, expires, revoked"  # noqa: S105 -- columns

FILTER_COLUMNS: Final = "owner, name, q, created"


def worker_row(number: int, worker: Worker) -> tuple[Value, ...]:
    """Give a worker's row: the job's number, then ``WORKER_COLUMNS``."""
    return (
        number,
        worker.id,
        worker.seq,
        worker.current,
        worker.total,
        worker.ok,
        worker.desc,
        micros(worker.first_seen),
        worker.first_current,
        micros(worker.updated),
        worker.interval_s,
    )


def worker_of(job: JobId, row: Sequence[Any]) -> Worker:
    """Read a worker back from ``WORKER_COLUMNS``."""
    return Worker(
        job=job,
        id=row[0],
        seq=row[1],
        current=row[2],
        total=row[3],
        ok=bool(row[4]),
        desc=row[5],
        first_seen=time_of(row[6]),
        first_current=row[7],
        updated=time_of(row[8]),
        interval_s=row[9],
    )


def event_row(number: int | None, event: Event) -> tuple[Value, ...]:
    """Give an event's row: ``EVENT_COLUMNS``, with the job's number."""
    return (
        event.seq,
        number,
        micros(event.time),
        str(event.type),
        event.actor,
        event.protocol,
        json_text(event.data),
        *(event.group or _NO_GROUP),
    )


def event_of(job: JobId | None, row: Sequence[Any]) -> Event:
    """Read an event back from ``EVENT_COLUMNS``."""
    return Event(
        seq=row[0],
        job=job,
        time=time_of(row[2]),
        type=EventType(row[3]),
        actor=row[4],
        protocol=row[5],
        data=_json_decoder.decode(row[6]),
        group=None if row[7] is None else (row[7], GroupId(row[8])),
    )


def attempt_row(number: int, attempt: Attempt) -> tuple[Value, ...]:
    """Give an attempt's row: the job's number, then ``ATTEMPT_COLUMNS``."""
    return (
        number,
        attempt.no,
        attempt.cluster,
        attempt.native_id,
        attempt.native_state,
        attempt.host,
        micros_or_none(attempt.sent),
        micros_or_none(attempt.started),
        micros_or_none(attempt.ended),
        attempt.exit_code,
        attempt.signal,
        json_text(
            _AttemptBody(
                native_info=attempt.native_info,
                usage=attempt.usage,
                state=attempt.state,
                reason=attempt.reason,
                message=attempt.message,
            )
        ),
    )


def attempt_of(job: JobId, row: Sequence[Any]) -> Attempt:
    """Read an attempt back from ``ATTEMPT_COLUMNS``."""
    body = _attempt_decoder.decode(row[10])
    return Attempt(
        job=job,
        no=row[0],
        cluster=row[1],
        native_id=row[2],
        native_state=row[3],
        host=row[4],
        sent=time_or_none(row[5]),
        started=time_or_none(row[6]),
        ended=time_or_none(row[7]),
        exit_code=row[8],
        signal=row[9],
        native_info=body.native_info,
        usage=body.usage,
        state=body.state,
        reason=body.reason,
        message=body.message,
    )


def counter_row(number: int, counter: Counter) -> tuple[Value, ...]:
    """Give a counter's row: the job's number, then ``COUNTER_COLUMNS``."""
    value = json_text(counter.value)
    return (
        number,
        counter.position,
        counter.key,
        value,
        counter.colour,
        micros(counter.updated),
        counter.seq,
    )


def counter_of(job: JobId, row: Sequence[Any]) -> Counter:
    """Read a counter back from ``COUNTER_COLUMNS``."""
    return Counter(
        job=job,
        position=row[0],
        key=row[1],
        value=_json_decoder.decode(row[2]),
        colour=row[3],
        updated=time_of(row[4]),
        seq=Seq(row[5]),
    )


def alias_of(job: JobId, row: Sequence[Any]) -> Alias:
    """Read an alias back from namespace, key, generation and shown."""
    return Alias(namespace=row[0], key=row[1], generation=row[2], shown=row[3], job=job)


def request_key_of(job: JobId, row: Sequence[Any]) -> RequestKey:
    """Read an idempotency key back from caller, key, digest and at."""
    return RequestKey(caller=row[0], key=row[1], digest=row[2], at=time_of(row[3]), job=job)


def token_row(token: Token) -> tuple[Value, ...]:
    """Give a token's row: ``TOKEN_COLUMNS``."""
    return (
        token.id,
        token.user,
        token.note,
        " ".join(sorted(token.scopes)),
        token.secret_hash,
        micros(token.created),
        micros_or_none(token.expires),
        micros_or_none(token.revoked),
    )


def token_of(row: Sequence[Any]) -> Token:
    """Read a token back from ``TOKEN_COLUMNS``."""
    return Token(
        id=row[0],
        user=row[1],
        note=row[2],
        scopes=frozenset(Scope(word) for word in row[3].split()),
        secret_hash=row[4],
        created=time_of(row[5]),
        expires=time_or_none(row[6]),
        revoked=time_or_none(row[7]),
    )


def filter_row(saved: SavedFilter) -> tuple[Value, ...]:
    """Give a filter's row: ``FILTER_COLUMNS``."""
    return saved.user, saved.name, saved.q, micros(saved.created)


def filter_of(row: Sequence[Any]) -> SavedFilter:
    """Read a filter back from ``FILTER_COLUMNS``."""
    return SavedFilter(user=row[0], name=row[1], q=row[2], created=time_of(row[3]))
