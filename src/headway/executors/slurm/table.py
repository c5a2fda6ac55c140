"""Tables whose cells may hold any text: names and comments with separators, newlines and whole forged lines in them.

Every cell ends with a *fence*, which is made anew for each server, so that nobody can have written it into a name or a comment
before. The header stays on, so that a table without jobs is told from no table.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from headway.core.errors import ExecutorUnavailable

_FENCE_STARTS: Final = "\x1e"


def fence_of(secret: str) -> str:
    """Make a fence. No comma: it would end a field of ``squeue --Format``. No digit first: it follows a field's width."""
    return f"{_FENCE_STARTS}{secret}"


def rows_of(text: str, *, fence: str, header: Sequence[str], program: str) -> Iterator[list[str]]:
    """Give the cells of each row, without the header's.

    Args:
        text: what was printed.
        header: what the first row must hold.

    Raises:
        ExecutorUnavailable: it is no whole table of this kind. Only a table that was cut right after a row looks whole.
    """
    width = len(header)
    cells = text.split(fence)
    if cells.pop() != "\n" or len(cells) % width or not cells:
        raise _no_table(text, program)
    if cells[:width] != list(header):
        raise _no_table(text, program)
    firsts = cells[width::width]
    if not all(first.startswith("\n") for first in firsts):
        raise _no_table(text, program)
    cells[width::width] = [first[1:] for first in firsts]
    # One row at a time: tens of thousands of lists at once are a long walk for Python's search for garbage.
    return (cells[at : at + width] for at in range(width, len(cells), width))


def rows_under(text: str, *, fence: str, program: str) -> tuple[Sequence[str], Iterator[list[str]]]:
    """Give the header of a table whose columns the program has chosen, and the cells of each row.

    Raises:
        ExecutorUnavailable: it is no whole table.
    """
    cells = text.split(fence)
    firsts = (at for at, cell in enumerate(cells) if cell.startswith("\n"))
    header = cells[: next(firsts, 0)]
    if not header:
        raise _no_table(text, program)
    return header, rows_of(text, fence=fence, header=header, program=program)


def _no_table(text: str, program: str) -> ExecutorUnavailable:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())
    return ExecutorUnavailable(
        f"{program} did not give a whole answer: {shown!r}" if shown else f"{program} said nothing"
    )
