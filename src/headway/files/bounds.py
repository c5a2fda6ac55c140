"""What nobody may use: Headway's own files and other jobs' sandboxes. Judged by what was opened, not by how it is spelled."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from headway.files.names import is_sandbox_name
from headway.files.opening import DIRECTORY
from headway.files.refusal import failed, refused

_Identity: TypeAlias = tuple[int, int]
_OURS: Final = "it belongs to Headway itself, or is another job's"
_MOST_LEVELS: Final = 4096


def _identity_of(status: os.stat_result) -> _Identity:
    """Give what a file is known by, whatever it is called."""
    return status.st_dev, status.st_ino


class Bounds:
    """Directories that are not for users, as they are just now.

    Args:
        forbidden: directories with all in them.
        roots: directories of which only the sandboxes in them are forbidden.
    """

    def __init__(self, *, forbidden: Iterable[Path], roots: Iterable[Path]) -> None:
        self._top = _identity_of(os.stat("/"))
        self._forbidden = frozenset(_identities(forbidden))
        self._roots = frozenset(_identities(roots))

    def check(self, directory: int, path: str) -> None:
        """Check an opened directory and all that it is in.

        Raises:
            Refused: it is forbidden; ``path`` is named.
        """
        try:
            self._check_upwards(directory, path)
        except OSError as error:
            raise failed(path, error) from error

    def _check_upwards(self, directory: int, path: str) -> None:
        here = os.open(".", DIRECTORY, dir_fd=directory)
        try:
            for _ in range(_MOST_LEVELS):
                if _identity_of(os.fstat(here)) == self._top:
                    return
                above = os.open("..", DIRECTORY, dir_fd=here)
                with closing(here):
                    here, below = above, here
                    self._check_one(below, above, path)
            raise refused(path, "it is too deep")
        finally:
            os.close(here)

    def check_below(self, directory: int, path: str) -> None:
        """Check a directory that was opened from one that was checked.

        Raises:
            Refused: it is forbidden; ``path`` is named.
        """
        try:
            with closing(os.open("..", DIRECTORY, dir_fd=directory)) as above:
                self._check_one(directory, above, path)
        except OSError as error:
            raise failed(path, error) from error

    def _check_one(self, directory: int, above: int, path: str) -> None:
        if _identity_of(os.fstat(directory)) in self._forbidden:
            raise refused(path, _OURS)
        if _identity_of(os.fstat(above)) in self._roots and _may_be_sandbox(directory):
            raise refused(path, _OURS)


@contextmanager
def closing(descriptor: int) -> Iterator[int]:
    """Close it in the end."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _may_be_sandbox(directory: int) -> bool:
    try:
        path = os.readlink(f"/proc/self/fd/{directory}")
    except OSError:  # not known: then it is not given away
        return True
    return is_sandbox_name(os.path.basename(path))


def _identities(paths: Iterable[Path]) -> Iterator[_Identity]:
    for path in paths:
        try:
            yield _identity_of(path.stat())
        except FileNotFoundError:
            continue
