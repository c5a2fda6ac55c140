"""What sbatch and scancel answer, and whether a no is for good."""

import re
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output
from headway.executors.slurm.said import said

_ID: Final = re.compile(rb"([0-9]{1,20})(?:;[^\s;]{1,200})?\n")
#: A program speaks of itself by the last part of its path (``sbatch: error: ``), getopt by the whole.
_OWN_WORDS: Final = re.compile(r"^\S*sbatch\S*: (?!fatal: )", re.MULTILINE)
#: Exit codes of sbatch for what it refuses before anybody is asked: 255 from getopt, 1 else.
_REFUSALS: Final = frozenset({1, 255})

#: Words of Slurm's (slurm_errno.c) and of the system's for a controller that was not reached, or not now. Of some of them it
#: is not known whether the job was taken.
_NOT_REACHED: Final = (
    "Unable to contact slurm controller",
    "Unexpected message received",
    "Communication connection failure",
    "Message send failure",
    "Message receive failure",
    "Communication shutdown failure",
    "Unexpected missing socket error",
    "Insane message length",
    "Header lengths are longer than data received",
    "Incompatible versions of client and server code",
    "Protocol authentication error",
    "Zero Bytes were transmitted or received",
    "Socket timed out on send/recv operation",
    "Can't find an address, check slurm.conf",
    "Invalid authentication credential",
    "Munge encode failed",
    "If munged is up",
    "in standby mode",
    "RPC rate limit exceeded",
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "Network is unreachable",
    "No route to host",
    "Broken pipe",
    "Resource temporarily unavailable",
    "Transport endpoint is not connected",
    "Interrupted system call",
    "Cannot allocate memory",
    "Could not establish a configuration source",
    "Unable to establish configuration source",
    "Unable to process configuration file",
)
#: Words for a controller that takes no job now, and will take this one later.
_NOT_NOW: Final = (
    "Slurm temporarily unable to accept job",
    "Unable to create job record, try again",
    "I/O error writing script/environment to file",
    "System submissions disabled",
    "Requested operation is presently disabled",
    "Slurm internal error",
    # How many jobs somebody may have in the queue: the words stand before "Job violates accounting/QOS policy".
    "SubmitJobLimit",
    "SubmitJobPerUserLimit",
    "SubmitJobPerAccountLimit",
    "SubmitJobsLimit",
)
#: scancel's words for jobs that are not there (any more); newer ones say them, older ones only with --verbose.
_GONE: Final = (
    "Invalid job id specified",
    "Job/step already completing or completed",
    "Job has already finished",
    "Job is not running",
)
_DENIED: Final = ("Access/permission denied", "Invalid job id ")


def submitted(output: Output) -> NativeId:
    """Read ``1234`` or ``1234;cluster``.

    Raises:
        ExecutorRejected: refused for good, in Slurm's words.
        ExecutorUnavailable: it is not known whether the job was taken.
    """
    words = output.stderr.decode("utf-8", "replace")
    if output.exit_code == 0:
        found = _ID.fullmatch(output.stdout)
        if found is None:
            raise ExecutorUnavailable(f"sbatch gave no job id: {output.complaint}")
        return NativeId(found[1].decode())
    if any(each in words for each in _NOT_REACHED):
        raise ExecutorUnavailable(f"Slurm was not reached: {said(output)}")
    if any(each in words for each in _NOT_NOW):
        raise ExecutorUnavailable(f"Slurm takes no job now: {said(output)}")
    if output.exit_code in _REFUSALS and _OWN_WORDS.search(words):
        raise ExecutorRejected(f"Slurm refused the job: {said(output)}")
    raise ExecutorUnavailable(f"sbatch failed: {said(output)}")


def cancelled(output: Output) -> None:
    """Read what scancel said. Nothing is what it says when all is well, and of jobs that it does not know.

    Raises:
        ExecutorUnavailable: the controller was not reached.
        ExecutorRejected: it will not let us.
    """
    lines = output.stderr.decode("utf-8", "replace").splitlines()
    serious = [line for line in lines if line.strip() and not any(each in line for each in _GONE)]
    if not output.exit_code or (lines and not serious):
        return
    words = "\n".join(serious)
    reply = said(output)
    reached = not any(each in words for each in _NOT_REACHED)
    if reached and any(each in words for each in _DENIED):
        raise ExecutorRejected(f"Slurm would not cancel: {reply}")
    raise ExecutorUnavailable(f"scancel failed: {reply}")
