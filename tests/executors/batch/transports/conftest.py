"""The two transports: the same tests for both, on this machine and on a login node that is this machine too."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.executors.batch.transports.login import Login, over_ssh
from tests.rigs import sshd as sshd_rig
from tests.rigs.kept import require
from tests.rigs.sshd import Sshd

from headway.executors.batch.here import Here
from headway.executors.batch.ssh import OverSsh
from headway.executors.batch.transport import Transport

Make = Callable[..., Transport]


@pytest.fixture(scope="session")
def quiet_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A host whose logins read no profile of whoever runs the tests."""
    require(sshd_rig.PROGRAMS)
    home = tmp_path_factory.mktemp("home")
    with Sshd(session={"HOME": str(home)}) as running:
        yield running


@pytest.fixture
def login(quiet_sshd: Sshd) -> Iterator[Login]:
    """The same host, as one test may change it."""
    with Login(quiet_sshd) as changed:
        yield changed
    quiet_sshd.mend()


@pytest.fixture(params=["here", "ssh"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes transports of one kind, with limits of a test's own."""

    def make_one(
        *,
        timeout_s: float = 30.0,
        timeouts_s: Mapping[str, float] = MappingProxyType({}),
        most_output_bytes: int = 64 << 20,
    ) -> Transport:
        made: Transport
        if request.param == "here":
            made = Here(
                {"renamed": "/bin/echo"},
                {"PATH": os.defpath, "BASE": "base"},
                timeout_s=timeout_s,
                timeouts_s=timeouts_s,
                most_output_bytes=most_output_bytes,
            )
        else:
            made = over_ssh(
                request.getfixturevalue("quiet_sshd"),
                tmp_path,
                timeout_s=timeout_s,
                timeouts_s=timeouts_s,
                most_output_bytes=most_output_bytes,
            )
        stack.push_async_callback(made.close)
        return made

    async with AsyncExitStack() as stack:
        yield make_one


@pytest.fixture
async def transport(make: Make) -> Transport:
    """One of the two, connected; commands get half a minute."""
    made = make()
    await made.start()
    return made


@pytest.fixture
async def ssh(login: Login, tmp_path: Path) -> AsyncIterator[OverSsh]:
    """The one over ssh, not yet connected; commands get half a minute."""
    made = over_ssh(login.sshd, tmp_path)
    yield made
    await made.close()
