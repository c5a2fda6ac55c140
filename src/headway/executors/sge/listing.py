"""Reads ``qstat -xml -r``: all jobs that wait or run. One that has ended is left out at once."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.document import parse, text_of
from headway.executors.sge.names import mark_in
from headway.executors.sge.states import read_state
from headway.executors.sge.tasks import OFFSET, tasks_in
from headway.executors.sge.times import read_time

_WHAT: Final = "qstat"
_TIME_LIMITS: Final = frozenset({"h_rt", "s_rt"})
_MOST_DIGITS: Final = 12
_MOST_SHOWN: Final = 5
_MOST_TASKS: Final = 1_000_000  # of one row; Grid Engine's own limit is 75,000 by default


def read_listing(output: Output, *, words: Mapping[str, str]) -> list[NativeJob]:
    """Read a listing; tasks of one array that wait together are one row of it, and told one by one here.

    Args:
        output: what qstat printed.
        words: what to call requests for resources, by their names in Grid Engine.

    Raises:
        ExecutorUnavailable: it is no listing, or not a whole one.
    """
    root = parse(output, what=_WHAT, root="job_info")
    if {"queue_info", "job_info"} - {child.tag for child in root}:
        raise ExecutorUnavailable("qstat gave an answer without its lists of jobs")
    found: dict[NativeId, NativeJob] = {}
    try:
        for row in root.iter("job_list"):
            for job in _jobs(row, words):
                found.setdefault(job.id, job)  # with -g t, hosts of one parallel job are rows
    except ValueError as error:
        raise ExecutorUnavailable(f"qstat's listing cannot be read: {error}") from None
    return list(found.values())


def _jobs(row: Element, words: Mapping[str, str]) -> Iterator[NativeJob]:
    number, word = text_of(row, "JB_job_number"), text_of(row, "state")
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"a job has the number {number!r}")
    if not word:
        raise ValueError(f"job {number} has no state")
    job = _job(row, number, word, words)
    tasks = text_of(row, "tasks")
    if not tasks:
        yield job
        return
    fields = {name: getattr(job, name) for name in job.__struct_fields__}
    for task in tasks_in(tasks, most=_MOST_TASKS):
        fields |= {"id": NativeId(f"{number}.{task}"), "array": job.id, "index": task - OFFSET}
        yield NativeJob(**fields)


def _job(row: Element, number: str, word: str, words: Mapping[str, str]) -> NativeJob:
    name = text_of(row, "full_job_name") or text_of(row, "JB_name")
    before = [each.text or "" for each in row.findall("predecessor_jobs")]
    standing = read_state(word, waits_for=_in_words(before))
    queue, _, host = text_of(row, "queue_name").partition("@")
    return NativeJob(
        id=NativeId(number),
        mark=mark_in(name),
        state=standing.state,
        reason=standing.reason,
        word=word,
        why=standing.why,
        restarts=standing.restarts,
        name=name,
        owner=text_of(row, "JB_owner"),
        queue=queue or text_of(row, "hard_req_queue"),
        account=text_of(row, "JB_project"),
        host=host,
        submitted=read_time(text_of(row, "JB_submission_time")),
        started=read_time(text_of(row, "JAT_start_time"))
        if standing.state is State.RUNNING
        else None,
        asked=_asked(row, words),
    )


def _asked(row: Element, words: Mapping[str, str]) -> dict[str, str]:
    asked = {"cores": text_of(row, "slots") or "1"}
    environment = row.find("requested_pe")
    if environment is not None:
        asked["parallel environment"] = environment.get("name", "")
    for request in row.findall("hard_request"):
        name = request.get("name", "")
        asked[words.get(name, name)] = _value(name, (request.text or "").strip())
    return asked


def _value(name: str, text: str) -> str:
    """Give a time limit of bare seconds as people write it."""
    if name in _TIME_LIMITS and text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS:
        minutes, seconds = divmod(int(text), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return text


def _in_words(numbers: list[str]) -> str:
    if not numbers:
        return ""
    shown, more = numbers[:_MOST_SHOWN], len(numbers) - _MOST_SHOWN
    rest = f" and {more} more" if more > 0 else ""
    return f"{'job' if len(numbers) == 1 else 'jobs'} {', '.join(shown)}{rest}"
