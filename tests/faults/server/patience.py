"""Waiting for what no event tells, with an end to the patience."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_S: Final = 120.0
_LOOK_AGAIN_S: Final = 0.01


def eventually(ask: Callable[[], T | None], *, what: str, patience_s: float = PATIENCE_S) -> T:
    """Ask until the answer is true or what counts as such; gives it."""
    until = time.monotonic() + patience_s
    while not (answer := ask()):
        assert time.monotonic() < until, f"not within {patience_s:g} s: {what}"
        time.sleep(_LOOK_AGAIN_S)
    return answer
