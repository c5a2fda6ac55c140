"""A server that runs functions, and an executor for it."""

from collections.abc import Iterator

import pytest
from tests.functions.here import HereServer

from headway.functions import FunctionsExecutor


@pytest.fixture
def here() -> Iterator[HereServer]:
    server = HereServer().start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def functions(here: HereServer) -> Iterator[FunctionsExecutor]:
    with FunctionsExecutor(url=here.url) as executor:
        yield executor
        executor.shutdown(cancel_futures=True, wait=False)
