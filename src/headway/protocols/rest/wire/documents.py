"""What callers get: one Struct a document."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from headway.core.model.array import Array
from headway.core.model.event import EventType
from headway.core.model.job import CancelRequest, JobError, Kind
from headway.core.model.spec import Attributes, Resources, Sandbox, Submits
from headway.core.model.state import Reason, State
from headway.core.policy.rights import Right
from headway.lib.jsonvalue import JsonObject, JsonValue


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What all answers have in common: every key is always there."""


class WorkersSummary(Document, frozen=True, kw_only=True):
    """A job's workers in four numbers; ``announced`` is null when nobody said how many there will be."""

    count: int
    finished: int
    not_ok: int
    announced: int | None


class UsageDocument(Document, frozen=True, kw_only=True):
    """What a job used; null where nobody measured."""

    cpu_s: float | None
    max_memory_bytes: int | None
    wall_s: float | None


class JobFacts(Document, frozen=True):
    """What a job says of itself; its workers and the jobs that are parts of it are not counted."""

    id: str
    number: int
    kind: Kind
    protocol: str
    owner: str
    project: str | None
    parent: str | None
    index: int | None
    name: str
    state: State
    reason: Reason | None
    status_text: str
    cancel: CancelRequest | None
    exit_code: int | None
    signal: int | None
    error: JobError | None
    labels: Sequence[str]
    url: str | None
    cluster: str | None
    native_id: str | None
    attempt: int
    created: datetime
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    updated: datetime
    usage: UsageDocument | None
    expires: datetime | None
    hidden: datetime | None
    rev: int
    seq: int


class JobSummary(JobFacts, frozen=True):
    """A job as lists and live streams show it."""

    progress: float | None
    workers: WorkersSummary
    children: Mapping[str, int]


class AttemptDocument(Document, frozen=True, kw_only=True):
    """One try to run a job."""

    no: int
    cluster: str
    native_id: str | None
    native_state: str
    native_info: JsonObject
    host: str
    sent: datetime | None
    started: datetime | None
    ended: datetime | None
    exit_code: int | None
    signal: int | None
    usage: UsageDocument | None
    state: State | None
    reason: Reason | None
    message: str


class OriginDocument(Document, frozen=True, kw_only=True):
    """The job that this one was made after, and how: `clone`."""

    job: str
    how: str


class EfficiencyDocument(Document, frozen=True, kw_only=True):
    """What an ended job asked for beside what it used, in ``words`` too; null where nothing was asked, or nobody measured.

    Cores are those of all processes; the memory used is that of the largest process. ``suggest`` says what to ask for next
    time, null when that cannot be told or is about what was asked.
    """

    words: str
    cpu_asked: int | None
    cpu_used: float | None
    memory_asked_bytes: int | None
    memory_used_bytes: int | None
    suggest: str | None


class BulkFailure(Document, frozen=True, kw_only=True):
    """A job as it was named, and why nothing was done to it."""

    id: str
    detail: str


class BulkDocument(Document, frozen=True, kw_only=True):
    """What was done to many jobs.

    ``ids`` are those that were changed (with ``dry_run``: would be), ``done`` is their number. A job that was as wished
    already is neither there nor in ``failed``.
    """

    matched: int
    done: int
    failed: Sequence[BulkFailure]
    ids: Sequence[str]


class CounterDocument(Document, frozen=True, kw_only=True):
    """A job's own number or word."""

    key: str
    value: JsonValue
    colour: str | None
    updated: datetime


class CallbackDocument(Document, frozen=True, kw_only=True):
    """Who is told of a job's events, without the secret; without ``events`` of those that change its state.

    ``words`` is the protocol in whose words, ``signed`` whether calls are signed with a secret that came with it.
    """

    url: str
    words: str
    events: Sequence[EventType]
    signed: bool


class Links(Document, frozen=True, kw_only=True):
    """Where to go on; a job that only reports has no log. ``page`` moves by itself, ``light`` does so without JavaScript."""

    self: str
    workers: str
    events: str
    callbacks: str
    stdout: str | msgspec.UnsetType = msgspec.UNSET
    stderr: str | msgspec.UnsetType = msgspec.UNSET
    page: str
    light: str


class FunctionDocument(Document, frozen=True, kw_only=True):
    """A function that a job runs. What was pickled is not shown: its length is."""

    pickled_bytes: int
    source: str
    shell: str
    rerun: int


class JobGroup(Document, frozen=True, kw_only=True):
    """A group that a job is in, and its page."""

    id: str
    name: str
    page: str


class AskedJob(JobSummary, frozen=True):
    """A job with what was asked for, and what it gave."""

    command: Sequence[str]
    function: FunctionDocument | None
    directory: str | None
    environment: Mapping[str, str]
    inherit_environment: bool
    stdin_path: str | None
    sandbox: Sandbox | None
    array: Array | None
    submits: Submits | None
    after: Sequence[str]
    resources: Resources
    attributes: Attributes
    unheeded: Sequence[str]
    inputs: JsonObject
    outputs: JsonObject
    result: JsonValue
    extra: JsonObject
    worker_count: int | None
    max_age_s: float | None
    will_finish: bool


class JobDocument(AskedJob, frozen=True, kw_only=True):
    """A job with all that belongs to it, except workers and events, which are paged.

    ``report_token`` comes with the answer that made a job that only reports, and nowhere else: whoever has it may
    report on this job, from anywhere, until it has ended. ``unheeded`` names what was asked for and its cluster takes no
    notice of. ``runs_as`` is the account that it runs as, or ran; null where that is not known (yet). ``groups`` are those of
    whoever asks that it is directly in. ``may`` is what they may do with the job, when its state allows it.
    """

    callbacks: Sequence[CallbackDocument]
    origin: OriginDocument | None
    efficiency: EfficiencyDocument | None
    runs_as: str | None
    attempts: Sequence[AttemptDocument]
    counters: Sequence[CounterDocument]
    groups: Sequence[JobGroup]
    may: Sequence[Right]
    links: Links
    report_token: str | msgspec.UnsetType = msgspec.UNSET


class JobsPage(Document, frozen=True, kw_only=True):
    """Some jobs, newest first; ``next`` is the cursor of the next page, ``seq`` what to follow the live streams after."""

    jobs: Sequence[JobSummary]
    next: str | None
    seq: int


class WorkerDocument(Document, frozen=True, kw_only=True):
    """A worker and how far it is."""

    id: str
    current: float
    total: float | None
    ok: bool
    desc: str
    fraction: float | None
    finished: bool
    rate_per_s: float | None
    eta_s: float | None
    stalled: bool
    first_seen: datetime
    updated: datetime


class WorkersPage(Document, frozen=True, kw_only=True):
    """Some workers, in the order of their ids; ``next`` is the cursor of the next page."""

    workers: Sequence[WorkerDocument]
    next: str | None


class NextReport(Document, frozen=True, kw_only=True):
    """The report is kept. Please wait so long before the next one of the same reporter."""

    next_report_s: float


class ReportedWorker(WorkerDocument, frozen=True, kw_only=True):
    """The worker as it is now. Please wait so long before its next report."""

    next_report_s: float


class CountersDocument(Document, frozen=True, kw_only=True):
    """A job's counters in their order."""

    counters: Sequence[CounterDocument]


class EventDocument(Document, frozen=True, kw_only=True):
    """Something that happened."""

    seq: int
    job: str | None
    time: datetime
    type: EventType
    actor: str
    protocol: str
    data: JsonObject
    group: str | msgspec.UnsetType = msgspec.UNSET


class EventsPage(Document, frozen=True, kw_only=True):
    """Some events, oldest first; ``next`` is what to give as ``after`` for more, null when there are none now."""

    events: Sequence[EventDocument]
    next: int | None
