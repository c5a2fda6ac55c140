"""Functions, as a server tells of them."""

import msgspec

from headway.core.model.state import State
from headway.lib.jsonvalue import JsonValue
from headway.sdk.model.jobs import JobFailure


class FunctionEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a function ended.

    Attributes:
        result: what it gave back; where that is long or no JSON, an object that says so.
    """

    id: str
    number: int = 0
    state: State
    reason: str | None = None
    status_text: str = ""
    exit_code: int | None = None
    signal: int | None = None
    error: JobFailure | None = None
    result: JsonValue = None


class FunctionEnds(msgspec.Struct, frozen=True):
    """Ends that came together; ``seq`` is where to go on from after a break.

    Attributes:
        is_reset: too much was missed: whoever waits has to ask for the jobs themselves.
    """

    seq: int
    ends: tuple[FunctionEnd, ...] = ()
    is_reset: bool = False
