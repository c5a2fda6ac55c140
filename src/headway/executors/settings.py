"""What executors' plugins read their settings with. A setting is named in whatever is wrong with it."""

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from headway.core.errors import InvalidRequest


def check_known(settings: Mapping[str, object], known: Iterable[str], *, of: str) -> None:
    """Check that all settings are known to an executor; ``of`` is its kind.

    Raises:
        InvalidRequest: one is not; the message names it, and those that are.
    """
    names = tuple(known)
    unknown = sorted(set(settings).difference(names))
    if unknown:
        near = get_close_matches(unknown[0], names, n=1)
        hint = f"did you mean {near[0]!r}? Known" if near else "known"
        raise InvalidRequest(
            f"executors.{of}: unknown setting {unknown[0]!r}; {hint}: {', '.join(names)}",
            field=unknown[0],
        )


def count_of(settings: Mapping[str, object], name: str, *, of: str) -> int | None:
    """Read a whole number above 0; None where it is not set.

    Raises:
        InvalidRequest: it is something else.
    """
    value = settings.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidRequest(
            f"executors.{of}: {name} must be a whole number above 0, not {value!r}", field=name
        )
    return value


def seconds_of(settings: Mapping[str, object], name: str, *, default_s: float, of: str) -> float:
    """Read a number of seconds, 0 or more.

    Raises:
        InvalidRequest: it is something else, or has no end.
    """
    value = settings.get(name, default_s)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _no_seconds(name, value, of)
    try:
        seconds = float(value)
    except OverflowError:
        raise _no_seconds(name, value, of) from None
    if not math.isfinite(seconds) or seconds < 0:
        raise _no_seconds(name, value, of)
    return seconds


def _no_seconds(name: str, value: object, of: str) -> InvalidRequest:
    return InvalidRequest(
        f"executors.{of}: {name} must be a number of seconds, 0 or more, not {value!r:.40}",
        field=name,
    )
