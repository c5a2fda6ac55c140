"""From the attributes that ``qstat -f`` prints to what is known of a job. Pure.

``run_count`` is not how often a job was put back: it also counts the starts that a node refused before anything ran.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.native import NativeJob
from headway.executors.pbs.listing import Attributes
from headway.executors.pbs.names import VARIABLE, Parts, parts_of
from headway.executors.pbs.states import ENDED, STATES, End, Facts, ended

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
#: ctime(3): ``Sat Nov 21 23:38:18 2026``.
_TIME: Final = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})"
)
_CLOCK: Final = re.compile(r"(?:(\d{1,9}):)?(\d{1,9}):(\d{2})")
#: How a comment goes on behind where the job was run: "… on (n1:ncpus=1) and exceeded resource walltime".
_CAUSE: Final = re.compile(r" and (exceeded resource \w{1,30}|terminated by \S{1,100})\s*$")
_MOST_DIGITS: Final = 18
_SIZE: Final = re.compile(r"(\d{1,18})([kmgtp]?)b", re.IGNORECASE)
_UNITS: Final = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}
_ASKED: Final = (
    ("nodes", "Resource_List.nodect"),
    ("cores", "Resource_List.ncpus"),
    ("gpus", "Resource_List.ngpus"),
    ("memory", "Resource_List.mem"),
    ("wall time", "Resource_List.walltime"),
)


def native_jobs(jobs: Mapping[str, Attributes]) -> list[NativeJob]:
    """Give what is known of each. An array itself is left out when its elements are told of: they are what runs.

    Raises:
        ExecutorUnavailable: one has no id or no state, so this is no whole answer.
    """
    identities = {id_: _parts(id_) for id_ in jobs}
    arrays = {each.array for each in identities.values() if each.array is not None}
    return [
        _job(id_, attributes, identities[id_], jobs)
        for id_, attributes in jobs.items()
        if id_ not in arrays
    ]


def _parts(id_: str) -> Parts:
    found = parts_of(id_)
    if found is None:
        raise ExecutorUnavailable(f"qstat told of a job without id: {id_[:200]!r}")
    return found


def _job(
    id_: str, attributes: Attributes, parts: Parts, jobs: Mapping[str, Attributes]
) -> NativeJob:
    word = attributes.get("job_state", "")
    if not word:
        raise ExecutorUnavailable(f"qstat told no state of job {id_}")
    state, reason = _state(word, attributes)
    end = _end(attributes) if word in ENDED else None
    return NativeJob(
        id=NativeId(id_),
        mark=_mark(attributes, parts, jobs),
        state=end.state if end else state,
        reason=end.reason if end else reason,
        word=_end_word(word, attributes) if end else word,
        why="" if end and _CAUSE.search(attributes.get("comment", "")) else _why(attributes),
        exit_code=end.exit_code if end else None,
        signal=end.signal if end else None,
        array=parts.array,
        index=parts.element,
        name=attributes.get("Job_Name", ""),
        owner=_owner(attributes),
        queue=attributes.get("queue", ""),
        account=attributes.get("Account_Name", ""),
        host=attributes.get("exec_host", "").partition("/")[0],
        directory=attributes.get("Variable_List.PBS_O_WORKDIR", ""),
        log=_log(attributes, parts),
        submitted=_time(attributes.get("ctime", "")),
        started=_time(attributes.get("stime", "")),
        ended=_time(attributes.get("obittime", attributes.get("mtime", ""))) if end else None,
        expected_start=_time(attributes.get("estimated.start_time", "")),
        usage=_usage(attributes),
        asked={name: attributes[key] for name, key in _ASKED if attributes.get(key)},
    )


def _state(word: str, attributes: Attributes) -> tuple[State | None, Reason | None]:
    state, reason = STATES.get(word, (None, None))
    if reason is Reason.HELD and attributes.get("depend"):
        holds = attributes.get("Hold_Types", "s")
        if holds == "s":  # the server's own hold, until what it depends on has ended
            return state, Reason.DEPENDENCY
    return state, reason


def _end(attributes: Attributes) -> End:
    used, asked = (
        _duration_s(attributes.get(f"{which}.walltime", ""))
        for which in ("resources_used", "Resource_List")
    )
    return ended(
        Facts(
            exit_status=_integer(attributes.get("Exit_status", "")),
            substate=_integer(attributes.get("substate", "")),
            comment=attributes.get("comment", ""),
            owner=_owner(attributes),
            is_over_time=used is not None and asked is not None and used >= asked,
            has_run="stime" in attributes,
        )
    )


def _mark(attributes: Attributes, parts: Parts, jobs: Mapping[str, Attributes]) -> str:
    key = f"Variable_List.{VARIABLE}"
    if key in attributes or parts.array is None:
        return attributes.get(key, "")
    return jobs.get(parts.array, {}).get(key, "")


def _end_word(word: str, attributes: Attributes) -> str:
    """Give PBS's word for an end, which is more than its letter: with the exit status, and the cause that a comment ends with."""
    status = _integer(attributes.get("Exit_status", ""))
    cause = _CAUSE.search(attributes.get("comment", ""))
    told = "" if status is None else f"Exit_status {status}"
    return ", ".join(each for each in (word, told, cause[1] if cause else "") if each)


def _why(attributes: Attributes) -> str:
    return " ".join(attributes.get("comment", "").split())


def _owner(attributes: Attributes) -> str:
    return attributes.get("Job_Owner", "").partition("@")[0]


def _log(attributes: Attributes, parts: Parts) -> str:
    """Give the path without the host before it."""
    host, colon, path = attributes.get("Output_Path", "").partition(":")
    found = path if colon and "/" not in host else f"{host}{colon}{path}"
    return found if parts.element is None else found.replace("^array_index^", str(parts.element))


def _usage(attributes: Attributes) -> Usage | None:
    usage = Usage(
        cpu_s=_duration_s(attributes.get("resources_used.cput", "")),
        max_memory_bytes=_size(attributes.get("resources_used.mem", "")),
        wall_s=_duration_s(attributes.get("resources_used.walltime", "")),
    )
    return None if usage == Usage() else usage


def _time(text: str) -> datetime | None:
    """Read a local time, which is UTC because qstat is run with ``TZ=UTC0``."""
    found = _TIME.fullmatch(text.strip())
    if found is None or found[1] not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(found[n]) for n in range(2, 7))
    try:
        return datetime(year, _MONTHS.index(found[1]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _duration_s(text: str) -> float | None:
    """Read ``HH:MM:SS``, where the hours may be more than a day's, or plain seconds."""
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return float(text)
    found = _CLOCK.fullmatch(text)
    return float(int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])) if found else None


def _size(text: str) -> int | None:
    found = _SIZE.fullmatch(text)
    return int(found[1]) * _UNITS[found[2].lower()] if found else None


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
