"""Variables that change what Slurm's commands do, when the server or a login shell happens to have them."""

from typing import Final

#: They choose which jobs are listed: one that is left out would be taken for lost. An empty one leaves out all.
_SQUEUE: Final = frozenset(
    f"SQUEUE_{name}"
    for name in (
        "ACCOUNT",
        "ARRAY",
        "FEDERATION",
        "FORMAT",
        "FORMAT2",
        "LICENSES",
        "LOCAL",
        "NAMES",
        "PARTITION",
        "PRIORITY",
        "QOS",
        "SIBLING",
        "SORT",
        "STATES",
        "USERS",
    )
)
_SACCT: Final = frozenset({"SACCT_FEDERATION", "SACCT_FORMAT", "SACCT_LOCAL"})
#: They choose which jobs are ended and how, or ask a question.
_SCANCEL: Final = frozenset(
    f"SCANCEL_{name}"
    for name in (
        "ACCOUNT",
        "BATCH",
        "CTLD",
        "FULL",
        "HURRY",
        "INTERACTIVE",
        "NAME",
        "PARTITION",
        "QOS",
        "STATE",
        "USER",
        "VERBOSE",
        "WCKEY",
    )
)
#: Options of the same names that are ours. Others (SBATCH_ACCOUNT, SBATCH_PARTITION) are their owner's defaults, and stay.
_SBATCH: Final = frozenset(
    f"SBATCH_{name}"
    for name in ("ARRAY_INX", "DEBUG", "ERROR", "INPUT", "JOB_NAME", "OPEN_MODE", "OUTPUT", "WAIT")
)
#: sbatch hands its whole environment on. Of a server that itself runs in a job, the new job must not have these.
_JOB: Final = frozenset(
    {"SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_JOB_ID", "SLURM_RESTART_COUNT"}
    | {f"SLURM_MEM_PER_{what}" for what in ("CPU", "GPU", "NODE")}
)

#: They choose the cluster, for some of the commands only.
_CLUSTERS: Final = frozenset({"SBATCH_CLUSTERS", "SLURM_CLUSTERS"})

ASKING: Final = _SQUEUE | _SACCT | _CLUSTERS
CANCELLING: Final = _SCANCEL | _CLUSTERS
SUBMITTING: Final = _SBATCH | _JOB | _CLUSTERS
