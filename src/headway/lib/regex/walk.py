"""Going along one line from a known place, for the longest match from there."""

from typing import Final

from headway.lib.regex.machine import Machine, Side, Steps, side_of

_MOST_MADE: Final = 300


class Walk:
    """Finds where the longest match ends that begins at the text's beginning."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[tuple[Steps, Side, int], tuple[bool, Steps]] = {}

    def longest(self, line: bytes, *, before: Side) -> int | None:
        """Give the end of the longest match that begins the line (which has its end); None without one.

        With an expression so tangled that this would take long, the end may be that of a shorter one.
        """
        steps: Steps = frozenset((self._machine.start,))
        found = None
        made = 0
        for at, byte in enumerate(line):
            kind = self._machine.classes[byte]
            key = (steps, before, kind)
            known = self._known.get(key)
            if known is None:
                made += 1
                if made > _MOST_MADE:
                    break
                known = self._known[key] = self._step(steps, before, byte)
            if known[0]:
                found = at
            steps, before = known[1], side_of(byte)
            if not steps:
                break
        if len(self._known) > 10 * _MOST_MADE:
            self._known.clear()
        return found

    def _step(self, steps: Steps, before: Side, byte: int) -> tuple[bool, Steps]:
        is_match, takes = self._machine.reached(steps, before, side_of(byte))
        return is_match, frozenset(to for mask, to in takes if mask >> byte & 1)
