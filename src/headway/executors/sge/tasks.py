"""Array tasks: Grid Engine numbers them from 1 with a step, Headway from 0 with any gaps."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from headway.core.errors import InvalidRequest

#: What is added to an index of ours to have Grid Engine's.
OFFSET: Final = 1
_RANGE: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9})(?::([0-9]{1,9}))?)?")


def to_option(indices: Sequence[int]) -> str:
    """Give what follows ``-t``: ``1-10:3``.

    Raises:
        InvalidRequest: the indices are not evenly spaced; one submission takes a first, a last and a step.
    """
    wanted = sorted(set(indices))
    if not wanted or wanted[0] < 0:
        raise InvalidRequest("an array needs at least one index, 0 and up", field="elements")
    step = wanted[1] - wanted[0] if len(wanted) > 1 else 1
    if wanted != list(range(wanted[0], wanted[-1] + 1, step)):
        raise InvalidRequest(
            "Grid Engine takes an array's indices only as first, last and step (-t 1-10:3); submit these in several arrays",
            field="elements",
        )
    return f"{wanted[0] + OFFSET}-{wanted[-1] + OFFSET}:{step}"


def tasks_in(text: str, *, most: int) -> Iterator[int]:
    """Read ``1,3,7-11:2`` as qstat writes it.

    Raises:
        ValueError: it is no list of tasks, or names more than ``most``.
    """
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"{text!r} is no list of tasks")
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        span = range(first, last + 1, int(found[3]) if found[3] else 1)
        most -= len(span)
        if most < 0:
            raise ValueError(f"{text[:100]!r} names too many tasks")
        yield from span
