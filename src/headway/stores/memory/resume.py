"""What a live client missed, from memory."""

from collections.abc import Sequence
from itertools import groupby

from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.stores.memory.rows import Rows


def changed_since(
    rows: Rows,
    seq: Seq,
    selection: Selection,
    visibility: Visibility,
    *,
    job: JobId | None,
    limit: int,
) -> Sequence[Written] | None:
    """Read what changed after ``seq``; see Store.changed_since."""
    if seq < rows.floor or seq > rows.seq:
        return None
    if job is None and rows.groups.has_changed(selection, seq):
        return None
    below = rows.groups.below_all(selection)
    shown = {
        one.id: one
        for one in rows.jobs.values()
        if visibility.covers(one)
        and (one.id == job if job is not None else selection.matches(one, below))
    }
    gone = [
        Written(seq=one.seq, gone=(one.id,))
        for one in rows.jobs.values()
        if job is None
        and one.seq > seq
        and one.rev > 1
        and one.id not in shown
        and (selection.children or one.parent == selection.parent)
        and all(within.holds(one.id, below[within]) for within in selection.groups)
        and visibility.covers(one)
    ]
    missed = sorted([*_missed(rows, seq, shown), *gone], key=lambda one: one.seq)
    if (
        sum(
            len(one.jobs)
            + len(one.gone)
            + len(one.workers)
            + len(one.events)
            + bool(one.counters_of)
            for one in missed
        )
        > limit
    ):
        return None
    return [_merged(seq_, list(same)) for seq_, same in groupby(missed, key=lambda one: one.seq)]


def _missed(rows: Rows, seq: Seq, shown: dict[JobId, Job]) -> list[Written]:
    jobs = [Written(seq=job.seq, jobs=(job,)) for job in shown.values()]
    workers = [
        Written(seq=worker.seq, workers=(worker,))
        for job_id in shown
        for _, worker in sorted(rows.workers.get(job_id, {}).items())
    ]
    counters = [
        Written(seq=rows.counters_seq[job_id], counters=rows.counters[job_id], counters_of=job_id)
        for job_id in shown
        if job_id in rows.counters_seq
    ]
    events = [
        Written(seq=event.seq, events=(event,)) for event in rows.events if event.job in shown
    ]
    return [one for one in (*jobs, *workers, *counters, *events) if one.seq > seq]


def _merged(seq: Seq, same: Sequence[Written]) -> Written:
    counted = next((one for one in same if one.counters_of is not None), Written(seq=seq))
    return Written(
        seq=seq,
        jobs=tuple(job for one in same for job in one.jobs),
        gone=tuple(job_id for one in same for job_id in one.gone),
        workers=tuple(worker for one in same for worker in one.workers),
        counters=counted.counters,
        counters_of=counted.counters_of,
        events=tuple(event for one in same for event in one.events),
    )
