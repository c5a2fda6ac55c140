"""A Job as a row and back: what is filtered, sorted or shown in lists in columns, the rest as one JSON object."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec

from headway.core.model.callback import Callback
from headway.core.model.job import CancelRequest, Job, JobError, Kind, Origin, Usage
from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.core.model.state import Reason
from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.stores.sql.codes import (
    STATE_CODES,
    STATES,
    id_bytes,
    id_of,
    optional_id_bytes,
    optional_id_of,
)
from headway.stores.sql.times import micros, micros_or_none, time_of, time_or_none

Value: TypeAlias = int | float | str | bytes | None
Encoder: TypeAlias = Callable[[Any], Value]


class Rest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a Job that no query needs, under their own names."""

    cancel: CancelRequest | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: JobError | None = None
    inputs: JsonObject = msgspec.field(default_factory=dict)
    outputs: JsonObject = msgspec.field(default_factory=dict)
    result: JsonValue = None
    extra: JsonObject = msgspec.field(default_factory=dict)
    url: str | None = None
    native_id: NativeId | None = None
    worker_count: int | None = None
    max_age_s: float | None = None
    will_finish: bool = False
    origin: Origin | None = None
    callbacks: tuple[Callback, ...] = ()
    usage: Usage | None = None
    expires: int | None = None


def _labels(labels: Sequence[str]) -> str | None:
    return json_text(labels) if labels else None


def _word(member: StrEnum | None) -> str | None:
    return None if member is None else str(member)


#: Column -> the Job's field and how its value is stored (None: as it is); in the order of the table. ``spec`` and
#: ``body`` follow.
COLUMNS: Final[Mapping[str, tuple[str, Encoder | None]]] = {
    "number": ("number", None),
    "id": ("id", id_bytes),
    "seq": ("seq", None),
    "rev": ("rev", None),
    "kind": ("kind", _word),
    "protocol": ("protocol", None),
    "owner": ("owner", None),
    "project": ("project", None),
    "parent": ("parent", optional_id_bytes),
    "position": ("index", None),
    "name": ("name", None),
    "state": ("state", STATE_CODES.__getitem__),
    "reason": ("reason", _word),
    "status_text": ("status_text", None),
    "labels": ("labels", _labels),
    "cluster": ("cluster", None),
    "attempt": ("attempt", None),
    "created": ("created", micros),
    "queued": ("queued", micros_or_none),
    "started": ("started", micros_or_none),
    "ended": ("ended", micros_or_none),
    "updated": ("updated", micros),
    "hidden": ("hidden", micros_or_none),
}

_FIELDS: Final = tuple(field for field, _ in COLUMNS.values())
_ENCODERS: Final = tuple((column, encode) for column, (_, encode) in COLUMNS.items())
_ENCODED: Final = tuple((n, encode) for n, (_, encode) in enumerate(_ENCODERS) if encode)
_REST_FIELDS: Final = tuple(field for field in Rest.__struct_fields__ if field != "expires")
_LONG: Final = 32 << 10
_EMPTY: Final = "{}"
_NOTHING: Final = attrgetter(*_REST_FIELDS, "expires")(Rest())
_columns_of: Final = attrgetter(*_FIELDS)
_rest_of: Final = attrgetter(*_REST_FIELDS, "expires")
_kept_rest_of: Final = attrgetter(*_REST_FIELDS)

_encoder: Final = msgspec.json.Encoder()
_rest_decoder: Final = msgspec.json.Decoder(Rest)
_labels_decoder: Final = msgspec.json.Decoder(tuple[str, ...])
_spec_decoder: Final = msgspec.json.Decoder(Spec)
_REASONS: Final[dict[str | None, Reason | None]] = {reason.value: reason for reason in Reason}
_REASONS[None] = None
_KINDS: Final = {kind.value: kind for kind in Kind}

#: All columns of a new row, in the order of ``row_of``.
INSERTED: Final = (*COLUMNS, "spec", "body")

#: What ``job_of`` reads, from ``job LEFT JOIN spec``.
SELECTED: Final = ", ".join(f"job.{name}" for name in (*COLUMNS, "body")) + ", spec.body"


def json_text(value: object) -> str:
    """Give JSON as text.

    Raises:
        ValueError, TypeError: the value is not JSON, or not Unicode.
    """
    return _encoder.encode(value).decode()


def row_of(job: Job, *, spec: int | None) -> tuple[Value, ...]:
    """Give a job's row, ``spec`` being its spec's id."""
    columns = list(_columns_of(job))
    for place, encode in _ENCODED:
        columns[place] = encode(columns[place])
    return (*columns, spec, _body(job))


def differences(before: Job, after: Job) -> dict[str, Value]:
    """Give the columns, ``spec`` left out, that must be set to make one row of a job another."""
    changed: dict[str, Value] = {}
    pairs = zip(_ENCODERS, _columns_of(before), _columns_of(after), strict=True)
    for (column, encode), old, new in pairs:
        if old is not new and old != new:
            changed[column] = new if encode is None else encode(new)
    if _rest_of(before) != _rest_of(after):
        changed["body"] = _body(after)
    return changed


def job_of(row: Sequence[Any]) -> Job:
    """Read a job back from the columns ``SELECTED``."""
    body = row[23]
    # Many bodies say nothing: a group's jobs are read by the ten thousand.
    rest = {} if body == _EMPTY else _kept_of(_rest_decoder.decode(body))
    return Job(
        number=row[0],
        id=id_of(row[1]),
        seq=row[2],
        rev=row[3],
        kind=_KINDS[row[4]],
        protocol=row[5],
        owner=row[6],
        project=row[7],
        parent=optional_id_of(row[8]),
        index=row[9],
        name=row[10],
        state=STATES[row[11]],
        reason=_REASONS[row[12]],
        status_text=row[13],
        labels=labels_of(row[14]),
        cluster=row[15],
        attempt=row[16],
        created=time_of(row[17]),
        queued=time_or_none(row[18]),
        started=time_or_none(row[19]),
        ended=time_or_none(row[20]),
        updated=time_of(row[21]),
        hidden=time_or_none(row[22]),
        spec=_spec_of(row[24]),
        **rest,
    )


def _kept_of(rest: Rest) -> dict[str, Any]:
    """Give the fields of a Job that its body has."""
    kept = dict(zip(_REST_FIELDS, _kept_rest_of(rest), strict=True))
    kept["expires"] = time_or_none(rest.expires)
    return kept


def labels_of(value: str | None) -> tuple[str, ...]:
    """Read the column ``labels``."""
    return _labels_decoder.decode(value) if value else ()


def _body(job: Job) -> str:
    values = _rest_of(job)
    if values == _NOTHING:
        return _EMPTY
    fields = {
        name: value
        for name, value, nothing in zip(_REST_FIELDS, values, _NOTHING, strict=False)
        if value is not nothing and value != nothing
    }
    if job.expires is not None:
        fields["expires"] = micros(job.expires)
    return json_text(fields)


def _spec_of(body: str | None) -> Spec:
    if (
        body is not None and len(body) > _LONG
    ):  # a function with its data: not to be held by the thousand
        return _spec_decoder.decode(body)
    return _short_spec_of(body)


@lru_cache(maxsize=1024)
def _short_spec_of(body: str | None) -> Spec:
    return Spec() if body is None else _spec_decoder.decode(body)
