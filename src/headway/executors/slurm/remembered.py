"""What Slurm's controller remembers of single jobs: for MinJobAge (five minutes by default) after their end."""

from collections.abc import Sequence
from typing import Final

from headway.core.model.names import NativeId
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.slurm import listing
from headway.executors.slurm.options import checked_id

#: Said when one id was asked for and is not known; ids that are not known among others are left out without a word.
_UNKNOWN: Final = "Invalid job id specified"


class Remembered:
    """Asks squeue about some jobs, of any user. ``scontrol show job`` knows no more, and takes one id at a time."""

    name = "squeue"

    def __init__(self, fence: str, where: Sequence[str] = ()) -> None:
        self._fence = fence
        self._where = where

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask about these jobs, all in one command."""
        jobs = ",".join(map(checked_id, ids))
        return listing.command(self._fence, *self._where, "--states=all", f"--jobs={jobs}")

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read the answer; jobs that it does not know are left out.

        Raises:
            ExecutorUnavailable: this is no answer.
        """
        if output.exit_code == 1 and output.complaint.endswith(_UNKNOWN):
            return []
        return listing.Reader(self._fence).read(output)
