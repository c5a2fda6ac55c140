"""Commands whose whole output is for people, on one job each. Pure."""

import re
from collections.abc import Callable

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Command, Output


def says(pattern: re.Pattern[str]) -> Callable[[Output], bool]:
    """Make a function that tells whether a command's complaints hold these words."""
    return lambda output: pattern.search(output.stderr.decode("utf-8", "replace")) is not None


def as_printed(output: Output) -> str:
    """Show what was printed as it is."""
    return output.text


class Detail:
    """One place where all that there is on a job can be had in words: ``scontrol show job``, ``sacct``.

    Args:
        name: what people call it.
        ask: gives the command.
        knows_none: tells from an answer that it does not know the job, or that this site has no such place.
        show: gives an answer as it is to be shown; "" where there is no job in it.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[NativeId], Command],
        *,
        knows_none: Callable[[Output], bool],
        show: Callable[[Output], str] = as_printed,
    ) -> None:
        self.name = name
        self.ask = ask
        self._knows_none = knows_none
        self._show = show

    def read(self, output: Output) -> str:
        """Give the words; "" where the job is not known.

        Raises:
            ExecutorUnavailable: this is no answer.
        """
        if self._knows_none(output):
            return ""
        if not output.stdout.strip():
            raise ExecutorUnavailable(f"{self.name} could not be asked: {output.complaint}")
        return self._show(output)
