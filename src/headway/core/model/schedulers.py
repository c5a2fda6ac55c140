"""What people type to end a job of their scheduler's."""

from collections.abc import Mapping
from typing import Final

#: By the names of the executors' plugins; ``{native}`` is the job's own id there.
ENDS: Final[Mapping[str, str]] = {
    "slurm": "scancel {native}",
    "lsf": "bkill {native}",
    "pbs": "qdel {native}",
    "sge": "qdel {native}",
}
