"""When a child began, told from the clock: the same as the kernel tells, where the two agree, and else what the kernel tells."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from headway.executors.local import process
from headway.executors.local.process import StartClock

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


@contextmanager
def child() -> Iterator[int]:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    try:
        yield pid
    finally:
        os.waitpid(pid, 0)


class Readings:
    """A clock that shows what it was told to."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def test_it_tells_what_the_kernel_tells() -> None:
    clock = StartClock()
    for _ in range(200):
        clock.begin()
        with child() as pid:
            assert clock.ticks(pid) == process.start_ticks(pid)


def test_a_clock_that_differs_from_the_kernels_is_not_believed() -> None:
    readings = Readings()
    clock = StartClock(readings)
    for _ in range(3):
        clock.begin()
        with child() as pid:
            assert clock.ticks(pid) == process.start_ticks(pid) != 0


def test_one_that_began_about_the_turn_of_a_tick_is_asked_for() -> None:
    readings = Readings()
    clock = StartClock(readings)
    with child() as pid:
        told = process.start_ticks(pid)
        assert told is not None
        readings.now_ns = told * TICK_NS
        clock.begin()
        assert clock.ticks(pid) == told  # they agree
    with child() as pid:
        told = process.start_ticks(pid)
        assert told is not None
        readings.now_ns = (told + 6) * TICK_NS - 1
        clock.begin()
        assert clock.ticks(pid) == told + 5
        readings.now_ns += 1
        assert clock.ticks(pid) == told


def test_a_turn_of_a_tick_at_the_first_says_nothing_of_the_clock() -> None:
    readings = Readings()
    clock = StartClock(readings)
    with child() as pid:
        told = process.start_ticks(pid)
        assert told is not None
        readings.now_ns = told * TICK_NS - 1
        clock.begin()
        readings.now_ns += 1
        assert clock.ticks(pid) == told
        readings.now_ns = told * TICK_NS
        clock.begin()
        assert clock.ticks(pid) == told


def test_one_that_is_gone_has_none() -> None:
    clock = StartClock()
    clock.begin()
    with child() as pid:
        pass
    assert clock.ticks(pid) == 0
