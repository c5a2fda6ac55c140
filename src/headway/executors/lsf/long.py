"""The texts of ``bjobs -l`` and ``bhist -l``, which are for people: a paragraph about the job, then a line for each event. Pure.

Long lines are cut anywhere, also inside a word, and go on behind 21 blanks. What is said at a line's end counts only when its full stop
is there. So half a text never ends a job that has not ended.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.answers import check_complaints, says_no_such_job
from headway.executors.lsf.names import FIRST_INDEX, described_mark, named_mark
from headway.executors.lsf.records import filled
from headway.executors.lsf.states import TERMINATIONS, End, ended, state_of
from headway.executors.lsf.times import Now, read_time

_INDENT: Final = " " * 21
_JOB: Final = re.compile(r"Job <([1-9]\d*)(?:\[(\d+)\])?>,? ?")
_FIELD: Final = re.compile(r"(?:^|, )([A-Z][A-Za-z ]*) <([^>]*)>")
_EVENT: Final = re.compile(
    r"((?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}(?: \d{4})?): (.*)", re.DOTALL
)
_STARTED: Final = re.compile(
    r"(?:Dispatched|(?:\[\d+\] )?[Ss]tarted)[^<]*(?:on|to)[^<]*<(?:\d+\*)?([^>]+)>"
)
_DONE: Final = re.compile(r"(?:Done successfully\.|Completed <done>[;.])")
_EXIT_CODE: Final = re.compile(r"Exited (?:with exit code|with status|exit code) (\d+)[.;]")
_BY_SIGNAL: Final = re.compile(r"Exited by signal (\d+)[.;]")
_EXITED: Final = re.compile(r"(?:Exited[;.]|Completed <exit>[;.])")
_AGAIN: Final = re.compile(r"(?:Pending: |Job has been requeued|Requeue)")
#: What the classic bhist tells of before an end, after its sources: whose bkill it was, or which limit.
_KILL: Final = re.compile(
    r"(?:Signal <(?:KILL|TERM|INT)>|Delete) requested by user or administrator <([^>]+)>"
)
_ACTION: Final = re.compile(
    r"\b(RUNLIMIT|CPULIMIT|DEADLINE|MEMLIMIT|Window|Load) termination action"
)
_ACTIONS: Final = {
    "RUNLIMIT": "TERM_RUNLIMIT",
    "CPULIMIT": "TERM_CPULIMIT",
    "DEADLINE": "TERM_DEADLINE",
    "MEMLIMIT": "TERM_MEMLIMIT",
    "Window": "TERM_WINDOW",
    "Load": "TERM_LOAD",
}
_CPU: Final = re.compile(r"The CPU time used is (\d+(?:\.\d+)?) seconds")
_MEMORY: Final = re.compile(r"MAX MEM: (\d+(?:\.\d+)?) ([KMGT])bytes")
_UNITS: Final = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_TERMINATION: Final = re.compile(r"TERM_[A-Z_]{1,40}: [^.;]{0,1000}[.;]")
_PENDING: Final = re.compile(r"^ ?PENDING REASONS:\n(.*?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
_DIRECTORY: Final = re.compile(r"CWD <([^>]*)>")
_OUTPUT: Final = re.compile(r"Output File <([^>]*)>")


class Event:
    """A dated line."""

    def __init__(self, time: str, text: str) -> None:
        self.time = time
        self.text = text


def read_texts(output: Output, now: Now | None, *, program: str) -> list[NativeJob]:
    """Read what is told of each job; jobs that are not known are left out.

    Raises:
        ExecutorUnavailable: this is no whole answer.
    """
    if says_no_such_job(output):
        return []
    check_complaints(output, program=program)
    text = output.text
    if not text.endswith("\n"):
        raise ExecutorUnavailable(f"{program}'s answer breaks off: {output.complaint}")
    paragraphs = list(_jobs(_unfolded(text)))
    if not paragraphs:
        raise ExecutorUnavailable(f"{program} told of no job: {output.complaint}")
    return [_job(each, now) for each in paragraphs]


def _unfolded(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith(_INDENT) and lines and lines[-1].strip():
            lines[-1] += line[len(_INDENT) :]
        else:
            lines.append(line)
    return lines


def _jobs(lines: Sequence[str]) -> Iterator[list[str]]:
    current: list[str] = []
    for line in lines:
        if _JOB.match(line):
            if current:
                yield current
            current = [line]
        elif current:
            current.append(line)
    if current:
        yield current


def _job(lines: Sequence[str], now: Now | None) -> NativeJob:
    head = _JOB.match(lines[0])
    if head is None:  # _jobs begins each with such a line
        raise ExecutorUnavailable(f"this is no job: {lines[0][:200]!r}")
    fields = dict(_FIELD.findall(lines[0][head.end() :].partition(", Command <")[0]))
    index = int(head[2]) if head[2] else None
    id_ = NativeId(f"{head[1]}[{index}]" if index else head[1])
    events = [Event(*found.groups()) for line in lines if (found := _EVENT.fullmatch(line))]
    word = fields.get("Status", "")
    end, at = _ending(word, events, fields.get("User", ""))
    started = next((each for each in reversed(events) if _STARTED.search(each.text)), None)
    host = _STARTED.search(started.text) if started else None
    mark, name = _mark_and_name(fields)
    first = events[0].text if events else ""
    return NativeJob(
        id=id_,
        mark=mark,
        state=end.state if end else state_of(word)[0],
        reason=end.reason if end else state_of(word)[1],
        word=word or (_WORDS.get(end.state, "EXIT") if end else ""),
        why=_why(lines, at),
        exit_code=end.exit_code if end else None,
        signal=end.signal if end else None,
        array=NativeId(head[1]) if index else None,
        index=index - FIRST_INDEX if index else None,
        name=name,
        owner=fields.get("User", ""),
        queue=fields.get("Queue", ""),
        account=fields.get("Project", ""),
        host=host[1] if host else "",
        directory=_first(_DIRECTORY, first),
        log=filled(_first(_OUTPUT, first), id_),
        submitted=read_time(events[0].time, now) if events else None,
        started=read_time(started.time, now) if started else None,
        ended=read_time(at.time, now) if at and end else None,
        usage=_usage(lines, at),
    )


_WORDS: Final = {State.SUCCEEDED: "DONE"}


def _mark_and_name(fields: dict[str, str]) -> tuple[str, str]:
    shown = re.sub(r"\[[^\]]*\](?:%\d+)?$", "", fields.get("Job Name", ""))
    mark, name = named_mark(shown)
    return (mark, name) if mark else (described_mark(fields.get("Job Description", "")), shown)


def _ending(word: str, events: Sequence[Event], owner: str) -> tuple[End | None, Event | None]:
    """Give the last end that was not followed by another run; nothing while the job's own status is another one.

    IBM's bhist tells of an end in two events: how it exited, and as what it was completed. The classic one tells before it
    what LSF was asked to do, or did by itself.
    """
    ends: list[Event] = []
    before = ""
    for event in events:
        if _end(event.text) is not None:
            ends.append(event)
        elif _AGAIN.search(event.text) or _STARTED.search(event.text):
            ends, before = [], ""
        elif not ends:
            before += f" {event.text}"
    at = Event(ends[-1].time, " ".join(each.text for each in ends)) if ends else None
    end = _end(at.text) if at else None
    if end is not None and end.state is State.FAILED:
        end = _ended_by(before, end, owner)
    if word == "DONE":
        return End(State.SUCCEEDED, None, 0, None), at
    if word == "EXIT":
        return end or ended(None, ""), at
    return (None, None) if word else (end, at)


def _end(text: str) -> End | None:
    if _DONE.search(text):
        return End(State.SUCCEEDED, None, 0, None)
    code, signal = _EXIT_CODE.search(text), _BY_SIGNAL.search(text)
    why = _first_whole(_TERMINATION, text)
    if code:
        return ended(int(code[1]), why)
    if signal:
        return ended(None, why, int(signal[1]))
    return ended(None, why) if _EXITED.search(text) else None


def _ended_by(before: str, end: End, owner: str) -> End:
    """Judge a failure by what happened before it; a reason that its own event names stands."""
    if end.reason not in {None, Reason.SIGNAL, Reason.NONZERO_EXIT}:
        return end
    action, asked = _ACTION.search(before), _KILL.search(before)
    if action:
        state, reason = TERMINATIONS[_ACTIONS[action[1]]]
        return End(state, reason, end.exit_code, end.signal)
    if asked:
        reason = Reason.BY_USER if owner in {"", asked[1]} else Reason.BY_ADMIN
        return End(State.CANCELLED, reason, end.exit_code, end.signal)
    return end


def _why(lines: Sequence[str], at: Event | None) -> str:
    if at is not None:
        return _first_whole(_TERMINATION, at.text).rstrip(".;")
    pending = _PENDING.search("\n".join(lines))
    return " ".join(pending[1].split()).rstrip(";") if pending else ""


def _usage(lines: Sequence[str], at: Event | None) -> Usage | None:
    cpu = _CPU.search(at.text) if at else None
    memory = next((found for line in lines if (found := _MEMORY.search(line))), None)
    if cpu is None and memory is None:
        return None
    return Usage(
        cpu_s=float(cpu[1]) if cpu else None,
        max_memory_bytes=int(float(memory[1]) * _UNITS[memory[2]]) if memory else None,
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _first_whole(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
