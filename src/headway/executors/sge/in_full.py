"""All that Grid Engine has on a job, for people: ``qstat -j``, and ``qacct -j`` of one that has ended."""

import re
from typing import Final

from headway.core.model.names import NativeId
from headway.executors.batch.command import Command
from headway.executors.batch.detail import Detail, says
from headway.executors.sge.ids import array_of, checked

_NOT_THERE: Final = re.compile(r"^Following jobs do not exist\b", re.MULTILINE)
_NOT_KEPT: Final = re.compile(
    r"^error: (?:job (?:id|name) .* not found|Job-array tasks .* not found)"
    r"|/accounting: No such file or directory",
    re.MULTILINE,
)


def _queued(native_id: NativeId) -> Command:
    """Ask for the whole job: qstat takes no tasks."""
    return Command(argv=("qstat", "-j", array_of(native_id)))


def _kept(native_id: NativeId) -> Command:
    """Ask for a task by itself: an array may have thousands of them."""
    number, _, task = checked(native_id).partition(".")
    return Command(argv=("qacct", "-j", number, *(("-t", task) if task else ())))


QUEUE: Final = Detail("qstat", _queued, knows_none=says(_NOT_THERE))
KEPT: Final = Detail("qacct", _kept, knows_none=says(_NOT_KEPT))
