"""Where things are: in a worker's directory, and of an attempt. Standard library only."""

from typing import Final

SOCKET: Final = "socket"
PROCESS: Final = "process"  #: which process the worker is
LOCK: Final = "lock"
ORDERS: Final = "orders"
OUTPUTS: Final = ("stdout", "stderr")  #: of the function that runs now
HERE: Final = "here"  #: the directory that it runs in
LOG: Final = "log"  #: the worker's own troubles
ROTATE_BYTES: Final = 1 << 20


def journal(number: int) -> str:
    """Give a journal's name; numbers rise, and the highest is the one that is written."""
    return f"journal.{number:06d}"


def of_attempt(tag: str) -> str:
    """Give where an attempt's files are below ``jobs``: what all their names begin with.

    The shard is the end of the job's id, which is random; its beginning is a time.
    """
    job_id = tag.rpartition(".")[0]
    return f"{job_id[-2:]}/{tag}"
