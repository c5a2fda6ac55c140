"""A plan in the making: what one Change will write, and what will be known once it stands."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.state import State
from headway.stores.sql import statements
from headway.stores.sql.codes import STATE_CODES
from headway.stores.sql.job_rows import Value, differences
from headway.stores.sql.stored import StoredJob

Statement: TypeAlias = tuple[str, Sequence[Value]]
Row: TypeAlias = tuple[Value, ...]


class Plan(NamedTuple):
    """What one Change will write: statements in their order, and rows of the kinds that come in masses.

    Rows of new jobs, of their labels and of deliveries are written before all statements, which may change them, and before
    ``updates``, the columns of jobs' rows that change, by the jobs' numbers; workers' rows after all statements, but for
    those that ``workers_gone``, a job's number, drops from the plans before this one.
    """

    statements: Sequence[Statement]
    jobs: Sequence[Row]
    updates: Mapping[int, Mapping[str, Value]]
    attempts: Mapping[tuple[int, int], Row]
    labels: Sequence[Row]
    events: Sequence[Row]
    deliveries: Sequence[Row]
    workers: Mapping[tuple[int, WorkerId], Row]
    workers_gone: int | None = None


class Draft(msgspec.Struct, kw_only=True):
    """What will be written and known, as far as it has come."""

    seq: Seq
    number: int
    statements: list[Statement] = []
    new_jobs: list[Row] = []
    updates: dict[int, dict[str, Value]] = {}
    attempts: dict[tuple[int, int], Row] = {}
    new_labels: list[Row] = []
    events: list[Row] = []
    deliveries: list[Row] = []
    delivery_revs: dict[tuple[Seq, int], int] = {}
    workers: dict[tuple[int, WorkerId], Row] = {}
    jobs: dict[JobId, StoredJob] = {}
    left: list[State] = []  # by jobs that were in them
    specs: dict[str, tuple[int, int, str]] = {}
    names: set[tuple[str, ...]] = msgspec.field(default_factory=set)

    def add(self, sql: str, values: Sequence[Value]) -> None:
        """Have one more statement run."""
        self.statements.append((sql, values))


def update_row(draft: Draft, before: StoredJob, after: StoredJob) -> None:
    """Have a job's row made another."""
    columns = differences(before.job, after.job)
    if before.spec != after.spec:
        columns["spec"] = after.spec
    draft.updates.setdefault(after.job.number, {}).update(columns)


def relabel(draft: Draft, before: Job, after: Job) -> None:
    """Have a job's labels made others; their rows have its state too."""
    if not after.labels and not before.labels:
        return
    old, new = label_rows(before, after.number), label_rows(after, after.number)
    for row in old - new:
        draft.add(statements.DELETE_LABEL, row)
    for row in new - old:
        draft.add(statements.INSERT_LABEL, row)


def label_rows(job: Job, number: int) -> set[Row]:
    """Give the rows of a job's labels."""
    if not job.labels:
        return set()
    return {
        (label, int(job.parent is not None), STATE_CODES[job.state], number) for label in job.labels
    }
