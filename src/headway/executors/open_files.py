"""The limit of open files that this process was started with. The server raises its own; what it starts has the old one.

A job with more than it asked for is not better off: select(2) fails above 1,024, some programs close every file there may be,
and Slurm passes a submitter's limits on to the job.
"""

import resource
from contextlib import suppress
from typing import Final

BEFORE: Final = resource.getrlimit(resource.RLIMIT_NOFILE)[0]  #: the soft limit; -1 for none


def give_back(pid: int) -> None:
    """Give a program that was started just now the old limit. One that asks for its limit sooner is told the server's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != BEFORE:
        with suppress(OSError):  # it is another user's by now, or has ended
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (BEFORE, hard))
