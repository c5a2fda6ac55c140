"""Asks ``qacct``: how jobs ended, once they are in the accounting file (after 15 seconds, as Grid Engine comes).

A job has a record for every time that it was started, in the order of their ends; the last one counts. A job that was deleted
while it waited has none. Ids are given out again after a while, so the mark in the name decides whose record it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.ends import read_end, read_size
from headway.executors.sge.ids import array_of
from headway.executors.sge.names import PATTERN, mark_in
from headway.executors.sge.tasks import OFFSET
from headway.executors.sge.times import READ_IN, read_time

_RULE: Final = re.compile(r"={20,}\s*")
_NO_FILE: Final = re.compile(r"\S*/accounting: No such file or directory")
_UNKNOWN: Final = re.compile(r"error: job (?:id|name) .* not found|Job-array tasks .* not found")
#: All that is read, and what every Grid Engine prints after it: a record without one of these was cut off.
_NEEDED: Final = ("jobname", "jobnumber", "taskid", "failed", "exit_status", "ru_wallclock", "cpu")
_LAST_NEEDED: Final = "maxvmem"
_NONE: Final = frozenset({"", "NONE", "undefined"})
_SECONDS: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)s?")
_CODE: Final = re.compile(r"([0-9]{1,4})\s*(?::\s*(.*))?")

Fields = Mapping[str, str]


class Accounting:
    """``qacct``. One job (or one array) is asked for by its id; of several, all that carry a mark are asked for at once."""

    name: Final = "qacct"
    marked_only: Final = True  #: of several; see headway.executors.batch.dialect.tells_marked_only

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask; qacct reads the whole accounting file each time, and takes one id or one pattern of names."""
        numbers = {array_of(each) for each in ids}
        wanted = numbers.pop() if len(numbers) == 1 else PATTERN
        return Command(argv=("qacct", "-j", wanted), environment=READ_IN)

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read the newest record of each job; those of jobs without a mark come first, lest they hide one.

        Raises:
            ExecutorRejected: there is no accounting file: this site keeps none, or no job has ended yet.
            ExecutorUnavailable: this is no answer, or not all of it.
        """
        if output.exit_code != 0 and _NO_FILE.match(output.stderr.decode("utf-8", "replace")):
            raise ExecutorRejected(f"qacct has nothing to read: {output.complaint}")
        if output.exit_code != 0 and not output.stdout.strip():
            if _UNKNOWN.match(output.complaint):
                return []
            raise ExecutorUnavailable(f"qacct could not be asked: {output.complaint}")
        if output.exit_code != 0 or not output.stdout.endswith(b"\n"):
            raise ExecutorUnavailable(f"qacct gave no whole answer: {output.complaint}")
        newest: dict[tuple[str, str], NativeJob] = {}
        for fields in _records(output.text):
            job = _job(fields)
            newest.pop((job.id, job.mark), None)
            newest[job.id, job.mark] = job
        return sorted(newest.values(), key=lambda job: bool(job.mark))


def _records(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] | None = None
    for line in text.splitlines():
        if _RULE.fullmatch(line):
            if fields is not None:
                yield _whole(fields)
            fields = {}
        elif fields is None:
            raise ExecutorUnavailable(f"qacct answered with something else: {line[:200]}")
        else:
            key, _, value = line.partition(" ")
            fields.setdefault(key, value.strip())
    if fields is None:
        raise ExecutorUnavailable("qacct gave an empty answer")
    yield _whole(fields)


def _whole(fields: dict[str, str]) -> dict[str, str]:
    lacking = [key for key in (*_NEEDED, _LAST_NEEDED) if key not in fields]
    if lacking:
        raise ExecutorUnavailable(f"qacct gave a record without {', '.join(lacking)}")
    return fields


def _job(fields: Fields) -> NativeJob:
    number, task = fields["jobnumber"], fields["taskid"]
    failed = _CODE.fullmatch(fields["failed"])
    status = _CODE.match(fields["exit_status"])
    if not number.isdigit() or failed is None or status is None:
        raise ExecutorUnavailable(f"qacct gave a record that cannot be read, of job {number[:50]}")
    is_task = task.isascii() and task.isdigit()
    wall_s, memory_bytes = _seconds(fields["ru_wallclock"]), read_size(fields["maxvmem"])
    end = read_end(
        failed=int(failed[1]),
        status=int(status[1]),
        wall_s=wall_s,
        memory_bytes=memory_bytes,
        asked=fields.get("category", ""),
    )
    return NativeJob(
        id=NativeId(f"{number}.{task}" if is_task else number),
        array=NativeId(number) if is_task else None,
        index=int(task) - OFFSET if is_task else None,
        mark=mark_in(fields["jobname"]),
        name=fields["jobname"],
        state=end.state,
        reason=end.reason,
        exit_code=end.exit_code,
        signal=end.signal,
        word=f"failed {failed[1]}, exit status {status[1]}",
        why=failed[2] or "",
        owner=_text(fields, "owner"),
        queue=_text(fields, "qname"),
        account=_text(fields, "project"),
        host=_text(fields, "hostname"),
        submitted=read_time(fields.get("qsub_time", "")),
        started=read_time(fields.get("start_time", "")),
        ended=read_time(fields.get("end_time", "")),
        # Its maxvmem is address space, and what it calls ru_maxrss differs in unit from one Grid Engine to another.
        usage=Usage(cpu_s=_seconds(fields["cpu"]), wall_s=wall_s),
        asked={"cores": _text(fields, "slots") or "1"},
    )


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key, "")
    return "" if value in _NONE else value


def _seconds(text: str) -> float | None:
    found = _SECONDS.fullmatch(text)
    return float(found[1]) if found else None
