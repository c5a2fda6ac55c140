"""The named instants at which a server can be made to fail, and the one that it is."""

import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import Final


class Point(StrEnum):
    """The named instants. ``before`` is before anything of it was done; ``after`` is before anybody heard of it."""

    ACCEPTED_BEFORE = "accepted-written-before"
    ACCEPTED_AFTER = "accepted-written-after"
    REPORT_BEFORE = "report-written-before"
    REPORT_AFTER = "report-written-after"
    COMMIT_BEFORE = "commit-before"
    COMMIT_AFTER = "commit-after"
    SEND_BEFORE = "send-before"
    SENDING = "sending"
    SEND_AFTER = "send-after"
    RUNNING_BEFORE = "running-written-before"
    RUNNING_AFTER = "running-written-after"
    EXIT_SEEN = "exit-seen"
    FINAL_BEFORE = "final-written-before"
    FINAL_AFTER = "final-written-after"
    SETTLED_BEFORE = "settled-told-before"
    SETTLED_AFTER = "settled-told-after"
    WISH_BEFORE = "cancel-wish-written-before"
    WISH_AFTER = "cancel-wish-written-after"
    RETRY_BEFORE = "retry-written-before"
    RETRY_AFTER = "retry-written-after"
    CANCEL_BEFORE = "cancel-told-before"
    CANCEL_AFTER = "cancel-told-after"
    BRING_BEFORE = "files-brought-before"
    BRING_AFTER = "files-brought-after"
    FETCH_BEFORE = "files-fetched-before"
    FETCH_AFTER = "files-fetched-after"
    DELETE_BEFORE = "sandbox-deleted-before"
    DELETE_AFTER = "sandbox-deleted-after"
    CALL_BEFORE = "call-before"
    CALL_AFTER = "call-after"
    CALLED_BEFORE = "call-written-before"
    CALLED_AFTER = "call-written-after"
    DISK_ERROR = "disk-error"


#: What only jobs with sandboxes come to.
STAGING: Final = (
    Point.BRING_BEFORE,
    Point.BRING_AFTER,
    Point.FETCH_BEFORE,
    Point.FETCH_AFTER,
    Point.DELETE_BEFORE,
    Point.DELETE_AFTER,
)
#: What only jobs with callbacks come to.
CALLING: Final = (
    Point.CALL_BEFORE,
    Point.CALL_AFTER,
    Point.CALLED_BEFORE,
    Point.CALLED_AFTER,
)
#: Where the process dies on the way of any job; the one point that is left makes the disk fail instead.
DEADLY: Final = tuple(
    point for point in Point if point not in {*STAGING, *CALLING, Point.DISK_ERROR}
)


class Fault:
    """One point, and how many more times it is passed before it strikes. ``hits`` is where that is noted."""

    def __init__(self, point: Point | None, passes: int, hits: Path) -> None:
        self._point = point
        self._passes = passes
        self._hits = hits

    def at(self, point: Point) -> None:
        """Come to a point; if it is the one, and its time has come, this does not return."""
        if self.strikes(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def strikes(self, point: Point) -> bool:
        """Come to a point; tell whether it strikes here."""
        if point is not self._point:
            return False
        self._passes -= 1
        if self._passes > 0:
            return False
        with self._hits.open("a") as hits:
            hits.write(f"{point}\n")
        return True
