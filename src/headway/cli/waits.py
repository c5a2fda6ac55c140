"""Saying why a job waits, to who waits for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from headway.cli.output import say
from headway.core.errors import HeadwayError
from headway.sdk.client import Client
from headway.sdk.model import Why

_FIRST_S: Final = 3.0
_LONGEST_S: Final = 60.0
_WAITS: Final = frozenset({"accepted", "queued"})


@contextmanager
def waits_told(client: Client, ref: str, *, quiet: bool) -> Iterator[None]:
    """Say while what is inside goes on why a job waits, once that takes some seconds; ``quiet`` says nothing."""
    if quiet:
        yield
        return
    over = threading.Event()
    threading.Thread(
        target=tell_waits, args=(lambda: client.why(ref), over.wait), daemon=True
    ).start()
    try:
        yield
    finally:
        over.set()


def tell_waits(ask: Callable[[], Why], wait: Callable[[float], bool]) -> None:
    """Say why a job waits, and again when the reason is another, until it has begun; asks more and more seldom.

    Args:
        wait: waits for so many seconds; true when nobody wants to know any more.
    """
    pause_s = _FIRST_S
    said: tuple[str, str | None] | None = None
    while not wait(pause_s):
        pause_s = min(2 * pause_s, _LONGEST_S)
        try:
            told = ask()
        except HeadwayError:
            continue  # who waits for the job is told, or bears it
        if told.state not in _WAITS or wait(0.0):
            return
        if (told.state, told.reason) != said:
            said = told.state, told.reason
            say(f"job {told.number} {_sentence(told)}")


def _sentence(told: Why) -> str:
    words = told.headline
    return words.removeprefix("It ") if words.startswith("It ") else f"is {told.state}: {words}"
