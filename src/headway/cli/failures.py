"""What the command's exit status says."""

from collections.abc import Mapping
from typing import Final

from headway.core.errors import (
    HeadwayError,
    InvalidRequest,
    NotFound,
    ServerUnreachable,
    TimedOut,
)

OK: Final = 0
JOB_FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
REFUSED: Final = 4
UNREACHABLE: Final = 5
OUT_OF_TIME: Final = 124  # as timeout(1)
INTERRUPTED: Final = 130  # as a shell shows the end by SIGINT

_CODES: Final[Mapping[type[HeadwayError], int]] = {
    InvalidRequest: USAGE,
    NotFound: NOT_FOUND,
    ServerUnreachable: UNREACHABLE,
    TimedOut: OUT_OF_TIME,
}


def exit_code_of(error: HeadwayError) -> int:
    """Give the exit status for an error; what the server would not do is a refusal."""
    for kind in type(error).__mro__:
        if issubclass(kind, HeadwayError) and kind in _CODES:
            return _CODES[kind]
    return REFUSED
