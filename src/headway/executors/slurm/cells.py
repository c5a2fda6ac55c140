"""What stands in one cell of what squeue and sacct print."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_NOTHING: Final = frozenset({"", "N/A", "n/a", "(null)", "None", "None assigned", "Unknown"})
_MOST_DIGITS: Final = 10  #: of a time, until the year 2286
_KEPT: Final = 4096  #: times that were read and are remembered


def is_nothing(cell: str) -> bool:
    """Tell whether a cell says that there is nothing to say."""
    return cell in _NOTHING


def words_of(cell: str) -> str:
    """Read words; "" for none."""
    return "" if cell in _NOTHING else cell


def number_of(cell: str) -> int | None:
    """Read a number from 0 on."""
    plain = len(cell) <= _MOST_DIGITS and cell.isascii() and cell.isdecimal()
    return int(cell) if plain else None


@lru_cache(maxsize=_KEPT)
def time_of(cell: str) -> datetime | None:
    """Read epoch seconds; 0 stands for no time."""
    seconds = number_of(cell)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
