"""Attempts that may come: their intent is on disk before anybody has stored their jobs, and they never run unless asked for.

The server tells of an attempt when it begins to store the job: two syncs go on side by side and not one after the other.
One that is not asked for soon, or whose server goes, is forgotten, durably: what comes later is a new intent.
"""

import time

from headway.executors.local import spawn
from headway.executors.local.attempts import Attempts
from headway.executors.local.peer import Peer
from headway.executors.local.wire import Launch

_LATE_S = 1.0


class Expected:
    """The attempts that are expected, each with its slot."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._unready: list[Launch] = []
        self._waiting: dict[bytes, tuple[int, Launch, Peer, float]] = {}

    def __contains__(self, tag: bytes) -> bool:
        return tag in self._waiting

    def add(self, launches: list[Launch], peer: Peer) -> None:
        """Expect what is not known yet. Where there is no room, whoever asks for it is told, then."""
        late_at = time.monotonic() + _LATE_S
        for launch in launches:
            if launch.tag not in self._attempts.slots:
                try:
                    slot = self._attempts.reserve(launch)
                except OSError:
                    return
                self._waiting[launch.tag] = slot, launch, peer, late_at
                self._unready.append(launch)

    def make_ready(self) -> None:
        """Make what the attempts will need, for whoever has nothing else to do."""
        while self._unready:
            launch = self._unready.pop()
            if launch.tag in self._waiting:
                spawn.make_ready(launch)

    def launch_of(self, tag: bytes) -> Launch | None:
        """Give what is expected; None when that is not, or not any more."""
        expected = self._waiting.get(tag)
        return None if expected is None else expected[1]

    def take(self, tag: bytes) -> int | None:
        """Give the slot of an attempt that is asked for now; None when it was not expected."""
        expected = self._waiting.pop(tag, None)
        return None if expected is None else expected[0]

    def wait_s(self) -> float | None:
        """Tell how long the first may still be late; None when none is expected."""
        if not self._waiting:
            return None
        first = min(late_at for *_, late_at in self._waiting.values())
        return max(0.0, first - time.monotonic())

    def drop_late(self) -> None:
        """Forget what was not asked for in time."""
        if self._waiting:
            now = time.monotonic()
            self._drop([tag for tag, (*_, late_at) in self._waiting.items() if late_at <= now])

    def drop_of(self, peer: Peer) -> None:
        """Forget what a server named that has gone."""
        self._drop([tag for tag, (_, _, whose, _) in self._waiting.items() if whose is peer])

    def drop_all(self) -> None:
        """Forget everything: nothing is started here any more."""
        self._drop(list(self._waiting))

    def _drop(self, tags: list[bytes]) -> None:
        for tag in tags:
            slot, launch, *_ = self._waiting.pop(tag)
            self._attempts.withdraw(slot)
            spawn.unmake(launch)
