"""Numbers, times and endings in a person's words. All of it is plain ASCII, but for what a caller passes in."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from headway.core.model.job import Job
from headway.core.model.state import Reason, State

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400
_YEAR_S: Final = 365 * _DAY_S
_CENTURY_S: Final = 100 * _YEAR_S
_FOR_EVER: Final = "more than 99 years"
_TWO_UNITS: Final = (
    (_MINUTE_S, 1, "{} min {:02d} s"),
    (_HOUR_S, _MINUTE_S, "{} h {:02d} min"),
    (_DAY_S, _HOUR_S, "{} d {} h"),
    (_YEAR_S, _DAY_S, "{} y {} d"),
)
_UNTIL: Final = {_MINUTE_S: 60, _HOUR_S: 24, _DAY_S: 365, _YEAR_S: 100}
_ROUGH_HOURS_S: Final = 10 * _HOUR_S  # from here on whole hours
_ROUGH_DAYS_S: Final = 48 * _HOUR_S  # from here on whole days
_ABOUT_ONE: Final = 0.95  # what is rounded to 1
_LARGE: Final = 10_000  # from here on whole numbers
_MANY: Final = 1e15  # from here on a number is written with an exponent
_KIBI: Final = 1024

#: Linux's signals by number (signal(7), x86 and ARM); the others are real-time signals.
SIGNALS: Final[Mapping[int, str]] = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    5: "SIGTRAP",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    10: "SIGUSR1",
    11: "SIGSEGV",
    12: "SIGUSR2",
    13: "SIGPIPE",
    14: "SIGALRM",
    15: "SIGTERM",
    16: "SIGSTKFLT",
    17: "SIGCHLD",
    18: "SIGCONT",
    19: "SIGSTOP",
    20: "SIGTSTP",
    21: "SIGTTIN",
    22: "SIGTTOU",
    23: "SIGURG",
    24: "SIGXCPU",
    25: "SIGXFSZ",
    26: "SIGVTALRM",
    27: "SIGPROF",
    28: "SIGWINCH",
    29: "SIGIO",
    30: "SIGPWR",
    31: "SIGSYS",
}

#: Why a job waits, pauses or ended so, as the rest of a sentence that begins with its state.
REASON_WORDS: Final[Mapping[Reason, str]] = {
    Reason.SENDING: "being handed over to its cluster",
    Reason.EXECUTOR_DOWN: "its cluster does not answer",
    Reason.EXECUTOR_SLOW: "its cluster is slow to answer",
    Reason.HELD: "held on the cluster",
    Reason.DEPENDENCY: "waiting for another job",
    Reason.LIMIT: "a limit keeps it waiting",
    Reason.CANNOT_START: "it cannot start as it is",
    Reason.STAGING_IN: "its files are being brought into its sandbox",
    Reason.SUSPENDED: "suspended",
    Reason.COMPLETING: "finishing up",
    Reason.STAGING_OUT: "its results are being fetched from its sandbox",
    Reason.UNREACHABLE: "its cluster cannot be asked at present",
    Reason.NONZERO_EXIT: "it ended with an exit code other than 0",
    Reason.SIGNAL: "killed by a signal",
    Reason.TIMEOUT: "it ran into its wall-time limit",
    Reason.OUT_OF_MEMORY: "it ran out of memory",
    Reason.NODE_FAIL: "its node failed",
    Reason.PREEMPTED: "it had to make room for another job",
    Reason.NOT_STARTED: "it could not be started",
    Reason.STAGING_FAILED: "not all its files could be copied",
    Reason.EXCEPTION: "an exception ended it",
    Reason.WORKER_NOT_OK: "a worker reported a problem",
    Reason.LOST: "it was lost: how it ended is not known",
    Reason.BY_USER: "by its user",
    Reason.BY_ADMIN: "by an administrator",
    Reason.SUPERSEDED: "another job took its name",
    Reason.EXPIRED: "nothing was heard of it for too long",
}


def duration(seconds: float) -> str:
    """Say how long, in one or two units: ``0.4 s``, ``45 s``, ``4 min 05 s``, ``2 h 05 min``, ``3 d 4 h``.

    Below 0 counts as 0; what is not finite, or a century and more, is ``more than 99 years``.
    """
    if not math.isfinite(seconds) or seconds >= _CENTURY_S:
        return _FOR_EVER
    if 0 < seconds < _ABOUT_ONE:
        return f"{max(0.1, seconds):.1f} s"
    whole = max(0, round(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    for big, small, form in _TWO_UNITS:
        if whole < big * _UNTIL[big]:
            return form.format(whole // big, whole % big // small)
    return _FOR_EVER


def rough(seconds: float) -> str:
    """Say about how long, no finer than anybody can know it: ``12 s``, ``4 min``, ``2 h 10 min``, ``3 d``."""
    if not 0 <= seconds < _CENTURY_S:
        return duration(seconds)
    if seconds <= _MINUTE_S - 1:
        return f"{math.ceil(seconds)} s"
    minutes = round(seconds / _MINUTE_S)
    if minutes < _MINUTE_S:
        return f"{minutes} min"
    if seconds < _ROUGH_HOURS_S:
        hours, rest = divmod(round(minutes / 10) * 10, 60)
        return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
    if seconds < _ROUGH_DAYS_S:
        return f"{round(seconds / _HOUR_S)} h"
    return f"{round(seconds / _DAY_S):,} d"


def number(value: float) -> str:
    """Say a finite number: whole ones with commas, others with four digits, very large ones with an exponent."""
    if abs(value) >= _MANY:
        return f"{value:.3g}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"


def percent(fraction: float) -> str:
    """Say a fraction of 0 to 1 as whole percents, rounded down: 100 % is only what has finished."""
    # 0.29 * 100 is 28.999999999999996 in binary.
    return f"{math.floor(fraction * 100 + 1e-9)} %"


def rate(per_s: float) -> str:
    """Say a rate above 0 in the unit in which it is 1 or more: ``12/s``, ``30/min``, ``2.5/h``, ``1/d``."""
    for unit, seconds in (("s", 1), ("min", _MINUTE_S), ("h", _HOUR_S)):
        if per_s * seconds >= _ABOUT_ONE:
            return f"{_short(per_s * seconds)}/{unit}"
    return f"{_short(per_s * _DAY_S)}/d"


def count(how_many: int, noun: str) -> str:
    """Say how many: ``1 worker``, ``1,200 workers``."""
    return f"{how_many:,} {noun}" if how_many == 1 else f"{how_many:,} {noun}s"


def size(count_bytes: int) -> str:
    """Say a number of bytes: ``512 B``, ``1.5 MiB``."""
    value = float(count_bytes)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < _KIBI:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= _KIBI
    return f"{value:.1f} PiB"


def moment(at: datetime) -> str:
    """Say a time in UTC to the second: ``2026-03-01 12:00:05 UTC``."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def ending(*, exit_code: int | None, signal: int | None) -> str:
    """Say how a process ended: ``exit code 3``, ``killed by signal 11 (SIGSEGV)``; empty when neither is known."""
    if signal is not None:
        name = SIGNALS.get(signal)
        return f"killed by signal {signal} ({name})" if name else f"killed by signal {signal}"
    return "" if exit_code is None else f"exit code {exit_code}"


def state_words(job: Job) -> str:
    """Say where the job is and why: ``running``, ``failed: exit code 3``, ``cancelled: another job took its name``."""
    if job.cancel is not None and not job.state.is_final:
        return f"{job.state.value}, being cancelled"
    why = _why(job)
    return f"{job.state.value}: {why}" if why else job.state.value


def _why(job: Job) -> str:
    if job.reason is None:
        return ""
    if job.reason in (Reason.NONZERO_EXIT, Reason.SIGNAL):
        told = ending(exit_code=job.exit_code, signal=job.signal)
        return told or REASON_WORDS[job.reason]
    if job.reason is Reason.TIMEOUT and job.spec.attributes.duration is not None:
        return f"{REASON_WORDS[job.reason]} of {duration(job.spec.attributes.duration)}"
    if job.reason is Reason.EXCEPTION and job.error is not None and job.error.type:
        return f"{job.error.type} ended it"
    if job.reason is Reason.BY_USER and job.cancel is not None and job.cancel.by:
        return f"by {job.cancel.by}"
    return REASON_WORDS[job.reason]


def elapsed_s(job: Job, *, at: datetime) -> float:
    """Give for how long the job has been running, or, before it runs, has been waiting; seconds, 0 or more."""
    begin = job.started or job.created
    return max(0.0, ((job.ended or at) - begin).total_seconds())


def is_waiting(job: Job) -> bool:
    """Tell whether the job has not started yet."""
    return job.state in (State.ACCEPTED, State.QUEUED)


def _short(value: float) -> str:
    """Say a number above 0 with two digits, or as a whole one."""
    whole = round(value)
    return number(whole) if whole >= 10 else f"{value:.2g}"  # noqa: PLR2004 - ten is two digits
