"""What squeue lists, and how it is read."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from sys import intern
from typing import Final, NamedTuple

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob
from headway.executors.slurm import asked, logs
from headway.executors.slurm.arrays import indices_of
from headway.executors.slurm.cells import is_nothing, number_of, time_of, words_of
from headway.executors.slurm.ends import Standing, standing_of
from headway.executors.slurm.said import said
from headway.executors.slurm.table import rows_of
from headway.executors.slurm.variables import ASKING
from headway.executors.slurm.words import why_of

#: Epoch seconds instead of local time, and sets of indices whole, squeue(1).
ENVIRONMENT: Final = {"SLURM_TIME_FORMAT": "%s", "SLURM_BITSTR_LEN": "0"}
#: squeue's names of the columns, with what their headers say, from 20.02 to 25.11 the same. These hold no text of users, and are
#: one cell of the table.
_PLAIN: Final = {
    "ArrayJobID": "ARRAY_JOB_ID",
    "ArrayTaskID": "ARRAY_TASK_ID",
    "JobID": "JOBID",
    "State": "STATE",
    "exit_code": "EXIT_CODE",
    "RestartCnt": "RESTART_COUNT",
    "SubmitTime": "SUBMIT_TIME",
    "StartTime": "START_TIME",
    "EndTime": "END_TIME",
    "UserName": "USER",
    "Partition": "PARTITION",
    "Account": "ACCOUNT",
    "NodeList": "NODELIST",
    "TimeLimit": "TIME_LIMIT",
    "tres-alloc": "TRES_ALLOC",
}
_FREE: Final = {
    "Comment": "COMMENT",
    "Name": "NAME",
    "WorkDir": "WORK_DIR",
    "STDOUT": "STDOUT",
    "Reason": "REASON",
}
_DIGEST_BYTES: Final = 16
_KEPT: Final = 2048  #: thousands of jobs are like a few others: so many kinds are remembered
#: All that are asked for, with what their headers say.
COLUMNS: Final = {**_PLAIN, **_FREE}
_GAP: Final = "\x1f"  #: between the cells that hold no text of users
_HEADER: Final = (_GAP.join(_PLAIN.values()), *_FREE.values())
_FORMAT: Final = "SQUEUE_FORMAT2"  #: the variable for what ``--Format`` says, squeue(1)
_ANY: Final = "\0"  #: any element's index; no path holds it
_PADDED: Final = re.compile(r"%[0-9]+a")
_CLUSTER: Final = re.compile(r"\ACLUSTER: \S+\n")  #: said before the table when a cluster was named


class _Row(msgspec.Struct, frozen=True, gc=False):
    """A row of squeue's, cell by cell; the order is that of the columns."""

    array: str
    task: str
    id: str
    word: str
    exit: str
    restarts: str
    submitted: str
    start: str
    end: str
    owner: str
    queue: str
    account: str
    host: str
    limit: str
    tres: str
    comment: str
    name: str
    directory: str
    log: str
    why: str


def command(fence: str, *choice: str) -> Command:
    """Give the command that lists the jobs of this choice, those in hidden partitions too."""
    return Command(
        argv=("squeue", "--all", *choice, f"--Format={_columns(fence)}"),
        environment=ENVIRONMENT,
        without=ASKING,
    )


def hidden(fence: str, *choice: str) -> Command:
    """Give the same command with its fence in its environment: all users of a machine see argv."""
    return Command(
        argv=("squeue", "--all", *choice),
        environment={**ENVIRONMENT, _FORMAT: _columns(fence)},
        without=ASKING - {_FORMAT},
    )


def _columns(fence: str) -> str:
    *plain, last = _PLAIN
    free = [last, *_FREE]
    # Each width is 0: as wide as the cell, neither cut nor padded.
    return ",".join(
        [*(f"{name}:0{_GAP}" for name in plain), *(f"{name}:0{fence}" for name in free)]
    )


class Reader:
    """Reads listings. A row that says what it said last time is not read again: its job is the same object.

    Of thousands of jobs few change between two listings. Of a row only a digest is kept.
    """

    def __init__(self, fence: str) -> None:
        self._fence = fence
        self._last: dict[bytes, Sequence[NativeJob]] = {}

    def read(self, output: Output) -> list[NativeJob]:
        """Read a listing.

        Raises:
            ExecutorUnavailable: this is no listing, or not a whole one.
        """
        if output.exit_code:
            raise ExecutorUnavailable(f"squeue failed: {said(output)}")
        text = _CLUSTER.sub("", output.text, count=1)
        rows = rows_of(text, fence=self._fence, header=_HEADER, program="squeue")
        last, self._last = self._last, {}
        for row in rows:
            key = blake2b(self._fence.join(row).encode(), digest_size=_DIGEST_BYTES).digest()
            self._last[key] = last.get(key) or tuple(_jobs(_row(row)))
        return [job for jobs in self._last.values() for job in jobs]


def _row(cells: Sequence[str]) -> _Row:
    plain = cells[0].split(_GAP)
    if len(plain) != len(_PLAIN):
        raise ExecutorUnavailable(f"squeue gave {len(plain)} cells instead of {len(_PLAIN)}")
    return _Row(*plain, *cells[1:])


def _jobs(row: _Row) -> Iterator[NativeJob]:
    """Give a row's job, or each of an array's elements that it stands for.

    Elements that were cancelled while they waited have no row of their own. Once the whole array has ended, those without one
    may be together in a row with the array's id and no index, which looks like a plain job's.
    """
    if number_of(row.id) is None:
        raise ExecutorUnavailable(f"squeue gave {row.id[:40]!r} for a job's id")
    if is_nothing(row.task):
        yield _job(row, NativeId(row.id), None)
        return
    indices = indices_of(row.task)
    if indices is None or number_of(row.array) is None:
        raise ExecutorUnavailable(f"squeue gave {row.task[:40]!r} for an array's elements")
    first = _job(row, NativeId(f"{row.array}_{indices[0]}"), indices[0])
    log_of = _logs(row, first.host)
    for index in indices:
        yield msgspec.structs.replace(
            first, id=NativeId(f"{row.array}_{index}"), index=index, log=log_of(str(index))
        )


class _Alike(NamedTuple):
    """What the cells say that many jobs have in common."""

    standing: Standing
    word: str
    why: str
    restarts: int | None
    owner: str
    queue: str
    account: str
    host: str
    waits: bool
    final: bool


@lru_cache(maxsize=_KEPT)
def _alike(
    word: str,
    why: str,
    exit_text: str,
    restarts: str,
    owner: str,
    queue: str,
    account: str,
    host: str,
) -> _Alike:
    there = words_of(host)
    standing = standing_of(word, why, exit_text, ever_started=there != "")
    return _Alike(
        standing=standing,
        word=intern(word),
        why=why_of(standing.state, why),
        restarts=number_of(restarts),
        owner=intern(owner),
        queue=intern(words_of(queue)),
        account=intern(words_of(account)),
        host=intern(there),
        waits=standing.state is State.QUEUED,
        final=standing.state is not None and standing.state.is_final,
    )


def _job(row: _Row, native_id: NativeId, index: int | None) -> NativeJob:
    standing, word, why, restarts, owner, queue, account, host, waits, final = _alike(
        row.word, row.why, row.exit, row.restarts, row.owner, row.queue, row.account, row.host
    )
    start = time_of(row.start)
    return NativeJob(
        id=native_id,
        mark=words_of(row.comment),
        state=standing.state,
        reason=standing.reason,
        word=word,
        why=why,
        exit_code=standing.exit_code,
        signal=standing.signal,
        restarts=restarts,
        array=None if index is None else NativeId(row.array),
        index=index,
        name=row.name,
        owner=owner,
        queue=queue,
        account=account,
        host=host,
        directory=words_of(row.directory),
        log=_log(row, host, "" if index is None else str(index)),
        submitted=time_of(row.submitted),
        started=start if host and not waits else None,
        ended=time_of(row.end) if final else None,
        expected_start=start if waits else None,
        asked=asked.read(row.tres, row.limit),
    )


def _logs(row: _Row, host: str) -> Callable[[str], str]:
    """Give what tells the log of each element, by its index; of thousands it is filled in once, but for the index.

    Elements that a Headway server has submitted have a place of their own for what they write: nobody asks here for it.
    """
    if NativeJob(id=NativeId(row.id), mark=words_of(row.comment)).is_marked:
        return lambda _: ""
    if _PADDED.search(row.log):
        return lambda index: _log(row, host, index)
    before, *after = _log(row, host, _ANY).split(_ANY)
    return (lambda index: index.join((before, *after))) if after else (lambda _: before)


def _log(row: _Row, host: str, index: str) -> str:
    if logs.is_plain(row.log):
        return words_of(row.log)
    # squeue gives a plain job's own id for its array's.
    # Until an element of an array has started, nobody knows the job id that it will have.
    own = row.id if not index or host else ""
    values = {
        "A": row.id if is_nothing(row.array) else row.array,
        "a": index,
        "j": own,
        "J": own,
        "x": row.name,
        "u": row.owner,
        "N": host if "[" not in host and "," not in host else "",
    }
    return logs.filled(row.log, values)
