"""What is read of deliveries, from memory."""

from collections.abc import Set as AbstractSet

from headway.core.model.delivery import Backlog, Delivery, DeliveryState
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Visibility
from headway.stores.memory.rows import Rows


def backlogs(rows: Rows) -> list[Backlog]:
    """Read which callbacks have deliveries waiting; see Store.backlogs."""
    first: dict[tuple[JobId, int], Delivery] = {}
    for one in rows.deliveries.values():
        if one.state is DeliveryState.WAITING:
            first.setdefault((one.job, one.place), one)
    found = [
        Backlog(job=one.job, place=one.place, origin=one.origin, due=one.due)
        for one in first.values()
    ]
    return sorted(found, key=lambda one: one.due)


def next_delivery(rows: Rows, job_id: JobId, place: int) -> Delivery | None:
    """Read a callback's first waiting delivery; see Store.next_delivery."""
    waiting = _of_callback(rows, job_id, place, DeliveryState.WAITING)
    return waiting[0] if waiting else None


def last_word(rows: Rows, job_id: JobId, place: int) -> str:
    """Read what a callback was told last; see Store.last_word."""
    told = _of_callback(rows, job_id, place, DeliveryState.DELIVERED)
    return told[-1].word if told else ""


def deliveries(
    rows: Rows,
    visibility: Visibility,
    *,
    job: JobId | None,
    states: AbstractSet[DeliveryState],
    before: tuple[Seq, int] | None,
) -> list[Delivery]:
    """Read deliveries, the newest event first; see Store.deliveries."""
    return [
        one
        for key, one in reversed(rows.deliveries.items())
        if (before is None or key < before)
        and (job is None or one.job == job)
        and (not states or one.state in states)
        and visibility.covers(rows.jobs[one.job])
    ]


def _of_callback(rows: Rows, job_id: JobId, place: int, state: DeliveryState) -> list[Delivery]:
    return [
        one
        for one in rows.deliveries.values()
        if one.job == job_id and one.place == place and one.state is state
    ]
