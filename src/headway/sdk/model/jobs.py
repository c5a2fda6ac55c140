"""Jobs, as a server tells of them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from headway.core.model.state import State
from headway.lib.jsonvalue import JsonObject, JsonValue


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a job used. Seconds and bytes; None where nobody measured."""

    cpu_s: float | None = None
    max_memory_bytes: int | None = None
    wall_s: float | None = None


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants the job to end."""

    by: str
    at: datetime
    reason: str = ""


class JobFailure(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, in words."""

    type: str = ""
    message: str = ""
    traceback: str = ""


class WorkerTally(msgspec.Struct, frozen=True, kw_only=True):
    """A job's workers in a few numbers; ``announced`` is how many were said to come."""

    count: int = 0
    finished: int = 0
    not_ok: int = 0
    announced: int | None = None


class JobSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A job as lists show it.

    Attributes:
        number: the short integer that people use.
        reason: why it is in its state, when the state alone does not say; see docs/reference for the words.
        progress: 0 to 1; None when no worker has an end point. 1 for a job that succeeded, whatever its workers told last.
        rev: rises with each change of the document, not with progress.
        seq: the server's change sequence when it last changed.
    """

    id: str
    number: int
    kind: str
    state: State
    name: str = ""
    protocol: str = ""
    owner: str = ""
    project: str | None = None
    parent: str | None = None
    index: int | None = None
    reason: str | None = None
    status_text: str = ""
    cancel: CancelRequest | None = None
    progress: float | None = None
    workers: WorkerTally = WorkerTally()
    children: Mapping[str, int] = msgspec.field(default_factory=dict)
    exit_code: int | None = None
    signal: int | None = None
    error: JobFailure | None = None
    labels: tuple[str, ...] = ()
    url: str | None = None
    cluster: str | None = None
    native_id: str | None = None
    attempt: int = 1
    created: datetime
    queued: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    updated: datetime
    usage: Usage | None = None
    expires: datetime | None = None
    hidden: datetime | None = None
    rev: int = 1
    seq: int = 0


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to run a job."""

    no: int
    cluster: str = ""
    native_id: str | None = None
    native_state: str = ""
    host: str = ""
    sent: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    usage: Usage | None = None
    state: State | None = None
    reason: str | None = None
    message: str = ""


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told of a job's events; without ``events`` of those that change its state.

    Attributes:
        words: the protocol in whose words.
        signed: whether with a secret that came with it.
    """

    url: str
    words: str = ""
    events: tuple[str, ...] = ()
    signed: bool = False


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The job that another one was made after, and how: ``clone``."""

    job: str
    how: str = ""


class JobGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of yours that a job is directly in, and its page's address."""

    id: str
    name: str
    page: str = ""


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """What an ended job asked for and used; None where nothing was asked, or nobody measured.

    Attributes:
        cpu_used: cores on average.
        memory_used_bytes: of its largest process.
        suggest: what to ask for next time.
    """

    words: str
    cpu_asked: int | None = None
    cpu_used: float | None = None
    memory_asked_bytes: int | None = None
    memory_used_bytes: int | None = None
    suggest: str | None = None


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A job's own number or word."""

    key: str
    value: JsonValue = None
    colour: str | None = None
    updated: datetime | None = None


class JobDocument(JobSummary, frozen=True, kw_only=True):
    """All that there is to know of a job, but for its workers and its log."""

    command: tuple[str, ...] = ()
    function: JsonObject | None = None
    directory: str | None = None
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    inherit_environment: bool = True
    stdin_path: str | None = None
    sandbox: JsonObject | None = None
    array: JsonObject | None = None
    submits: JsonObject | None = None
    after: tuple[str, ...] = ()
    resources: JsonObject | None = None
    attributes: JsonObject | None = None
    unheeded: tuple[str, ...] = ()  #: what was asked for and the cluster takes no notice of
    inputs: JsonObject = msgspec.field(default_factory=dict)
    outputs: JsonObject = msgspec.field(default_factory=dict)
    result: JsonValue = None
    extra: JsonObject = msgspec.field(default_factory=dict)
    worker_count: int | None = None
    max_age_s: float | None = None
    callbacks: tuple[Callback, ...] = ()
    origin: Origin | None = None
    efficiency: Efficiency | None = None
    runs_as: str | None = None  #: the account that it runs as, or ran
    attempts: tuple[Attempt, ...] = ()
    counters: tuple[Counter, ...] = ()
    groups: tuple[JobGroup, ...] = ()  #: those of yours that it is directly in
    may: tuple[
        str, ...
    ] = ()  #: what you may do with it when its state allows it, such as ``cancel``
    links: Mapping[str, str] = msgspec.field(default_factory=dict)
    report_token: str | None = None  #: with the answer that made a job that only reports


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some jobs, and the cursor of the next page; None on the last."""

    jobs: tuple[JobSummary, ...]
    next: str | None = None
    seq: int | None = None  #: changes after it are not in the page


class NotDone(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it was named, and why nothing was done to it."""

    id: str
    detail: str = ""


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to many jobs: ``ids`` are those that were changed; one that was as wished already is in neither list."""

    matched: int = 0
    done: int = 0
    failed: tuple[NotDone, ...] = ()
    ids: tuple[str, ...] = ()


class NamedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that was made under a name. ``update_url`` lets a worker report from any host."""

    id: str
    number: int
    jobid: str = ""
    view_url: str = ""
    update_url: str = ""
    superseded: str | None = None
