"""Work in threads: waited for, given up, and left behind."""

import asyncio
import threading

import pytest

from headway.executors.batch.threads import Threads

pytestmark = pytest.mark.anyio


async def test_what_came_of_it_is_given_or_raised() -> None:
    threads = Threads(2, name="test")
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    threads.close()


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    threads, go, begun = Threads(1, name="test"), threading.Event(), threading.Event()
    first = asyncio.create_task(threads.run(go.wait))
    second = asyncio.create_task(threads.run(begun.set))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go.set()
    assert await first
    assert await threads.run(lambda: 1) == 1
    assert not begun.is_set()
    threads.close()


def test_a_thread_that_outlives_the_loop_ends_in_peace() -> None:
    threads, go = Threads(1, name="test"), threading.Event()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await threads.run(go.wait)

    asyncio.run(give_up())
    go.set()
    assert asyncio.run(threads.run(lambda: 3)) == 3
    threads.close()
