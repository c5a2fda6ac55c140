"""A test that hangs ends, and says where.

pytest-timeout fails it where it stands (``timeout`` in pyproject.toml). Where it hangs again in what follows, as an event loop
may that waits for all its tasks, or where no signal reaches it, its process ends, with the stacks of all threads; of several
processes that run tests side by side the others go on, and a new one takes its place.
"""

import faulthandler
import os
from collections.abc import Generator
from typing import Final

import pytest
from tests.faults.counts import is_soak

_SOAK_S: Final = 12 * 3600.0  #: a test at its full counts that takes so long hangs
_STUCK_S: Final = 400.0
#: Where stacks are written to: not to what stands in for it while a test runs.
_STDERR: Final = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the terminal at hand."""
    config.stash[_STDERR] = os.dup(2)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it."""
    os.close(config.stash[_STDERR])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests at full counts the time that they need."""
    if is_soak():
        for item in items:
            item.add_marker(pytest.mark.timeout(_SOAK_S))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Watch a test from its beginning."""
    _watch(item)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Watch its end, too: pytest watches no more when a test has failed."""
    _watch(item)


def _watch(item: pytest.Item) -> None:
    if not is_soak():
        faulthandler.dump_traceback_later(_STUCK_S, exit=True, file=item.config.stash[_STDERR])
