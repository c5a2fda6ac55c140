"""How the helper is woken when a child of its has ended."""

import os
import signal

_WAKES_BYTES = 4096


def wake_on_child() -> tuple[int, int]:
    """Give a descriptor that can be read after a child ended, and the one that is written to then."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, _nothing)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end, write_end


def drain(file: int) -> None:
    """Read all that was written, so that only what comes next wakes up again."""
    try:
        while os.read(file, _WAKES_BYTES):
            pass
    except BlockingIOError:
        pass


def _nothing(_number: int, _frame: object) -> None:
    """Be a handler, so that the signal wakes us up; the pipe carries the news."""
