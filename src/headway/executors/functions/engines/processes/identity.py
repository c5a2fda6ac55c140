"""Which process is which: its pid and when it began. Standard library only."""

import os
from contextlib import suppress
from typing import Final

_START: Final = 19  #: of the fields of /proc/PID/stat after the name in parentheses, proc(5)
_DEAD: Final = (b"Z", b"X")


def of(pid: int) -> str:
    """Give a process's identity within all boots of this machine; "" for one that does not live."""
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b") ")[2].split()
        boot = _read("/proc/sys/kernel/random/boot_id").decode().strip()
    except OSError:
        return ""
    return "" if not fields or fields[0] in _DEAD else f"{pid} {int(fields[_START])} {boot}"


def living(identity: str) -> int | None:
    """Give the pid of the process that has an identity; None when it does not live."""
    with suppress(ValueError):
        pid = int(identity.partition(" ")[0])
        if of(pid) == identity:
            return pid
    return None


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, 4096)
    finally:
        os.close(file)
