"""A server beside a real cluster of each of the other systems, shared by the tests of a module."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import cloudpickle
import pytest
from tests.executors.functions_remote.clusters import (
    DaskCluster,
    IpyparallelCluster,
    OtherCluster,
)

from headway.functions import FunctionsExecutor
from headway.testing.server import ServerProcess, running_server

SYSTEMS = {"dask": DaskCluster, "ipyparallel": IpyparallelCluster}


@pytest.fixture(autouse=True)
def travelling(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have a module's functions travel whole, as those of a notebook do."""
    cloudpickle.register_pickle_by_value(request.module)
    yield
    cloudpickle.unregister_pickle_by_value(request.module)


class Both(NamedTuple):
    server: ServerProcess
    cluster: OtherCluster
    functions: FunctionsExecutor


@contextmanager
def both(place: Path, name: str) -> Iterator[Both]:
    cluster = SYSTEMS[name](place)
    configuration = place / "headway.toml"
    configuration.write_text(
        f'[cluster.{name}]\nkind = "functions"\nengine = "{name}"\nbeat_s = 0.3\ngrace_s = 30\n{cluster.settings}\n'
    )
    arguments = ("--config", str(configuration))
    with cluster, running_server(place / "data", arguments=arguments) as server:
        functions = FunctionsExecutor(name, url=server.url)
        try:
            yield Both(server, cluster, functions)
        finally:
            functions.shutdown(wait=True, cancel_futures=True)


@pytest.fixture(scope="module", params=SYSTEMS)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    with both(tmp_path_factory.mktemp(request.param), request.param) as running:
        yield running
