"""The job as the store has it, and its attempts."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

import msgspec

from headway.core.errors import Conflict
from headway.core.model.callback import Callback
from headway.core.model.names import Cluster, JobId, NativeId, Seq, Tag, tag_of
from headway.core.model.spec import Spec
from headway.core.model.state import REASONS, Reason, State, check_step
from headway.lib.jsonvalue import JsonObject, JsonValue


class Kind(StrEnum):
    """What a job is."""

    REPORT = "report"  #: runs elsewhere and only tells us
    COMMAND = "command"  #: an argv on a cluster
    ADOPTED = "adopted"  #: a cluster runs it, and Headway did not hand it over: it is looked at, and nothing else
    SCRIPT = "script"
    FUNCTION = "function"
    PROCESS = "process"


# Python 3.11 looks for a member by way of two functions, and these two are asked for many times a request.
_REPORT: Final = Kind.REPORT
_ADOPTED: Final = Kind.ADOPTED


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants the job to end. Stored before anything is done about it."""

    by: str
    at: datetime
    reason: Reason = Reason.BY_USER
    keep_outputs: bool = True  #: False: its sandbox goes with it, whatever the policy


class JobError(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, in words."""

    type: str
    message: str
    traceback: str = ""


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a job used. Seconds and bytes; None where nobody measured."""

    cpu_s: float | None = None
    max_memory_bytes: int | None = None
    wall_s: float | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job comes from, when it was made after another one."""

    job: JobId
    how: str  #: "clone"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to run a job. ``no`` is 1 and up; times are None until they happened.

    Attributes:
        state: how far it came; ``reason`` and ``message`` say why it ended so.
    """

    job: JobId
    no: int
    cluster: Cluster
    native_id: NativeId | None = None
    native_state: str = ""
    native_info: JsonObject = msgspec.field(default_factory=dict)
    host: str = ""
    sent: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    usage: Usage | None = None
    state: State | None = None
    reason: Reason | None = None
    message: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A job. Frozen: a change makes a new Job with ``rev`` one higher.

    Attributes:
        number: the short global integer; 0 until the store gave it one.
        owner: the user it belongs to; "" for nobody in particular.
        protocol: the protocol it came by.
        status_text: the job's own free words; never drives the state by itself.
        extra: a free JSON object that protocols' clients may merge into.
        max_age_s: a report-only job that has not reported for so long has expired.
        native_id: the executor's own id of the present attempt; for people, never a key.
        worker_count: how many workers a report-only job announced; None when it did not.
        origin: the job that this one was made after.
        callbacks: who is told of its changes of state; a place in this tuple names one for good.
        will_finish: a report-only job will say itself when it has ended; nobody concludes it from its workers.
        rev: rises by one with each change of this document, not with progress. 1 is the first.
        seq: the global sequence of its last change; 0 until stored.
    """

    id: JobId
    number: int = 0
    kind: Kind
    protocol: str
    owner: str
    project: str | None = None
    parent: JobId | None = None
    index: int | None = None
    name: str = ""
    spec: Spec = Spec()
    state: State = State.ACCEPTED
    reason: Reason | None = None
    status_text: str = ""
    cancel: CancelRequest | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: JobError | None = None
    inputs: JsonObject = msgspec.field(default_factory=dict)
    outputs: JsonObject = msgspec.field(default_factory=dict)
    result: JsonValue = None
    extra: JsonObject = msgspec.field(default_factory=dict)
    labels: tuple[str, ...] = ()
    url: str | None = None
    cluster: Cluster | None = None
    attempt: int = 1
    native_id: NativeId | None = None
    worker_count: int | None = None
    max_age_s: float | None = None
    will_finish: bool = False
    origin: Origin | None = None
    callbacks: tuple[Callback, ...] = ()
    created: datetime
    queued: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    updated: datetime
    usage: Usage | None = None
    expires: datetime | None = None
    hidden: datetime | None = None
    rev: int = 1
    seq: Seq = Seq(0)

    @property
    def tag(self) -> Tag:
        """What the present attempt is called in its executor."""
        return tag_of(self.id, self.attempt)

    @property
    def is_array(self) -> bool:
        """Tell whether this job is its elements' parent and runs nothing itself."""
        return self.spec.array is not None and self.index is None

    @property
    def only_reports(self) -> bool:
        """Tell whether nothing of ours runs this job."""
        return self.kind is _REPORT

    @property
    def is_adopted(self) -> bool:
        """Tell whether it was handed to its cluster by hand: Headway can neither end it nor run it again."""
        return self.kind is _ADOPTED

    @property
    def has_log(self) -> bool:
        """Tell whether it has a log of its own: not one that only reports, nor an array, whose elements have theirs."""
        return not (self.only_reports or self.is_array)

    @property
    def has_stderr(self) -> bool:
        """Tell whether the log of its standard error is kept apart; of a job that was handed over by hand it is not read."""
        return self.has_log and not self.is_adopted

    def changed(self, *, at: datetime, **fields: object) -> Self:
        """Give the job with other values in some fields that are not the state's."""
        return msgspec.structs.replace(self, **{"updated": at, "rev": self.rev + 1, **fields})

    def moved_to(
        self, state: State, *, at: datetime, reason: Reason | None = None, **fields: object
    ) -> Self:
        """Give the job one step further; the times of the state are set to ``at``.

        Raises:
            Conflict: the step or the reason is not allowed (see ``check_step``).
        """
        check_step(self.state, state, reason)
        return self.changed(
            at=at, state=state, reason=reason, **{**self._times(state, at), **fields}
        )

    def corrected(
        self, state: State, *, at: datetime, reason: Reason | None = None, **fields: object
    ) -> Self:
        """Give the ended job in another final state: evidence came late that it ended so.

        Raises:
            Conflict: the job has not ended, the new state is not final, or has no such reason.
        """
        if not (self.state.is_final and state.is_final and reason in REASONS[state]):
            raise Conflict(f"a job that is {self.state} cannot be corrected to {state} ({reason})")
        return self.changed(at=at, state=state, reason=reason, **fields)

    def reopened(self, *, at: datetime) -> Self:
        """Give an ended job that only reports as running again: a report came after its end.

        Raises:
            Conflict: the job has not ended, or something of ours ran it.
        """
        if not (self.state.is_final and self.only_reports):
            raise Conflict(f"a {self.kind} job that is {self.state} cannot be reopened")
        return self.changed(
            at=at,
            state=State.RUNNING,
            reason=None,
            ended=None,
            exit_code=None,
            signal=None,
            error=None,
            cancel=None,
        )

    def next_attempt(self, *, at: datetime) -> Self:
        """Give the job back at its beginning, with the next attempt's number (requeue, retry).

        What the job said of itself and what came of it belongs to the attempt that is over.
        """
        return self.changed(
            at=at,
            state=State.ACCEPTED,
            reason=None,
            attempt=self.attempt + 1,
            native_id=None,
            status_text="",
            outputs={},
            result=None,
            cancel=None,
            exit_code=None,
            signal=None,
            error=None,
            usage=None,
            queued=None,
            started=None,
            ended=None,
        )

    def put_back(
        self,
        state: State,
        *,
        at: datetime,
        native_id: NativeId | None,
        reason: Reason | None = None,
    ) -> Self:
        """Give the job as its next attempt, which its executor has in its queue or which is to be sent again.

        A wish that it end stays.

        Raises:
            Conflict: the state is none to wait in, or has no such reason.
        """
        if state not in {State.ACCEPTED, State.QUEUED} or reason not in REASONS[state]:
            raise Conflict(f"no attempt can begin as {state} ({reason})")
        return msgspec.structs.replace(
            self.next_attempt(at=at),
            state=state,
            reason=reason,
            native_id=native_id,
            queued=at if state is State.QUEUED else None,
            cancel=self.cancel,
        )

    def _times(self, state: State, at: datetime) -> dict[str, datetime]:
        if state is self.state:
            return {}
        if state is State.QUEUED:
            return {"queued": at}
        if state is State.RUNNING:
            return {"started": self.started or at}
        return {"ended": at} if state.is_final else {}
