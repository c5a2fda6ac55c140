"""A worker's journals as the server reads them, while they are written and after."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from headway.executors.functions.engines.processes import frames, places

_READ_BYTES: Final = 1 << 20
_FIRST_BYTES: Final = 1 << 16  #: mostly all that there is; for more, memory is mapped each time


class Journals:
    """All of one worker's journals, from the first that is there; each record is given once.

    Attributes:
        unsettled: ends that were read and are not settled, to the number of their journal.
        is_damaged: there is something that is no record, and nothing behind it is read.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._number = min(self._numbers(), default=1)
        self._file = self._open(self._number)
        self._offset = 0
        self._partial = b""
        self.unsettled: dict[str, int] = {}
        self.is_damaged = False
        self._counts: Counter[int] = Counter()

    def read(self) -> list[frames.Record]:
        """Give what was written since; all that are whole, up to where it is damaged."""
        records: list[frames.Record] = []
        wanted = _FIRST_BYTES
        while not self.is_damaged:
            chunk = os.pread(self._file, wanted, self._offset)
            if chunk:
                self._offset += len(chunk)
                whole = self._partial + chunk if self._partial else chunk
                known = len(records)
                try:
                    self._partial = whole[frames.split(whole, records) :]
                except frames.Damaged:
                    self.is_damaged = True
                self._count(records[known:])
                if len(chunk) < wanted and self._offset <= places.ROTATE_BYTES:
                    break
                wanted = _READ_BYTES
            elif not self._next():
                break
        return records

    def note(self, tag: str) -> None:
        """Keep what was begun and never ended until it is settled."""
        self.unsettled[tag] = self._number
        self._counts[self._number] += 1

    def settle(self, tag: str) -> None:
        """Have an end forgotten; a journal that is not written any more goes with its last one."""
        number = self.unsettled.pop(tag, None)
        if number is None:
            return
        self._counts[number] -= 1
        if number < self._number and not self._counts[number]:
            del self._counts[number]
            (self._directory / places.journal(number)).unlink(missing_ok=True)

    def empty(self) -> None:
        """Empty the present journal if all in it was read. Only while its worker cannot write, and nothing is unsettled."""
        if self._offset and not self._partial and os.fstat(self._file).st_size == self._offset:
            os.ftruncate(self._file, 0)
            self._offset, self._partial = 0, b""

    def close(self) -> None:
        """Let go of the files."""
        os.close(self._file)

    def _count(self, records: Sequence[frames.Record]) -> None:
        for kind, tag, _, _ in records:
            if kind == frames.ENDED:
                self.unsettled[tag] = self._number
                self._counts[self._number] += 1

    def _open(self, number: int) -> int:
        return os.open(
            self._directory / places.journal(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )

    def _numbers(self) -> list[int]:
        found = self._directory.glob("journal.*[0-9]")
        return [int(each.name.rpartition(".")[2]) for each in found]

    def _next(self) -> bool:
        """Go on to the next journal, if there is one: then this one is whole, once it was looked at again."""
        if self._offset <= places.ROTATE_BYTES:
            return False
        # Not simply the next number: one between may have gone when all in it was settled.
        following = min((each for each in self._numbers() if each > self._number), default=None)
        if following is None or os.fstat(self._file).st_size > self._offset:
            return following is not None
        os.close(self._file)
        if not self._counts[self._number]:
            with suppress(FileNotFoundError):
                (self._directory / places.journal(self._number)).unlink()
        self._number = following
        self._file = self._open(self._number)
        self._offset, self._partial = 0, b""
        return True
