"""Grid Engine's letters for a job's state, and ours (sge_status(5)).

A state is a handful of letters: ``qw``, ``hqw``, ``Eqw``, ``t``, ``r``, ``Rr``, ``hRwq``, ``dr``, ``ts``. Some of them qualify:
``h`` held, ``R`` started before, ``E`` could not be started, ``d`` to be deleted. The others say where it is.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State

_QUALIFIERS: Final = frozenset("dEhR")
_SUSPENDED: Final = frozenset("sSTP")
_WHERE: Final[Mapping[frozenset[str], State]] = {
    frozenset("q"): State.QUEUED,
    frozenset("w"): State.QUEUED,
    frozenset("qw"): State.QUEUED,
    frozenset("t"): State.QUEUED,  # on its way to a host, which may still send it back
    frozenset("r"): State.RUNNING,
    frozenset("x"): State.RUNNING,  # ends
    frozenset("rx"): State.RUNNING,
}
_IN_ERROR: Final = "Grid Engine could not start it and holds it until its owner clears the error (qmod -cj) or deletes it"


class Standing(NamedTuple):
    """What the letters say. ``state`` is None for letters that are not known."""

    state: State | None
    reason: Reason | None = None
    restarts: int | None = None
    why: str = ""


def read_state(word: str, *, waits_for: str = "") -> Standing:
    """Read a state's letters.

    Args:
        word: the letters as qstat tells them.
        waits_for: the jobs that it waits for, which a held job's letters do not tell.
    """
    letters = frozenset(word)
    where = letters - _QUALIFIERS
    # Whether it was restarted is told, and how often is not.
    restarts = 1 if "R" in letters else 0
    if where & _SUSPENDED and where <= _SUSPENDED | frozenset("tr"):
        return Standing(State.RUNNING, _leaving(letters) or Reason.SUSPENDED, restarts)
    state = _WHERE.get(where)
    if state is State.RUNNING:
        leaving = Reason.COMPLETING if "x" in letters else _leaving(letters)
        return Standing(state, leaving, restarts)
    if state is None:
        return Standing(None)
    reason, why = _waiting(letters, waits_for)
    return Standing(state, reason, restarts, why)


def is_in_error(word: str) -> bool:
    """Tell whether a job could not be started; why, only ``qstat -j`` tells."""
    return "E" in word


def _waiting(letters: frozenset[str], waits_for: str) -> tuple[Reason | None, str]:
    if "E" in letters:
        return Reason.HELD, _IN_ERROR
    if "h" not in letters:
        return None, ""
    if waits_for:
        return Reason.DEPENDENCY, f"it waits for {waits_for} to end"
    return Reason.HELD, "it is held until somebody releases it"


def _leaving(letters: frozenset[str]) -> Reason | None:
    return Reason.COMPLETING if "d" in letters else None
