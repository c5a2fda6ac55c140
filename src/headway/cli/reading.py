"""What a server told, as the core's own values, which the views draw."""

import math
from datetime import datetime

from headway.core.model.job import CancelRequest, Job, JobError, Kind
from headway.core.model.names import Cluster, JobId, NativeId, WorkerId
from headway.core.model.spec import Spec
from headway.core.model.state import Reason
from headway.core.model.worker import Tally
from headway.core.model.worker import Worker as CoreWorker
from headway.sdk.model import JobDocument, JobSummary, Worker

#: With this floor a worker is stalled exactly when the server said so (see ``core_worker``).
STALLED_FLOOR_S = 0.0


def core_job(job: JobSummary) -> Job:
    """Give a job for the views. A kind or reason that is new to us is left out."""
    return Job(
        id=JobId(job.id),
        number=job.number,
        kind=Kind(job.kind) if job.kind in set(Kind) else Kind.COMMAND,
        protocol=job.protocol,
        owner=job.owner,
        name=job.name,
        spec=Spec(command=job.command if isinstance(job, JobDocument) else ()),
        state=job.state,
        reason=Reason(job.reason) if job.reason in set(Reason) else None,
        status_text=job.status_text,
        cancel=None if job.cancel is None else CancelRequest(by=job.cancel.by, at=job.cancel.at),
        exit_code=job.exit_code,
        signal=job.signal,
        error=None
        if job.error is None
        else JobError(type=job.error.type, message=job.error.message),
        labels=job.labels,
        cluster=None if job.cluster is None else Cluster(job.cluster),
        native_id=None if job.native_id is None else NativeId(job.native_id),
        attempt=job.attempt,
        worker_count=job.workers.announced,
        created=job.created,
        queued=job.queued,
        started=job.started,
        ended=job.ended,
        updated=job.updated,
    )


def tally_of(job: JobSummary) -> Tally:
    """Give a job's workers in numbers, for the views."""
    return Tally(
        workers=job.workers.count,
        finished=job.workers.finished,
        not_ok=job.workers.not_ok,
        progress=job.progress,
        children=dict(job.children),
    )


def core_worker(worker: Worker, job_id: str, *, at: datetime) -> CoreWorker:
    """Give a worker for the views.

    How far apart its reports are is known to the server only. So its word on whether the worker is stalled is kept: with
    an interval without end it never is, without any it is at once.
    """
    updated = worker.updated or at
    first_seen = worker.first_seen or updated
    done = (worker.rate_per_s or 0.0) * (updated - first_seen).total_seconds()
    return CoreWorker(
        job=JobId(job_id),
        id=WorkerId(worker.id),
        current=worker.current,
        total=worker.total,
        ok=worker.ok,
        desc=worker.desc,
        first_seen=first_seen,
        first_current=worker.current - done,
        updated=updated,
        interval_s=None if worker.stalled else math.inf,
    )
