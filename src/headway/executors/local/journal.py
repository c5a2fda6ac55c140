"""The journal: a file of fixed slots whose room is taken before anything is started, so that a full disk loses no exit status.

The first slot is the file's head. A record written is safe from the death of any process at once, and from a power cut
after ``sync``. One process writes at a time: the spawner; after its death the reaper; after both, the server.
"""

import errno
import os
import time
from collections.abc import Callable

from headway.executors.local import record
from headway.executors.local.record import Damaged, Record

_MAGIC = b"headway journal 1\n"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WAIT_S = 0.2
_STEP = 256  #: slots added at a time


class NotAJournal(Exception):
    """The file was never finished, or is of another version."""


class Journal:
    """An open journal. Slots are numbered from 1."""

    def __init__(self, file: int, *, boot_id: str, slots: int) -> None:
        self._file = file
        self.boot_id = boot_id
        self.slots = slots
        self.unsynced = False
        self.damaged = 0

    def write(self, slot: int, entry: Record) -> bytes:
        """Write a record into its slot; gives it as written."""
        raw = entry.pack()
        _patiently(lambda: os.pwrite(self._file, raw, slot * record.SIZE))
        self.unsynced = True
        return raw

    def free(self, slot: int) -> None:
        """Empty a slot. Not synced: an ended attempt that comes back after a power cut is only told of once more."""
        _patiently(lambda: os.pwrite(self._file, bytes(record.SIZE), slot * record.SIZE))

    def sync(self) -> None:
        """Make all that was written durable."""
        if self.unsynced:
            _patiently(lambda: os.fdatasync(self._file))
            self.unsynced = False

    def grow(self) -> range:
        """Take the room for more slots; gives the new ones.

        Raises:
            OSError: no space.
        """
        start = (self.slots + 1) * record.SIZE
        # Zeros are written, not only allocated: overwriting written blocks needs no metadata, neither room nor time.
        _write_all(self._file, bytes(_STEP * record.SIZE), start)
        os.fsync(self._file)
        new = range(self.slots + 1, self.slots + 1 + _STEP)
        self.slots += _STEP
        return new

    def read(self) -> list[tuple[int, Record]]:
        """Read all slots that are not free; ``damaged`` counts those that cannot be read."""
        raw = os.pread(self._file, (self.slots + 1) * record.SIZE, 0)
        found: list[tuple[int, Record]] = []
        for slot in range(1, self.slots + 1):
            try:
                entry = record.unpack(raw[slot * record.SIZE : (slot + 1) * record.SIZE])
            except Damaged:
                self.damaged += 1
                continue
            if entry is not None:
                found.append((slot, entry))
        return found

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def create(path: str | bytes, *, boot_id: str) -> Journal:
    """Make a journal with its first slots.

    Raises:
        OSError: it exists, or there is no space.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    journal = Journal(file, boot_id=boot_id, slots=0)
    journal.grow()
    # The head comes last: a file without one was never used.
    os.pwrite(file, (_MAGIC + boot_id.encode()).ljust(record.SIZE, b"\0"), 0)
    os.fsync(file)
    return journal


def open_journal(path: str | bytes) -> Journal:
    """Open a journal that stands.

    Raises:
        NotAJournal: it was never finished, or is of another version.
        OSError: it cannot be opened.
    """
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    head = os.pread(file, record.SIZE, 0)
    if not head.startswith(_MAGIC):
        os.close(file)
        raise NotAJournal(f"{os.fsdecode(path)} is not a journal of this version")
    boot_id = head[len(_MAGIC) :].rstrip(b"\0").decode()
    slots = os.fstat(file).st_size // record.SIZE - 1
    return Journal(file, boot_id=boot_id, slots=slots)


def _patiently(write: Callable[[], object]) -> None:
    """Write where room was taken; a file system that copies on write may want more, and is waited for: statuses stay true."""
    while True:
        try:
            write()
        except OSError as error:
            if error.errno not in _FULL:
                raise
            time.sleep(_FULL_WAIT_S)
        else:
            return


def _write_all(file: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written
