"""What a job asked for beside what it used, in one sentence, and what to ask for next time."""

import math
from typing import Final

import msgspec

from headway.core.model.job import Job
from headway.core.model.spec import Resources
from headway.core.model.state import Reason, State
from headway.views.words import number, size

_TOO_SHORT_S: Final = (
    10.0  #: starting up is most of what such a job did: nothing can be learnt from it
)
_MEMORY_SPARE: Final = 1.25
_MUCH_LESS: Final = 0.6  #: of what was asked: below, asking for less is worth saying
_ALONE: Final = 1.5  #: cores: a job that uses no more has one busy process
_STEP_BYTES: Final = 256 << 20


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for and what was used; None where nothing was asked, or nobody measured.

    Attributes:
        words: ``asked for 64.0 GiB, its largest process used 3.1 GiB; asked for 16 cores, used 1.1``.
        cpu_asked: cores in all.
        cpu_used: cores on average: CPU time by wall time.
        memory_used_bytes: the largest resident size of any one of its processes.
        suggest: what to ask for next time; None when that cannot be told, or what was asked is about right.
    """

    words: str
    cpu_asked: int | None
    cpu_used: float | None
    memory_asked_bytes: int | None
    memory_used_bytes: int | None
    suggest: str | None


def efficiency(job: Job) -> Efficiency | None:
    """Compare what an ended job asked for with what it used; None when there is nothing to compare."""
    if not job.state.is_final or job.usage is None:
        return None
    wall_s = _wall_s(job)
    cores, memory = cores_asked(job.spec.resources), job.spec.resources.memory
    cpu_s, used_bytes = job.usage.cpu_s, job.usage.max_memory_bytes
    used_cores = cpu_s / wall_s if cpu_s is not None and wall_s else None
    parts: list[str] = []
    if memory is not None and used_bytes is not None:
        parts.append(f"asked for {size(memory)}, its largest process used {size(used_bytes)}")
    if cores is not None and used_cores is not None:
        parts.append(f"asked for {_cores(cores)}, used {number(round(used_cores, 1))}")
    if not parts:
        return None
    return Efficiency(
        words="; ".join(parts),
        cpu_asked=cores,
        cpu_used=None if used_cores is None else round(used_cores, 3),
        memory_asked_bytes=memory,
        memory_used_bytes=used_bytes,
        suggest=_suggestion(job, wall_s, cores=cores, used_cores=used_cores),
    )


def cores_asked(resources: Resources) -> int | None:
    """Give how many CPU cores were asked for in all; None when none were. A process without a word on it has one."""
    processes = resources.process_count
    if processes is None and resources.processes_per_node is not None:
        processes = resources.processes_per_node * (resources.node_count or 1)
    if processes is None and resources.cpu_cores_per_process is None:
        return None
    return (processes or 1) * (resources.cpu_cores_per_process or 1)


def _suggestion(
    job: Job, wall_s: float | None, *, cores: int | None, used_cores: float | None
) -> str | None:
    asked, used = job.spec.resources.memory, job.usage and job.usage.max_memory_bytes
    if job.reason is Reason.OUT_OF_MEMORY and asked is not None:
        return f"It ran out of memory: next time ask for {size(2 * asked)}."
    if job.state is not State.SUCCEEDED or wall_s is None or wall_s < _TOO_SHORT_S:
        return None
    wanted: list[str] = []
    # Only one process's memory was measured: of several at once the sum is not known.
    if asked and used and used_cores is not None and used_cores <= _ALONE:
        enough = math.ceil(used * _MEMORY_SPARE / _STEP_BYTES) * _STEP_BYTES
        if enough < _MUCH_LESS * asked:
            wanted.append(f"{size(enough)} of memory")
    if cores is not None and used_cores is not None:
        few = max(1, math.ceil(used_cores))
        if few < cores and used_cores < _MUCH_LESS * cores:
            wanted.append(_cores(few))
    return f"Next time {' and '.join(wanted)} would do." if wanted else None


def _wall_s(job: Job) -> float | None:
    """Give for how long the job ran, above 0."""
    measured = job.usage and job.usage.wall_s
    if measured is None and job.started is not None and job.ended is not None:
        measured = (job.ended - job.started).total_seconds()
    return measured or None


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count:,} cores"
