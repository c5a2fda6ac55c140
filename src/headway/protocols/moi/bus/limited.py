"""A log that others can make longer by what they send, and so is kept short."""

import logging
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 60.0
_LONGEST: Final = 300


class Limited:
    """One line a minute; the next one says how many there would have been."""

    def __init__(self, logger: logging.Logger, clock_s: Callable[[], float]) -> None:
        self._logger = logger
        self._clock_s = clock_s
        self._since_s: float | None = None
        self._left_out = 0

    def say(self, words: str) -> None:
        """Log this, or count it."""
        now_s = self._clock_s()
        if self._since_s is not None and now_s - self._since_s < _EVERY_S:
            self._left_out += 1
            return
        more = f" (and {self._left_out} more like it before)" if self._left_out else ""
        self._logger.warning("%s%s", words[:_LONGEST], more)
        self._since_s, self._left_out = now_s, 0
