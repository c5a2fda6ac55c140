"""What a scheduler's own reason for not starting a job means for its owner: whether to wait, and what else to do.

The reasons are Slurm's (squeue(1), "JOB REASON CODES"), the pending reasons of ``bjobs -p``, PBS's job comments, and what
``qstat -j`` of Grid Engine says below "scheduling info".
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from headway.core.model.schedulers import ENDS

_SLURM: Final = "slurm"
#: What the executors' plugins are called, and what people call the schedulers.
SCHEDULERS: Final[Mapping[str, str]] = {
    "slurm": "Slurm",
    "lsf": "LSF",
    "pbs": "PBS",
    "sge": "Grid Engine",
}
#: The command that lets a held job go, by scheduler.
_RELEASES: Final[Mapping[str, str]] = {
    "slurm": "scontrol release {native}",
    "lsf": "bresume {native}",
    "pbs": "qrls {native}",
    "sge": "qrls {native}",
}
#: The command that lets a suspended one go on.
_RESUMES: Final[Mapping[str, str]] = {
    "slurm": "scontrol resume {native}",
    "lsf": "bresume {native}",
    "pbs": "qsig -s resume {native}",
    "sge": "qmod -usj {native}",
}


class Hint(NamedTuple):
    """What a reason means: how the job stands, in a sentence, and what to do; ``{n}`` is the job's number, ``{native}`` its native id.

    Attributes:
        advice: ``{less}`` in it is a resource that the job asks for.
        is_grave: no waiting helps: somebody has to do something before it can start.
    """

    headline: str
    advice: str | None
    is_grave: bool = False


_PATIENCE: Final = "Nothing need be done; what asks for less may start sooner."
_LESS: Final = (
    "End it and submit it again with less: headway kill {n}; headway clone {n} --set {key}"
)
_ELSEWHERE: Final = (
    "End it and submit it again with others: headway kill {n}; headway clone {n} --set {key}"
)
_RESOURCES: Final = Hint("It waits until there is room for it.", _PATIENCE)
_PRIORITY: Final = Hint("Others come before it.", _PATIENCE)
_LIMIT: Final = Hint(
    "It has to wait: as much runs as a limit allows.",
    "It starts when others under the same limit have ended; fewer at once, or smaller ones, help.",
)
_TOO_LARGE: Final = Hint(
    "It will never start as it is: it asks for more than there is.",
    _LESS.replace("{key}", "{less}"),
    is_grave=True,
)
_TOO_MANY_NODES: Final = Hint(
    "It will never start as it is: it asks for more or fewer nodes than the queue gives.",
    _LESS.replace("{key}", "resources.node_count=N"),
    is_grave=True,
)
_TOO_LONG: Final = Hint(
    "It will never start as it is: its wall time is longer than allowed.",
    _LESS.replace("{key}", "attributes.duration=TIME"),
    is_grave=True,
)
_NOT_ALLOWED: Final = Hint(
    "It will never start as it is: its account or quality of service may not be used there.",
    _ELSEWHERE.replace("{key}", "attributes.account=NAME"),
    is_grave=True,
)
_NO_NODE: Final = Hint(
    "No node that there is now fits what it asks for.",
    "If it stays so, end it and submit it again with less: headway kill {n}; headway clone {n} --set {less}",
)
_DEPENDENCY: Final = Hint("It waits for another job to end.", None)
_IN_VAIN: Final = Hint(
    "It will never start: a job that it depends on did not succeed.",
    "End it, run the other job again, then submit this one anew: headway kill {n}; headway clone {n}",
    is_grave=True,
)
_NODE_AWAY: Final = Hint(
    "It waits for a node that is down, drained or reserved.",
    "If that node is not needed, submit it again without naming it; else ask who runs the cluster when it comes back.",
)
_QUEUE_CLOSED: Final = Hint(
    "It waits: its queue starts nothing now.",
    "Another queue may be open: headway kill {n}; headway clone {n} --set attributes.queue_name=NAME",
)
_HELD: Final = Hint(
    "It is held until somebody releases it.", "Release it: {release}", is_grave=True
)
_HELD_BY_ADMIN: Final = Hint(
    "It is held by who runs the cluster.",
    "Only who runs the cluster can release it; ask there.",
    is_grave=True,
)
_NOT_YET: Final = Hint("Its time to begin has not come.", None)
_NEW: Final = Hint("The scheduler has not looked at it yet.", None)
_LICENCE: Final = Hint("It waits for a licence that is in use.", None)
_RESERVED: Final = Hint("It waits for its reservation to begin.", None)
_IN_ERROR: Final = Hint(
    "It could not be started, and is held until somebody clears the error.",
    "When what is said below is mended: qmod -cj {native}; or end it: headway kill {n}",
    is_grave=True,
)

#: Who holds a job back knows that it does not start.
_HOLDS: Final = (_HELD, _HELD_BY_ADMIN)
#: Listings say the same few of thousands of jobs.
_MOST_REASONS: Final = 4096

#: In the order in which they are tried, the gravest first: a scheduler may give several at once. They are matched without regard
#: to case; Slurm's with each of the words that it gives.
_HINTS: Final[Mapping[str, Sequence[tuple[re.Pattern[str], Hint]]]] = {
    kind: [(re.compile(pattern, re.IGNORECASE), hint) for pattern, hint in table]
    for kind, table in {
        "slurm": (
            (r"DependencyNeverSatisfied\b", _IN_VAIN),
            (r"PartitionNodeLimit\b", _TOO_MANY_NODES),
            (r"PartitionTimeLimit\b|(QOS|Assoc)\w*WallDurationPerJobLimit\b|(AssociationTimeLimit|QOSTimeLimit)\b", _TOO_LONG),
            (r"(PartitionConfig|BadConstraints|MaxMemPerLimit)\b|(QOS|Assoc|Max)\w*PerJob(Limit)?\b|(QOS|Assoc)\w*PerNodeLimit\b", _TOO_LARGE),
            (r"(InvalidAccount|InvalidQOS|AccountNotAllowed|QOSNotAllowed)\b", _NOT_ALLOWED),
            (r"JobHeldAdmin\b", _HELD_BY_ADMIN),
            (r"(JobHeldUser|JobHoldMaxRequeue)\b|(job|launch failed) requeued.* held|Reservation deleted", _HELD),
            (r"ReqNodeNotAvail\b|NodeDown\b|Nodes required for job are (DOWN|down)", _NODE_AWAY),
            (r"(PartitionDown|PartitionInactive)\b", _QUEUE_CLOSED),
            (r"Dependency\b", _DEPENDENCY),
            (r"JobArrayTaskLimit\b|(Assoc|QOS|Max)\w+Limit\b", _LIMIT),
            (r"BeginTime\b", _NOT_YET),
            (r"Licenses\b", _LICENCE),
            (r"Reservation\b", _RESERVED),
            (r"Priority\b", _PRIORITY),
            (r"(Resources|Prolog|Cleaning)\b", _RESOURCES),
        ),
        "lsf": (
            (r".*(never satisfied|dependency condition invalid)", _IN_VAIN),
            (r".*suspended by (the |an )?(LSF )?admin", _HELD_BY_ADMIN),
            (r".*suspended", _HELD),
            (r".*dependency condition", _DEPENDENCY),
            (r".*(queue.*(closed|inactiv)|dispatch window|run window)", _QUEUE_CLOSED),
            (r".*no suitable hosts", _NO_NODE),
            (r".*(limit|quota)", _LIMIT),
            (r".*(start time|begin time)", _NOT_YET),
            (r".*(licen[cs]e)", _LICENCE),
            (r".*(reservation)", _RESERVED),
            (r".*(higher priority|fairshare|fair share)", _PRIORITY),
            (r".*waiting for (re-?)?scheduling", _NEW),
            (r".*(not satisfied|not enough|insufficient|busy|unavail|load information|job slot|closed by)", _RESOURCES),
        ),
        "pbs": (
            (r".*can never run", _TOO_LARGE),
            (r".*held by (root|admin|operator|manager|pbs)", _HELD_BY_ADMIN),
            (r".*\bheld\b", _HELD),
            (r".*(dependen)", _DEPENDENCY),
            (r".*(limit|would exceed)", _LIMIT),
            (r".*(queue not started|queue is not|prime ?time|dedicated)", _QUEUE_CLOSED),
            (r".*(conflict with reservation|top job|strict|priority|starving)", _PRIORITY),
            (r".*(offline|node.* down|ineligible)", _NODE_AWAY),
            (r".*licen[cs]e", _LICENCE),
            (r".*(insufficient|not enough|no available|too few free|exclusive node)", _RESOURCES),
        ),
        "sge": (
            (r".*(until its owner clears the error|error state)", _IN_ERROR),
            (r".*held until", _HELD),
            (r".*(suitable access permissions|access to project)", _NOT_ALLOWED),
            (r".*(job dependencies|it waits for )", _DEPENDENCY),
            (r".*(limit|max_aj_instances|max_u_jobs)", _LIMIT),
            (r".*(execution time|start time)", _NOT_YET),
            (r".*(full|overloaded|temporarily not available|offers only|only offers|cannot run|not enough|no suitable)", _RESOURCES),
            (r".*(dropped because it is (disabled|suspended)|calendar)", _QUEUE_CLOSED),
        ),
    }.items()
}  # fmt: skip


def hint_of(kind: str, reason: str) -> Hint | None:
    """Give what a scheduler's reason means; None for one that is not known, or says nothing by itself."""
    words = [reason]
    if kind == _SLURM:  # JobArrayTaskLimit,Dependency: what the first one means
        words = [word.strip() for word in reason.partition(": ")[0].split(",")]
    for pattern, hint in _HINTS.get(kind, ()):
        if any(map(pattern.match, words)):
            return hint
    return None


@lru_cache(maxsize=_MOST_REASONS)
def cannot_start(kind: str, reason: str) -> bool:
    """Tell whether a job that waits for this reason waits in vain, although nobody holds it back on purpose."""
    hint = hint_of(kind, reason) if reason else None
    return hint is not None and hint.is_grave and hint not in _HOLDS


def filled(advice: str, *, kind: str, number: int, native_id: str | None) -> str:
    """Give an advice with its names filled in."""
    release = _RELEASES.get(kind, "")
    text = advice.replace("{release}", release).replace("{n}", str(number))
    return text.replace("{native}", native_id or "ID")


def native_advice(hint: Hint, kind: str) -> str | None:
    """Give a hint's advice by the scheduler's own commands, for a job that it alone can end; None where there is none."""
    command = ENDS.get(kind)
    if command is None or not hint.is_grave or hint.advice is None:
        return None
    if "headway clone" in hint.advice:
        return f"End it, and submit it again with what is said above changed: {command}"
    return hint.advice.replace("headway kill {n}", command)


def release_of(kind: str, *, suspended: bool = False) -> str | None:
    """Give the advice for a job that is held, or suspended; None where no command is known."""
    command = (_RESUMES if suspended else _RELEASES).get(kind)
    return command and f"{'Let it go on' if suspended else 'Release it'}: {command}"
