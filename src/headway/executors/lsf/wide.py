"""What the classic ``bjobs -w -a`` prints: a table, a line for each job or element of an array. Pure.

Columns grow with what is in them and one of them may be empty, so a line is read from both ends: five words from the left, the time
from the right, and in between the execution host, if there can be one, and the name, which may hold blanks.
"""

import re
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.answers import says_no_such_job
from headway.executors.lsf.names import FIRST_INDEX, named_mark
from headway.executors.lsf.states import state_of
from headway.executors.lsf.times import Now, read_time

_HEADER: Final = (
    "JOBID",
    "USER",
    "STAT",
    "QUEUE",
    "FROM_HOST",
    "EXEC_HOST",
    "JOB_NAME",
    "SUBMIT_TIME",
)
_LINE: Final = re.compile(
    r"([1-9]\d*) +(\S+) +([A-Z]+) +(\S+) +(\S+) ++(?:(.*) )?([A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2})\s*+"
)
_ELEMENT: Final = re.compile(r"(.*)\[(\d+)\]", re.DOTALL)
_HOST_AND_NAME: Final = re.compile(r"(?:\d+\*)?([^\s:]++)\S*+ ++(.*)", re.DOTALL)
#: States of jobs that have never run: LSF prints "-" or nothing in place of the host.
_NO_HOST: Final = frozenset({"PEND", "PSUSP", "PROV", "WAIT"})


def read_table(output: Output, now: Now | None) -> list[NativeJob]:
    """Read all lines.

    Raises:
        ExecutorUnavailable: this is no whole table.
    """
    if says_no_such_job(output) and output.exit_code in {0, 255}:
        return []
    text = output.text
    lines = text.splitlines()
    if output.exit_code != 0 or not lines or tuple(lines[0].split()) != _HEADER:
        raise ExecutorUnavailable(f"bjobs gave no listing: {output.complaint}")
    if not text.endswith("\n"):
        raise ExecutorUnavailable("bjobs's listing breaks off in a line")
    return [_job(line, now) for line in lines[1:] if line.strip()]


def _job(line: str, now: Now | None) -> NativeJob:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ExecutorUnavailable(f"bjobs's listing has a line that is none: {line[:200]!r}")
    number, owner, word, queue, _, middle, submitted = found.groups()
    host, shown = _host_and_name(word, (middle or "").rstrip())
    element = _ELEMENT.fullmatch(shown)
    index = int(element[2]) if element else None
    mark, name = named_mark(element[1] if element else shown)
    state, reason = state_of(word)
    return NativeJob(
        id=NativeId(f"{number}[{index}]" if element else number),
        mark=mark,
        state=state,
        reason=reason,
        word=word,
        exit_code=0 if state is State.SUCCEEDED else None,
        array=NativeId(number) if element else None,
        index=None if index is None else index - FIRST_INDEX,
        name=name,
        owner=owner,
        queue=queue,
        host=host,
        submitted=read_time(submitted, now),
    )


def _host_and_name(word: str, middle: str) -> tuple[str, str]:
    if middle.startswith("- "):
        return "", middle[1:].strip()
    if word in _NO_HOST:
        return "", middle.strip()
    found = _HOST_AND_NAME.fullmatch(middle)
    return (found[1], found[2].strip()) if found else ("", middle.strip())
