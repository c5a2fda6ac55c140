"""Many futures at once, waited for in a thread or in asyncio."""

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import Final, Generic, TypeVar

from headway.functions.future import Future

T = TypeVar("T")

_ALL: Final = concurrent.futures.ALL_COMPLETED


class as_completed(Generic[T]):  # noqa: N801 -- called like a function, as that of concurrent.futures
    """Give the futures in the order in which they end: ``for future in as_completed(futures)``, or ``async for``.

    Args:
        timeout_s: for all of them together; TimeoutError is raised when some have not ended by then. They go on.
    """

    def __init__(self, futures: Iterable[Future[T]], *, timeout_s: float | None = None) -> None:
        self._futures = list(futures)
        self._timeout_s = timeout_s

    def __iter__(self) -> Iterator[Future[T]]:
        ours = {id(future): future for future in self._futures}
        for future in concurrent.futures.as_completed(self._futures, self._timeout_s):
            yield ours[id(future)]

    async def __aiter__(self) -> AsyncIterator[Future[T]]:
        loop = asyncio.get_running_loop()
        ended: asyncio.Queue[Future[T]] = asyncio.Queue()

        def tell(future: Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(ended.put_nowait, future)

        for each in self._futures:
            each.add_done_callback(partial(_told, tell, each))
        async with asyncio.timeout(self._timeout_s):
            for _ in self._futures:
                yield await ended.get()


def _told(
    tell: Callable[[Future[T]], None], future: Future[T], _: concurrent.futures.Future[T]
) -> None:
    tell(future)


def wait(
    futures: Iterable[Future[T]], *, timeout_s: float | None = None, return_when: str = _ALL
) -> tuple[set[Future[T]], set[Future[T]]]:
    """Wait as ``concurrent.futures.wait`` does; gives those that have ended and those that have not."""
    known = list(futures)
    done, _ = concurrent.futures.wait(known, timeout_s, return_when)
    return {each for each in known if each in done}, {each for each in known if each not in done}
