"""What else is known of why a job is where it is: the scheduler's words, its place, what was asked and used. Pure."""

from collections.abc import Iterator
from typing import Final

from headway.core.model.job import Job
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Explanation
from headway.views.advice import may_be_memory, was_killed
from headway.views.clean import clean
from headway.views.efficiency import cores_asked
from headway.views.scheduler_hints import Hint
from headway.views.signals import exit_code_meaning, signal_meaning
from headway.views.standing import Known
from headway.views.words import count, duration, ending, moment, rough, size

_MOST_CHARACTERS: Final = 1000
_WAITS: Final = frozenset({State.ACCEPTED, State.QUEUED})
#: Where the executor's message says what the headline does, and only what stands in parentheses is the scheduler's own.
_SAID_BY_HEADLINE: Final = frozenset(
    {Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.NODE_FAIL, Reason.PREEMPTED}
)
#: However soon its scheduler expects it to start.
_NEVER_BY_ITSELF: Final = frozenset({Reason.HELD, Reason.CANNOT_START})
_SAYS_NOTHING: Final = frozenset({Reason.NONZERO_EXIT, Reason.SIGNAL})
#: What introduces a message that begins with a file's name or is a program's own: it stays as it is written.
_SPEAKS: Final = {Reason.EXCEPTION: "it says: ", Reason.STAGING_FAILED: "the copying says: "}


def circumstances(known: Known, hint: Hint | None) -> Iterator[str]:
    """Give sentences, the most telling first."""
    own = (*_running(known), *_ended(known)) if not known.elements else _elements(known)
    for each in (*_waiting(known, hint), *own, _account(known)):
        if each:
            yield clean(_sentence(each), _MOST_CHARACTERS)


def _account(known: Known) -> str:
    """Say as whom it runs, where that is not who asked for it."""
    if known.runs_as in {"", known.job.owner}:
        return ""
    return f"it {'ran' if known.job.state.is_final else 'runs'} as the account {known.runs_as}"


def _waiting(known: Known, hint: Hint | None) -> Iterator[str]:
    job, native = known.job, known.native
    if job.state.is_final:
        return
    if known.comes_after:
        others = (f"job {one.number} ({one.state})" for one in known.comes_after)
        yield f"it comes after {', '.join(others)}"
    if known.trouble:
        yield f"of the cluster {job.cluster} the server says: {known.trouble}"
    said = ", ".join(each for each in (known.word, known.said) if each)
    of_one = " of one element" if known.elements else ""
    if said and (known.said or job.state is State.QUEUED):
        yield f"{known.scheduler} says{of_one}: {said}"
    if job.state not in _WAITS or native is None:
        return
    if native.position is not None and not known.elements:
        yield f"it is number {native.position:,} in the queue"
    if native.expected_start is not None and job.reason not in _NEVER_BY_ITSELF:
        yield _expected(native)
    asked = _asked(known)
    if asked and (job.state is State.QUEUED or hint is not None):
        yield asked


def _expected(native: Explanation) -> str:
    start = native.expected_start or native.at
    left_s = (start - native.at).total_seconds()
    when = f"in about {rough(left_s)}, at {moment(start)}" if left_s > 0 else "at any moment"
    return f"it is expected to start {when}; that may change"


def _asked(known: Known) -> str:
    resources, attributes = known.job.spec.resources, known.job.spec.attributes
    parts: list[str] = []
    if resources.node_count is not None:
        parts.append(count(resources.node_count, "node"))
    cores = cores_asked(resources)
    if cores is not None:
        parts.append(count(cores, "core"))
    if resources.gpu_cores_per_process is not None:
        each = "" if (resources.process_count or 1) == 1 else " for each process"
        parts.append(count(resources.gpu_cores_per_process, "GPU") + each)
    if resources.memory is not None:
        parts.append(f"{size(resources.memory)} of memory")
    if resources.exclusive_node_use:
        parts.append("nodes of its own")
    if attributes.duration is not None:
        parts.append(f"{duration(attributes.duration)} of wall time")
    queue = known.native.queue if known.native else attributes.queue_name or ""
    listed = ", ".join(parts)
    if not queue:
        return listed and f"it asks for {listed}"
    return (
        f"it asks for {listed}, in the queue {queue}" if listed else f"it is in the queue {queue}"
    )


def _elements(known: Known) -> Iterator[str]:
    """Say how many elements of an array are in each state."""
    yield "of its elements " + ", ".join(f"{n:,} {state}" for state, n in known.elements.items())


def _running(known: Known) -> Iterator[str]:
    job = known.job
    if job.state is not State.RUNNING:
        return
    host = known.host
    if host and job.reason is not None:
        yield f"it began on {host}"


def _ended(known: Known) -> Iterator[str]:
    job = known.job
    if job.state not in {State.FAILED, State.CANCELLED}:
        return
    message = job.error.message if job.error is not None else ""
    if job.reason in _SAID_BY_HEADLINE:
        # Executors say it in their words, then the scheduler's in parentheses.
        said = message.partition(" (")[2].removesuffix(")")
        if said:
            yield f"{known.scheduler} says: {said}"
    elif message and job.reason not in _SAYS_NOTHING:
        yield _SPEAKS.get(job.reason, "") + message if job.reason is not None else message
    elif job.reason in _SAYS_NOTHING:
        yield _said_of_the_end(job, message)
    if job.state is State.FAILED:
        yield from _meaning(job)
        yield from _used(job)
        host = known.host
        if host and known.kind != "local":
            yield f"it ran on {host}"


def _said_of_the_end(job: Job, message: str) -> str:
    """Give what an executor says beside the exit code or the signal; "" where that is all."""
    how = (
        f"ended by signal {job.signal}" if job.signal is not None else f"exit code {job.exit_code}"
    )
    return message.removeprefix(f"{how}: ") if message.startswith(f"{how}: ") else ""


def _meaning(job: Job) -> Iterator[str]:
    """Say what its end mostly means, and what is known beside."""
    if job.reason is Reason.SIGNAL and job.signal is not None:
        yield signal_meaning(job.signal)
    elif job.reason is Reason.NONZERO_EXIT and job.exit_code is not None:
        yield exit_code_meaning(job.exit_code)
    elif job.reason is not Reason.OUT_OF_MEMORY:
        how = ending(exit_code=job.exit_code, signal=job.signal)
        yield f"its process ended so: {how}" if how else ""


def _used(job: Job) -> Iterator[str]:
    """Say what it used beside what it had asked for, where that may have been too little."""
    usage = job.usage
    if usage is None:
        return
    asked, used = job.spec.resources.memory, usage.max_memory_bytes
    if used is not None and (may_be_memory(job) or was_killed(job)):
        of = f", and it had asked for {size(asked)} in all" if asked is not None else ""
        yield f"its largest process used {size(used)} of memory{of}"
    limit = job.spec.attributes.duration
    if usage.wall_s is not None and (limit is not None or job.reason is Reason.TIMEOUT):
        of = f" of the {duration(limit)} that it had asked for" if limit is not None else ""
        yield f"it ran for {duration(usage.wall_s)}{of}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")
