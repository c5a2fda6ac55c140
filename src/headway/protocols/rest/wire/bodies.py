"""What callers send: one Struct a body. Types and limits here are checked while decoding and shown in the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from headway.core.model.action import MOST_JOBS, Action
from headway.core.model.callback import MOST_CALLBACKS
from headway.core.model.function import MOST_PICKLED_BYTES, MOST_RERUNS, MOST_SOURCE_BYTES
from headway.core.model.principal import Scope
from headway.protocols.rest.wire.body import Body
from headway.protocols.rest.wire.callbacks import CallbackBody
from headway.protocols.rest.wire.sandboxes import SandboxBody
from headway.protocols.rest.wire.words import (
    Count,
    CounterKey,
    Duration,
    Environment,
    Label,
    Labels,
    LongText,
    Memory,
    Name,
    Path,
    ShortText,
    Url,
    Uuid,
    WorkerName,
)

Finite: TypeAlias = Annotated[float, Meta(ge=-1e300, le=1e300)]
At: TypeAlias = (
    Annotated[datetime, Meta(tz=True, description="RFC 3339 with a zone.")]
    | Annotated[float, Meta(ge=0, le=253_402_300_799, description="Seconds since 1970 in UTC.")]
)


class ResourcesBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """What a job asks for (PSI/J ResourceSpecV1). What is left out is the cluster's choice."""

    node_count: Count | None = None
    process_count: Count | None = None
    processes_per_node: Count | None = None
    cpu_cores_per_process: Count | None = None
    gpu_cores_per_process: Count | None = None
    exclusive_node_use: bool | None = None
    memory: Memory | None = None


class AttributesBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """How a cluster should treat the job (PSI/J JobAttributes)."""

    duration: Duration | None = None
    total_duration: Duration | None = None
    queue_name: ShortText | None = None
    account: ShortText | None = None
    reservation_id: ShortText | None = None
    custom_attributes: Annotated[dict[ShortText, LongText], Meta(max_length=100)] = msgspec.field(
        default_factory=dict
    )


class ArrayBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """One command, run once for each index. Each element is a job of its own, with this one as its parent."""

    indices: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=100_000,
            description="`0-99`, `1,3,7-9` or `0-30:5`; each element finds its own in HEADWAY_ARRAY_INDEX.",
        ),
    ]
    at_once: Annotated[Count, Meta(description="How many may run at a time.")] | None = None


class SubmitsBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """The command calls sbatch, bsub or qsub itself, and prints the job's id; that job is the one that is followed."""

    log: (
        Annotated[
            Path,
            Meta(description="Where the scheduler writes its output; `%J` stands for the id."),
        ]
        | None
    ) = None


class FunctionBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """What is run instead of a command, in a worker that waits for such. Exactly one of ``pickled``, ``source`` and ``shell``."""

    pickled: Annotated[
        bytes,
        Meta(
            max_length=MOST_PICKLED_BYTES,
            description="What cloudpickle makes of `(callable, args, kwargs)`, in base64. Only the worker unpickles it.",
        ),
    ] = b""
    signature: Annotated[
        str,
        Meta(
            max_length=64,
            description="Of `pickled`: HMAC-SHA256 in hexadecimal, with the key of `GET /functions/key`.",
        ),
    ] = ""
    source: Annotated[
        str,
        Meta(
            max_length=MOST_SOURCE_BYTES,
            description="The body of a Python function; `return` gives the result.",
            examples=["return 6 * 7"],
        ),
    ] = ""
    shell: Annotated[
        str,
        Meta(
            max_length=MOST_SOURCE_BYTES,
            description="A line for `/bin/sh`; its result is `[stdout, stderr, exit code]`.",
        ),
    ] = ""
    rerun: Annotated[
        int,
        Meta(
            ge=0,
            le=MOST_RERUNS,
            description="How often it may be run once more when nobody can tell how far it came.",
        ),
    ] = 0


class JobBody(Body, frozen=True, kw_only=True):
    """A job to run, or one that runs elsewhere and only reports. The words are those of PSI/J and of the DOE IRI API."""

    kind: Annotated[
        Literal["command", "report", "function"],
        Meta(description="`report`: nothing is run here; somebody will tell how it goes."),
    ] = "command"
    command: (
        Annotated[
            list[str],
            Meta(
                min_length=1,
                max_length=100_000,
                description="The program and its arguments; never a shell line. Or `executable` with `arguments`.",
                examples=[["/bin/echo", "hello"]],
            ),
        ]
        | None
    ) = None
    executable: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    arguments: Annotated[list[str], Meta(max_length=100_000)] | None = None
    function: Annotated[FunctionBody, Meta(description="Instead of a command.")] | None = None
    name: Annotated[Name, Meta(description="Shown to people; else the program's name.")] = ""
    labels: Labels = msgspec.field(default_factory=list)
    directory: (
        Annotated[Path, Meta(description="An absolute path; else a directory of the job's own.")]
        | None
    ) = None
    environment: Environment = msgspec.field(default_factory=dict)
    inherit_environment: bool = True
    stdin_path: Path | None = None
    sandbox: (
        Annotated[
            SandboxBody,
            Meta(description="Instead of `directory`: what is brought before and fetched after."),
        ]
        | None
    ) = None
    array: ArrayBody | None = None
    submits: SubmitsBody | None = None
    after: Annotated[
        list[Uuid],
        Meta(max_length=1000, description="Jobs that must have succeeded before it is sent."),
    ] = msgspec.field(default_factory=list)
    resources: ResourcesBody | None = None
    attributes: AttributesBody | None = None
    cluster: (
        Annotated[ShortText, Meta(description="Where to run; else the default one.")] | None
    ) = None
    inputs: dict[str, Any] = msgspec.field(default_factory=dict)
    extra: Annotated[dict[str, Any], Meta(description="Yours, kept as it is.")] = msgspec.field(
        default_factory=dict
    )
    url: Annotated[Url, Meta(description="A page about this job, for people.")] | None = None
    parent: Uuid | None = None
    worker_count: Annotated[Count, Meta(description="How many workers will report.")] | None = None
    max_age_s: (
        Annotated[
            float,
            Meta(
                gt=0,
                le=1e9,
                description="A job that only reports and is silent for so long has failed.",
            ),
        ]
        | None
    ) = None
    will_finish: Annotated[
        bool,
        Meta(description="A job that only reports will say itself when it has ended (`/finish`)."),
    ] = False
    native_id: (
        Annotated[ShortText, Meta(description="What the job is called where it runs.")] | None
    ) = None
    callbacks: Annotated[
        list[CallbackBody],
        Meta(max_length=MOST_CALLBACKS, description="Who is told of its changes of state."),
    ] = msgspec.field(default_factory=list)
    groups: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=2_000)]],
        Meta(max_length=100, description="Groups of yours that it goes into: ids, names or paths."),
    ] = msgspec.field(default_factory=list)


class JobsBody(Body, frozen=True, kw_only=True):
    """Many jobs, stored in one transaction. None may be an array or have a sandbox."""

    jobs: Annotated[list[JobBody], Meta(min_length=1, max_length=1000)]


class BulkBody(Body, frozen=True, kw_only=True):
    """One action on many jobs: those of ``ids``, or those that the query ``q`` finds."""

    action: Action
    ids: (
        Annotated[
            list[Annotated[str, Meta(min_length=1, max_length=64)]],
            Meta(
                max_length=MOST_JOBS,
                description="UUIDs or numbers of jobs.",
                examples=[["42", "43"]],
            ),
        ]
        | None
    ) = None
    q: (
        Annotated[
            str,
            Meta(max_length=4096, description="A query, as `GET /jobs` takes it."),
        ]
        | None
    ) = None
    add: Labels = msgspec.field(default_factory=list)
    remove: Annotated[list[Label], Meta(max_length=1000)] = msgspec.field(default_factory=list)
    dry_run: Annotated[bool, Meta(description="Tell what would be done, and do nothing.")] = False


class WorkerBody(Body, frozen=True, kw_only=True):
    """How far one worker is. What is left out stays as it was."""

    current: Finite
    total: Finite | None = None
    ok: bool | None = None
    desc: LongText | None = None
    at: At | None = None


class NamedWorkerBody(WorkerBody, frozen=True, kw_only=True):
    """How far one worker is, in a report of several."""

    id: WorkerName


# Not tuple[Scalar | None, Colour | None]: msgspec 0.22.0 reads outside its memory for a union of a fixed-length tuple and
# text with limits.
Coloured: TypeAlias = Annotated[
    list[bool | int | float | LongText | None],
    Meta(
        min_length=2,
        max_length=2,
        description="A value and its colour, such as `#3b7dd8` or `green`.",
    ),
]
CountersBody: TypeAlias = Annotated[
    dict[CounterKey, bool | int | float | LongText | Coloured | None], Meta(max_length=1000)
]


class ReportBody(Body, frozen=True, kw_only=True):
    """Several workers' progress, counters and words of one job at once."""

    workers: Annotated[list[NamedWorkerBody], Meta(max_length=10_000)] = msgspec.field(
        default_factory=list
    )
    counters: CountersBody | None = None
    status_text: LongText | None = None


class StatusTextBody(Body, frozen=True, kw_only=True):
    """The job's own words on how it is."""

    text: LongText


class LabelsBody(Body, frozen=True, kw_only=True):
    """Labels to add at the end, and labels to take away."""

    add: Labels = msgspec.field(default_factory=list)
    remove: Annotated[list[Label], Meta(max_length=1000)] = msgspec.field(default_factory=list)


class UsageBody(Body, frozen=True, kw_only=True):
    """What the job used."""

    cpu_s: Annotated[float, Meta(ge=0, le=1e15)] | None = None
    max_memory_bytes: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    wall_s: Annotated[float, Meta(ge=0, le=1e15)] | None = None


class FinishBody(Body, frozen=True, kw_only=True):
    """How a job that only reports has ended; with neither exit code nor signal nor message it has succeeded."""

    exit_code: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | None = None
    signal: Annotated[int, Meta(ge=1, le=255)] | None = None
    message: LongText = ""
    usage: UsageBody | None = None


class TokenBody(Body, frozen=True, kw_only=True):
    """A token to make: for whom, and what it is good for."""

    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    user: Annotated[ShortText, Meta(description="Whose; else the caller's own.")] | None = None
    note: Annotated[str, Meta(max_length=1000)] = ""
    expires_in_s: Annotated[float, Meta(gt=0, le=1e9)] | None = None
