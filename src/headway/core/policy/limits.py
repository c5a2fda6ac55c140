"""A job's two limits of time: on its running, and on all of it from its submission. Pure."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from headway.core.model.job import Job
from headway.core.model.spec import Spec


def deadline(job: Job) -> datetime | None:
    """Tell when a job is out of time, waiting included; None for never. A later attempt has waited for somebody: it has none."""
    limit_s = job.spec.attributes.total_duration
    if limit_s is None or job.attempt > 1:
        return None
    try:
        return job.created + timedelta(seconds=limit_s)
    except OverflowError:
        return None


def run_limit_s(job: Job, *, at: datetime) -> float | None:
    """Tell for how many seconds a job that starts at a time may run: by its own limit and by what is left of the total one."""
    attributes = job.spec.attributes
    end = deadline(job)
    left_s = attributes.total_duration if end is None else max(0.001, (end - at).total_seconds())
    limits_s = [limit for limit in (attributes.duration, left_s) if limit is not None]
    return min(limits_s, default=None)


def limited(spec: Spec, duration: float | None) -> Spec:
    """Give a spec with a limit on its running."""
    if duration == spec.attributes.duration:
        return spec
    return replace(spec, attributes=replace(spec.attributes, duration=duration))
