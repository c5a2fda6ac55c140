"""What workers say, as the core's values."""

from collections.abc import Sequence
from datetime import UTC, datetime

from headway.core.errors import InvalidRequest
from headway.core.model.names import WorkerId
from headway.core.model.worker import Report
from headway.lib.jsonvalue import JsonValue
from headway.protocols.rest.wire.bodies import CountersBody, WorkerBody
from headway.protocols.rest.wire.phrase import shown
from headway.protocols.rest.wire.times import utc
from headway.protocols.rest.wire.words import COLOUR


def report_of(worker: str, body: WorkerBody, *, now: datetime) -> Report:
    """Give a worker's report. One from the future, by a clock that is ahead, is from now."""
    return Report(
        worker=WorkerId(worker),
        current=body.current,
        total=body.total,
        ok=body.ok,
        desc=body.desc,
        at=now if body.at is None else min(now, _time_of(body.at)),
    )


def _time_of(at: datetime | float) -> datetime:
    if isinstance(at, datetime):
        return utc(at)
    return datetime.fromtimestamp(at, UTC)


def counter_values(
    body: CountersBody, *, field: str = ""
) -> Sequence[tuple[str, JsonValue, str | None]]:
    """Give counters as (key, value, colour).

    Raises:
        InvalidRequest: a colour is neither ``#`` with hexadecimal digits nor one word.
    """
    values: list[tuple[str, JsonValue, str | None]] = []
    for key, given in body.items():
        if isinstance(given, list):
            value, colour = given
            values.append((key, value, _colour(colour, f"{field}{key}[1]")))
        else:
            values.append((key, given, None))
    return values


def _colour(given: JsonValue, field: str) -> str | None:
    if given is None or (isinstance(given, str) and COLOUR.fullmatch(given)):
        return given
    raise InvalidRequest(
        f"{field} must be a colour such as #3b7dd8 or green, not {shown(given)}", field=field
    )
