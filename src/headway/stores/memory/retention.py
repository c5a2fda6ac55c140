"""Forgetting, in memory."""

from datetime import datetime, timedelta
from itertools import takewhile

from headway.core.model.change import Retention
from headway.core.model.delivery import DeliveryState
from headway.core.model.job import Job
from headway.stores.memory.rows import Rows


def forget(rows: Rows, retention: Retention, *, at: datetime, limit: int) -> int:
    """Delete what is too old, at most ``limit`` rows; see Store.forget."""
    left = limit
    left -= _forget_keys(rows, retention, at, left)
    left -= _forget_events(rows, retention, at, left)
    left -= _forget_deliveries(rows, retention, at, left)
    left -= _forget_detail(rows, retention, at, left)
    left -= _forget_groups(rows, retention, at, left)
    left -= _forget_jobs(rows, retention, at, left)
    return limit - left


def _before(at: datetime, age: timedelta | None) -> datetime | None:
    return None if age is None else at - age


def _ended(rows: Rows, before: datetime | None) -> list[Job]:
    if before is None:
        return []
    ended = [job for job in rows.jobs.values() if job.ended is not None and job.ended < before]
    return sorted(ended, key=lambda job: (job.ended, job.number))


def _forget_keys(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    before = at - retention.request_keys
    old = sorted((key.at, name) for name, key in rows.keys.items() if key.at < before)
    for _, name in old[:left]:
        del rows.keys[name]
    return len(old[:left])


def _forget_events(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    before = _before(at, retention.events)
    if before is None:
        return 0
    old = list(takewhile(lambda event: event.time < before, rows.events))[:left]
    rows.events = rows.events[len(old) :]
    rows.floor = max(rows.floor, old[-1].seq) if old else rows.floor
    return len(old)


def _forget_deliveries(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    before = _before(at, retention.events)
    if before is None:
        return 0
    oldest = list(rows.deliveries.items())[:left]
    old = takewhile(lambda item: item[1].event.time < before, oldest)
    gone = [key for key, one in old if one.state is not DeliveryState.WAITING]
    for key in gone:
        del rows.deliveries[key]
    return len(gone)


def _forget_detail(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    went = 0
    for job in _ended(rows, _before(at, retention.detail)):
        workers = rows.workers.get(job.id, {})
        for worker_id in sorted(workers)[: left - went]:
            del workers[worker_id]
            went += 1
    return went


def _forget_jobs(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    parents = {job.parent for job in rows.jobs.values()}
    old = [job for job in _ended(rows, _before(at, retention.jobs)) if job.id not in parents]
    for job in old[:left]:
        rows.drop_job(job.id)
        rows.floor = rows.seq
    return len(old[:left])


def _forget_groups(rows: Rows, retention: Retention, at: datetime, left: int) -> int:
    before = _before(at, retention.detail)
    went = 0 if before is None else rows.groups.forget_loose(before, at, left)
    rows.floor = rows.seq if went else rows.floor
    return went
