"""What Slurm's accounting (slurmdbd) knows of jobs: for ever, where a site has it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.slurm import asked
from headway.executors.slurm.arrays import indices_of
from headway.executors.slurm.cells import number_of, time_of, words_of
from headway.executors.slurm.ends import standing_of
from headway.executors.slurm.listing import ENVIRONMENT
from headway.executors.slurm.options import checked_id
from headway.executors.slurm.said import said
from headway.executors.slurm.table import rows_of
from headway.executors.slurm.variables import ASKING
from headway.executors.slurm.words import why_of

_FIELDS: Final = (
    "JobID",
    "State",
    "ExitCode",
    "Submit",
    "Start",
    "End",
    "User",
    "UID",
    "Partition",
    "Account",
    "NodeList",
    "ElapsedRaw",
    "TotalCPU",
    "MaxRSS",
    "ReqTRES",
    "Timelimit",
    "Reason",
    "Comment",
    "JobName",
    "WorkDir",
    "SubmitLine",
)
#: Where comments are not kept (AccountingStoreFlags=job_comment), the command line is, since 21.08: ours begins with it.
_SUBMITTED: Final = re.compile(r"(?=\S{0,4096}sbatch)\S++ --comment=(\S+) --parsable ")
_ARRAY: Final = re.compile(r"([0-9]+)_(.+)")
_CANCELLED_BY: Final = re.compile(r"CANCELLED\S* by ([0-9]+)")
_CLOCK: Final = re.compile(
    r"(?:(?P<days>[0-9]+)-)?(?:(?P<hours>[0-9]+):)?(?P<minutes>[0-9]+):(?P<seconds>[0-9]+(?:\.[0-9]+)?)"
)
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMGTPE]?)")
_UNITS: Final = "KMGTPE"
_NO_ACCOUNTING: Final = b"accounting storage is disabled"


#: Said where a cluster has no accounting at all, which so knows no job.
_NONE: Final = "Slurm accounting storage is disabled"


class _Row(msgspec.Struct, frozen=True):
    """A row of sacct's, cell by cell; the order is that of the fields."""

    id: str
    word: str
    exit: str
    submitted: str
    start: str
    end: str
    owner: str
    uid: str
    queue: str
    account: str
    host: str
    elapsed: str
    cpu: str
    memory: str
    tres: str
    limit: str
    why: str
    comment: str
    name: str
    directory: str
    line: str


class Accounting:
    """Asks sacct. Steps are asked for too: only they have the memory that was used.

    Of ids that were given twice it tells the last job, and of a requeued job the last run: no ``--duplicates``.
    """

    name = "sacct"

    def __init__(self, fence: str, where: Sequence[str] = ()) -> None:
        self._fence = fence
        self._where = where

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask about these jobs, all in one command."""
        return Command(
            argv=(
                "sacct",
                *self._where,
                "--parsable",
                f"--delimiter={self._fence}",
                f"--jobs={','.join(map(checked_id, ids))}",
                f"--format={','.join(_FIELDS)}",
            ),
            environment=ENVIRONMENT,
            without=ASKING,
        )

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read the answer; jobs that it does not know are left out.

        Raises:
            ExecutorRejected: this cluster keeps no accounting.
            ExecutorUnavailable: this is no answer.
        """
        if output.exit_code:
            if _NO_ACCOUNTING in output.stderr:
                raise ExecutorRejected(f"sacct: {said(output)}")
            raise ExecutorUnavailable(f"sacct failed: {said(output)}")
        table = rows_of(output.text, fence=self._fence, header=_FIELDS, program="sacct")
        rows = [_Row(*cells) for cells in table]
        memory: dict[str, int] = {}
        for row in rows:
            job_id, _, step = row.id.partition(".")
            if step:
                memory[job_id] = max(memory.get(job_id, 0), _bytes(row.memory) or 0)
        whole = (row for row in rows if "." not in row.id)
        return [job for row in whole for job in _jobs(row, memory.get(row.id) or None)]


def _jobs(row: _Row, memory_bytes: int | None) -> Iterator[NativeJob]:
    element = _ARRAY.fullmatch(row.id)
    if element is None:
        yield _job(row, memory_bytes)
        return
    indices = indices_of(element[2])
    if indices is None:
        raise ExecutorUnavailable(f"sacct gave {row.id[:40]!r} for an array's elements")
    first = _job(row, memory_bytes)
    for index in indices:
        yield msgspec.structs.replace(
            first,
            id=NativeId(f"{element[1]}_{index}"),
            array=NativeId(element[1]),
            index=index,
        )


def _job(row: _Row, memory_bytes: int | None) -> NativeJob:
    host = words_of(row.host)
    standing = standing_of(row.word, row.why, row.exit, ever_started=host != "")
    state, start = standing.state, time_of(row.start)
    final = state is not None and state.is_final
    return NativeJob(
        id=NativeId(row.id),
        mark=_mark(row),
        state=state,
        reason=_by_whom(row) if state is State.CANCELLED else standing.reason,
        word=row.word,
        why=why_of(state, row.why),
        exit_code=standing.exit_code,
        signal=standing.signal,
        name=row.name,
        owner=row.owner,
        queue=words_of(row.queue),
        account=words_of(row.account),
        host=host,
        directory=words_of(row.directory),
        submitted=time_of(row.submitted),
        started=start if host and state is not State.QUEUED else None,
        ended=time_of(row.end) if final else None,
        usage=_usage(row, memory_bytes) if host and final else None,
        asked=asked.read(row.tres, row.limit),
    )


def _mark(row: _Row) -> str:
    if words_of(row.comment):
        return row.comment
    found = _SUBMITTED.match(row.line)
    return found[1] if found else ""


def _by_whom(row: _Row) -> Reason | None:
    by = _CANCELLED_BY.fullmatch(row.word)
    if by is None:
        return None
    return Reason.BY_USER if by[1] == row.uid else Reason.BY_ADMIN


def _usage(row: _Row, memory_bytes: int | None) -> Usage:
    wall_s = number_of(row.elapsed)
    return Usage(
        cpu_s=_seconds(row.cpu),
        max_memory_bytes=memory_bytes,
        wall_s=None if wall_s is None else float(wall_s),
    )


def _seconds(text: str) -> float | None:
    """Read ``1-02:03:04`` or ``00:00.002``."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours = 24 * int(found["days"] or 0) + int(found["hours"] or 0)
    return 3600 * hours + 60 * int(found["minutes"]) + float(found["seconds"])


def _bytes(text: str) -> int | None:
    """Read ``1234K``."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    power = 1 + _UNITS.index(found[2]) if found[2] else 0
    return int(float(found[1]) * 1024**power)
