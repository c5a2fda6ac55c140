"""One server a data directory: a lock that the kernel takes back when its holder ends, however it ends."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from headway.core.errors import Conflict

LOCK_NAME: Final = "headway.lock"


@contextmanager
def only_server(directory: Path, *, held_by: str, since: datetime) -> Iterator[None]:
    """Hold a data directory. Programs started from here do not inherit the lock.

    Raises:
        Conflict: another process holds it; the message says which.
    """
    handle = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"{directory} is held by another server: {_holder(handle)};"
                " stop that one, or give this one another directory (--data)"
            ) from None
        _sign(handle, held_by, since)
        yield
    finally:
        os.close(handle)


def _sign(handle: int, held_by: str, since: datetime) -> None:
    card = {"pid": os.getpid(), "url": held_by, "since": since.isoformat()}
    with suppress(OSError):  # a full disk must not keep a server from starting
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(card).encode(), 0)


def _holder(handle: int) -> str:
    try:
        card = json.loads(os.pread(handle, 4096, 0))
        return f"process {card['pid']}, {card['url']}, since {card['since']}"
    except (ValueError, KeyError, TypeError):
        return "it has not said who it is"
