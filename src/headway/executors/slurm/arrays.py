"""Sets of indices as Slurm writes them: ``2-9%2``, ``0-10:2``, ``1,3,5-7``."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_SET: Final = re.compile(r"\[?(?P<ranges>[0-9][0-9,:-]*?)\]?(?:%[0-9]+\]?)?")
_RANGE: Final = re.compile(
    r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9})(?::(?P<step>[0-9]{1,9}))?)?"
)
_ELEMENT: Final = re.compile(r"([0-9]+)_([0-9]{1,9})")
_MAX_ELEMENTS: Final = 4_000_001  #: no Slurm takes a larger MaxArraySize, slurm.conf(5)


def indices_of(text: str) -> list[int] | None:
    """Read a set of indices; None for what is none, or not a whole one (Slurm shortens long ones with ``...``)."""
    whole = _SET.fullmatch(text)
    if whole is None:
        return None
    indices: list[int] = []
    for part in whole["ranges"].split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            return None
        first = int(found["first"])
        last = int(found["last"] or first)
        step = int(found["step"] or 1)
        if not step or not first <= last < _MAX_ELEMENTS:
            return None
        indices.extend(range(first, last + 1, step))
    return indices


def set_of(indices: Iterable[int], at_once: int | None = None) -> str:
    """Write indices as short as ``--array`` takes them: ``0-999%50``."""
    runs = ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in _runs(sorted(set(indices))))
    return runs if at_once is None else f"{runs}%{at_once}"


def in_sets(ids: Iterable[str]) -> list[str]:
    """Name jobs with one word for all elements of an array, ``7_[0-9,12]``: Slurm takes long over hundreds of words."""
    found: dict[str, list[int]] = {}
    for each in ids:
        element = _ELEMENT.fullmatch(each)
        if element is None:
            found[each] = []
        else:
            found.setdefault(f"{element[1]}_", []).append(int(element[2]))
    return [f"{word}{_named(indices)}" for word, indices in found.items()]


def _named(indices: list[int]) -> str:
    return f"[{set_of(indices)}]" if len(indices) > 1 else "".join(map(str, indices))


def _runs(indices: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for index in indices:
        if first is None or last is None:
            first = last = index
        elif index == last + 1:
            last = index
        else:
            yield first, last
            first = last = index
    if first is not None and last is not None:
        yield first, last
