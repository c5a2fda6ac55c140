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
from hypothesis import HealthCheck, settings
from tests.faults.counts import is_soak

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
#: How tests are shared out and hung ones end; and schedulers and an sshd, each started for the first test that takes it.
pytest_plugins = ["tests.side_by_side", "tests.hanging", "tests.rigs.fixtures"]


# As whoever runs the tests has it, but by no clock: a busy machine is slow at any example.
settings.register_profile(
    "headway", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("headway")


def pytest_configure() -> None:
    """Choose the seed of this run's fault tests, for all processes that run them; and hear Ctrl-C.

    That and its like are taken as a terminal's programs do: a shell's background and nohup have them ignored, by all below.
    """
    os.environ.setdefault("HEADWAY_SEED", str(int.from_bytes(os.urandom(4))))  # noqa: TID251
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            own = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, own)


def pytest_report_header() -> str:
    """Say the seed of this run's fault tests: HEADWAY_SEED=N repeats their choices."""
    seed = os.environ["HEADWAY_SEED"]  # noqa: TID251
    counts = "full counts" if is_soak() else "a twentieth"
    return f"fault tests: HEADWAY_SEED={seed}, {counts}"


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
