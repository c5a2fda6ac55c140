"""Fixtures that most tests take, and what may be skipped.

A test that starts a program which need not be there says which: ``@pytest.mark.service("curl")``; without it the test
is skipped. With CI=true every skip is a failure, but for those that begin ``needs root`` where the tests are not root's.
"""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.faults.counts import chosen_seed, is_soak

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal, Scope
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal
from headway.testing.server import ServerProcess, running_server

ALICE = Principal(
    name="alice", scopes=frozenset({Scope.RUN, Scope.REPORT, Scope.READ}), via="token"
)
NEEDS_ROOT: Final = "needs root"
#: How tests are shared out, hung ones end and properties are tried; and schedulers and an sshd, each started for the first
#: test that takes it.
pytest_plugins = [
    "tests.side_by_side",
    "tests.hanging",
    "tests.properties",
    "tests.rigs.fixtures",
]


def pytest_configure() -> None:
    """Choose the seed of this run, for all processes that run tests; and hear Ctrl-C.

    That and its like are taken as a terminal's programs do: a shell's background and nohup have them ignored, by all below.
    """
    chosen_seed()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            own = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, own)


def pytest_report_header() -> str:
    """Say the seed of this run: HEADWAY_SEED=N repeats its choices."""
    counts = "full counts" if is_soak() else "a twentieth"
    examples = "ten times as many examples, by that seed" if is_soak() else "the same ones always"
    return f"fault tests: HEADWAY_SEED={chosen_seed()}, {counts}; properties: {examples}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are not there."""
    wanted = [name for mark in item.iter_markers("service") for name in mark.args]
    absent = [name for name in wanted if shutil.which(name) is None]
    if absent:
        pytest.skip(f"missing: {', '.join(absent)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skips are not allowed, make a failure of a skip."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not _may_skip(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped, which CI=true does not allow: {reason}"
    return report


def _may_skip(reason: str) -> bool:
    if os.environ.get("CI") != "true":  # noqa: TID251 -- set by whoever runs the tests
        return True
    return os.geteuid() != 0 and reason.startswith(NEEDS_ROOT)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def alice() -> Principal:
    return ALICE


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
async def core(clock: FakeClock, executor: FakeExecutor) -> AsyncIterator[Core]:
    store = MemoryStore()
    yield Core(
        store=store,
        executors={Cluster("local"): executor},
        clock=clock,
        ids=FakeIds(),
        seal=FakeSeal(),
    )
    await store.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A real server with a fresh data directory."""
    with running_server(tmp_path / "data", arguments=("--jobs-at-once", "8")) as running:
        yield running
