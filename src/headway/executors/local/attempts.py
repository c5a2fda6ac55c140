"""The attempts of one helper process: their records, their main processes, what is journalled when.

An exit status is journalled while the process is still a zombie, and only then taken from the kernel: whoever is killed in
between, the next one finds it in one place or in both.
"""

import os
import resource
import time

from headway.executors.local import process, spawn
from headway.executors.local.journal import Journal
from headway.executors.local.record import End, Phase, Record
from headway.executors.local.wire import Launch

#: The spawner's name in ps. A child that still has it never became the job's program.
SPAWNER_NAME = b"headway-spawner"
#: Between posix_spawn and exec a process has the spawner's memory, and the kernel counts that as its own (Linux
#: fs/exec.c, exec_mmap). So much of ours, or less, tells nothing of a job. A quarter more, since the drainer is not the
#: spawner itself, and the kernel counts in lots.
_OURS = 1.25
_WAIT_ANY = os.WEXITED | os.WNOHANG | os.WNOWAIT


class Attempts:
    """All attempts in one journal.

    Attributes:
        adopted: slots of attempts whose processes are not our children.
        changed: records that the server has not been told of, as written, by slot.
        beyond_us: processes that we may not signal; no end waits for them.
        own_mains: main processes that are our children, to their slots.
        sessions: session ids of attempts not gone, to their slots.
        brands: brands of attempts not gone, to their slots.
        living: slots whose attempts are not gone yet.
        just_ended: slots whose main process ended and whose tree was not looked at yet.
        strays: children of ours that are no main process (their parents died), to their attempts' slots.
        unsynced: slots whose records hold news of which nobody knows yet whether it is durable anywhere.
        unsynced_since: when the first of these came (monotonic).
        intends: some intent, or its withdrawal, is not durable yet.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.records: dict[int, Record] = {}
        self.slots: dict[bytes, int] = {}
        self.changed: dict[int, bytes] = {}
        self._noted: set[int] = set()
        self.own_mains: dict[int, int] = {}
        self.sessions: dict[int, int] = {}
        self.brands: dict[int, int] = {}
        self.living: set[int] = set()
        self.just_ended: set[int] = set()
        self.strays: dict[int, int] = {}
        self.adopted: set[int] = set()
        self.beyond_us: set[int] = set()
        self.unsynced: set[int] = set()
        self.unsynced_since = 0.0
        self.intends = False
        self._free = list(range(journal.slots, 0, -1))
        self._serial = 0
        self._unconfirmed = 0
        self._clock = process.StartClock()
        self._childless = False  # the last look for ends found that there is no child at all

    def reserve(self, launch: Launch) -> int:
        """Journal the intent to start something; durable after ``sync``. Gives the slot.

        Raises:
            OSError: no space for its record.
        """
        record = Record(
            serial=0,
            brand=process.new_brand(),
            tag=launch.tag,
            reserved=time.clock_gettime(time.CLOCK_REALTIME),
            limit_s=launch.limit_s,
        )
        slot = self.enter(record)
        self.intends = True
        return slot

    def withdraw(self, slot: int) -> None:
        """Forget an intent, durably after ``sync``: what was intended may be asked for again, as something new."""
        self.drop(slot)
        self.journal.unsynced = self.intends = True

    def enter(self, record: Record) -> int:
        """Give a record a slot and a serial, and journal it.

        Raises:
            OSError: no space for its record.
        """
        if not self._free:
            self._free.extend(reversed(self.journal.grow()))
        self._serial += 1
        record.serial = self._serial
        slot = self._free[-1]
        self.journal.write(slot, record)
        self._free.pop()
        self._know(slot, record)
        return slot

    def start(self, slot: int, launch: Launch, inherited: dict[bytes, bytes]) -> None:
        """Start a reserved attempt.

        Raises:
            NotStarted: it never ran and is forgotten.
        """
        record = self.records[slot]
        record.limit_s = launch.limit_s  # it may have been expected with another
        record.phase = Phase.SPAWNING
        self.journal.write(slot, record)
        began, began_mono = _clocks()  # a short program has ended before we are told that it began
        self._clock.begin()
        try:
            pid = spawn.start(launch, inherited=inherited, brand=record.brand)
        except spawn.NotStarted:
            self.drop(slot)
            raise
        record.started, record.started_mono = began, began_mono
        self.has_started(slot, pid, ticks=self._clock.ticks(pid))

    def has_started(self, slot: int, pid: int, *, ticks: int) -> None:
        """Journal that the attempt's main process is this child of ours, which began then."""
        self._childless = False
        record = self.records[slot]
        record.pid = pid
        record.start_ticks = ticks
        if not record.started:
            record.started, record.started_mono = _clocks()
        record.phase = Phase.RUNNING
        self.own_mains[pid] = self.sessions[pid] = slot
        self.write(slot)

    def reap(self) -> bool:
        """Journal and take all exit statuses there are; gives whether any child ended."""
        any_ended = False
        while True:
            try:
                seen = os.waitid(os.P_ALL, 0, _WAIT_ANY)
            except ChildProcessError:
                self._childless = True
                return any_ended
            self._childless = False
            if seen is None:
                return any_ended
            any_ended = True
            slot = self.own_mains.pop(seen.si_pid, None)
            if slot is not None:
                self._main_ended(slot, seen)
            _, _, usage = os.wait4(seen.si_pid, 0)
            self.beyond_us.discard(seen.si_pid)
            if slot is None:
                slot = self.strays.pop(seen.si_pid, None)
            if slot is not None and slot in self.records:
                self._used(slot, usage)

    def adopt(self, record: Record) -> int:
        """Take up an attempt whose helpers have all died; gives its slot. Its status cannot be read any more.

        Raises:
            OSError: no space for its record.
        """
        slot = self.enter(record)
        self.note(slot)
        self.adopted.add(slot)
        if record.phase is Phase.RUNNING and not process.is_main(
            record.pid, ticks=record.start_ticks, brand=record.brand
        ):
            self.lost(slot)
        elif record.phase is Phase.ENDED:
            self.just_ended.add(slot)
        return slot

    def left_over(self) -> dict[int, list[int]]:
        """Find the processes that attempts have beside their main ones and what is below these: slot to pids.

        Children that their parents left to us belong to whom their brand says, or else their session. Those of adopted
        attempts went to somebody else, and are looked for among all processes.
        """
        for pid in () if self._childless else process.own_children():
            if pid in self.own_mains or pid in self.strays or pid in self.beyond_us:
                continue
            slot = self.brands.get(process.brand_of(pid)) or self.sessions.get(_session(pid))
            if slot is not None:
                self.strays[pid] = slot
        found: dict[int, list[int]] = {}
        for pid, slot in self.strays.items():
            if pid not in self.beyond_us:
                found.setdefault(slot, []).append(pid)
        if self.adopted:
            brands = {self.records[slot].brand: slot for slot in self.adopted}
            for brand, pids in process.bearers(brands.keys() - {0}).items():
                main = self.records[brands[brand]].pid
                found[brands[brand]] = [pid for pid in pids if pid != main]
        return found

    def lost(self, slot: int) -> None:
        """Note that the main process has ended and nobody can know how."""
        self._ended(self.records[slot], slot, End.UNKNOWN, 0)
        self.note(slot)

    def gone(self, slot: int) -> None:
        """Note that nothing of the attempt lives any more."""
        record = self.records[slot]
        record.phase = Phase.GONE
        self.just_ended.discard(slot)
        self._let_go(slot, record)
        self.note(slot)

    def drop(self, slot: int) -> None:
        """Forget an attempt: it never ran, or the server has its end."""
        record = self.records.pop(slot)
        self.slots.pop(record.tag, None)
        self.changed.pop(slot, None)
        self._noted.discard(slot)
        self.unsynced.discard(slot)
        self.just_ended.discard(slot)
        self._let_go(slot, record)
        self.journal.free(slot)
        self._free.append(slot)

    def write(self, slot: int) -> None:
        """Journal a record now, and have the server told."""
        self.changed[slot] = self.journal.write(slot, self.records[slot])

    def note(self, slot: int) -> None:
        """Have a record journalled with the next ``write_noted``: one of which nothing is lost if we die before."""
        self._noted.add(slot)

    def write_noted(self) -> bool:
        """Journal what was noted, once for each record; gives whether anything was."""
        if not self._noted:
            return False
        if not self.unsynced:
            self.unsynced_since = time.monotonic()
        for slot in self._noted:
            self.write(slot)
        self.unsynced |= self._noted
        self._noted.clear()
        return True

    def sync(self) -> None:
        """Make all that was journalled durable."""
        self.journal.sync()
        self.unsynced.clear()
        self.intends = False

    def take_over(self) -> None:
        """Read the journal of a spawner that died, whose children are ours now.

        What was not started is forgotten: it surely never ran. A child that was started and not yet journalled is known by
        its brand.
        """
        self._free.clear()  # nothing is started here any more
        for slot, record in self.journal.read():
            self._know(slot, record)
        children = process.own_children()
        started = {
            (record.pid, record.start_ticks): slot
            for slot, record in self.records.items()
            if record.phase in (Phase.RUNNING, Phase.ENDED)
        }
        for pid in children:
            known = started.pop((pid, process.start_ticks(pid) or 0), None)
            if known is not None:
                self.own_mains[pid] = known
        for slot in list(self.records):
            self._settle_after_takeover(slot, children)

    def _settle_after_takeover(self, slot: int, children: list[int]) -> None:
        record = self.records[slot]
        if record.phase is Phase.RESERVED:
            self.drop(slot)
        elif record.phase is Phase.SPAWNING:
            self._find_unjournalled(slot, [pid for pid in children if pid not in self.own_mains])
        elif record.phase is Phase.RUNNING and self.own_mains.get(record.pid) != slot:
            self.lost(slot)
        elif record.phase is Phase.ENDED:
            self.just_ended.add(slot)

    def _find_unjournalled(self, slot: int, unknown: list[int]) -> None:
        """Settle the one attempt that the spawner was starting when it died."""
        brand = self.records[slot].brand
        pid = _oldest_bearer(brand, unknown) if brand else None
        if pid is not None and process.name_of(pid) == SPAWNER_NAME and not process.is_alive(pid):
            self.drop(slot)  # it ended before it became the program
        elif pid is not None:
            self._unconfirmed = slot
            self.has_started(slot, pid, ticks=process.start_ticks(pid) or 0)
        elif brand or not unknown:
            self.drop(slot)  # we inherit all there is, so it never ran
        else:
            self.lost(slot)

    def _know(self, slot: int, record: Record) -> None:
        self.records[slot] = record
        self.slots[record.tag] = slot
        if record.phase is not Phase.GONE:
            self.living.add(slot)
            if record.brand:
                self.brands[record.brand] = slot
            if record.pid:
                self.sessions[record.pid] = slot

    def _let_go(self, slot: int, record: Record) -> None:
        self.living.discard(slot)
        self.adopted.discard(slot)
        self.brands.pop(record.brand, None)
        if self.sessions.get(record.pid) == slot:
            del self.sessions[record.pid]
        if self.own_mains.get(record.pid) == slot:
            del self.own_mains[record.pid]

    def _main_ended(self, slot: int, seen: os.waitid_result) -> None:
        record = self.records[slot]
        if record.phase is not Phase.RUNNING:
            return  # the spawner journalled this and was killed before it could take it
        how = End.EXITED if seen.si_code == os.CLD_EXITED else End.SIGNALLED
        if slot == self._unconfirmed and process.name_of(seen.si_pid) == SPAWNER_NAME:
            how = End.NOT_STARTED
        self._ended(record, slot, how, seen.si_status)
        self.journal.write(slot, record)

    def _ended(self, record: Record, slot: int, how: End, value: int) -> None:
        record.end, record.value = how, value
        record.ended = time.clock_gettime(time.CLOCK_REALTIME)
        record.wall_s = time.monotonic() - record.started_mono
        record.phase = Phase.ENDED
        self.just_ended.add(slot)

    def _used(self, slot: int, usage: resource.struct_rusage) -> None:
        record = self.records[slot]
        record.cpu_s += usage.ru_utime + usage.ru_stime
        if usage.ru_maxrss > _OURS * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
            record.max_memory_bytes = max(record.max_memory_bytes, usage.ru_maxrss * 1024)
        self.note(slot)


def _clocks() -> tuple[float, float]:
    """Give the time of day and the monotonic time."""
    return time.clock_gettime(time.CLOCK_REALTIME), time.monotonic()


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def _oldest_bearer(brand: int, pids: list[int]) -> int | None:
    """Find an attempt's main process among children: the oldest that bears its brand, before its own descendants."""
    found = [pid for pid in pids if process.brand_of(pid) == brand]
    return min(found, key=lambda pid: (process.start_ticks(pid) or 0, pid), default=None)
