"""Settings that are text or a number, read with words for what is wrong."""

import math
from collections.abc import Mapping
from typing import Final

from headway.core.errors import InvalidRequest

BEAT_S: Final = 2.0


def text(settings: Mapping[str, object], name: str) -> str:
    """Give a text, "" when it is not set.

    Raises:
        InvalidRequest: it is something else.
    """
    value = settings.get(name, "")
    if not isinstance(value, str):
        raise InvalidRequest(
            f"executors.functions: {name} must be a text, not {value!r}", field=name
        )
    return value


def beat_s(settings: Mapping[str, object]) -> float:
    """Give how often workers renew their claims.

    Raises:
        InvalidRequest: it is no number of seconds above 0.
    """
    value = settings.get("beat_s", BEAT_S)
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = -1.0
    if not (math.isfinite(value) and value > 0):
        raise InvalidRequest(
            "executors.functions: beat_s must be a number of seconds above 0", field="beat_s"
        )
    return float(value)
