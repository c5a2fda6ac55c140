"""What the gateway asks of another system's client. Not in the gateway's module, of which its process has two: the program, too."""

import asyncio
from collections.abc import Sequence
from typing import Protocol


class Away(Exception):
    """The system cannot be reached; the message says why."""


class Grid(Protocol):
    """Another system's client. ``connect`` comes first."""

    async def connect(self) -> None:
        """Reach the system.

        Raises:
            Away: not now.
        """
        ...

    def send(self, tag: str, task: tuple[str, bytes, bytes, bytes, str]) -> "asyncio.Future[str]":
        """Have ``bundle.perform`` called in a worker with ``task``; gives what it will give."""
        ...

    async def drop(self, tags: Sequence[str]) -> None:
        """Take tasks back that have not begun."""
        ...

    async def look(self) -> None:
        """See whether the system is still there.

        Raises:
            Away: it is not.
        """
        ...
