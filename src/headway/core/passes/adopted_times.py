"""When foreign jobs were submitted, where their scheduler tells it only as long as they wait, as Grid Engine does. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from headway.core.model.names import NativeId
from headway.core.ports.foreign import ForeignJob

#: When those that are followed were submitted, by their native ids; an array of elements under its own.
Times: TypeAlias = Mapping[NativeId, datetime | None]


def by_key(rows: Collection[ForeignJob], singles: Times, arrays: Times) -> dict[str, ForeignJob]:
    """Give a listing's rows by their keys.

    A row without a time of submission is the followed job of its id, or an element of the array of which others are followed or
    listed with a time. And where nothing was known of the time at first, a time that is told later makes no other job of it.
    """
    if all(row.submitted is not None for row in rows) and None not in singles.values():
        return {row.key: row for row in rows}
    of_arrays = _told(rows) | dict(arrays)
    return {row.key: row for row in (_timed(each, singles, of_arrays) for each in rows)}


def _told(rows: Iterable[ForeignJob]) -> dict[NativeId, datetime | None]:
    return {
        row.array: row.submitted
        for row in rows
        if row.array is not None and row.submitted is not None
    }


def _timed(row: ForeignJob, singles: Times, arrays: Times) -> ForeignJob:
    if row.id in singles:
        time = singles[row.id]
        is_it = row.submitted is None or (time is None and not row.restarts)
    elif row.array is not None:
        time = arrays.get(row.array)
        is_it = row.submitted is None or (row.array in arrays and time is None)
    else:
        return row
    return replace(row, submitted=time) if is_it and time != row.submitted else row
