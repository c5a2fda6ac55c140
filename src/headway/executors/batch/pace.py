"""When the scheduler is asked next. Pure: times are seconds on any clock that does not go back."""

from typing import Final

IDLE_S: Final = 15.0  #: four listings a minute when nobody asks for more
_WATCHED_S: Final = 1.0
_WATCHED_FOR_S: Final = 5.0
_FRESH_S: Final = 4.0  #: so long after a submission its job is looked for in the listing
SHARE: Final = 0.1  #: a listing that took a second is not repeated within nine


class Pace:
    """Decides on the next listing: rarely by itself, soon when somebody looks or something was asked, never as a burden.

    Args:
        idle_s: between listings when nothing asks for more.
        share: of the time, listings take at most so much, whoever asks; above 0 and at most 1.
    """

    def __init__(self, *, idle_s: float = IDLE_S, share: float = SHARE) -> None:
        self._idle_s = idle_s
        self._rests = 1 / share - 1  # for each second of listing
        self._last_s = 0.0
        self._took_s = 0.0
        self._watched_until_s = 0.0
        self._wanted_s: float | None = None

    def listed(self, *, at_s: float, took_s: float) -> None:
        """Hear that a listing ended."""
        self._last_s, self._took_s = at_s, took_s
        if self._wanted_s is not None and self._wanted_s <= at_s:
            self._wanted_s = None

    def rested(self, *, at_s: float) -> None:
        """Hear that until now there was nobody to be looked for, so that nothing was missed."""
        self._last_s = max(self._last_s, at_s)

    def watched(self, *, at_s: float) -> None:
        """Hear that somebody looks."""
        self._watched_until_s = at_s + _WATCHED_FOR_S

    def is_watched(self, *, at_s: float) -> bool:
        """Tell whether somebody has looked just now."""
        return at_s < self._watched_until_s

    def want(self, *, at_s: float, in_s: float = _FRESH_S) -> None:
        """Have a listing no later than ``in_s`` from now."""
        wanted_s = at_s + in_s
        if self._wanted_s is None or wanted_s < self._wanted_s:
            self._wanted_s = wanted_s

    def next_s(self, *, at_s: float) -> float:
        """Tell when the next listing is due."""
        every_s = _WATCHED_S if self.is_watched(at_s=at_s) else self._idle_s
        if at_s < self._last_s:  # the clock was set back
            return at_s
        due_s = self._last_s + min(every_s, self._idle_s)
        if self._wanted_s is not None:
            due_s = min(due_s, self._wanted_s)
        return max(due_s, self._last_s + self._rests * self._took_s)
