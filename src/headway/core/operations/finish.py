"""The operation finish: the client of a job that only reports says that it has ended, and how."""

from headway.core.core import Core
from headway.core.errors import Conflict, InvalidRequest
from headway.core.model.change import Change
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Job, JobError, Usage
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason, State
from headway.core.operations.apply import apply
from headway.core.policy.access import require


async def finish(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    job_id: JobId,
    exit_code: int | None = None,
    signal: int | None = None,
    message: str = "",
    usage: Usage | None = None,
) -> Job:
    """End a job that only reports; with neither exit code nor signal it has succeeded. Durable on return.

    What the client says wins over an end that Headway had concluded by itself. Saying the same again changes nothing.

    Raises:
        InvalidRequest: both an exit code and a signal.
        NotFound: no such job, or none that the actor may report on.
        Conflict: something of ours runs the job, it was cancelled, or it was said before to have ended otherwise.
        StorageFull: no space; nothing was changed.
    """
    if exit_code is not None and signal is not None:
        raise InvalidRequest("give exit_code or signal, not both", field="signal")

    def decide(job: Job) -> Change | None:
        require(actor, Scope.REPORT, job)
        if not job.only_reports:
            raise Conflict(f"job {job.id} is run by {job.cluster}, which knows itself how it ends")
        state, reason = _end(exit_code, signal, message)
        if _said_already(job, state, exit_code, signal):
            return None
        fields = {
            "exit_code": exit_code,
            "signal": signal,
            "error": JobError(type=str(reason), message=message) if message else None,
            "usage": usage or job.usage,
        }
        now = core.clock.now()
        if job.state.is_final:
            _check_open(job)
            ended = job.corrected(state, at=now, reason=reason, **fields)
        else:
            ended = job.moved_to(state, at=now, reason=reason, **fields)
        kind = EventType.CORRECTED if job.state.is_final else of_state(state)
        data = {"exit_code": exit_code, "signal": signal}
        event = Event(
            job=job.id, time=now, type=kind, actor=actor.name, protocol=protocol, data=data
        )
        return Change(jobs=(ended,), events=(event,))

    return await apply(core, job_id=job_id, decide=decide)


def _end(exit_code: int | None, signal: int | None, message: str) -> tuple[State, Reason | None]:
    if signal is not None:
        return State.FAILED, Reason.SIGNAL
    if exit_code:
        return State.FAILED, Reason.NONZERO_EXIT
    if exit_code is None and message:
        return State.FAILED, Reason.EXCEPTION
    return State.SUCCEEDED, None


def _said_already(job: Job, state: State, exit_code: int | None, signal: int | None) -> bool:
    return job.state is state and job.exit_code == exit_code and job.signal == signal


def _check_open(job: Job) -> None:
    if job.state is State.CANCELLED or job.exit_code is not None or job.signal is not None:
        raise Conflict(f"job {job.id} has ended already: it is {job.state}")
