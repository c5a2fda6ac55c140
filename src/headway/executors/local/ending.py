"""Ends attempts: SIGTERM to the whole tree, a time of grace, SIGKILL, and no last word before the tree is gone.

The helper is a subreaper, so a process whose parent died becomes its child and is seen again, however it tried to leave.
"""

import heapq
import os
import signal
import time

from headway.executors.local import process
from headway.executors.local.attempts import Attempts
from headway.executors.local.record import Cause, Phase

_ROUND_S = 0.02  #: between two looks at trees that are to end
_NEVER_S = float("inf")


class Endings:
    """The attempts that are being ended, and those whose limits will come.

    Attributes:
        grace_s: between SIGTERM and SIGKILL.
    """

    def __init__(self, attempts: Attempts, *, grace_s: float) -> None:
        self.grace_s = grace_s
        self._attempts = attempts
        self._asked: dict[int, set[int]] = {}  #: slot to the processes that were sent SIGTERM
        self._kill_at: dict[int, float] = {}
        self._limits: list[tuple[float, int, int]] = []
        self._next_round = _NEVER_S

    def watch(self, slot: int) -> None:
        """Take up an attempt that runs: its limit, and an ending that somebody began."""
        record = self._attempts.records[slot]
        if record.limit_s and record.cause is Cause.NONE:
            at = record.started_mono + record.limit_s
            heapq.heappush(self._limits, (at, slot, record.serial))
        if record.cut_mono:
            self._clear(slot, kill_at=record.cut_mono + self.grace_s)

    def cut(self, slot: int, cause: Cause) -> None:
        """Begin to end an attempt; nothing to do when its main process has ended or somebody began before."""
        record = self._attempts.records[slot]
        if record.phase is not Phase.RUNNING or record.cause is not Cause.NONE:
            return
        record.cause = cause
        record.caught = process.catches_term(record.pid)
        record.cut_mono = time.monotonic()
        self._attempts.write(
            slot
        )  # before the signal: an end that we caused is never taken for its own
        self._clear(slot, kill_at=record.cut_mono + self.grace_s)

    def wait_s(self) -> float | None:
        """Tell how long nothing is to be done here; None for as long as nothing else happens."""
        first = min(self._next_round, self._limits[0][0] if self._limits else _NEVER_S)
        return None if first == _NEVER_S else max(0.0, first - time.monotonic())

    def act(self) -> None:
        """Do what is due: limits, signals, last words."""
        now = time.monotonic()
        self._pass_limits(now)
        if self._attempts.just_ended:
            self._look_at_ended()
        if now >= self._next_round:
            self._round(now)

    def _pass_limits(self, now: float) -> None:
        while self._limits and self._limits[0][0] <= now:
            _, slot, serial = heapq.heappop(self._limits)
            record = self._attempts.records.get(slot)
            if record is not None and record.serial == serial:
                self.cut(slot, Cause.LIMIT)

    def _look_at_ended(self) -> None:
        left_over = self._attempts.left_over()
        for slot in list(self._attempts.just_ended):
            self._attempts.just_ended.discard(slot)
            if slot not in left_over:
                self._done(slot)
            elif slot not in self._kill_at:
                # It ended by itself and left something behind: that goes too, before the last word.
                record = self._attempts.records[slot]
                record.cut_mono = time.monotonic()
                self._attempts.note(slot)
                self._clear(slot, kill_at=record.cut_mono + self.grace_s)

    def _clear(self, slot: int, *, kill_at: float) -> None:
        self._asked[slot] = set()
        self._kill_at[slot] = kill_at
        self._next_round = 0.0

    def _done(self, slot: int) -> None:
        self._asked.pop(slot, None)
        self._kill_at.pop(slot, None)
        self._attempts.gone(slot)

    def _round(self, now: float) -> None:
        left_over = self._attempts.left_over()
        for slot, kill_at in list(self._kill_at.items()):
            left = left_over.get(slot, [])
            if self._attempts.records[slot].phase is Phase.ENDED and not left:
                self._done(slot)
            else:
                self._signal_tree(slot, left, by_force=now >= kill_at)
        # A round over many trees takes its time; the others' share stays the larger.
        took_s = time.monotonic() - now
        self._next_round = now + max(_ROUND_S, 4 * took_s) if self._kill_at else _NEVER_S

    def _signal_tree(self, slot: int, strays: list[int], *, by_force: bool) -> None:
        record = self._attempts.records[slot]
        main = [record.pid] if record.phase is Phase.RUNNING else []
        tree = process.descendants([*main, *strays])
        ours = frozenset((*tree, os.getpid()))
        asked = self._asked[slot]
        number = signal.SIGKILL if by_force else signal.SIGTERM
        for pid in tree:
            if by_force or pid not in asked:
                asked.add(pid)
                self._send(pid, number, brand=record.brand, tree=ours)

    def _send(self, pid: int, number: int, *, brand: int, tree: frozenset[int]) -> None:
        try:
            process.send(pid, number, brand=brand, tree=tree)
        except PermissionError:
            self._attempts.beyond_us.add(pid)
