"""What an Executor is: subclass ``ExecutorSuite``, give a fixture ``scene``, and pytest runs these against real jobs.

An executor whose jobs wait in a queue is a ``QueueSuite``, with a fixture ``held`` too.
"""

from collections.abc import AsyncIterator

import pytest

from headway.testing.executor_ends import BeingEnded, Ending, Waiting
from headway.testing.executor_given import GivenPlaces, GivenWords, Written
from headway.testing.executor_keeping import Finding, Once, Telling
from headway.testing.executor_witness import Scene, Witness


class _Witnessed:
    """A started executor for each test, in an event loop of anyio's plugin for pytest."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    async def witness(self, scene: Scene) -> AsyncIterator[Witness]:
        """Give an executor that is up, and see afterwards that all it said fits together."""
        witness = Witness(scene)
        await witness.start()
        yield witness
        await witness.clear()
        await witness.stop()
        assert not (found := witness.contradictions()), found


class ExecutorSuite(
    _Witnessed, GivenWords, GivenPlaces, Written, Ending, BeingEnded, Once, Finding, Telling
):
    """All promises of headway.core.ports.executor."""


class QueueSuite(ExecutorSuite, Waiting):
    """The same, and what an executor promises of jobs that wait."""


class TransportSuite(_Witnessed, GivenPlaces, Written, Finding, Waiting):
    """What another way to the same scheduler could break of that: files, logs, and what outlives a connection."""
