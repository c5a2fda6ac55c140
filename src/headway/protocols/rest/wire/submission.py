"""A job's body as the core's own values, with the checks that types cannot express."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.array import Array, indices_of
from headway.core.model.function import Function
from headway.core.model.names import JobId
from headway.core.model.spec import Attributes, Resources, Spec, Submits
from headway.protocols.rest.wire.bodies import (
    ArrayBody,
    AttributesBody,
    FunctionBody,
    JobBody,
    ResourcesBody,
)
from headway.protocols.rest.wire.callbacks import check_callbacks
from headway.protocols.rest.wire.sandboxes import sandbox_of
from headway.protocols.rest.wire.units import read_duration_s, read_memory_bytes
from headway.protocols.rest.wire.words import (
    ARGUMENT_BYTES,
    ARGV_BYTES,
    BODY_BYTES,
    URL,
    UUID,
)

_NO_RESOURCES: Final = Resources()
_NO_ATTRIBUTES: Final = Attributes()

#: Keys that only make sense when nothing of ours runs the job.
_OF_REPORTS: Final = ("max_age_s", "native_id", "will_finish")


#: Keys that only make sense for a program.
_OF_COMMANDS: Final = (
    "command",
    "executable",
    "arguments",
    "stdin_path",
    "sandbox",
    "array",
    "submits",
)


def check_job(job: JobBody, *, size_bytes: int) -> None:
    """Check what the types of the body of ``POST /jobs`` do not; ``size_bytes`` is the whole body's.

    Raises:
        InvalidRequest: what is wrong, with the field's name.
        TooLarge: argv or the environment is longer than any system takes.
    """
    _check_kind(job)
    if job.url is not None and not URL.fullmatch(job.url):
        raise InvalidRequest("url must be an http:// or https:// address", field="url")
    if job.parent is not None and not UUID.fullmatch(job.parent):
        raise InvalidRequest(f"parent must be a job's UUID, not {job.parent!r}", field="parent")
    check_callbacks(job.callbacks)
    for name in job.environment:
        if "=" in name:
            raise InvalidRequest(f"environment: the name {name!r} has = in it", field="environment")
    if size_bytes > ARGUMENT_BYTES:
        _check_sizes(job)


def check_length(job: JobBody, *, size_bytes: int) -> None:
    """Check how long a body is, but for what was pickled, which has a limit of its own.

    Raises:
        TooLarge: it is too long.
    """
    pickled = 0 if job.function is None else len(job.function.pickled)
    if size_bytes - 4 * pickled // 3 > BODY_BYTES:
        raise TooLarge(
            f"the body may have at most {BODY_BYTES} bytes, beside function.pickled", field="body"
        )


def spec_of(job: JobBody) -> Spec:
    """Give what is to be run.

    Raises:
        InvalidRequest: neither or both of ``command`` and ``executable``, a path that is not absolute, a duration or an
            amount of memory that cannot be read.
    """
    return Spec(
        command=_command_of(job),
        function=None if job.function is None else _function_of(job.function),
        directory=_absolute(job.directory, "directory"),
        environment=job.environment,
        inherit_environment=job.inherit_environment,
        stdin_path=_absolute(job.stdin_path, "stdin_path"),
        sandbox=None if job.sandbox is None else sandbox_of(job.sandbox),
        array=None if job.array is None else _array_of(job.array),
        after=tuple(map(JobId, job.after)),
        submits=None
        if job.submits is None
        else Submits(log=_absolute(job.submits.log, "submits.log")),
        resources=_NO_RESOURCES if job.resources is None else _resources_of(job.resources),
        attributes=_NO_ATTRIBUTES if job.attributes is None else _attributes_of(job.attributes),
    )


def _check_kind(job: JobBody) -> None:
    if job.sandbox is not None and (job.directory is not None or job.kind == "report"):
        raise InvalidRequest(
            "sandbox is where a command runs: it goes with neither directory nor a job that only reports",
            field="sandbox",
        )
    if job.function is not None or job.kind == "function":
        _check_function(job)
    if job.kind == "report":
        return
    for name in _OF_REPORTS:
        if getattr(job, name):
            raise InvalidRequest(f'{name} is for jobs of the kind "report"', field=name)


def _check_function(job: JobBody) -> None:
    if job.function is None:
        raise InvalidRequest(
            'function is missing: an object with pickled, source or shell (or leave "kind" out for a command)',
            field="function",
        )
    if job.kind == "report":
        raise InvalidRequest("function: a job that only reports runs none", field="function")
    for name in _OF_COMMANDS:
        if getattr(job, name) is not None:
            raise InvalidRequest(f"{name} is for commands, and this job is a function", field=name)


def _function_of(body: FunctionBody) -> Function:
    return Function(**msgspec.structs.asdict(body))


def _command_of(job: JobBody) -> tuple[str, ...]:
    if job.function is not None:
        return ()
    if job.command is not None:
        if job.executable is not None or job.arguments is not None:
            field = "executable" if job.executable is not None else "arguments"
            raise InvalidRequest(
                "give either command, or executable with arguments, not both", field=field
            )
        command = tuple(job.command)
    elif job.executable is not None:
        command = (job.executable, *(job.arguments or ()))
    elif job.arguments is not None:
        raise InvalidRequest("arguments need an executable", field="executable")
    elif job.kind == "report":
        return ()
    else:
        raise InvalidRequest(
            "command is missing: a list of the program and its arguments"
            ' (or set kind to "report" for a job that runs elsewhere)',
            field="command",
        )
    if not command[0]:
        raise InvalidRequest("command must begin with a program's name or path", field="command[0]")
    return command


def _array_of(body: ArrayBody) -> Array:
    indices_of(body.indices)
    return Array(indices=body.indices, at_once=body.at_once)


def _absolute(path: str | None, field: str) -> str | None:
    if path is not None and not path.startswith("/"):
        raise InvalidRequest(f"{field} must be an absolute path, not {path!r}", field=field)
    return path


def _resources_of(body: ResourcesBody) -> Resources:
    return Resources(
        node_count=body.node_count,
        process_count=body.process_count,
        processes_per_node=body.processes_per_node,
        cpu_cores_per_process=body.cpu_cores_per_process,
        gpu_cores_per_process=body.gpu_cores_per_process,
        exclusive_node_use=body.exclusive_node_use,
        memory=None
        if body.memory is None
        else read_memory_bytes(body.memory, field="resources.memory"),
    )


def _attributes_of(body: AttributesBody) -> Attributes:
    return Attributes(
        duration=None
        if body.duration is None
        else read_duration_s(body.duration, field="attributes.duration"),
        total_duration=None
        if body.total_duration is None
        else read_duration_s(body.total_duration, field="attributes.total_duration"),
        queue_name=body.queue_name,
        account=body.account,
        reservation_id=body.reservation_id,
        custom_attributes=body.custom_attributes,
    )


def _check_sizes(job: JobBody) -> None:
    _check_words(_command_of(job), "command")
    _check_words(_pairs(job.environment), "environment")


def _pairs(environment: Mapping[str, str]) -> Sequence[str]:
    return [f"{name}={text}" for name, text in environment.items()]


def _check_words(words: Sequence[str], field: str) -> None:
    sizes = [len(word.encode()) for word in words]
    if sum(sizes) + len(sizes) > ARGV_BYTES:
        raise TooLarge(f"{field} must not be longer than {ARGV_BYTES} bytes in all", field=field)
    if sizes and max(sizes) > ARGUMENT_BYTES:
        raise TooLarge(
            f"{field}: one word must not be longer than {ARGUMENT_BYTES} bytes", field=field
        )
