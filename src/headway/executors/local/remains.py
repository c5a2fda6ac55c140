"""What helpers left behind that have all died: their journal, read and finished by the server.

An attempt whose process still runs is handed to new helpers; its status can be read by nobody any more. One that ended
unseen is lost, and said to be.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from headway.executors.local import daemon, journal, process
from headway.executors.local.record import End, Phase, Record


class Remains:
    """The journal of helpers that have all died. Blocking; called in a thread.

    Attributes:
        directory: where it is.
        records: what it holds, finished as far as can be known, by slot.
        damaged: how many records could not be read.

    Raises:
        NotAJournal: the helpers died before they were ready: nothing was started.
        OSError: it cannot be read.
    """

    def __init__(self, directory: Path, *, now_s: float) -> None:
        self.directory = directory
        self._journal = journal.open_journal(bytes(directory / daemon.JOURNAL))
        self.records = dict(self._journal.read())
        self.damaged = self._journal.damaged
        self._finish(now_s)

    def orphans(self) -> list[bytes]:
        """Give the attempts of which something still runs, as records for new helpers."""
        return [each.pack() for each in self.records.values() if each.phase is not Phase.GONE]

    def settle(self, slots: Sequence[tuple[int, int]]) -> None:
        """Forget attempts whose ends are known, or which others have taken up."""
        for slot, serial in slots:
            held = self.records.get(slot)
            if held is not None and held.serial == serial:
                del self.records[slot]
                self._journal.free(slot)

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()

    def _finish(self, now_s: float) -> None:
        same_boot = self._journal.boot_id == process.boot_id()
        unfinished = [each for each in self.records.values() if each.phase is not Phase.GONE]
        brands = {each.brand for each in unfinished} - {0}
        alive = process.bearers(brands) if same_boot else {}
        for slot, entry in list(self.records.items()):
            if entry.phase is Phase.RESERVED and same_boot:
                self.settle([(slot, entry.serial)])  # it surely never ran
            elif entry.phase is not Phase.GONE:
                before = entry.phase
                _judge(entry, alive.get(entry.brand, []), same_boot=same_boot, now_s=now_s)
                if entry.phase is not before:
                    self._journal.write(slot, entry)
        self._journal.sync()


def _judge(entry: Record, alive: list[int], *, same_boot: bool, now_s: float) -> None:
    """Say what became of one attempt: still RUNNING, ENDED with something left, or GONE."""
    if entry.phase is Phase.SPAWNING and alive:
        # The oldest is the main process, or all there is of it.
        entry.pid = min(alive, key=lambda pid: (process.start_ticks(pid) or 0, pid))
        entry.start_ticks = process.start_ticks(entry.pid) or 0
        entry.started, entry.started_mono = entry.reserved, time.monotonic()
        entry.phase = Phase.RUNNING
    elif entry.phase is Phase.RUNNING and same_boot and _runs(entry):
        return
    elif entry.phase is not Phase.ENDED:
        entry.end, entry.value, entry.ended = End.UNKNOWN, 0, now_s
        entry.phase = Phase.ENDED
    if entry.phase is Phase.ENDED and not alive:
        entry.phase = Phase.GONE


def _runs(entry: Record) -> bool:
    return process.is_main(entry.pid, ticks=entry.start_ticks, brand=entry.brand)
