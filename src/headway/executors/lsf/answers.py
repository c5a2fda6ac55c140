"""What ``bsub`` and ``bkill`` answer, and the sentences in which all commands say that there is no such job. Pure.

The sentences are those of lsb_errmsg, which all members of the family share.
"""

import re
from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output

_ID: Final = re.compile(r"[1-9]\d*(?:\[[1-9]\d*\])?")
_SUBMITTED: Final = re.compile(r"^Job <([1-9]\d*)> is submitted to ", re.MULTILINE)
_NOT_SUBMITTED: Final = re.compile(r"\bnot submitted\b", re.IGNORECASE)
_USAGE: Final = re.compile(
    r"(?:invalid|illegal|unknown) option|^Usage:", re.IGNORECASE | re.MULTILINE
)
#: Refusals that say nothing of the job itself: LSF is away, busy or full, and would take it later.
_LATER: Final = re.compile(
    r"""library\ call | daemon | LIM\b | mbatchd | please\ wait | time-?out | timed\ out | refused\ by\ server
      | not\ connected | not\ responding | is\ down | internal\ error | system\ call | cannot\ allocate | cannot\ fork
      | protocol\ error | XDR | service\ not\ registered | No\ job\ Id\ can\ be\ used | limit\ (?:is\ )?(?:reached|exceeded)
      | reached\ its\ .*limit | job\ slots? | spool | try\ (?:again|later)""",
    re.IGNORECASE | re.VERBOSE,
)
#: With one try for each command; lsb_errmsg and callmbd of OpenLava's sources, whose sentences IBM's documentation has, too.
_DEAD: Final = (
    (
        re.compile(r"\bLIM\b.{0,40}(?:\bdown\b|not\ responding)", re.IGNORECASE),
        "LSF's LIM does not answer",
    ),
    (
        re.compile(r"refused by server|batch (?:system )?daemon not responding", re.IGNORECASE),
        "mbatchd does not answer",
    ),
)
_UNKNOWN_JOB: Final = re.compile(
    r"(?:Job <[^>]*>:? ?)?(?:is not found|No matching job found|No (?:unfinished |done |pending |running )?job found)\.?"
)
_NOT_FOUND: Final = re.compile(r"Job <[^>]*> (?:is )?not found")
_KILLED: Final = re.compile(
    r"""Job\ <[^>]*>:?\ (?: is\ being\ (?:terminated|signaled) | Job\ has\ already\ finished | No\ matching\ job\ found
      | is\ not\ found | Operation\ is\ in\ progress | Job\ array\ does\ not\ exist )\.? """,
    re.VERBOSE,
)
_DENIED: Final = re.compile(r"permission denied|not allowed|cannot operate", re.IGNORECASE)


def checked_ids(ids: Sequence[NativeId]) -> list[str]:
    """Check ids before they go into a command: ``bkill 0`` would end all jobs, ``bkill`` alone the last one.

    Raises:
        InvalidRequest: there are none, or one is no id of LSF's.
    """
    if not ids:
        raise InvalidRequest("no job's id was given", field="native_id")
    for each in ids:
        if not _ID.fullmatch(each):
            raise InvalidRequest(f"{each!r} is no job id of LSF's", field="native_id")
    return list(ids)


def read_submitted(output: Output) -> NativeId:
    """Read ``bsub``'s answer. What esub and site scripts print round it does not matter.

    Raises:
        ExecutorRejected: it was refused, and would be again.
        ExecutorUnavailable: it was refused for now, or it is not known what came of it.
    """
    found = _SUBMITTED.findall(output.text)
    if found:
        return NativeId(found[-1])
    if output.exit_code == 0:
        raise ExecutorUnavailable(f"bsub did not say which job it made: {output.complaint}")
    said = output.text + output.stderr.decode("utf-8", "replace")
    if (_NOT_SUBMITTED.search(said) or _USAGE.search(said)) and not _LATER.search(said):
        raise ExecutorRejected(output.complaint)
    raise ExecutorUnavailable(f"bsub failed: {output.complaint}")


def read_cancelled(output: Output) -> None:
    """Read ``bkill``'s answer; it has a line for each job.

    Raises:
        ExecutorRejected: LSF lets us not end one of them.
        ExecutorUnavailable: LSF was not reached.
    """
    if output.exit_code == 0:
        return
    said = _lines(output)
    left = [line for line in said if not _KILLED.fullmatch(line)]
    if said and not left:
        return
    if any(_DENIED.search(line) for line in left):
        raise ExecutorRejected(output.complaint)
    raise ExecutorUnavailable(f"bkill failed: {output.complaint}")


def read_dead(output: Output) -> str:
    """Read which of LSF's daemons is not there, in a sentence's words; "" where none is said to be missing."""
    if output.exit_code == 0:
        return ""
    said = output.text + output.stderr.decode("utf-8", "replace")
    return next((words for pattern, words in _DEAD if pattern.search(said)), "")


def says_unknown_option(output: Output) -> bool:
    """Tell whether a program did not know an option that it was called with."""
    return output.exit_code != 0 and bool(_USAGE.search(output.complaint))


def says_no_such_job(output: Output) -> bool:
    """Tell whether all that was said is that there are no such jobs, and at least that."""
    said = _lines(output)
    return bool(said) and all(is_no_such_job(line) for line in said)


def is_no_such_job(line: str) -> bool:
    """Tell whether a line says that a job is not known, or that there is none."""
    return bool(_UNKNOWN_JOB.fullmatch(line) or _NOT_FOUND.fullmatch(line))


def check_complaints(output: Output, *, program: str) -> None:
    """Check an exit code other than 0: all that stands on standard error must be that some jobs are not known.

    Raises:
        ExecutorUnavailable: something else went wrong.
    """
    if output.exit_code == 0:
        return
    said = [each.strip() for each in output.stderr.decode("utf-8", "replace").splitlines()]
    said = [each for each in said if each]
    if not said or not all(is_no_such_job(each) for each in said):
        raise ExecutorUnavailable(f"{program} failed: {output.complaint}")


def _lines(output: Output) -> list[str]:
    said = (output.text + "\n" + output.stderr.decode("utf-8", "replace")).splitlines()
    return [line.strip() for line in said if line.strip()]
