"""All that Slurm has on a job, for people: ``scontrol show job``, and ``sacct`` of one that the controller has forgotten."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail, says
from headway.executors.slurm.options import checked_id
from headway.executors.slurm.table import rows_under
from headway.executors.slurm.variables import ASKING

_FORGOTTEN: Final = re.compile(r"Invalid job id specified")
_NO_ACCOUNTING: Final = re.compile(r"accounting storage is disabled")
_ID: Final = "JobID"


def details_of(fence: str, where: Sequence[str]) -> Sequence[Detail]:
    """Give both.

    Args:
        fence: what separates sacct's cells.
        where: options that choose the cluster.
    """

    def remembered(native_id: NativeId) -> Command:
        return Command(argv=("scontrol", *where, "show", "job", checked_id(native_id)))

    def kept(native_id: NativeId) -> Command:
        options = ("--parsable", f"--delimiter={fence}", "--format=ALL")
        return Command(
            argv=("sacct", *where, *options, f"--jobs={checked_id(native_id)}"), without=ASKING
        )

    def shown(output: Output) -> str:
        return "\n".join(_described(output, fence))

    return (
        Detail("scontrol", remembered, knows_none=says(_FORGOTTEN)),
        Detail("sacct", kept, knows_none=says(_NO_ACCOUNTING), show=shown),
    )


def _described(output: Output, fence: str) -> Iterator[str]:
    """Give a paragraph for the job and for each of its steps, as scontrol does it: a hundred columns fit on no screen.

    Raises:
        ExecutorUnavailable: sacct gave no whole answer.
    """
    header, rows = rows_under(output.text, fence=fence, program="sacct")
    if _ID not in header:
        raise ExecutorUnavailable(f"sacct gave a table without {_ID}: {output.complaint}")
    for cells in rows:
        values = {name: _in_one_line(cell) for name, cell in zip(header, cells, strict=True)}
        lines = [f"{_ID}={values.pop(_ID)}"]
        lines += [f"   {name}={value}" for name, value in values.items() if value]
        yield "\n".join([*lines, ""])


def _in_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
