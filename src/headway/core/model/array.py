"""An array's elements, as people write them: ``0-99``, ``1,3,7-9``, ``0-30:5``. Pure."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest, TooLarge

INDEX_VARIABLE: Final = "HEADWAY_ARRAY_INDEX"  #: where an element finds its index
MOST_ELEMENTS: Final = 10_000
HIGHEST_INDEX: Final = 999_999
_PART: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9})(?::([0-9]{1,9}))?)?", re.ASCII)


class Array(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One command, run once for each index. The job is the parent of its elements.

    Attributes:
        indices: ``0-99`` and the like; each element finds its own in ``HEADWAY_ARRAY_INDEX``.
        at_once: how many may run at a time; None for as many as the cluster takes.
    """

    indices: str
    at_once: int | None = None


def indices_of(text: str) -> Sequence[int]:
    """Read indices, in rising order, each once.

    Raises:
        InvalidRequest: it is not written so, or has an index above HIGHEST_INDEX.
        TooLarge: more than MOST_ELEMENTS.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, last, step = _range(part.strip())
        if (last - first) // step >= MOST_ELEMENTS or len(found) > MOST_ELEMENTS:
            raise _too_many()
        found.update(range(first, last + 1, step))
    if len(found) > MOST_ELEMENTS:
        raise _too_many()
    return sorted(found)


def count_of(text: str) -> int:
    """Tell how many indices ``as_text`` has written, however many; 0 for what it has not."""
    parts = [_PART.fullmatch(part) for part in text.split(",")]
    return sum(int(part[2] or part[1]) - int(part[1]) + 1 for part in parts if part is not None)


def as_text(indices: Sequence[int]) -> str:
    """Write rising indices, each once, as short as ranges make them: ``0-3,7``."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1][1:] = [index]
        else:
            runs.append([index])
    return ",".join("-".join(str(end) for end in run) for run in runs)


def _range(part: str) -> tuple[int, int, int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise InvalidRequest(
            f"array.indices: {part!r} is neither an index nor a range such as 0-99 or 0-99:5",
            field="array.indices",
        )
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    step = int(match[3]) if match[3] else 1
    if last > HIGHEST_INDEX:
        raise InvalidRequest(
            f"array.indices: {last} is above the highest index, {HIGHEST_INDEX}",
            field="array.indices",
        )
    if last < first or step < 1:
        raise InvalidRequest(
            f"array.indices: {part!r} holds nothing: a range rises, by a step of 1 or more",
            field="array.indices",
        )
    return first, last, step


def _too_many() -> TooLarge:
    return TooLarge(
        f"array.indices: an array has at most {MOST_ELEMENTS} elements", field="array.indices"
    )
