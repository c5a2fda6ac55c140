"""Processes that tests start, and that end with them: one that failed leaves nothing for the next to trip over."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import AnyStr


@contextmanager
def ending(process: "subprocess.Popen[AnyStr]") -> Iterator["subprocess.Popen[AnyStr]"]:
    """Have a process for the length of a ``with``: what still runs at its end is killed, and all is reaped and closed.

    ``with process`` alone would wait, and so hang when the test has failed before what ends it.
    """
    with process:
        try:
            yield process
        finally:
            process.kill()
