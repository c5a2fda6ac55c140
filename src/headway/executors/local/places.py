"""Whether the places that a job names answer: a network file system that hangs stops whoever asks it, for as long as it hangs.

So a thread asks, one a place, which may be stopped for ever; the helper itself goes on. A place that answered is good for
a moment: one that hangs just then still stops the helper. Nobody is asked where nothing is mounted that may hang.
"""

# The helper processes do without pathlib and threading: they cost memory, and paths are bytes here.

import _thread
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from headway.executors.local.wire import Launch

LIMIT_S = 5.0  #: a place that is silent for so long does not answer
_GOOD_S = 1.0
_MOST_ASKED = 64
_MOST_GOOD = 1024
_NEVER_S = float("-inf")
_PATH = b"PATH="


class Unanswered:
    """A place that was asked at ``since`` (monotonic) and has not answered yet."""

    __slots__ = ("place", "since")

    def __init__(self, place: bytes, since: float) -> None:
        self.place = place
        self.since = since

    def is_late(self) -> bool:
        """Tell whether it is not to be waited for any longer."""
        return time.monotonic() - self.since >= LIMIT_S


class Places:
    """Knows which places answered lately, and has others asked.

    ``wake`` is a descriptor that is written to when one has answered; ``may_hang`` tells whether any can be silent.
    """

    def __init__(self, wake: int, may_hang: Callable[[], bool]) -> None:
        self._wake = wake
        self._may_hang = may_hang
        self._good: dict[bytes, float] = {}
        self._asked: dict[bytes, float] = {}
        self._answered: deque[bytes] = deque()

    def unanswered(self, launch: Launch, inherited: dict[bytes, bytes]) -> Unanswered | None:
        """Give a place of the job's that has not answered lately, and have all those asked; None when there is none."""
        now = time.monotonic()
        self._take_answers(now)
        if not self._may_hang():
            return None
        silent = [
            place
            for place in places_of(launch, inherited)
            if now - self._good.get(place, _NEVER_S) > _GOOD_S
        ]
        for place in silent:
            self._ask(place, now)
        # Of several the one that was asked first.
        found = [Unanswered(place, self._asked.get(place, _NEVER_S)) for place in silent]
        return min(found, key=lambda one: one.since, default=None)

    def _take_answers(self, now: float) -> None:
        if len(self._good) > _MOST_GOOD:
            self._good.clear()
        while self._answered:
            place = self._answered.popleft()
            self._asked.pop(place, None)
            self._good[place] = now

    def _ask(self, place: bytes, now: float) -> None:
        """Have a place asked; not when too many are silent already: then it counts as silent, too."""
        if place in self._asked or len(self._asked) >= _MOST_ASKED:
            return
        self._asked[place] = now
        try:
            _thread.start_new_thread(self._look, (place,))
        except RuntimeError:  # no thread is to be had now: then it is asked next time
            del self._asked[place]

    def _look(self, place: bytes) -> None:
        with suppress(OSError):  # that is an answer, too
            os.stat(place)  # noqa: PTH116 -- see above
            os.statvfs(place)  # this one NFS never answers from what it remembers
        self._answered.append(place)
        with suppress(BlockingIOError):
            os.write(self._wake, b"\0")


def places_of(launch: Launch, inherited: dict[bytes, bytes]) -> list[bytes]:
    """List what the helper itself has to look at when it starts a job, without the job's own output."""
    places = [place for place in (launch.directory, launch.stdin_path) if place]
    program = launch.argv[0]
    if program.startswith(b"/"):
        places.append(program)
    elif b"/" not in program:
        places += [place for place in _path(launch, inherited).split(b":") if place[:1] == b"/"]
    return places


def _path(launch: Launch, inherited: dict[bytes, bytes]) -> bytes:
    for pair in launch.environment:
        if pair.startswith(_PATH):
            return pair[len(_PATH) :]
    return inherited.get(b"PATH", b"") if launch.inherit else b""
