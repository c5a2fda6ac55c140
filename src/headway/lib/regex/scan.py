"""Going over text in search of the first line that matches: one look into a table for each byte.

The table is made while it is needed (a lazy deterministic automaton), and thrown away when it becomes too large.
"""

from operator import length_hint
from typing import Any, Final, TypeAlias

from headway.lib.regex.machine import Machine, Side, Steps, side_of

#: Row of the table: for each byte the next row, or what stands where there is none; at the end what the row stands for.
_Row: TypeAlias = list[Any]
_MOST_ROWS: Final = 1000
_KEY: Final = 256


class _Unknown:
    """Stands where a row is not made yet; it knows the row it stands in. Looking into it raises TypeError."""

    def __init__(self) -> None:
        self.row: _Row = []


_FOUND: Final = object()  # stands where a match ends; looking into it raises TypeError


class Found:
    """A match ends at ``end``."""

    def __init__(self, end: int) -> None:
        self.end = end


class Paused:
    """So much work was done that others should have their turn; ``scan`` goes on from ``at``."""

    def __init__(self, at: int) -> None:
        self.at = at


class Scan:
    """Searches, line after line. It stays between two bytes where it paused."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._rows: dict[tuple[Steps, Side], _Row] = {}
        self._row = self._first()

    def begin(self) -> None:
        """Go to the beginning of a line."""
        self._row = self._first()

    def scan(self, text: bytes, at: int, end: int, *, work: int) -> Found | Paused | None:
        """Search lines, each with its end, from ``at`` to ``end``; None when nothing was found.

        ``work`` bounds how many steps are taken in making rows; looking into made ones costs none.
        """
        row = self._row
        part = text if end == len(text) else text[:end]
        bytes_left = iter(part)
        while True:
            bytes_left.__setstate__(at)  # type: ignore[attr-defined]
            try:
                for byte in bytes_left:
                    row = row[byte]
                at = end
            except TypeError:
                at = end - length_hint(bytes_left) - 1
            if row is _FOUND:
                return Found(at - 1)
            if not isinstance(row, _Unknown):
                self._row = row
                return None
            if work <= 0:
                self._row = row.row
                return Paused(at - 1)
            work -= self._machine.size
            row = self._make(row.row, text[at - 1])
            if row is _FOUND:
                return Found(at - 1)

    def _first(self) -> _Row:
        return self._row_of(frozenset((self._machine.start,)), Side.EDGE)

    def _make(self, row: _Row, byte: int) -> Any:  # noqa: ANN401 -- a row, or what stands for none
        steps, before = row[_KEY]
        after = side_of(byte)
        is_match, takes = self._machine.reached(steps, before, after)
        if is_match:
            then: Any = _FOUND
        elif after is Side.EDGE:
            then = self._first()
        else:
            led = {to for mask, to in takes if mask >> byte & 1}
            then = self._row_of(frozenset((*led, self._machine.start)), after)
        for alike in self._machine.members[self._machine.classes[byte]]:
            row[alike] = then
        return then

    def _row_of(self, steps: Steps, before: Side) -> _Row:
        key = (steps, before)
        known = self._rows.get(key)
        if known is not None:
            return known
        if len(self._rows) >= _MOST_ROWS:
            self._rows.clear()
        unknown = _Unknown()
        unknown.row = self._rows[key] = [*[unknown] * 256, key]
        return unknown.row
