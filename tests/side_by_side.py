"""How tests are shared out to several processes, when pytest is told -n: a class, or else a module, is run by one of them.

Each process starts rigs and servers of its own, on free ports and in directories of its own; nothing is told between them.
"""

import os
from typing import Final

import pytest
from tests.faults.counts import is_soak

#: Begun first: what takes longest of one piece. The others fill what is left, the quick ones last.
_LONGEST_FIRST: Final = (
    "tests/executors/sge/",
    "tests/executors/",
    "tests/faults/",
    "tests/e2e/",
    "tests/docs/",
    "tests/sdk/",
)
_SOAK_S: Final = 12 * 3600.0  #: a test at its full counts that takes so long hangs


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give how many processes -n auto is: twice the processors, for most tests wait for something more than they compute."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order tests for several processes; give the time that they need to those at full counts."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _rank(item.nodeid))
    if is_soak():
        for item in items:
            item.add_marker(pytest.mark.timeout(_SOAK_S))


def _rank(nodeid: str) -> int:
    ranks = (rank for rank, start in enumerate(_LONGEST_FIRST) if nodeid.startswith(start))
    return next(ranks, len(_LONGEST_FIRST))
