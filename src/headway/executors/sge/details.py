"""Asks ``qstat -j``: jobs that wait or run, one by one, with why they wait and what kept them from starting."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.document import parse, text_of
from headway.executors.sge.ids import array_of
from headway.executors.sge.names import mark_in
from headway.executors.sge.tasks import OFFSET
from headway.executors.sge.times import READ_IN, read_time

_WHAT: Final = "qstat -j"
_MOST_WORDS: Final = 3
#: What keeps it from one queue or host; another one may take it yet.
_OF_ONE: Final = re.compile(r"queue instance|cannot run (?:in queue|at host)|has no permission for")
_ARRAY: Final = 128  # of JB_type's bits
#: JAT_status: bits; what is not here is left unknown.
_STATES: Final[Mapping[int, State]] = {
    0: State.QUEUED,  # idle
    1: State.QUEUED,  # held
    64: State.QUEUED,  # being sent to a host
    128: State.RUNNING,
}


class Details:
    """``qstat -j -xml``. It knows no job that has ended; what it does not know is left out of its answer."""

    name: Final = "qstat -j"

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask about all of them at once."""
        numbers = sorted({array_of(each) for each in ids}, key=int)
        return Command(argv=("qstat", "-xml", "-j", ",".join(numbers)), environment=READ_IN)

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read what it says; of an array, its tasks that have begun or could not begin.

        Raises:
            ExecutorUnavailable: it is no whole answer. Without its qmaster, qstat -j -xml ends with exit code 0.
        """
        if b"<unknown_jobs" in output.stdout:
            parse(output, what=_WHAT, root="unknown_jobs")
            return []
        root = parse(output, what=_WHAT, root="detailed_job_info")
        waits = dict(_scheduling(root))
        jobs = root.find("djob_info")
        if jobs is None:
            raise ExecutorUnavailable("qstat -j gave an answer without its list of jobs")
        return [each for job in jobs.findall("element") for each in _jobs(job, waits)]


def _scheduling(root: Element) -> Iterator[tuple[str, list[str]]]:
    """Give why the scheduler has not started jobs, as far as it is configured to tell (schedd_job_info)."""
    words: dict[str, list[str]] = {}
    for message in root.iter():
        text = text_of(message, "MES_message") if message.tag == "element" else ""
        if not text:
            continue
        for number in message.iter("ULNG_value"):
            words.setdefault((number.text or "").strip(), []).append(text)
    yield from words.items()


def _in_order(waits: Sequence[str]) -> list[str]:
    """Give first what holds for the job as such: of a cluster's many queues each may have its say."""
    return sorted(dict.fromkeys(waits), key=lambda each: _OF_ONE.search(each) is not None)


def _jobs(job: Element, waits: Mapping[str, list[str]]) -> Iterator[NativeJob]:
    number = text_of(job, "JB_job_number")
    if not (number.isascii() and number.isdigit()):
        raise ExecutorUnavailable(f"qstat -j told of a job with the number {number[:50]!r}")
    kind = text_of(job, "JB_type")
    is_array = kind.isdigit() and bool(int(kind) & _ARRAY)
    tasks = job.findall("JB_ja_tasks/ulong_sublist")
    for task in tasks:
        yield _task(job, number, task, is_array=is_array, waits=waits.get(number, []))
    if not tasks:
        yield _task(job, number, None, is_array=False, waits=waits.get(number, []))


def _task(
    job: Element, number: str, task: Element | None, *, is_array: bool, waits: Sequence[str]
) -> NativeJob:
    name = text_of(job, "JB_job_name")
    status, wrong, started, no = "0", list[str](), "", ""
    if task is not None:
        status, no = text_of(task, "JAT_status"), text_of(task, "JAT_task_number")
        started = text_of(task, "JAT_start_time")
        wrong = [each.text or "" for each in task.iter("QIM_message")]
    state = _STATES.get(int(status)) if status.isdigit() else None
    if is_array and not no.isdigit():
        raise ExecutorUnavailable(
            f"qstat -j told of a task of {number} with the number {no[:50]!r}"
        )
    return NativeJob(
        id=NativeId(f"{number}.{no}" if is_array else number),
        array=NativeId(number) if is_array else None,
        index=int(no) - OFFSET if is_array else None,
        mark=mark_in(name),
        state=state,
        reason=Reason.HELD if wrong and state is State.QUEUED else None,
        word=f"status {status}",
        why="" if state is State.RUNNING else "; ".join([*wrong, *_in_order(waits)][:_MOST_WORDS]),
        name=name,
        owner=text_of(job, "JB_owner"),
        account=text_of(job, "JB_project"),
        directory=text_of(job, "JB_cwd"),
        log=text_of(job, "JB_stdout_path_list/path_list/PN_path"),
        submitted=read_time(text_of(job, "JB_submission_time")),
        started=read_time(started) if state is State.RUNNING else None,
    )
