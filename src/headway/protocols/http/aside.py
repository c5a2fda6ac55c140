"""Work on long bodies, done beside the event loop: nobody else waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

LONG: Final = 16_384  #: bytes; what is shorter is read sooner than a thread hears of it
_ONE: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="long-bodies")


async def aside(raw: bytes, work: Callable[[], T]) -> T:
    """Do what has to be done with a body, one long one at a time. Raises as ``work`` does."""
    if len(raw) <= LONG:
        return work()
    return await asyncio.get_running_loop().run_in_executor(_ONE, work)
