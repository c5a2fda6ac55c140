"""What Slurm's commands say went wrong, fit to show."""

import re
from typing import Final

from headway.executors.batch.command import Output

_WHO: Final = re.compile(r"^\S*(?:sbatch|squeue|sacct|scancel)\S*: (?:error: |fatal: )?")
_WHAT: Final = re.compile(r"^(?:Batch job submission failed|slurm_load_jobs error): ")
_LONGEST: Final = 500


def said(output: Output) -> str:
    """Give the lines, each without who says it and that it is an error; the last one is what it comes to."""
    lines = output.stderr.decode("utf-8", "replace").splitlines()
    lines = [_WHAT.sub("", _WHO.sub("", line)).strip() for line in lines]
    words = "; ".join(line for line in lines if line and not line.startswith("Try "))
    short = words if len(words) <= _LONGEST else f"... {words[-_LONGEST:]}"
    return "".join(c if c.isprintable() else " " for c in short) or output.complaint
