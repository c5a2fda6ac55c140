"""What qsub, qdel and ``qstat -help`` answer in words."""

import re
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output

_ID: Final = re.compile(r"([0-9]{1,20})(?:\.[0-9]+-[0-9]+:[0-9]+)?")
_QUOTED: Final = re.compile(r'"[^"]*"')
#: Words of a qsub that did not reach the qmaster, or does not know what became of its request.
_NOT_REACHED: Final = re.compile(
    r"commlib|qmaster|\bgdi\b|time(?:d )?\s?out|connect|initialize environment|SGE_ROOT|cell directory|answer list|script file"
    r"|master daemon|out of memory|not enough memory",
    re.IGNORECASE,
)
#: A limit on the number of jobs, of the user or the cluster: later there is room again.
_AGAIN: Final = 25
_REFUSED: Final = frozenset({1, 2})
_REFUSALS: Final = ("Unable to run job:", "qsub: ")
_GONE: Final = re.compile(
    r"denied: job \S+ does not exist|The job .* does not exist|.* has (?:registered|deleted) .*"
    r"|job \S+ is already in deletion|There is no job registered .*"
)
_FORBIDDEN: Final = re.compile(r"privileges|^denied\b|not allowed", re.MULTILINE)
_VERSION: Final = re.compile(r"([A-Z][A-Za-z/]*GE|GE|AGE|OCS|GCS|Grid Engine)\s+v?([0-9]\S*)")
_OTHERS: Final = (
    ("Slurm", re.compile(r"slurm|\bGetopt\b|--man\b", re.IGNORECASE)),
    ("PBS", re.compile(r"pbs|\[-f \[-F|destination", re.IGNORECASE)),
    ("Torque", re.compile(r"torque|maui", re.IGNORECASE)),
)


def read_submitted(output: Output) -> NativeId:
    """Read what qsub -terse prints: ``12``, or ``12.1-10:1`` for an array. What a site's own scripts say round it is passed over.

    Raises:
        ExecutorRejected: it was refused for good.
        ExecutorUnavailable: it was refused for now, or it is not known whether it was taken.
    """
    ids = [found[1] for line in output.text.splitlines() if (found := _ID.fullmatch(line.strip()))]
    if output.exit_code == 0 and ids and output.stdout.endswith(b"\n"):
        return NativeId(ids[-1])
    words = output.complaint
    if output.exit_code == 0 or ids:
        raise ExecutorUnavailable(f"qsub gave no whole id: {words}")
    if output.exit_code == _AGAIN:
        raise ExecutorUnavailable(f"Grid Engine takes no more jobs now: {words}")
    said_so = any(line.startswith(_REFUSALS) for line in _lines(output))
    refused = output.exit_code in _REFUSED and said_so
    if not refused or _NOT_REACHED.search(_QUOTED.sub('""', words)):
        raise ExecutorUnavailable(f"qsub could not submit: {words}")
    raise ExecutorRejected(f"Grid Engine refused it: {words.removesuffix(' Exiting.')}")


def check_cancelled(output: Output) -> None:
    """Check what qdel says: a line for each job, and exit code 1 if one of them was not there.

    Raises:
        ExecutorRejected: the jobs are somebody else's.
        ExecutorUnavailable: the qmaster was not reached.
    """
    if output.exit_code == 0:
        return
    others = [line for line in _lines(output) if not _GONE.fullmatch(line)]
    if not others and _lines(output):
        return
    words = " ".join(others) or output.complaint
    if others and _FORBIDDEN.search("\n".join(others)):
        raise ExecutorRejected(f"Grid Engine will not let us end these jobs: {words}")
    raise ExecutorUnavailable(f"qdel could not be asked: {words}")


def read_version(output: Output) -> str:
    """Read the first line of ``qstat -help``: ``SGE 8.1.9``, ``UGE 8.6.3``.

    Raises:
        ExecutorRejected: it is another scheduler's qstat.
        ExecutorUnavailable: no answer.
    """
    first = next(iter(output.text.strip().splitlines()), "")
    found = _VERSION.match(first)
    if found is not None:
        return found[2] if found[1] == "SGE" else f"{found[2]} ({found[1]})"
    both = output.text + output.stderr.decode("utf-8", "replace")
    if "usage" not in both.lower():
        raise ExecutorUnavailable(f"qstat -help did not answer: {output.complaint}")
    whose = next((name for name, words in _OTHERS if words.search(both)), "another scheduler")
    raise ExecutorRejected(
        f"qstat is not Grid Engine's but {whose}'s; set the paths of qsub, qstat, qdel and qacct of this cluster"
    )


def _lines(output: Output) -> list[str]:
    both = output.text + "\n" + output.stderr.decode("utf-8", "replace")
    return [line.strip() for line in both.splitlines() if line.strip()]
