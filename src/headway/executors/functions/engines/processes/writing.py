"""The journal as its worker writes it. Standard library only."""

import errno
import fcntl
import os
import time
from typing import Final

from headway.executors.functions.engines.processes import frames, orders, places

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FULL_WAIT_S: Final = 0.2
_WRITING: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class Journal:
    """What a worker has begun and ended. Written, not synced: it outlives all processes, and nothing outlives the machine."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._lock = os.open(places.LOCK, os.O_RDWR | os.O_CLOEXEC, dir_fd=base)
        self._orders = os.open(places.ORDERS, os.O_RDONLY | os.O_CLOEXEC, dir_fd=base)
        self._number = 1
        self._file = self._open()

    def begin(self, tag: str, serial: int, about: bytes) -> bool:
        """Journal that a task begins; False when the server has taken it back, and then it must not."""
        if os.fstat(self._file).st_size > places.ROTATE_BYTES:
            os.close(self._file)
            self._number += 1
            self._file = self._open()
        record = frames.pack(frames.BEGUN, tag, about)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            if serial <= orders.void(self._orders):
                return False
            self._write(record)
        finally:
            # Said, not left to a close: a function may have forked with our descriptors.
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        return True

    def end(self, tag: str, outcome: bytes, data: bytes) -> None:
        """Journal how it ended."""
        self._write(frames.pack(frames.ENDED, tag, outcome, data))

    def ordered(self) -> tuple[int, int, dict[str, str]]:
        """Read the server's orders."""
        return orders.read(self._orders)

    def _open(self) -> int:
        return os.open(places.journal(self._number), _WRITING, 0o600, dir_fd=self._base)

    def _write(self, record: bytes) -> None:
        """Write it whole. A full disk is waited for: what a function gave back is not to be had again."""
        left = memoryview(record)
        while left:
            try:
                left = left[os.write(self._file, left) :]
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                time.sleep(_FULL_WAIT_S)
