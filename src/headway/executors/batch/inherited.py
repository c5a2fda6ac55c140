"""What a job inherits of whoever submits it, where the scheduler's submitting command does not hand its environment on. Pure.

It is what Slurm (``--export=ALL``) and LSF give their jobs: all that the submitting command has, but for what the scheduler and
the node say of the job itself. It goes into the file that becomes the job, which only its owner can read: PBS and Grid Engine
would show it to everybody in their listings.
"""

import re
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Command, Output

#: Has the submitting command's environment printed, here or on the login node, with all that every command has there.
ASKING: Final = Command(argv=("env", "-0"))
#: What tells of one job, or belongs to one shell: a server that itself runs in a job must not lend it to others.
_OF_ONE_JOB: Final = re.compile(
    r"(?:HEADWAY|SLURMD?|SBATCH|SRUN|PBS|SGE|LSB|LSF)_.*|PE|PE_HOSTFILE"
    r"|BASHOPTS|BASH_VERSINFO|EUID|IFS|OLDPWD|OPTARG|OPTIND|PPID|PWD|SHELLOPTS|SHLVL|UID|_"
)
#: What a node, or its scheduler, knows better, and where that says nothing whoever submits. Where a scheduler is, for one.
_NODES_FIRST: Final = frozenset(
    {
        "ARC",
        "CUDA_VISIBLE_DEVICES",
        "ENVIRONMENT",
        "GPU_DEVICE_ORDINAL",
        "HIP_VISIBLE_DEVICES",
        "HOME",
        "HOST",
        "HOSTNAME",
        "JOB_ID",
        "JOB_NAME",
        "JOB_SCRIPT",
        "LOGNAME",
        "MAIL",
        "NCPUS",
        "NHOSTS",
        "NQUEUES",
        "NSLOTS",
        "NVIDIA_VISIBLE_DEVICES",
        "OMP_NUM_THREADS",
        "PBS_CONF_FILE",
        "PBS_SERVER",
        "QUEUE",
        "REQNAME",
        "REQUEST",
        "RESTARTED",
        "ROCR_VISIBLE_DEVICES",
        "SGE_CELL",
        "SGE_CLUSTER_NAME",
        "SGE_EXECD_PORT",
        "SGE_QMASTER_PORT",
        "SGE_ROOT",
        "SHELL",
        "SLURM_CONF",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USER",
        "XDG_RUNTIME_DIR",
        "ZE_AFFINITY_MASK",
    }
)
# Grid Engine puts the job's TMPDIR before its PATH: there is the rsh by which parallel environments reach other hosts.
_PATH: Final = 'case $PATH: in "${{TMPDIR:-:}}:"*) PATH="$TMPDIR:"{path} ;; *) PATH={path} ;; esac\nexport PATH'


def read(output: Output) -> dict[str, str]:
    """Read what ``ASKING`` had printed, without what is not handed on.

    Raises:
        ExecutorUnavailable: it is not whole.
    """
    if output.exit_code or not output.stdout.endswith(b"\0"):
        raise ExecutorUnavailable(
            f"it cannot be told what environment jobs are to inherit: env -0 said {output.complaint}"
        )
    found: dict[str, str] = {}
    for pair in output.stdout[:-1].decode("utf-8", "surrogateescape").split("\0"):
        name, equals, value = pair.partition("=")
        if equals and (name in _NODES_FIRST or not _OF_ONE_JOB.fullmatch(name)):
            found[name] = value
    return found


def lines(inherited: Mapping[str, str]) -> Iterator[str]:
    """Give a shell's lines that export variables; their names must be ones that a shell can have."""
    if "PATH" in inherited:
        yield _PATH.format(path=quote(inherited["PATH"]))
    for name, value in inherited.items():
        if name in _NODES_FIRST:
            yield f'[ "${{{name}+1}}" ] || export {name}={quote(value)}'
        elif name != "PATH":
            yield f"export {name}={quote(value)}"
