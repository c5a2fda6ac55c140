"""Our mark on PBS's jobs, job names that PBS takes, and its job ids. Pure.

The mark is a variable of the job (``qsub -v HEADWAY_MARK=…``): it comes back in ``Variable_List`` of every full listing, has room, and
leaves the name to the user. A name is cut off at 15 characters in tables, and Account_Name and project belong to the site.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId
from headway.executors.batch.values import cleaned

VARIABLE: Final = "HEADWAY_MARK"
_PREFIX: Final = "hw-"  # so that PBS's JSON never takes it for a number
_OTHERS: Final = re.compile(r"[^A-Za-z0-9.-]")
#: After check_job_name of OpenPBS 23.06: PBS_MAXJOBNAME characters, of which the first is a letter.
_LONGEST: Final = 230
_ALLOWED: Final = "A-Za-z0-9._+-"
_ID: Final = re.compile(r"(\d+)(\[(\d*)\])?((?:\.[A-Za-z0-9_.-]+)?)")


class Parts(NamedTuple):
    """What a job's id says: ``2[0].pbs1`` is the element 0 of ``2[].pbs1``."""

    array: NativeId | None
    element: int | None
    is_array: bool


def mark_of(tag: str) -> str:
    """Give the mark of a tag: itself behind ``hw-``, with what a list of variables should not hold as ``_hex-``."""
    return _PREFIX + _OTHERS.sub(lambda found: f"_{ord(found[0]):x}-", tag)


def job_name(name: str) -> str:
    """Clean a name; never empty, and begun with a letter."""
    found = cleaned(name, allowed=_ALLOWED, longest=_LONGEST - 1)
    if not found:
        return "job"
    return found if found[0].isalpha() else f"j{found}"


def parts_of(id_: str) -> Parts | None:
    """Take an id apart; None for what is none."""
    found = _ID.fullmatch(id_)
    if found is None:
        return None
    if not found[2]:
        return Parts(None, None, is_array=False)
    if not found[3]:
        return Parts(None, None, is_array=True)
    return Parts(NativeId(f"{found[1]}[]{found[4]}"), int(found[3]), is_array=False)


def checked_ids(ids: Sequence[NativeId]) -> list[str]:
    """Check ids before they go into a command.

    Raises:
        InvalidRequest: there are none, or one is no id of PBS's.
    """
    if not ids:
        raise InvalidRequest("no job's id was given", field="native_id")
    for each in ids:
        if parts_of(each) is None:
            raise InvalidRequest(f"{each!r} is no job id of PBS's", field="native_id")
    return list(ids)
