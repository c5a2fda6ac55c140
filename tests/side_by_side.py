"""How tests are shared out to several processes, when pytest is told -n: a class, or else a module, is run by one of them.

Each process starts rigs and servers of its own, on free ports and in directories of its own; nothing is told between them.
"""

import os
from collections.abc import Sequence
from itertools import chain, groupby, zip_longest
from typing import Final

import pytest

#: Where tests wait for something else most of the time, and where they compute; the longest of one piece first.
_WAITING: Final = ("tests/executors/sge/", "tests/executors/", "tests/faults/", "tests/docs/")
_COMPUTING: Final = ("tests/e2e/", "tests/cli/", "tests/sdk/", "tests/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give how many processes -n auto is: twice the processors, for half of the tests wait more than they compute."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order tests for several processes."""
    if hasattr(config, "workerinput"):
        items[:] = _mixed(items)


def _mixed(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Give them in turns of a module that waits and one that computes, so that there is always something of both."""
    ordered = sorted(items, key=_rank)
    modules = [list(each) for _, each in groupby(ordered, lambda item: item.nodeid.split("::")[0])]
    waiting = [each for each in modules if _rank(each[0]) < len(_WAITING)]
    computing = [each for each in modules if _rank(each[0]) >= len(_WAITING)]
    turns = zip_longest(waiting, computing, fillvalue=list[pytest.Item]())
    return [*chain.from_iterable(chain.from_iterable(turns))]


def _rank(item: pytest.Item) -> int:
    starts = (*_WAITING, *_COMPUTING)
    ranks = (rank for rank, start in enumerate(starts) if item.nodeid.startswith(start))
    return next(ranks, len(starts))
