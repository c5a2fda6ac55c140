"""A real server for all tests of the clients."""

from collections.abc import Iterator

import pytest

from headway import Client
from headway.testing.server import ServerProcess, running_server

ARGUMENTS = ("--jobs-at-once", "8", "--grace", "0.2s", "--settle", "0.2s")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("client") / "data"
    with running_server(data, arguments=ARGUMENTS) as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client
