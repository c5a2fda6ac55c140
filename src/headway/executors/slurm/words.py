"""Slurm's words for states and reasons, and ours.

The words are those of squeue(1), sacct(1) and of Slurm's own table of reasons (job_state_reason.c), 20.02 to 25.11.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from headway.core.model.state import Reason, State

_QUEUED: Final = (State.QUEUED, None)
_HELD: Final = (State.QUEUED, Reason.HELD)
_RUNNING: Final = (State.RUNNING, None)
_SUSPENDED: Final = (State.RUNNING, Reason.SUSPENDED)
_FAILED: Final = (State.FAILED, None)

#: Long words, and the short ones of ``squeue --format=%t``. FAILED alone does not say why.
STATES: Final[Mapping[str, tuple[State, Reason | None]]] = {
    "PENDING": _QUEUED,
    "PD": _QUEUED,
    "CONFIGURING": _QUEUED,
    "CF": _QUEUED,
    "POWER_UP_NODE": _QUEUED,
    "EXPEDITING": _QUEUED,
    "REQUEUED": _QUEUED,
    "RQ": _QUEUED,
    "REQUEUE_FED": _QUEUED,
    "RF": _QUEUED,
    "REQUEUE_HOLD": _HELD,
    "RH": _HELD,
    "RESV_DEL_HOLD": _HELD,
    "RD": _HELD,
    "SPECIAL_EXIT": _HELD,
    "SE": _HELD,
    "RUNNING": _RUNNING,
    "R": _RUNNING,
    "RESIZING": _RUNNING,
    "RS": _RUNNING,
    "SIGNALING": _RUNNING,
    "SI": _RUNNING,
    "UPDATE_DB": _RUNNING,
    "COMPLETING": (State.RUNNING, Reason.COMPLETING),
    "CG": (State.RUNNING, Reason.COMPLETING),
    "STAGE_OUT": (State.RUNNING, Reason.STAGING_OUT),
    "SO": (State.RUNNING, Reason.STAGING_OUT),
    "SUSPENDED": _SUSPENDED,
    "S": _SUSPENDED,
    "STOPPED": _SUSPENDED,
    "ST": _SUSPENDED,
    "COMPLETED": (State.SUCCEEDED, None),
    "CD": (State.SUCCEEDED, None),
    "FAILED": _FAILED,
    "F": _FAILED,
    "LAUNCH_FAILED": (State.FAILED, Reason.NOT_STARTED),
    "TIMEOUT": (State.FAILED, Reason.TIMEOUT),
    "TO": (State.FAILED, Reason.TIMEOUT),
    "DEADLINE": (State.FAILED, Reason.TIMEOUT),
    "DL": (State.FAILED, Reason.TIMEOUT),
    "OUT_OF_MEMORY": (State.FAILED, Reason.OUT_OF_MEMORY),
    "OOM": (State.FAILED, Reason.OUT_OF_MEMORY),
    "NODE_FAIL": (State.FAILED, Reason.NODE_FAIL),
    "NF": (State.FAILED, Reason.NODE_FAIL),
    "BOOT_FAIL": (State.FAILED, Reason.NODE_FAIL),
    "BF": (State.FAILED, Reason.NODE_FAIL),
    "PREEMPTED": (State.FAILED, Reason.PREEMPTED),
    "PR": (State.FAILED, Reason.PREEMPTED),
    "REVOKED": (State.FAILED, Reason.NOT_STARTED),
    "RV": (State.FAILED, Reason.NOT_STARTED),
    "CANCELLED": (State.CANCELLED, None),
    "CA": (State.CANCELLED, None),
}

#: Why a job waits, where we have a word for it. Those of limits are too many to list: see ``_LIMIT``.
_WAITS: Final[Mapping[str, Reason]] = {
    "Dependency": Reason.DEPENDENCY,
    "JobHeldAdmin": Reason.HELD,
    "JobHeldUser": Reason.HELD,
    "JobHoldMaxRequeue": Reason.HELD,
    "job requeued in held state": Reason.HELD,
    "launch failed requeued held": Reason.HELD,
    "Reservation deleted": Reason.HELD,
    "JobArrayTaskLimit": Reason.LIMIT,
    "AssociationJobLimit": Reason.LIMIT,
    "AssociationResourceLimit": Reason.LIMIT,
}
#: The gravest first, of several.
_GRAVITY: Final = (Reason.HELD, Reason.DEPENDENCY, Reason.LIMIT)
#: What no waiting changes, limits of a single job's size among them: such a job does not wait for one, nor for another job.
_NEVER: Final = re.compile(
    r"DependencyNeverSatisfied|PartitionConfig|Partition(?:Node|Time)Limit|BadConstraints|Invalid(?:Account|QOS)"
    r"|(?:Account|QOS)NotAllowed|(?:Association|QOS)TimeLimit|MaxMemPerLimit|(?:QOS|Assoc|Max)\w*Per(?:Job|Node)(?:Limit)?"
)
#: AssocGrpCpuLimit, QOSMaxJobsPerUserLimit, and a hundred more.
_LIMIT: Final = re.compile(r"(?:Assoc|QOS|Max)(?:Grp|Max|Min|Job|Resource|Time|Usage)?[A-Z]\w*")

#: Why a job failed.
_FAILURES: Final[Mapping[str, Reason]] = {
    "NonZeroExitCode": Reason.NONZERO_EXIT,
    "RaisedSignal": Reason.SIGNAL,
    "TimeLimit": Reason.TIMEOUT,
    "DeadLine": Reason.TIMEOUT,
    "InactiveLimit": Reason.TIMEOUT,
    "OutOfMemory": Reason.OUT_OF_MEMORY,
    "NodeDown": Reason.NODE_FAIL,
    "PartitionDown": Reason.NODE_FAIL,
    "Preempted": Reason.PREEMPTED,
    "JobLaunchFailure": Reason.NOT_STARTED,
    "SystemFailure": Reason.NOT_STARTED,
    "BadConstraints": Reason.NOT_STARTED,
    "InvalidAccount": Reason.NOT_STARTED,
    "InvalidQOS": Reason.NOT_STARTED,
    "BurstBufferOperation": Reason.NOT_STARTED,
    "DependencyNeverSatisfied": Reason.NOT_STARTED,
}

#: What the words mean for somebody who waits or looks for what went wrong.
_MEANINGS: Final[Mapping[str, str]] = {
    "BadConstraints": "no node fits what it asks for",
    "BeginTime": "its time to begin has not come; after a requeue that is about two minutes",
    "Dependency": "it waits for another job",
    "DependencyNeverSatisfied": "a job that it depends on did not succeed, so it can never start",
    "DeadLine": "it could not have ended before its deadline",
    "InactiveLimit": "it was inactive for too long",
    "InvalidAccount": "its account is not valid",
    "InvalidQOS": "its quality of service is not valid",
    "JobArrayTaskLimit": "as many elements of its array run as may at once",
    "JobHeldAdmin": "an administrator holds it",
    "JobHeldUser": "its owner holds it",
    "JobHoldMaxRequeue": "it was put back into the queue too often, and is held",
    "JobLaunchFailure": "it could not be started, or was killed by a signal",
    "Licenses": "a licence that it needs is in use",
    "NodeDown": "its node went down",
    "PartitionConfig": "it asks for more than any node of the partition has, and can never start",
    "PartitionDown": "the partition is down",
    "PartitionInactive": "the partition is inactive",
    "PartitionNodeLimit": "it asks for more or fewer nodes than the partition gives",
    "PartitionTimeLimit": "its time limit is longer than the partition's",
    "Priority": "jobs with a higher priority come first",
    "Prolog": "the node is being prepared",
    "QOSNotAllowed": "its quality of service may not be used there",
    "AccountNotAllowed": "its account may not be used there",
    "ReqNodeNotAvail": "a node that it needs is down, drained or reserved",
    "Reservation": "its reservation has not begun",
    "Resources": "it waits for nodes to become free",
    "TimeLimit": "it reached its time limit",
}
_KEPT: Final = 1024  #: reasons that were read and are remembered
_WORD: Final = re.compile(r"[^,]*")


def meaning_of_state(word: str) -> tuple[State | None, Reason | None]:
    """Give the state, and the reason where the word alone says it; None for a word that is not known.

    sacct writes ``CANCELLED by 1000``, and ``COMPLETED+`` where a column was too narrow.
    """
    return STATES.get(word.partition(" ")[0].rstrip("+"), (None, None))


def first_of(reason: str) -> str:
    """Give the word of a reason without what follows: ``ReqNodeNotAvail, UnavailableNodes:n2``."""
    found = _WORD.match(reason)
    return found[0].strip() if found else ""


@lru_cache(maxsize=_KEPT)
def why_of(state: State | None, reason: str) -> str:
    """Give Slurm's reason with what it means, where that is known; "" for none.

    What a job once waited for stays with it after its end, and says nothing then.
    """
    if reason in {"", "None", "(null)", "N/A"}:
        return ""
    if state is not None and state.is_final and why_it_failed(reason) is None:
        return ""
    meaning = _MEANINGS.get(first_of(reason))
    return f"{reason}: {meaning}" if meaning else reason


def why_it_waits(reason: str) -> Reason | None:
    """Tell why a job waits; None for waiting as such (for nodes, its turn, its time), and for waiting in vain."""
    words = [word.strip() for word in reason.split(",")]
    if any(map(_NEVER.fullmatch, words)):
        return None
    found = {
        _WAITS.get(word) or (Reason.LIMIT if _LIMIT.fullmatch(word) else None) for word in words
    }
    return next((each for each in _GRAVITY if each in found), None)


def why_it_failed(reason: str) -> Reason | None:
    """Tell why a job failed as far as Slurm's reason says it."""
    return _FAILURES.get(first_of(reason))
