"""How a job ended, from Slurm's state, reason and exit code."""

import re
from functools import lru_cache
from typing import Final

import msgspec

from headway.core.model.state import Reason, State
from headway.executors.slurm.words import first_of, meaning_of_state, why_it_failed, why_it_waits

_PAIR: Final = re.compile(r"([0-9]{1,3}):([0-9]{1,3})")
_CORE: Final = 0x7F  #: the bits of a wait status that hold the signal, wait(2)
_LARGEST_STATUS: Final = 0xFFFF
_KEPT: Final = 1024  #: thousands of jobs stand where a few others stand: so many are remembered
_LAUNCH: Final = "JobLaunchFailure"
_LAST_PLAIN_SIGNAL: Final = (
    31  #: what could not be launched has larger numbers here (53), which are no signals
)


class Exit(msgspec.Struct, frozen=True):
    """An exit code and a signal; at most one of them is not 0."""

    code: int
    signal: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job stands. ``state`` is None for a word that is not known."""

    state: State | None
    reason: Reason | None = None
    exit_code: int | None = None
    signal: int | None = None


def exit_of(text: str) -> Exit | None:
    """Read ``3:0`` of scontrol and sacct and of squeue since 23.11, or the raw wait status (``768``) of older squeues."""
    pair = _PAIR.fullmatch(text)
    if pair is not None:
        code, signal = int(pair[1]), int(pair[2])
        return Exit(0 if signal else code, signal)
    if not (text.isascii() and text.isdecimal()) or int(text) > _LARGEST_STATUS:
        return None
    signal = int(text) & _CORE
    return Exit(0 if signal else int(text) >> 8, signal)


@lru_cache(maxsize=_KEPT)
def standing_of(word: str, why: str, exit_text: str, *, ever_started: bool) -> Standing:
    """Put Slurm's words together.

    Args:
        word: the state.
        why: the reason, as Slurm writes it.
        exit_text: see ``exit_of``; means nothing before the job has ended.
        ever_started: whether it had nodes.
    """
    ended = exit_of(exit_text)
    state, reason = meaning_of_state(word)
    if state is State.QUEUED:
        return Standing(state=state, reason=reason or why_it_waits(why))
    if state is None or not state.is_final:
        return Standing(state=state, reason=reason)
    if state is State.SUCCEEDED:
        return Standing(state=state, exit_code=0)
    if not ever_started and (state is State.FAILED or _dependency_failed(why)):
        # What stands for an exit code then (0:1 of a job that was refused) is none.
        return Standing(
            state=State.FAILED, reason=reason or why_it_failed(why) or Reason.NOT_STARTED
        )
    code, signal = _split(ended, why)
    if state is State.CANCELLED:
        # 0:0 stands for a job whose script was killed, too.
        return Standing(state=state, exit_code=code or None, signal=signal)
    return Standing(
        state=state,
        reason=reason or _failure(why, code, signal),
        exit_code=code or None,
        signal=signal,
    )


def _dependency_failed(why: str) -> bool:
    return first_of(why) == "DependencyNeverSatisfied"


def _split(ended: Exit | None, why: str) -> tuple[int | None, int | None]:
    if ended is None:
        return None, None
    if ended.signal and first_of(why) == _LAUNCH and ended.signal > _LAST_PLAIN_SIGNAL:
        return None, None
    return (None, ended.signal) if ended.signal else (ended.code, None)


def _failure(why: str, code: int | None, signal: int | None) -> Reason:
    """Tell why a job is FAILED. Slurm calls a script that a signal killed a launch failure."""
    said = why_it_failed(why)
    if said in {None, Reason.NOT_STARTED} and signal:
        return Reason.SIGNAL
    if said is not None:
        return said
    return Reason.NONZERO_EXIT if code else Reason.NOT_STARTED
