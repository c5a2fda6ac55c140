"""The operation on a job's counters: its own numbers and words, in its own order."""

from collections.abc import Sequence

from headway.core.core import Core
from headway.core.model.change import Change, CounterPatch
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.worker import Counter
from headway.core.operations.apply import apply
from headway.core.policy.access import require
from headway.lib.jsonvalue import JsonValue


async def patch_counters(
    core: Core,
    *,
    actor: Principal,
    protocol: str,  # noqa: ARG001 -- every operation that changes something takes it; counters make no event
    job_id: JobId,
    values: Sequence[tuple[str, JsonValue, str | None]],
    replace: bool = False,
) -> list[Counter]:
    """Set counters (key, value, colour); None as the value deletes. With ``replace`` all others go. Durable on return.

    A counter keeps its place when it is set again. Like progress, counters are not news and do not raise the job's rev.

    Raises:
        NotFound: no such job, or none that the actor may report on.
        InvalidRequest: the job would have too many counters, or too much text in them.
        StorageFull: no space; nothing was changed.
    """

    def decide(job: Job) -> Change:
        require(actor, Scope.REPORT, job)
        patch = CounterPatch(job=job.id, values=tuple(values), replace=replace, at=core.clock.now())
        return Change(counters=patch)

    await apply(core, job_id=job_id, decide=decide)
    return await core.store.counters(job_id)
