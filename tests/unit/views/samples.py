"""Jobs and workers for the tests of pictures and words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId, WorkerId
from headway.core.model.state import State
from headway.core.model.worker import Tally, Worker

AT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
JOB_ID = JobId("019a0000-0000-7000-8000-000000000001")


def job(name: str = "Demo", **fields: object) -> Job:
    """Give a job that reports and has been running for ten minutes."""
    running = Job(
        id=JOB_ID,
        number=17,
        kind=Kind.REPORT,
        protocol="progress",
        owner="kim",
        name=name,
        state=State.RUNNING,
        created=AT - timedelta(minutes=11),
        started=AT - timedelta(minutes=10),
        updated=AT,
    )
    return msgspec.structs.replace(running, **fields)


def worker(
    name: str = "w1",
    current: float = 25,
    total: float | None = 100,
    *,
    ok: bool = True,
    desc: str = "",
    silent_s: float = 1,
) -> Worker:
    """Give a worker that began ten minutes ago at 0."""
    return Worker(
        job=JOB_ID,
        id=WorkerId(name),
        current=current,
        total=total,
        ok=ok,
        desc=desc,
        first_seen=AT - timedelta(minutes=10),
        first_current=0,
        updated=AT - timedelta(seconds=silent_s),
        interval_s=2,
    )


def workers(count: int) -> list[Worker]:
    """Give many workers: each 7th done, each 11th with a problem, each 13th stalled."""
    return [
        worker(
            f"node{n}",
            100 if n % 7 == 0 else n * 37 % 100,
            ok=n % 11 != 0,
            desc=f"step {n}",
            silent_s=300 if n % 13 == 0 else 1,
        )
        for n in range(1, count + 1)
    ]


def tally(of: Sequence[Worker]) -> Tally:
    """Count the workers as a store would."""
    fractions = [one.fraction for one in of if one.fraction is not None]
    return Tally(
        workers=len(of),
        finished=sum(one.finished for one in of),
        not_ok=sum(not one.ok for one in of),
        progress=sum(fractions) / len(fractions) if fractions else None,
        last=AT,
    )
