"""Rows of qstat's listing: a job each, or those tasks of an array that are alike."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.native import NativeJob
from headway.executors.sge.names import mark_in
from headway.executors.sge.states import read_state
from headway.executors.sge.tasks import OFFSET, tasks_in
from headway.executors.sge.times import read_time

_TIME_LIMITS: Final = frozenset({"h_rt", "s_rt"})
_MOST_DIGITS: Final = 12
_MOST_SHOWN: Final = 5
_MOST_TASKS: Final = 1_000_000  # of one row; Grid Engine's own limit is 75,000 by default


def jobs_of(row: Element, words: Mapping[str, str]) -> Iterator[NativeJob]:
    """Give the job of a row, or all its tasks that are in it.

    Raises:
        ValueError: it is no row of a job.
    """
    texts = {child.tag: (child.text or "").strip() for child in row}
    number, word = texts.get("JB_job_number", ""), texts.get("state", "")
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"a job has the number {number!r}")
    if not word:
        raise ValueError(f"job {number} has no state")
    job = _job(row, texts, words)
    tasks = texts.get("tasks")
    if not tasks:
        yield job
        return
    fields = {name: getattr(job, name) for name in job.__struct_fields__}
    for task in tasks_in(tasks, most=_MOST_TASKS):
        fields |= {"id": NativeId(f"{number}.{task}"), "array": job.id, "index": task - OFFSET}
        yield NativeJob(**fields)


def _job(row: Element, texts: Mapping[str, str], words: Mapping[str, str]) -> NativeJob:
    name, word = texts.get("full_job_name") or texts.get("JB_name", ""), texts["state"]
    before = [each.text or "" for each in row.findall("predecessor_jobs")]
    standing = read_state(word, waits_for=_in_words(before))
    queue, _, host = texts.get("queue_name", "").partition("@")
    return NativeJob(
        id=NativeId(texts["JB_job_number"]),
        mark=mark_in(name),
        state=standing.state,
        reason=standing.reason,
        word=word,
        why=standing.why,
        restarts=standing.restarts,
        name=name,
        owner=texts.get("JB_owner", ""),
        queue=queue or texts.get("hard_req_queue", ""),
        account=texts.get("JB_project", ""),
        host=host,
        submitted=read_time(texts.get("JB_submission_time", "")),
        started=read_time(texts.get("JAT_start_time", ""))
        if standing.state is State.RUNNING
        else None,
        asked=_asked(row, texts, words),
    )


def _asked(row: Element, texts: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    asked = {"cores": texts.get("slots", "") or "1"}
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
