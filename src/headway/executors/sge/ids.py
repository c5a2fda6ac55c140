"""Grid Engine's job ids: ``1234``, and ``1234.5`` for a task of an array."""

import re
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId

_ID: Final = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,9}))?")


def checked(native_id: NativeId) -> str:
    """Give an id that is one: qdel and qstat take names and patterns of names in its place.

    Raises:
        InvalidRequest: it is none.
    """
    if _ID.fullmatch(native_id) is None:
        raise InvalidRequest(
            f"{native_id!r} is no job id of Grid Engine's; those are numbers, with .N for a task",
            field="native_id",
        )
    return native_id


def array_of(native_id: NativeId) -> str:
    """Give the id without its task.

    Raises:
        InvalidRequest: it is no id.
    """
    return checked(native_id).partition(".")[0]
