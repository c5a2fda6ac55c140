"""Going through a list page by page; no I/O."""

from typing import Final

MOST_A_PAGE: Final = 1000  #: the server gives no more at once


class Pages:
    """Where in a list one is.

    Attributes:
        cursor: of the page to ask for next; None for the first.
        left: how many more are wanted; None for all.
        are_done: nothing more is there, or wanted.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.cursor: str | None = None
        self.left = limit
        self.are_done = limit is not None and limit <= 0

    @property
    def size(self) -> int:
        """How many to ask for next."""
        return MOST_A_PAGE if self.left is None else min(self.left, MOST_A_PAGE)

    def turn(self, count: int, cursor: str | None) -> None:
        """Take note of a page of ``count`` and of the next one's cursor."""
        self.cursor = cursor
        if self.left is not None:
            self.left = max(0, self.left - count)
        self.are_done = cursor is None or self.left == 0
