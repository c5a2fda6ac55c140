"""Executors hear of it when somebody looks, and only then."""

import pytest

from headway.app.watched import Watched
from headway.protocols.http.live.hub import HubFigures
from headway.testing.fakes import FakeExecutor

pytestmark = pytest.mark.anyio


async def test_an_executor_hears_that_somebody_looks() -> None:
    executor, figures = FakeExecutor(), HubFigures(clients=1)
    await Watched([executor], figures).round()
    assert executor.hurried == 1


async def test_an_executor_hears_nothing_while_nobody_looks() -> None:
    executor = FakeExecutor()
    await Watched([executor], HubFigures()).round()
    assert executor.hurried == 0
