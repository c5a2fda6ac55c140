"""The demonstration's examples: what each is called, how a user would start it, and how it must end."""

import sys
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State

LABEL: Final = "demo"


class Ending(NamedTuple):
    """How a job must end; None does not matter."""

    state: State
    reason: Reason | None
    exit_code: int | None = None


class Example(NamedTuple):
    """One shell job of the demonstration. ``cancel_after_s``: somebody changes their mind."""

    name: str
    command: Sequence[str]
    ending: Ending
    cancel_after_s: float | None = None


PROGRESS_ENDING: Final = Ending(State.FAILED, Reason.WORKER_NOT_OK)

_COUNT: Final = 'for i in 1 2 3 4 5; do echo "tile $i of 5 written"; sleep 1; done'
_FAIL: Final = "echo reading tile 4; sleep 2; echo 'tile 4: checksum differs' >&2; exit 3"
_LONG: Final = "echo this would take ten minutes; sleep 600"


def shell_examples() -> list[Example]:
    """Give the batch of shell jobs, and the Python script."""
    good = [
        Example(f"tiles-{n}", ("sh", "-c", _COUNT), Ending(State.SUCCEEDED, None, 0))
        for n in (1, 2, 3)
    ]
    bad = Example("tiles-4", ("sh", "-c", _FAIL), Ending(State.FAILED, Reason.NONZERO_EXIT, 3))
    long = Example(
        "tiles-5", ("sh", "-c", _LONG), Ending(State.CANCELLED, Reason.BY_USER), cancel_after_s=6
    )
    script = str(files("headway.cli.demonstration").joinpath("loop.py"))
    loop = Example("tqdm-loop", (sys.executable, script), Ending(State.SUCCEEDED, None, 0))
    return [loop, *good, bad, long]
