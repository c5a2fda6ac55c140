"""Keeps what could not be told where the server looks when it is back. Standard library only: workers have it.

A line is what the worker file writes, too: ``{"v": 1, "job": ID, "body": a report}``.
"""

import json
import os
import re
import socket
from collections.abc import Mapping
from typing import Any, Final

_MOST_BYTES: Final = 1 << 20  #: of a file: a job that cannot tell fills no disk
_FLAGS: Final = (
    os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")


def keep(directory: str, job: str, body: Mapping[str, Any]) -> bool:
    """Append a report to this process's own file for the job, whole or not at all; tells whether it is kept."""
    line = json.dumps({"v": 1, "job": job, "body": body}).encode() + b"\n"
    name = (
        _UNSAFE.sub("_", job),
        _UNSAFE.sub("_", socket.gethostname()),
        str(os.getpid()),
        "jsonl",
    )
    try:
        file = os.open(f"{directory}/{'.'.join(name)}", _FLAGS, 0o600)
    except OSError:
        return False
    try:
        size = os.fstat(file).st_size
        if size + len(line) > _MOST_BYTES:
            return False
        if os.write(file, line) == len(line):
            return True
        os.ftruncate(file, size)  # the disk filled up inside the line
    except OSError:
        return False
    finally:
        os.close(file)
    return False
