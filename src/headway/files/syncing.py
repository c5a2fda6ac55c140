"""Directories that got new names and are to be synced: each once, however many names they got."""

import os
from typing import Final

_MOST_OPEN: Final = 64


class Unsynced:
    """Directories whose new names would not all be there after a power cut."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], int] = {}

    def add(self, directory: int) -> None:
        """Take note of an open directory, which may be closed then.

        Raises:
            OSError: there were many already, and one of them cannot be synced.
        """
        status = os.fstat(directory)
        identity = status.st_dev, status.st_ino
        if identity not in self._open:
            self._open[identity] = os.dup(directory)
        if len(self._open) > _MOST_OPEN:
            self.sync()

    def sync(self) -> None:
        """Sync all of them, and forget them.

        Raises:
            OSError: one of them cannot be synced.
        """
        try:
            for directory in self._open.values():
                os.fsync(directory)
        finally:
            for directory in self._open.values():
                os.close(directory)
            self._open.clear()
