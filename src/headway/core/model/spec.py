"""What to run, in no executor's dialect.

The words are those of PSI/J (JobSpec, ResourceSpecV1, JobAttributes) and the DOE IRI facility API.
"""

from collections.abc import Mapping

import msgspec

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
    """How a cluster should treat the job. ``duration`` is the wall-time limit in seconds."""

    duration: float | None = None
    queue_name: str | None = None
    account: str | None = None
    reservation_id: str | None = None
    custom_attributes: Mapping[str, str] = msgspec.field(default_factory=dict)


class Spec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The immutable part of a job; elements of an array share one.

    Attributes:
        command: argv, never a shell line; empty for a job that only reports.
        directory: absolute working directory; None for the attempt's own directory.
        environment: variables added to (or, without ``inherit_environment``, instead of) the server's own.
        stdin_path: absolute path of a file given as standard input; None for an empty one.
    """

    command: tuple[str, ...] = ()
    directory: str | None = None
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    inherit_environment: bool = True
    stdin_path: str | None = None
    resources: Resources = Resources()
    attributes: Attributes = Attributes()
    native: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
