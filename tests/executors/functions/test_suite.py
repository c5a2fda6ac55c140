"""What every executor promises, of lines of shell that functions' workers run."""

from typing import Final

import pytest

from headway.testing.executor_ends import BeingEnded, Ending
from headway.testing.executor_given import Written
from headway.testing.executor_keeping import Finding, Once, Telling

pytestmark: Final = pytest.mark.anyio


class TestFunctionsExecutor(Written, Ending, BeingEnded, Once, Finding, Telling):
    """Arguments and places are given to functions in other ways: see test_functions."""
