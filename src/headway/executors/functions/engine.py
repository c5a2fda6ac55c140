"""What the functions executor asks of an engine, and what an engine tells it. An engine keeps nothing worth losing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from headway.core.model.names import NativeId, Tag
from headway.core.model.spec import Spec
from headway.core.ports.executor import LogPart, Stream
from headway.lib.jsonvalue import JsonValue


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One attempt to run a function.

    Attributes:
        order: what ``runner.run`` takes, plain JSON; holds the owner's key: shown to workers and nobody else.
        pickled: what ``runner.run`` takes beside it; empty for lines of Python and of shell.
        limit_s: wall-time limit; 0 for none.
        rerun: how often it may be run once more when its worker died.
    """

    tag: Tag
    order: Mapping[str, JsonValue]
    pickled: bytes = b""
    limit_s: float = 0.0
    rerun: int = 0


class Where(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where an attempt ran: the engine's own id of it (or of its worker), for people, and the machine."""

    native_id: NativeId | None = None
    host: str = ""
    started: datetime | None = None


class Death(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An attempt that had begun and will never tell its end: its worker died.

    Attributes:
        message: what happened, for the user.
        signal: what killed the worker; None when nobody knows.
        exit_code: with what the function ended the worker; None when it did not.
        cause: ``cancel`` or ``limit`` where it was we who killed it; "" otherwise.
        rerun: as in ``Task``.
    """

    message: str
    signal: int | None = None
    exit_code: int | None = None
    cause: str = ""
    rerun: int = 0


class Listener(Protocol):
    """Whoever wants to know of attempts: the executor. Called in the event loop; must not block. Repeating is no harm."""

    def began(self, tag: Tag, where: Where) -> None:
        """Hear that it runs. One that ends within some hundredths of a second need not be told of before its end."""
        ...

    def ended(self, tag: Tag, where: Where, outcome: bytes, data: bytes) -> None:
        """Hear its end: what ``runner.run`` gave, the first part as JSON. It is checked: a worker may say what it likes."""
        ...

    def died(self, tag: Tag, where: Where, death: Death) -> None:
        """Hear that it had begun and that its worker is gone."""
        ...

    def cancelled(self, tag: Tag) -> None:
        """Hear that it was cancelled before it began: it never will."""
        ...

    def away(self, message: str) -> None:
        """Hear that the engine cannot be reached: ``start`` is called until it can."""
        ...


class Engine(Protocol):
    """Workers somewhere. ``start`` comes first. A tag is run once: one that it already has is not taken again."""

    async def start(self) -> None:
        """Connect, and take up again what runs from before: its ends are told to the listener.

        Raises:
            ExecutorUnavailable: not now; called again later.
        """
        ...

    def room(self) -> int:
        """Tell how many more tasks it would take now."""
        ...

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Tell what it takes no notice of beside what no engine does (see ``tasks.unheeded``)."""
        ...

    async def submit(self, tasks: Sequence[Task]) -> None:
        """Take tasks; on return all are here.

        Raises:
            ExecutorUnavailable: not known which; ``find`` is asked.
        """
        ...

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which of the tags are here and not settled; what was told of them is told again by the executor.

        Raises:
            ExecutorUnavailable: cannot be asked.
        """
        ...

    async def settled(self, tags: Collection[Tag]) -> None:
        """Hear that the ends of these are durable in the store: their records may go, not their logs."""
        ...

    async def cancel(self, tags: Collection[Tag]) -> None:
        """End them: JobCancelled in the function, a time of grace, and then force; unknown or ended ones are no error.

        Raises:
            ExecutorUnavailable: could not be told; called again.
        """
        ...

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Hear what came for an attempt by PUT /jobs/{id}/attempts/{no}/record; may be untrue."""
        ...

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what a function printed; raises as the executor's (see headway.core.ports.executor)."""
        ...

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the logs and directories of these."""
        ...

    async def close(self) -> None:
        """Let go of what is held here; functions run on."""
        ...


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """What every engine is made with.

    Attributes:
        name: the cluster's.
        data: a directory of the cluster's own.
        workers: how many functions run at a time; None for the engine's own default.
        grace_s: from JobCancelled to force.
        idle_s: workers end after so many seconds without a server.
        settings: those that only this engine knows; it checks them.
    """

    name: str
    data: Path
    base_environment: Mapping[str, str]
    workers: int | None
    grace_s: float
    idle_s: float
    now: Callable[[], datetime]
    settings: Mapping[str, object]


class EnginePlugin(Protocol):
    """What a module of ``engines`` has as ``plugin``.

    Attributes:
        settings: the names of the settings that only this engine knows.
    """

    settings: tuple[str, ...]

    def make(self, making: Making, listener: Listener) -> Engine:
        """Make the engine; nothing is started before its ``start``.

        Raises:
            InvalidRequest: a setting cannot be used; the message names it.
        """
        ...
