"""Where jobs run. The port is batched, and an executor keeps nothing worth losing.

A native job is known by its *tag* (job id and attempt): the executor puts the tag on whatever it makes, and can find it again
by it. Native ids are for people and for the executor itself: they are recycled, so they are never keys.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

from headway.core.model.job import JobError, Kind, Usage
from headway.core.model.names import NativeId, Tag
from headway.core.model.result import Returned
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State

if TYPE_CHECKING:
    from headway.core.ports.foreign import ForeignJobs


class Stream(StrEnum):
    """A job's two outputs, kept apart as bytes."""

    STDOUT = "stdout"
    STDERR = "stderr"


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of an array's element, and what Headway adds to its environment beside the launch's."""

    tag: Tag
    environment: Mapping[str, str]


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to be started.

    Attributes:
        environment: what Headway adds for this attempt (HEADWAY_URL and its kin); the spec's own wins over none of these.
        elements: several attempts that are to be one native array; ``tag`` is then that of the first. Only executors that
            take arrays get any; empty for a single attempt.
        owner: the user whose job it is; "" for nobody in particular.
        key: what the owner's functions are signed with; "" for a job that is no function. Not to be shown to the job.
    """

    tag: Tag
    name: str
    spec: Spec
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    elements: Sequence[Element] = ()
    owner: str = ""
    key: str = ""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that the executor will never run, and why, in words for the user."""

    tag: Tag
    message: str


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor says of one attempt. It may say the same again; a later word never contradicts a final one.

    Attributes:
        state: the executor's word, in ours.
        again: this attempt is over and the job is not: it is back in ``state``, accepted or queued, as the next attempt. The
            reason and message say why; the executor that put it back into its own queue has it under the next tag from here on.
        native_state: the executor's own word, shown beside ours.
        exit_code: the exit status when the process exited; ``signal`` when it was killed; never both.
        at: when it happened.
        message: fit to show to a user; why it failed or waits.
        result: what a function gave back.
        error: what a function raised; says more than ``message`` can.
    """

    tag: Tag
    state: State
    reason: Reason | None = None
    again: bool = False
    native_id: NativeId | None = None
    native_state: str = ""
    host: str = ""
    exit_code: int | None = None
    signal: int | None = None
    usage: Usage | None = None
    started: datetime | None = None
    at: datetime
    message: str = ""
    result: Returned | None = None
    error: JobError | None = None


class LogPart(msgspec.Struct, frozen=True, kw_only=True):
    """Some bytes of a log. ``size`` is the whole log's size now."""

    data: bytes
    size: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor knows now of why an attempt is where it is. Nothing of it is stored.

    Attributes:
        word: the executor's own word for its state; ``why`` its own reason, in its own words.
        expected_start: its estimate; None when it gives none.
        position: its place in the queue, 1 and up.
    """

    native_id: NativeId | None = None
    word: str = ""
    why: str = ""
    expected_start: datetime | None = None
    position: int | None = None
    queue: str = ""
    host: str = ""
    at: datetime


class Executor(Protocol):
    """Runs jobs. Every call is bounded by the executor's own timeout.

    One lost answer must never become two jobs: after ``ExecutorUnavailable`` from ``submit`` the core asks ``find`` before it
    sends the same tag again, and a tag that the executor already has is not started a second time.
    """

    async def start(self) -> None:
        """Connect, and take up again what runs from before.

        Raises:
            ExecutorUnavailable: not now; called again later.
        """
        ...

    def room(self) -> int:
        """Tell how many more attempts it would take now; those of a ``submit`` count from its call on, answered or not."""
        ...

    def takes(self, kind: Kind) -> bool:
        """Tell whether it runs jobs of this kind: commands, functions."""
        ...

    def array_limit(self) -> int:
        """Tell how many elements of one array it takes as one launch; 0 where each is launched by itself."""
        ...

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Tell which of the things that a spec asks for this executor takes no notice of: ``resources.memory``.

        The job runs all the same, without them.
        """
        ...

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Hand attempts over. When this returns, the executor has all but the refused ones.

        Called again while others are not answered yet.

        Raises:
            ExecutorUnavailable: not known which of them arrived; ask ``find``.
        """
        ...

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which of the tags this executor has or had; their observations come (again) through ``observations``.

        Raises:
            ExecutorUnavailable: the executor could not be asked.
        """
        ...

    def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what happens, in batches, for ever; after ``start`` first what happened while nobody listened.

        An observation is repeated after a restart until it was acknowledged by ``settled``.
        """
        ...

    async def settled(self, tags: Collection[Tag]) -> None:
        """Hear that the final states of these attempts are durable in the store: their records may go (not their logs)."""
        ...

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Ask for their end, politely first and then by force, the whole tree; unknown or ended ones are no error.

        Raises:
            ExecutorUnavailable: the executor could not be asked; the core asks again.
        """
        ...

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Hear from inside an attempt that it has begun or ended; it may be untrue, and is ignored when it is no record."""
        ...

    def hurry(self) -> None:
        """Hear that somebody looks at jobs here now, so that news of the next seconds matters more than load does."""
        ...

    async def explain(self, tag: Tag) -> Explanation | None:
        """Tell why an attempt is where it is, from what is known here without asking; None when nothing is."""
        ...

    async def native_detail(self, tag: Tag) -> str:
        """Ask for all that the executor itself has to say of an attempt, in its own words.

        Raises:
            NotFound: it has nothing (any more).
            ExecutorUnavailable: it could not be asked.
        """
        ...

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read at most ``limit`` bytes from ``offset``; empty at or past the end, or before anything was written.

        Raises:
            NotFound: this executor has no log of that attempt.
            ExecutorUnavailable: the log cannot be reached now.
        """
        ...

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the logs and directories of these ended attempts."""
        ...

    def foreign(self) -> "ForeignJobs | None":
        """Give what is seen here of jobs that Headway did not hand over; None where there are no others to be seen."""
        ...

    async def close(self) -> None:
        """Let go of what is held here; running jobs run on."""
        ...
