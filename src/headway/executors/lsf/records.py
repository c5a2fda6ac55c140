"""What IBM's ``bjobs -o … -json`` prints: one record for each job, or element of an array. Pure.

Fields and their widths: "bjobs -o", IBM Spectrum LSF 10.1. Only fields that its Fix Pack 2, the first with ``-json``, knows: a single
unknown one makes bjobs refuse them all. Empty texts and dashes stand for what is not there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.batch.values import plain
from headway.executors.lsf.answers import check_complaints, is_no_such_job, says_no_such_job
from headway.executors.lsf.names import FIRST_INDEX, described_mark
from headway.executors.lsf.states import ended, state_of
from headway.executors.lsf.times import Now, read_time

FIELDS: Final = (
    "jobid jobindex stat user queue job_name job_description proj_name exec_host submit_time start_time finish_time"
    " exit_code exit_reason pend_reason cpu_used run_time max_mem sub_cwd output_file nreq_slot memlimit runtimelimit"
)
_IN_VAIN: Final = re.compile(r"never satisfied|dependency condition invalid")
_ID: Final = re.compile(r"([1-9]\d*)(?:\[(\d+)\])?")
_ELEMENT: Final = re.compile(r"\[\d+\]$")
_SIZE: Final = re.compile(r"(\d{1,18}(?:\.\d{1,18})?) ?([KMGTPE]?)(?:bytes?|B)?", re.IGNORECASE)
_UNITS: Final = {unit: 1024**power for power, unit in enumerate(("", "K", "M", "G", "T", "P", "E"))}
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?)(?: second\(?s?\)?)?")
_CLOCK: Final = re.compile(r"(\d{1,9}):(\d{2}):(\d{2})")
_FIRST_HOST: Final = re.compile(r"(?:\d+\*)?([^:]+)")
_UNASKED: Final = frozenset({"", "-"})

Record = Mapping[str, str | int | float | None]


class _Answer(msgspec.Struct):
    command: str = msgspec.field(name="COMMAND")
    jobs: int = msgspec.field(name="JOBS")
    records: list[dict[str, str | int | float | None]] = msgspec.field(name="RECORDS")


def read_records(output: Output, now: Now | None) -> list[NativeJob]:
    """Read all records; those of jobs that are not known are left out.

    Raises:
        ExecutorUnavailable: this is no whole answer of bjobs'.
    """
    text = output.text
    start = text.find("{")  # "Cannot connect to LSF. Please wait ..." may stand before it
    if start < 0:
        if output.exit_code in {0, 255} and says_no_such_job(output):
            return []
        raise ExecutorUnavailable(f"bjobs gave no listing: {output.complaint}")
    try:
        answer = msgspec.convert(json.loads(text[start:], strict=False), type=_Answer, strict=False)
    except (ValueError, RecursionError) as error:
        raise ExecutorUnavailable(f"bjobs's answer is not whole: {error}") from None
    if answer.command != "bjobs" or answer.jobs != len(answer.records):
        raise ExecutorUnavailable(
            f"bjobs announced {answer.jobs} jobs and told of {len(answer.records)}"
        )
    has_unknown = any("ERROR" in each for each in answer.records)
    if output.exit_code != 255 or not has_unknown:  # noqa: PLR2004 -- which these have bjobs exit with
        check_complaints(output, program="bjobs")
    return [job for each in answer.records if (job := _job(each, now)) is not None]


def _job(record: Record, now: Now | None) -> NativeJob | None:
    error = _text(record, "ERROR")
    if error:
        if is_no_such_job(error):
            return None
        raise ExecutorUnavailable(f"bjobs failed: {error}")
    id_, array, index = _identity(record)
    word = _text(record, "STAT")
    if not word:
        raise ExecutorUnavailable(f"bjobs told no state of job {id_}")
    why = _text(record, "EXIT_REASON" if word == "EXIT" else "PEND_REASON")
    state, reason, exit_code, signal = _outcome(word, _number(_text(record, "EXIT_CODE")), why)
    finish = _text(record, "FINISH_TIME")
    host = _FIRST_HOST.match(_text(record, "EXEC_HOST"))
    return NativeJob(
        id=id_,
        mark=described_mark(_text(record, "JOB_DESCRIPTION")),
        state=state,
        reason=reason,
        word=word,
        why=_sentence(why),
        exit_code=exit_code,
        signal=signal,
        array=array,
        index=index,
        name=_ELEMENT.sub("", _text(record, "JOB_NAME")) if array else _text(record, "JOB_NAME"),
        owner=_text(record, "USER"),
        queue=_text(record, "QUEUE"),
        account=_text(record, "PROJ_NAME"),
        host=host[1] if host else "",
        directory=_text(record, "SUB_CWD"),
        log=filled(_text(record, "OUTPUT_FILE"), id_),
        submitted=read_time(_text(record, "SUBMIT_TIME"), now),
        started=read_time(_text(record, "START_TIME"), now),
        ended=read_time(finish, now) if state is not None and state.is_final else None,
        usage=_usage(record),
        asked=_asked(record),
    )


def _identity(record: Record) -> tuple[NativeId, NativeId | None, int | None]:
    found = _ID.fullmatch(_text(record, "JOBID"))
    if found is None:
        raise ExecutorUnavailable(f"bjobs told of a job without id: {dict(record)!r}"[:300])
    index = int(found[2] or _number(_text(record, "JOBINDEX")) or 0)
    if not index:
        return NativeId(found[1]), None, None
    return NativeId(f"{found[1]}[{index}]"), NativeId(found[1]), index - FIRST_INDEX


def filled(pattern: str, id_: NativeId) -> str:
    """Fill ``%J`` and ``%I`` of a path with the parts of an id."""
    job, _, index = id_.rstrip("]").partition("[")
    return pattern.replace("%J", job).replace("%I", index or "0")


def waits_for_others(why: str) -> bool:
    """Tell whether a pending reason is a dependency that may be met yet."""
    said = why.lower()
    return "dependency condition" in said and not _IN_VAIN.search(said)


def _outcome(
    word: str, exit_code: int | None, why: str
) -> tuple[State | None, Reason | None, int | None, int | None]:
    if word == "EXIT":
        return ended(exit_code, why)
    state, reason = state_of(word)
    if state is State.QUEUED and reason is None and waits_for_others(why):
        reason = Reason.DEPENDENCY
    return state, reason, 0 if state is State.SUCCEEDED else None, None


def _text(record: Record, field: str) -> str:
    value = record.get(field)
    text = "" if value is None else plain(str(value).strip())
    return "" if text in _UNASKED else text


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _sentence(why: str) -> str:
    return " ".join(why.split()).rstrip(";")


def _usage(record: Record) -> Usage | None:
    usage = Usage(
        cpu_s=_duration_s(_text(record, "CPU_USED")),
        max_memory_bytes=_size(_text(record, "MAX_MEM")),
        wall_s=_duration_s(_text(record, "RUN_TIME")),
    )
    return None if usage == Usage() else usage


def _duration_s(text: str) -> float | None:
    """Read ``57208 second(s)``, or ``00:01:30`` where a site prefers that."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        return float(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    plain = _SECONDS.fullmatch(text)
    return float(plain[1]) if plain else None


def _size(text: str) -> int | None:
    found = _SIZE.fullmatch(text)
    return int(float(found[1]) * _UNITS[found[2].upper()]) if found else None


def _asked(record: Record) -> dict[str, str]:
    limit = _text(record, "RUNTIMELIMIT")
    told: Sequence[tuple[str, str]] = (
        ("slots", _text(record, "NREQ_SLOT")),
        ("memory limit", _text(record, "MEMLIMIT")),
        ("wall time", f"{limit} min" if _SECONDS.fullmatch(limit) else limit),
    )
    return {name: value for name, value in told if value}
