"""What the server has ordered beside tasks: which it took back, and which of the begun ones are to end. Standard library only.

A task has a number; all up to ``void`` that have not begun never will. The worker looks at it under the lock, in the moment
before it writes that it begins; the server writes it under the lock, and looks then which have begun.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from struct import Struct
from typing import Final

_HEAD: Final = Struct("<QQ")
_VOID: Final = Struct("<Q")
_PATIENCE: Final = 50
_PATIENCE_S: Final = 0.0002
_NO_SPACE: Final = "what a worker is to be told cannot be written"


class Busy(Exception):
    """Not now: the worker holds the lock and does not go on, being stopped, or there is no space to write."""


def void(file: int) -> int:
    """Read up to which number tasks are void."""
    raw = os.pread(file, _VOID.size, 0)
    return int(_VOID.unpack(raw)[0]) if len(raw) == _VOID.size else 0


def read(file: int) -> tuple[int, int, dict[str, str]]:
    """Read all: ``void``, a version that rises, and what is to end and why, by tag."""
    raw = os.pread(file, 1 << 20, 0)
    if len(raw) < _HEAD.size:
        return 0, 0, {}
    last, version = _HEAD.unpack_from(raw)
    try:
        cuts = json.loads(raw[_HEAD.size :])
    except ValueError:
        cuts = {}  # half written by a server that was killed: the next one says it again
    return last, version, cuts


def write(file: int, *, last: int, version: int, cuts: Mapping[str, str]) -> None:
    """Write all.

    Raises:
        Busy: there is no space for it.
    """
    raw = _HEAD.pack(last, version) + json.dumps(dict(cuts)).encode()
    try:
        os.posix_fallocate(file, 0, len(raw))  # nothing is written by half for want of space
        os.pwrite(file, raw, 0)
        os.ftruncate(file, len(raw))
    except OSError as error:
        raise Busy(f"{_NO_SPACE}: {error.strerror}") from error


@contextmanager
def locked(file: int) -> Iterator[None]:
    """Hold the lock, on the server's side, where it is waited for some milliseconds only. Whoever dies lets go of it.

    Raises:
        Busy: the worker holds it.
    """
    _try(file)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _try(file: int) -> None:
    for _ in range(_PATIENCE):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PATIENCE_S)
        else:
            return
    raise Busy("a worker holds its lock and does not go on; is it stopped?")
