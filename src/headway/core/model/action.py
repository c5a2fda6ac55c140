"""What may be done to many jobs at once, and to how many."""

from enum import StrEnum
from typing import Final

MOST_JOBS: Final = 1000


class Action(StrEnum):
    """What may be done to many jobs at once."""

    CANCEL = "cancel"
    RETRY = "retry"
    HIDE = "hide"
    UNHIDE = "unhide"
    LABEL = "label"
