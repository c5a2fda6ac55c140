"""What to run, in no executor's dialect.

The words are those of PSI/J (JobSpec, ResourceSpecV1, JobAttributes) and the DOE IRI facility API.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from headway.core.model.array import Array
from headway.core.model.function import Function
from headway.core.model.names import JobId
from headway.lib.jsonvalue import JsonValue


class Resources(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a job asks for. None leaves it to the cluster. Counts are 1 and up, memory is bytes."""

    node_count: int | None = None
    process_count: int | None = None
    processes_per_node: int | None = None
    cpu_cores_per_process: int | None = None
    gpu_cores_per_process: int | None = None
    exclusive_node_use: bool | None = None
    memory: int | None = None


class Attributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a cluster should treat the job.

    Attributes:
        duration: the wall-time limit in seconds, from the start.
        total_duration: another one, from the submission, waiting and bringing of files included.
    """

    duration: float | None = None
    total_duration: float | None = None
    queue_name: str | None = None
    account: str | None = None
    reservation_id: str | None = None
    custom_attributes: Mapping[str, str] = msgspec.field(default_factory=dict)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A file or a directory with all in it, and where its copy goes. One end is in the sandbox, and relative to it."""

    source: str
    target: str


class Deletion(StrEnum):
    """Which sandboxes are deleted when their jobs have ended. One whose files could not all be fetched is kept."""

    ALWAYS = "always"
    ON_SUCCESS = "on_success"
    NEVER = "never"


class Sandbox(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A private directory that a job runs in, what is brought into it before and fetched from it after.

    Attributes:
        stage_in: from absolute paths to paths in the sandbox; an existing target is replaced.
        stage_out: from paths in the sandbox to absolute paths; an existing target is replaced. Done when the job ended by
            itself, also when it failed; not when it was cancelled or ran out of time.
        stdout: an absolute path that the job's standard output is copied to before ``stage_out``; None for nowhere.
        stderr: the same for its standard error.
        keep_s: a sandbox that is to be deleted stays for so many seconds after the job's end.
    """

    stage_in: tuple[Transfer, ...] = ()
    stage_out: tuple[Transfer, ...] = ()
    stdout: str | None = None
    stderr: str | None = None
    delete: Deletion = Deletion.ON_SUCCESS
    keep_s: float = 0.0


class Submits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The command gives a job to the cluster's scheduler itself, and prints its id; that job is the one that is followed.

    Attributes:
        log: the absolute path that the scheduler writes the job's output to; ``%J`` in it stands for the id.
    """

    log: str | None = None


class Spec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The immutable part of a job; elements of an array share one.

    Attributes:
        command: argv, never a shell line; empty for a job that only reports, and for a function.
        function: what is run instead of a command, in a worker that waits for such; None for a command.
        directory: absolute working directory; None for the attempt's own directory.
        environment: variables added to (or, without ``inherit_environment``, instead of) the server's own.
        stdin_path: absolute path of a file given as standard input; None for an empty one.
        array: the command is run once for each of its indices, in jobs of their own; None for a single job.
        submits: the command calls sbatch, bsub or qsub itself; None for one that is the job.
        after: jobs that must have succeeded before this one is handed over, by id.
        sandbox: what the job runs in instead of ``directory``; None for no staging.
    """

    command: tuple[str, ...] = ()
    function: Function | None = None
    directory: str | None = None
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    inherit_environment: bool = True
    stdin_path: str | None = None
    resources: Resources = Resources()
    attributes: Attributes = Attributes()
    array: Array | None = None
    submits: Submits | None = None
    after: tuple[JobId, ...] = ()
    sandbox: Sandbox | None = None
    native: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
