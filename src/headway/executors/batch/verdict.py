"""What the scheduler's word and the wrapper's exit record together say of an attempt's end. Pure.

The record knows how the process ended; the scheduler knows why somebody ended it. So a record is the whole truth when nobody
interfered, and the scheduler's word is waited for when the job was killed or signalled.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State
from headway.executors.batch.native import NativeJob
from headway.executors.batch.record import Ended


class Verdict(NamedTuple):
    """An attempt's end in the core's words."""

    state: State
    reason: Reason | None
    message: str
    exit_code: int | None
    signal: int | None


#: Reasons that only the scheduler can know; they stand whatever the process's own end was.
_SCHEDULERS: Final = frozenset(
    {
        Reason.TIMEOUT,
        Reason.OUT_OF_MEMORY,
        Reason.NODE_FAIL,
        Reason.PREEMPTED,
        Reason.STAGING_FAILED,
    }
)
_IN_WORDS: Final[Mapping[Reason, str]] = {
    Reason.TIMEOUT: "it reached its wall-time limit and was ended",
    Reason.OUT_OF_MEMORY: "it used more memory than it had asked for and was killed",
    Reason.NODE_FAIL: "the node that it ran on failed",
    Reason.PREEMPTED: "the scheduler ended it to make room for another job",
    Reason.NOT_STARTED: "the scheduler could not start it",
    Reason.STAGING_FAILED: "the scheduler could not move its files",
}
_NO_RECORD: Final = (
    "that is the scheduler's word ({}); the job's own record of its end is missing, so the scheduler may have ended it,"
    " or its node have failed"
)
#: How a shell tells that SIGKILL ended what it ran: as the kernel does when there is no memory left.
_BY_KILL: Final = 128 + 9
#: slurmstepd's words: "StepId=7.batch exceeded memory limit (195047424 > 62914560), being killed", "Detected 1 oom_kill event".
_FOR_MEMORY: Final = re.compile(
    r"(?:[\w=.+-]+ )?exceeded (?:job |step )?memory limit(?: \(\d+ > \d+\))?"
    r"|(?:detected \d+ )?\boom[-_ ]kill(?: events?)?(?: in [\w=.+-]*\w)?"
    # PBS's, and those of its hook for cgroups: "=>> PBS: job killed: mem 2097152kb exceeded limit 1048576kb".
    r"|job killed: v?mem \w+ exceeded limit \w+|cgroup mem(?:sw)? limit exceeded"
    # LSF's: "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit."
    r"|TERM_MEMLIMIT: [\w ]+",
    re.IGNORECASE,
)


def is_enough(record: Ended) -> bool:
    """Tell whether an exit record needs no word of the scheduler's beside it."""
    if record.timed_out or record.not_started:
        return True
    return record.signal is None and not record.interrupted and record.exit_code != _BY_KILL


def may_be_memory(judged: Verdict) -> bool:
    """Tell whether an end is one that want of memory may have made, of which nobody has said so yet."""
    by_kill = judged.reason is Reason.NONZERO_EXIT and judged.exit_code == _BY_KILL
    return by_kill or judged.reason is Reason.SIGNAL


def by_record(record: Ended) -> Verdict:
    """Judge by the exit record alone."""
    code, number = record.exit_code, record.signal
    if record.timed_out:
        return Verdict(State.FAILED, Reason.TIMEOUT, _IN_WORDS[Reason.TIMEOUT], code, number)
    if record.not_started:
        return Verdict(State.FAILED, Reason.NOT_STARTED, record.not_started, code, number)
    if number is not None:
        return Verdict(State.FAILED, Reason.SIGNAL, f"ended by signal {number}", None, number)
    if code:
        return Verdict(State.FAILED, Reason.NONZERO_EXIT, f"exit code {code}", code, None)
    return Verdict(State.SUCCEEDED, None, "", 0, None)


def by_both(record: Ended, native: NativeJob) -> Verdict:
    """Judge by an exit record and the scheduler's final word."""
    own = by_record(record)
    if is_enough(record):
        return own
    if native.state is State.CANCELLED:
        return own._replace(state=State.CANCELLED, reason=Reason.BY_USER, message="")
    if native.reason in _SCHEDULERS:
        return own._replace(
            state=State.FAILED, reason=native.reason, message=_words(native, native.reason)
        )
    return own


def by_scheduler(native: NativeJob) -> Verdict:
    """Judge by the scheduler's final word alone: there is no exit record.

    A scheduler that says "completed" of an attempt without a record has run something that was not our wrapper, or the wrapper
    was refused by the attempt's own claim; the scheduler's exit code is all there is, and it is taken.
    """
    code, number = native.exit_code, native.signal
    if native.state is State.CANCELLED:
        return Verdict(State.CANCELLED, Reason.BY_USER, "", code, number)
    if native.state is State.SUCCEEDED and not code and number is None:
        return Verdict(State.SUCCEEDED, None, "", 0, None)
    reason = native.reason
    if reason is None:
        reason = Reason.SIGNAL if number is not None else Reason.NONZERO_EXIT
    if reason is Reason.NONZERO_EXIT and code is not None:
        return Verdict(State.FAILED, reason, f"exit code {code}", code, None)
    if reason is Reason.SIGNAL and number is not None:
        return Verdict(State.FAILED, reason, f"ended by signal {number}", None, number)
    return Verdict(State.FAILED, reason, _words(native, reason), code, number)


def is_otherwise(state: State, reason: Reason | None, native: NativeJob) -> bool:
    """Tell whether a scheduler's final word is another one than what its job's own record has told."""
    if native.state is not state:
        return True
    return native.reason in _SCHEDULERS and native.reason is not reason


def of_cancelled(judged: Verdict, record: Ended | None, *, waited: bool) -> Verdict:
    """Judge an attempt whose end was asked for: what a signal ended, we ended, also where the scheduler does not say so.

    Grid Engine tells of a deleted job only that it was killed, or of one that it held since it could not start it, only that. One
    that ended by itself before keeps its end.

    Args:
        waited: it was listed as waiting after the wish, and the scheduler was told to end it then.
    """
    if waited and record is None and judged.reason is Reason.NOT_STARTED:
        return Verdict(State.CANCELLED, Reason.BY_USER, "", None, None)
    signalled = judged.reason is Reason.SIGNAL or (record is not None and record.interrupted)
    if judged.reason in _SCHEDULERS or not signalled:
        return judged
    return judged._replace(state=State.CANCELLED, reason=Reason.BY_USER, message="")


def before_it_began(judged: Verdict, said: str) -> Verdict:
    """Judge a native job that ended before it ran our wrapper: its exit code is none of the user's program's.

    Args:
        said: what the batch script and the scheduler wrote; "" for nothing.
    """
    message = f"the batch script ended before the job began: {said or judged.message}"
    return _not_started(judged, message)


def before_it_began_again(judged: Verdict, native: NativeJob) -> Verdict:
    """Judge the same of a job that its scheduler had put back into its queue. What is written beside it is of the run before.

    Slurm gives such a job the exit code 1 when a node refuses to begin it: "Job credential revoked" in slurmctld's log, and
    nowhere else. That is of a job that was begun in the second in which its run before was ended.
    """
    message = (
        f"the scheduler put it back into its queue and could not begin it again ({native.word},"
        f" {judged.message}): what kept it is in the logs of the scheduler and of the node"
    )
    return _not_started(judged, message)


def without_record(judged: Verdict, native: NativeJob) -> Verdict:
    """Judge a job that had begun, and has left no record of its end: the code is the scheduler's word, and may not be the job's.

    Slurm gives the exit code 1 also to jobs that it ends itself, as those that run when its controller is started from an old state.
    """
    if judged.reason not in {Reason.NONZERO_EXIT, Reason.SIGNAL}:
        return judged
    return judged._replace(message=f"{judged.message}: {_NO_RECORD.format(native.word)}")


def _not_started(judged: Verdict, message: str) -> Verdict:
    if judged.reason not in {Reason.NONZERO_EXIT, Reason.SIGNAL}:
        return judged
    return judged._replace(reason=Reason.NOT_STARTED, message=message)


def of_memory(judged: Verdict, said: str) -> Verdict:
    """Judge an attempt that was killed, wrapper and all, by the scheduler's last words beside it.

    Slurm with ``JobAcctGatherParams=OverMemoryKill`` says only there that it was for the memory.
    """
    told = max((found[0] for found in _FOR_MEMORY.finditer(said)), key=len, default=None)
    if told is None:
        return judged
    return judged._replace(
        reason=Reason.OUT_OF_MEMORY, message=f"{_IN_WORDS[Reason.OUT_OF_MEMORY]} ({told})"
    )


def _words(native: NativeJob, reason: Reason) -> str:
    words = _IN_WORDS.get(reason, reason.value.replace("_", " "))
    said = ", ".join(word for word in (native.word, native.why) if word)
    return f"{words} ({said})" if said else words
