"""What ``qsub``, ``qdel`` and ``qsub --version`` answer. Pure.

PBS's commands exit with the last 8 bits of the server's error number: 153 for an unknown job (15001), 35 for one that has finished
(15139). The sentences are those of pbs_messages.c.
"""

import re
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output

_ID: Final = re.compile(r"^(\d+(?:\[\])?(?:\.[A-Za-z0-9_.-]+)?)$", re.MULTILINE)
#: Refusals that say nothing of the job itself: the server is away, busy or full, and would take it later.
_LATER: Final = re.compile(
    r"""cannot\ connect | couldn't\ connect | no\ free\ connections | connection\ (?:refused|table\ full|timed\ out)
      | shutting\ down | temporarily\ unavailable | maximum\ number\ of\ jobs | would\ exceed | internal\ error | system\ error
      | protocol\ error | expired\ credential | out\ of\ memory | license | no\ server\ specified | communication | time-?out""",
    re.IGNORECASE | re.VERBOSE,
)
UNKNOWN_JOB: Final = re.compile(r"(?:qstat|qdel): Unknown Job Id \S+")
_GONE: Final = re.compile(
    r"qdel: (?:Job has finished|Request invalid for (?:state of job|finished array subjob)|Delete already in progress)\b.*"
)
_DENIED: Final = re.compile(r"Unauthorized Request", re.IGNORECASE)
_VERSION: Final = re.compile(r"^pbs_version\s*=\s*(?:PBSPro_)?(\S+)", re.MULTILINE)
#: Other programs of the same name, by what they print when they are asked for their version.
_OTHERS: Final = (
    (
        re.compile(
            r"\b(?:GE|SGE|OGE|UGE|AGE) \d|Grid Engine|-terse\b|usage: qsub \[options\]|initialize environment because|invalid option argument"
        ),
        "Grid Engine's",
    ),
    (re.compile(r"^Version: \d.*|^Commit: ", re.MULTILINE), "Torque's"),
    (re.compile(r"slurm", re.IGNORECASE), "Slurm's wrapper for users of Torque"),
)


def read_submitted(output: Output) -> NativeId:
    """Read ``qsub``'s answer: the id, on a line of its own, after what hooks may print.

    Raises:
        ExecutorRejected: it was refused, and would be again.
        ExecutorUnavailable: it was refused for now, or it is not known what came of it.
    """
    found = _ID.findall(output.text.replace("\r", ""))
    if output.exit_code == 0 and found and output.text.endswith("\n"):
        return NativeId(found[-1])
    if output.exit_code == 0:
        raise ExecutorUnavailable(f"qsub did not say which job it made: {output.complaint}")
    said = output.stderr.decode("utf-8", "replace")
    if "qsub:" in said and not _LATER.search(said):
        raise ExecutorRejected(output.complaint)
    raise ExecutorUnavailable(f"qsub failed: {output.complaint}")


def read_cancelled(output: Output) -> None:
    """Read ``qdel``'s answer: nothing, or a line for each job that could not be ended.

    Raises:
        ExecutorRejected: PBS lets us not end one of them.
        ExecutorUnavailable: the server was not reached.
    """
    if output.exit_code == 0:
        return
    said = [each.strip() for each in output.stderr.decode("utf-8", "replace").splitlines()]
    said = [each for each in said if each]
    left = [each for each in said if not UNKNOWN_JOB.fullmatch(each) and not _GONE.fullmatch(each)]
    if said and not left:
        return
    if any(_DENIED.search(each) for each in left):
        raise ExecutorRejected(output.complaint)
    raise ExecutorUnavailable(f"qdel failed: {output.complaint}")


def read_version(output: Output) -> str:
    """Read ``qsub --version``.

    Raises:
        ExecutorRejected: this qsub is another scheduler's.
        ExecutorUnavailable: it printed nothing that tells.
    """
    said = output.text + "\n" + output.stderr.decode("utf-8", "replace")
    found = _VERSION.search(said)
    if found:
        return found[1]
    for pattern, whose in _OTHERS:
        if pattern.search(said):
            raise ExecutorRejected(
                f"this qsub is {whose}, not PBS's; set the path of PBS's own, or another kind of executor"
            )
    if output.exit_code in {126, 127} or not said.strip():
        raise ExecutorUnavailable(f"qsub does not tell its version: {output.complaint}")
    raise ExecutorRejected(f"this qsub is not PBS's: it says {output.complaint!r}")
